namespace SoftSeg.Dicom.Network;

/// <summary>An instance, by its two UIDs.</summary>
public sealed record SopReference(string SopClassUid, string SopInstanceUid);

/// <summary>"Do you hold these for good?" (PS3.4 J.3.2): what a Storage Commitment SCU asks.</summary>
/// <param name="TransactionUid">Ties the answer, which may come on another association and hours later, to the question.</param>
/// <param name="Instances">At least one.</param>
public sealed record CommitmentRequest(string TransactionUid, IReadOnlyList<SopReference> Instances)
{
    /// <summary>A question with a transaction UID of its own.</summary>
    public static CommitmentRequest For(IEnumerable<SopReference> instances) =>
        new(DicomUID.Derive("storage commitment", Guid.NewGuid().ToString()).Value, [.. instances]);
}

/// <summary>The answer to a <see cref="CommitmentRequest"/> (PS3.4 J.3.3).</summary>
/// <param name="TransactionUid">That of the request.</param>
/// <param name="Committed">What the SCP holds: the SCU may delete its own.</param>
/// <param name="Failed">What it does not hold, and why.</param>
public sealed record CommitmentResult(string TransactionUid, IReadOnlyList<SopReference> Committed, IReadOnlyList<CommitmentFailure> Failed)
{
    /// <summary>All instances are held.</summary>
    public bool IsComplete => Failed.Count == 0;
}

/// <summary>An instance that is not committed.</summary>
/// <param name="Instance">Which.</param>
/// <param name="Reason">Failure Reason (0008,1197), PS3.3 C.14: 0112 no such instance, 0119 another class, 0110, 0213, 0122, 0131.</param>
public sealed record CommitmentFailure(SopReference Instance, ushort Reason)
{
    /// <summary>No such object instance.</summary>
    public const ushort NoSuchInstance = 0x0112;

    /// <summary>The instance is of another SOP class than the request says.</summary>
    public const ushort ClassInstanceConflict = 0x0119;
}

/// <summary>The Storage Commitment Push Model (PS3.4 J) as data sets.</summary>
static class StorageCommitment
{
    public const string SopClass = "1.2.840.10008.1.20.1";
    public const string WellKnownInstance = "1.2.840.10008.1.20.1.1";
    public const ushort RequestAction = 1;
    public const ushort SuccessEvent = 1;
    public const ushort FailureEvent = 2;

    public static DicomDataset ToDataset(CommitmentRequest request) => new DicomDataset()
        .AddOrUpdate(DicomTag.TransactionUID, request.TransactionUid)
        .AddOrUpdate(DicomTag.ReferencedSOPSequence, [.. request.Instances.Select(ToItem)]);

    public static DicomDataset ToDataset(CommitmentResult result)
    {
        var set = new DicomDataset().AddOrUpdate(DicomTag.TransactionUID, result.TransactionUid);
        if (result.Committed.Count > 0)
            set.AddOrUpdate(DicomTag.ReferencedSOPSequence, [.. result.Committed.Select(ToItem)]);
        if (!result.IsComplete)
            set.AddOrUpdate(DicomTag.FailedSOPSequence, [.. result.Failed.Select(f => ToItem(f.Instance).AddOrUpdate(DicomTag.FailureReason, f.Reason))]);
        return set;
    }

    /// <exception cref="DicomDataException">A UID is missing or is none.</exception>
    public static CommitmentRequest ReadRequest(DicomDataset set)
    {
        var instances = set.GetSequence(DicomTag.ReferencedSOPSequence).Select(ReadItem).ToArray();
        return instances.Length > 0
            ? new CommitmentRequest(Uid(set, DicomTag.TransactionUID), instances)
            : throw new DicomDataException($"{DicomTag.ReferencedSOPSequence.Describe()} is empty: nothing to commit to.", DicomTag.ReferencedSOPSequence);
    }

    /// <exception cref="DicomDataException">A UID is missing or is none.</exception>
    public static CommitmentResult ReadResult(DicomDataset set) => new(
        Uid(set, DicomTag.TransactionUID),
        [.. set.GetSequence(DicomTag.ReferencedSOPSequence).Select(ReadItem)],
        [.. set.GetSequence(DicomTag.FailedSOPSequence).Select(item => new CommitmentFailure(ReadItem(item), (ushort)(item.GetInt32OrNull(DicomTag.FailureReason) ?? DicomStatus.ProcessingFailure.Code)))]);

    static DicomDataset ToItem(SopReference instance) => new DicomDataset()
        .AddOrUpdate(DicomTag.ReferencedSOPClassUID, instance.SopClassUid)
        .AddOrUpdate(DicomTag.ReferencedSOPInstanceUID, instance.SopInstanceUid);

    static SopReference ReadItem(DicomDataset item) => new(Uid(item, DicomTag.ReferencedSOPClassUID), Uid(item, DicomTag.ReferencedSOPInstanceUID));

    static string Uid(DicomDataset set, DicomTag tag) => set.GetStringOrNull(tag) is { } uid && DimseCommand.IsUid(uid)
        ? uid
        : throw new DicomDataException($"{tag.Describe()} is no UID.", tag);
}
