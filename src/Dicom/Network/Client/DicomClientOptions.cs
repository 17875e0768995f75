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

    /// <summary>Encrypts and authenticates; null: plain.</summary>
    public DicomTls? Tls { get; init; }

    /// <summary>User name and passcode that the peer wants (PS3.7 D.3.3.7); without <see cref="Tls"/> they go in clear text.</summary>
    public DicomCredential? User { get; init; }

    /// <summary>Times and sizes.</summary>
    public DicomLimits Limits { get; init; } = DicomLimits.Default;

    internal void Check()
    {
        CheckTitle(CalledAeTitle);
        CheckTitle(CallingAeTitle);
    }

    internal static void CheckTitle(string title)
    {
        if (title.Length is 0 or > 16 || string.IsNullOrWhiteSpace(title) || title.AsSpan().ContainsAnyExceptInRange(' ', '~') || title.Contains('\\', StringComparison.Ordinal))
            throw new ArgumentException($"'{title}' is no AE title: 1 to 16 ASCII characters, no backslash (PS3.5 6.2).");
    }
}
