using SoftSeg.Dicom.Network;

namespace SoftSeg.DicomNode.Configuration;

/// <summary>How the node calls its peers: address, titles, TLS and log-in, from the configuration as it is at the moment.</summary>
public sealed class PeerConnections(NodeConfiguration configuration, DicomLimits limits)
{
    readonly Lazy<DicomTls> tls = new(() => Secrets.Load(configuration.Tls));

    public DicomClientOptions To(PeerSettings peer) => new()
    {
        Host = peer.Host,
        Port = peer.Port,
        CalledAeTitle = peer.AeTitle,
        CallingAeTitle = configuration.Node.AeTitle,
        Tls = peer.Tls ? tls.Value : null,
        User = Secrets.Credential(peer.LoginUser, peer.LoginPasscode),
        Limits = limits,
    };
}
