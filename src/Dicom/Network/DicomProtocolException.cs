namespace SoftSeg.Dicom.Network;

/// <summary>Who ended an association by A-ABORT (PS3.8 9.3.8).</summary>
public enum AbortSource : byte
{
    /// <summary>The DIMSE service user.</summary>
    ServiceUser = 0,

    /// <summary>The upper layer.</summary>
    ServiceProvider = 2
}

/// <summary>Why the upper layer aborted (PS3.8 9.3.8); 0 where the user did.</summary>
public enum AbortReason : byte
{
    /// <summary>No reason given.</summary>
    NotSpecified = 0,

    /// <summary>The PDU's type is none of PS3.8.</summary>
    UnrecognizedPdu = 1,

    /// <summary>The PDU may not come in this state.</summary>
    UnexpectedPdu = 2,

    /// <summary>A parameter is none of PS3.8.</summary>
    UnrecognizedPduParameter = 4,

    /// <summary>A parameter may not come here.</summary>
    UnexpectedPduParameter = 5,

    /// <summary>A parameter's value is not allowed.</summary>
    InvalidPduParameter = 6
}

/// <summary>Something failed between us and a peer; the message names the peer's fault or the setting to change.</summary>
public class DicomNetworkException : Exception
{
    /// <summary>An exception without a message.</summary>
    public DicomNetworkException() { }

    /// <summary>An exception that says what happened.</summary>
    public DicomNetworkException(string message) : base(message) { }

    /// <summary>An exception that says what happened and what caused it.</summary>
    public DicomNetworkException(string message, Exception? inner) : base(message, inner) { }
}

/// <summary>A wait of <see cref="DicomLimits"/> ended.</summary>
public sealed class DicomTimeoutException(string message) : DicomNetworkException(message);

/// <summary>The connection ended without a release.</summary>
public sealed class DicomConnectionClosedException(string message, Exception? inner = null) : DicomNetworkException(message, inner);

/// <summary>The peer broke the protocol; the association is to be aborted with <see cref="Source"/> and <see cref="Reason"/>.</summary>
public sealed class DicomProtocolException(AbortSource source, AbortReason reason, string message) : DicomNetworkException(message)
{
    /// <summary>Goes into the A-ABORT.</summary>
    public new AbortSource Source { get; } = source;

    /// <summary>Goes into the A-ABORT.</summary>
    public AbortReason Reason { get; } = reason;

    internal static DicomProtocolException Invalid(string message) => new(AbortSource.ServiceProvider, AbortReason.InvalidPduParameter, message);

    internal static DicomProtocolException Unexpected(string message) => new(AbortSource.ServiceProvider, AbortReason.UnexpectedPdu, message);

    internal static DicomProtocolException Dimse(string message) => new(AbortSource.ServiceUser, AbortReason.NotSpecified, message);
}

/// <summary>The peer sent an A-ABORT.</summary>
public sealed class DicomAssociationAbortedException(AbortSource source, AbortReason reason)
    : DicomNetworkException($"the peer aborted the association ({(source == AbortSource.ServiceUser ? "its application" : $"its upper layer: {reason}")})")
{
    /// <summary>Who aborted.</summary>
    public new AbortSource Source { get; } = source;

    /// <summary>Why.</summary>
    public AbortReason Reason { get; } = reason;
}
