using System.Net;

namespace SoftSeg.DicomNode.Receive;

/// <summary>Where a peer calls from.</summary>
static class CallerAddress
{
    /// <summary>The address without its port, which means nothing. A listener for IPv6 sees callers from IPv4 as ::ffff:192.0.2.7.</summary>
    public static IPAddress? Of(EndPoint? remote) =>
        (remote as IPEndPoint)?.Address is not { } address ? null : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
