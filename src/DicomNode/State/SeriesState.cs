namespace SoftSeg.DicomNode.State;

/// <summary>Where a series stands. Stored by name.</summary>
public enum SeriesState
{
    /// <summary>Instances are coming in.</summary>
    Receiving,

    /// <summary>Nothing more is expected; waits to be segmented.</summary>
    Complete,

    /// <summary>Being segmented.</summary>
    Segmenting,

    /// <summary>Results are on disk, and nothing of them went out yet.</summary>
    Segmented,

    /// <summary>Results are on their way to the destinations.</summary>
    Returning,

    /// <summary>Every destination has the results.</summary>
    Done,

    /// <summary>Nothing to do, by a rule; the reason names it.</summary>
    Skipped,

    /// <summary>The series can't be segmented; the reason says why.</summary>
    Refused,

    /// <summary>A step failed for good; the reason says which and why. Data and results are kept.</summary>
    Failed,
}

/// <summary>Where the delivery of one result set to one peer stands. Stored by name.</summary>
public enum DeliveryState
{
    Waiting,
    Sending,
    Delivered,

    /// <summary>Stored, and the peer was asked to commit to it (PS3.4 J); it has not answered yet.</summary>
    Committing,

    /// <summary>Stored, and the peer has promised to keep it.</summary>
    Committed,
    Failed,
}

/// <summary>A series as the state knows it.</summary>
/// <param name="Revision">1 at first; grows when an instance arrives after the series was complete.</param>
/// <param name="Reason">Why it was skipped, refused or failed; while it is returning, the <see cref="SeriesOutcome"/> of one that is skipped or refused.</param>
/// <param name="Step">The step that was last begun or that failed: <see cref="SegmentStep"/> or <see cref="ReturnStep"/>.</param>
/// <param name="Attempts">How often that step was begun for this revision.</param>
/// <param name="Missing">What it was waited for in vain; null where nothing is known to be missing.</param>
public sealed record SeriesRow(string SeriesUid, string StudyUid, SeriesState State, long Revision, string? Reason, string? Step = null, long Attempts = 0, string? Missing = null)
{
    public const string SegmentStep = "segment", ReturnStep = "return";

    /// <summary>Where it stands, for people: <c>failed in return after 3 attempts: PACS said no</c>.</summary>
    public string Words => State.ToString().ToLowerInvariant()
        + (State == SeriesState.Failed && Step is not null ? $" in {Step} after {Attempts} attempt{(Attempts == 1 ? "" : "s")}" : State == SeriesState.Segmenting && Attempts > 1 ? $", attempt {Attempts}" : "")
        + (Reason is null ? "" : $": {Reason}");
}

/// <summary>Where a series ends that has no results, and why; stored as <c>Skipped: reason</c> while a report of it is on its way.</summary>
public sealed record SeriesOutcome(SeriesState State, string Reason)
{
    public override string ToString() => $"{State}: {Reason}";

    /// <summary>What <see cref="ToString"/> wrote, or null.</summary>
    public static SeriesOutcome? Parse(string? text) =>
        text?.Split(": ", 2) is [var state, var reason] && Enum.TryParse<SeriesState>(state, out var parsed) ? new(parsed, reason) : null;
}

/// <summary>Results of one revision of a series on their way to one peer.</summary>
/// <param name="Peer">The peer's <c>Name</c>.</param>
/// <param name="Attempts">How often sending began.</param>
/// <param name="Kinds">The kinds of results that a rule chose, with commas between; null for what the peer gets otherwise.</param>
/// <param name="Commitment">Transaction UID of the last request of storage commitment.</param>
/// <param name="Sent">Names of the files that the peer stored, with commas between; null where no attempt came to an end.</param>
public sealed record DeliveryRow(string SeriesUid, long Revision, string Peer, DeliveryState State, long Attempts, string? Detail, string? Kinds, string? Commitment, string? Sent = null);

/// <summary>A result object, and the last revision of a series that it was made of.</summary>
/// <param name="File">Its name in the folder of the results.</param>
public sealed record ResultRow(string SopInstanceUid, string SopClassUid, string ResultSeriesUid, string SeriesUid, long Revision, string File);

/// <summary>Something that happened to a series, in its words for people.</summary>
public sealed record EventRow(string SeriesUid, string Time, string What);
