namespace SoftSeg.Dicom.Network;

/// <summary>What the spool had of an instance before it came.</summary>
public enum StoredOutcome
{
    /// <summary>Nothing: it is new.</summary>
    New,

    /// <summary>The same instance with the same bytes: nothing was done.</summary>
    Identical,

    /// <summary>The same instance with other bytes: this one is kept beside the first.</summary>
    Different
}

/// <summary>An instance on stable storage.</summary>
/// <param name="Path">The file that has these bytes.</param>
/// <param name="StudyInstanceUid">From the data set.</param>
/// <param name="SeriesInstanceUid">From the data set.</param>
/// <param name="Context">The request that brought it: UIDs, transfer syntax, association.</param>
/// <param name="Length">Bytes of the data set.</param>
/// <param name="Outcome">New, identical or different.</param>
public sealed record StoredInstance(
    string Path, string StudyInstanceUid, string SeriesInstanceUid, StoreContext Context, long Length, StoredOutcome Outcome);
