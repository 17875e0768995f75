namespace SoftSeg.Dicom.Network;

/// <summary>Result, source and reason of an A-ASSOCIATE-RJ (PS3.8 table 9-21).</summary>
/// <param name="Result">1 permanent, 2 transient.</param>
/// <param name="Source">1 service user, 2 ACSE, 3 presentation.</param>
/// <param name="Reason">Its meaning depends on <paramref name="Source"/>.</param>
public readonly record struct AssociationRejection(byte Result, byte Source, byte Reason)
{
    /// <summary>No reason given, by the service user.</summary>
    public static AssociationRejection NoReason => new(1, 1, 1);

    /// <summary>Not the DICOM application context.</summary>
    public static AssociationRejection ApplicationContextNotSupported => new(1, 1, 2);

    /// <summary>We do not know the one who calls.</summary>
    public static AssociationRejection CallingAeNotRecognized => new(1, 1, 3);

    /// <summary>We are not the one who is called.</summary>
    public static AssociationRejection CalledAeNotRecognized => new(1, 1, 7);

    /// <summary>Not version 1 of the upper layer protocol.</summary>
    public static AssociationRejection ProtocolVersionNotSupported => new(1, 2, 2);

    /// <summary>Busy: come again.</summary>
    public static AssociationRejection TemporaryCongestion => new(2, 3, 1);

    /// <summary>As many associations as we take: come again.</summary>
    public static AssociationRejection LocalLimitExceeded => new(2, 3, 2);

    /// <summary>True where the peer asks to come again.</summary>
    public bool IsTransient => Result == 2;

    /// <inheritdoc/>
    public override string ToString() => (Source, Reason) switch
    {
        (1, 2) => "application context not supported",
        (1, 3) => "calling AE title not recognized",
        (1, 7) => "called AE title not recognized",
        (2, 2) => "protocol version not supported",
        (3, 1) => "temporary congestion",
        (3, 2) => "local limit exceeded",
        (_, 1) => "no reason given",
        _ => $"result {Result}, source {Source}, reason {Reason}"
    };
}
