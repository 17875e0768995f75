using System.Net;
using System.Net.Sockets;

namespace SoftSeg.DicomNode.Configuration;

/// <summary>The ports that the node listens on, tried before it starts: what the host says of a port that is taken is a stack trace.</summary>
static class ListeningPorts
{
    /// <summary>The settings and where they have the node listen; not those that leave the choice to the system.</summary>
    public static IEnumerable<(string Setting, IPEndPoint At)> Of(NodeConfiguration configuration)
    {
        if (configuration.Node.Port > 0)
            yield return ("Node:Port", new(IPAddress.Any, configuration.Node.Port));
        if (configuration.Tls.Port > 0)
            yield return ("Tls:Port", new(IPAddress.Any, configuration.Tls.Port));
        if (configuration.Web is { Enabled: true, Port: > 0 })
            yield return ("Web:Port", new(IPAddress.Parse(configuration.Web.Address), configuration.Web.Port));
    }

    /// <returns>Null where the port can be listened on; otherwise what is wrong and what to do, and whether it may be only this user who can't.</returns>
    public static (string Words, bool IsOfUser)? WhyNot(string setting, IPEndPoint at)
    {
        try
        {
            using var listener = new TcpListener(at);
            listener.Start();
            return null;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => ($"another program listens on {at.Port}; stop it (ss -ltnp names it), or choose another {setting}", false),
                SocketError.AccessDenied => ($"this user may not listen on {at.Port}: a port below 1024 needs CAP_NET_BIND_SERVICE, which the systemd unit gives; or choose one above, such as 11112", true),
                _ => ($"the node can't listen on {at}: {error.Message}; see {setting}", false),
            };
        }
    }
}
