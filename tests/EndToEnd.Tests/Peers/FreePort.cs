using System.Net;
using System.Net.Sockets;

namespace SoftSeg.EndToEnd.Tests.Peers;

static class FreePort
{
    /// <summary>A TCP port that nobody listens on now.</summary>
    public static int Take()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
