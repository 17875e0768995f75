namespace SoftSeg.Dicom.Network;

/// <summary>Status of a DIMSE response (PS3.7 annex C, PS3.4 B.2.3).</summary>
/// <param name="Code">The value of (0000,0900).</param>
/// <param name="Comment">The value of (0000,0902), at most 64 characters on the wire.</param>
public sealed record DicomStatus(ushort Code, string? Comment = null)
{
    /// <summary>0000.</summary>
    public static DicomStatus Success { get; } = new(0x0000);

    /// <summary>0110: something failed that is none of the others.</summary>
    public static DicomStatus ProcessingFailure { get; } = new(0x0110);

    /// <summary>0112: there is no such SOP instance.</summary>
    public static DicomStatus NoSuchSopInstance { get; } = new(0x0112);

    /// <summary>0113: no such event type.</summary>
    public static DicomStatus NoSuchEventType { get; } = new(0x0113);

    /// <summary>0115: a parameter has a value that is not allowed.</summary>
    public static DicomStatus InvalidArgument { get; } = new(0x0115);

    /// <summary>0117: the SOP Instance UID breaks the rules for UIDs.</summary>
    public static DicomStatus InvalidSopInstance { get; } = new(0x0117);

    /// <summary>0122: the SOP class is not supported, or not that of the presentation context.</summary>
    public static DicomStatus SopClassNotSupported { get; } = new(0x0122);

    /// <summary>0123: no such action.</summary>
    public static DicomStatus NoSuchAction { get; } = new(0x0123);

    /// <summary>0124: this peer may not do that.</summary>
    public static DicomStatus NotAuthorized { get; } = new(0x0124);

    /// <summary>0211: the command is not supported.</summary>
    public static DicomStatus UnrecognizedOperation { get; } = new(0x0211);

    /// <summary>0212: a parameter of the command is missing or wrong.</summary>
    public static DicomStatus MistypedArgument { get; } = new(0x0212);

    /// <summary>A700: out of resources; the sender may try again later.</summary>
    public static DicomStatus OutOfResources { get; } = new(0xA700);

    /// <summary>A900: the data set does not match what the command says of it.</summary>
    public static DicomStatus DataSetMismatch { get; } = new(0xA900);

    /// <summary>C000: the data set can't be understood.</summary>
    public static DicomStatus CannotUnderstand { get; } = new(0xC000);

    /// <summary>The instance is stored as sent, without a remark.</summary>
    public bool IsSuccess => Code == 0;

    /// <summary>The instance is stored, but the peer changed it (B000), found it not to match its SOP class (B007) or dropped elements (B006), or took what it could (0001, 0107, 0116).</summary>
    public bool IsWarning => Code is 0x0001 or 0x0107 or 0x0116 || Code >> 12 == 0xB;

    /// <summary>FE00: ended because we asked for it.</summary>
    public bool IsCancelled => Code == 0xFE00;

    /// <summary>More responses follow.</summary>
    public bool IsPending => Code is 0xFF00 or 0xFF01;

    /// <summary>The peer has the instance: success or a warning.</summary>
    public bool IsStored => IsSuccess || IsWarning;

    /// <summary>The peer may take the same request later.</summary>
    public bool IsTransient => Code >> 8 == 0xA7;

    /// <summary>The same code with words for the peer's log.</summary>
    public DicomStatus With(string comment) => this with { Comment = comment };

    /// <inheritdoc/>
    public override string ToString() => Comment is { Length: > 0 } ? $"{Code:X4} {Words}: {Comment}" : $"{Code:X4} {Words}";

    string Words => Code switch
    {
        0x0000 => "success",
        0x0105 => "no such attribute",
        0x0106 => "invalid attribute value",
        0x0107 => "attribute list error",
        0x0110 => "processing failure",
        0x0111 => "duplicate SOP instance",
        0x0112 => "no such SOP instance",
        0x0113 => "no such event type",
        0x0115 => "invalid argument value",
        0x0116 => "attribute value out of range",
        0x0117 => "invalid SOP instance",
        0x0118 => "no such SOP class",
        0x0119 => "class-instance conflict",
        0x0122 => "SOP class not supported",
        0x0123 => "no such action",
        0x0124 => "not authorized",
        0x0210 => "duplicate invocation",
        0x0211 => "unrecognized operation",
        0x0212 => "mistyped argument",
        0x0213 => "resource limitation",
        0xB000 => "coercion of data elements",
        0xB006 => "elements discarded",
        0xB007 => "data set does not match SOP class",
        0xFE00 => "cancelled",
        0xFF00 or 0xFF01 => "pending",
        _ => (Code >> 8, Code >> 12) switch
        {
            (0xA7, _) => "out of resources",
            (0xA8, _) => "SOP class not supported",
            (0xA9, _) => "data set does not match SOP class",
            (_, 0xA) => "refused",
            (_, 0xB) => "warning",
            (_, 0xC) => "cannot understand",
            _ => "failure"
        }
    };
}

/// <summary>
/// A request that was, or is to be, answered with a status that is no success. Thrown by a sink or a handler it answers with <see cref="Status"/>;
/// thrown by <see cref="DicomClient"/> it says how the peer answered. The association goes on.
/// </summary>
public sealed class DicomStatusException(DicomStatus status, string? message = null) : Exception(message ?? status?.ToString())
{
    /// <summary>The status of the response.</summary>
    public DicomStatus Status { get; } = status!;
}
