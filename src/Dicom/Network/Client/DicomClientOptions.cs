namespace SoftSeg.Dicom.Network;

/// <summary>Whom to call, and as whom.</summary>
public sealed record DicomClientOptions
{
    /// <summary>Host name or address of the peer.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port of the peer.</summary>
    public required int Port { get; init; }

    /// <summary>AE title of the peer, at most 16 characters.</summary>
    public required string CalledAeTitle { get; init; }

    /// <summary>Our AE title, at most 16 characters.</summary>
    public required string CallingAeTitle { get; init; }

    /// <summary>Times and sizes.</summary>
    public DicomLimits Limits { get; init; } = DicomLimits.Default;
}
