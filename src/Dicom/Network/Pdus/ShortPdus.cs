namespace SoftSeg.Dicom.Network;

/// <summary>A-ASSOCIATE-RJ (PS3.8 9.3.4): reserved, result, source, reason.</summary>
static class AssociateRjPdu
{
    public static AssociationRejection Parse(ReadOnlySpan<byte> body) => new(body[1], body[2], body[3]);

    public static byte[] ToBytes(AssociationRejection rejection) =>
        [(byte)PduType.AssociateRj, 0, 0, 0, 0, 4, 0, rejection.Result, rejection.Source, rejection.Reason];
}

/// <summary>A-RELEASE-RQ and A-RELEASE-RP (PS3.8 9.3.6, 9.3.7): four reserved bytes.</summary>
static class ReleasePdu
{
    public static byte[] Request { get; } = [(byte)PduType.ReleaseRq, 0, 0, 0, 0, 4, 0, 0, 0, 0];

    public static byte[] Response { get; } = [(byte)PduType.ReleaseRp, 0, 0, 0, 0, 4, 0, 0, 0, 0];
}

/// <summary>A-ABORT (PS3.8 9.3.8): two reserved bytes, source, reason.</summary>
static class AbortPdu
{
    public static (AbortSource Source, AbortReason Reason) Parse(ReadOnlySpan<byte> body) => ((AbortSource)body[2], (AbortReason)body[3]);

    // The reason is significant only where the provider aborts.
    public static byte[] ToBytes(AbortSource source, AbortReason reason) =>
        [(byte)PduType.Abort, 0, 0, 0, 0, 4, 0, 0, (byte)source, source == AbortSource.ServiceUser ? (byte)0 : (byte)reason];
}
