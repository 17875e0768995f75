namespace SoftSeg.Dicom.Network;

/// <summary>The peer rejected the association.</summary>
public sealed class DicomAssociationRejectedException : DicomNetworkException
{
    internal DicomAssociationRejectedException(AssociationRejection rejection, DicomClientOptions options) : base(Describe(rejection, options)) =>
        Rejection = rejection;

    /// <summary>Result, source and reason.</summary>
    public AssociationRejection Rejection { get; }

    static string Describe(AssociationRejection rejection, DicomClientOptions options)
    {
        string peer = $"{options.Host}:{options.Port}";
        return (rejection.Source, rejection.Reason) switch
        {
            (1, 7) => $"called AE title {options.CalledAeTitle} not recognized by {peer}: check the title in Peers",
            (1, 3) => $"calling AE title {options.CallingAeTitle} not recognized by {peer}: it must be entered there as a known node",
            _ when rejection.IsTransient => $"{peer} can't take an association now ({rejection}): try again later",
            _ => $"{peer} ({options.CalledAeTitle}) rejected the association: {rejection}"
        };
    }
}

/// <summary>The peer accepted no presentation context in which the instance could go. The association goes on.</summary>
public sealed class DicomNotAcceptedException(string message) : DicomNetworkException(message);

/// <summary>What became of one file.</summary>
/// <param name="Path">Which.</param>
/// <param name="Status">The peer's answer; null where the file was not sent.</param>
/// <param name="Problem">Why it was not sent; null where it was.</param>
public sealed record StoreResult(string Path, DicomStatus? Status, string? Problem)
{
    /// <summary>From which syntax into which it was converted, because the peer did not take it as it is; null where it went as it is.</summary>
    public string? Conversion { get; init; }

    /// <summary>The peer has the instance.</summary>
    public bool IsStored => Status is { IsStored: true };
}
