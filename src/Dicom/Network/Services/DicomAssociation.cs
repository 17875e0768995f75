using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace SoftSeg.Dicom.Network;

/// <summary>What a peer asks for when it opens an association.</summary>
public sealed record AssociationRequest
{
    /// <summary>AE title of the peer.</summary>
    public required string CallingAeTitle { get; init; }

    /// <summary>AE title that the peer thinks is ours.</summary>
    public required string CalledAeTitle { get; init; }

    /// <summary>The peer's address; its port means nothing.</summary>
    public required EndPoint? Remote { get; init; }

    /// <summary>Implementation Class UID of the peer.</summary>
    public required string ImplementationClassUid { get; init; }

    /// <summary>Implementation Version Name of the peer; empty where it gives none.</summary>
    public required string ImplementationVersionName { get; init; }

    /// <summary>The proposed presentation contexts.</summary>
    public required IReadOnlyList<PresentationContext> Contexts { get; init; }

    /// <summary>Who the peer says that its user is; null where it says nothing. Reject with <see cref="AssociationRejection.NoReason"/> where it is not who it must be (PS3.7 D.3.3.7).</summary>
    public DicomUserIdentity? UserIdentity { get; init; }

    /// <summary>The certificate that the peer showed, checked already; null without TLS or where none was asked for. Valid while the connection lasts.</summary>
    public X509Certificate2? PeerCertificate { get; init; }
}

/// <summary>An established association.</summary>
public sealed record DicomAssociation
{
    /// <summary>Unique on this machine, for logs and for the question which associations are open.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>AE title of the requestor.</summary>
    public required string CallingAeTitle { get; init; }

    /// <summary>AE title of the acceptor.</summary>
    public required string CalledAeTitle { get; init; }

    /// <summary>The peer's address.</summary>
    public required EndPoint? Remote { get; init; }

    /// <summary>Implementation Class UID of the peer.</summary>
    public required string ImplementationClassUid { get; init; }

    /// <summary>Implementation Version Name of the peer; empty where it gives none.</summary>
    public required string ImplementationVersionName { get; init; }

    /// <summary>The presentation contexts as answered.</summary>
    public required IReadOnlyList<NegotiatedContext> Contexts { get; init; }

    /// <summary>When it was established.</summary>
    public DateTimeOffset Started { get; init; } = DateTimeOffset.UtcNow;
}

/// <summary>How a connection ended.</summary>
public enum AssociationEnd
{
    /// <summary>By a release: the good end.</summary>
    Released,

    /// <summary>The association was rejected.</summary>
    Rejected,

    /// <summary>The peer sent an A-ABORT.</summary>
    AbortedByPeer,

    /// <summary>The peer broke the protocol or a limit, and we sent an A-ABORT.</summary>
    ProtocolViolation,

    /// <summary>The peer was silent or too slow.</summary>
    TimedOut,

    /// <summary>The connection ended without a release.</summary>
    ConnectionLost,

    /// <summary>We are shutting down.</summary>
    Cancelled,

    /// <summary>A fault of ours.</summary>
    Failed
}

/// <summary>What happened on one connection.</summary>
public sealed record AssociationSummary
{
    /// <summary>The association; null where the connection ended before there was one.</summary>
    public required DicomAssociation? Association { get; init; }

    /// <summary>The request; null where none came.</summary>
    public required AssociationRequest? Request { get; init; }

    /// <summary>The peer's address.</summary>
    public required EndPoint? Remote { get; init; }

    /// <summary>How it ended.</summary>
    public required AssociationEnd End { get; init; }

    /// <summary>Words to <see cref="End"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>Instances answered with success or a warning.</summary>
    public required int Stored { get; init; }

    /// <summary>Instances answered with a failure.</summary>
    public required int Refused { get; init; }

    /// <summary>C-ECHO requests answered.</summary>
    public required int Echoes { get; init; }

    /// <summary>Bytes that the peer sent.</summary>
    public required long Bytes { get; init; }

    /// <summary>From the connection to its end.</summary>
    public required TimeSpan Duration { get; init; }
}
