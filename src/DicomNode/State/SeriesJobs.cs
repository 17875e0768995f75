using Hangfire;
using SoftSeg.DicomNode.Return;
using SoftSeg.DicomNode.Segment;

namespace SoftSeg.DicomNode.State;

/// <summary>Puts a series in line for its next step (decision 5). The only argument is its key; the state says what there is to do.</summary>
public sealed class SeriesJobs(IBackgroundJobClientV2 jobs)
{
    public const string SortQueue = "sort";
    public const string UrgentQueue = "urgent";
    public const string SegmentQueue = "segment";
    public const string ReturnQueue = "return";

    /// <summary>The rules say first whether the series is segmented, and in which line it waits.</summary>
    public void Segment(string seriesUid) =>
        jobs.Enqueue<SortStep>(SortQueue, step => step.Run(seriesUid, CancellationToken.None));

    public void Segment(string seriesUid, bool urgent) =>
        jobs.Enqueue<SegmentStep>(urgent ? UrgentQueue : SegmentQueue, step => step.Run(seriesUid, CancellationToken.None));

    public void Return(string seriesUid) =>
        jobs.Enqueue<ReturnStep>(ReturnQueue, step => step.Run(seriesUid, CancellationToken.None));

    public void ReturnLater(string seriesUid, TimeSpan delay) =>
        jobs.Schedule<ReturnStep>(ReturnQueue, step => step.Run(seriesUid, CancellationToken.None), delay);

    /// <summary>Puts every series in line that a step is due for, whatever became of the step that was under way: a step that runs twice does its work once.</summary>
    /// <returns>How many they are.</returns>
    public int TakeUp(NodeState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.ReleaseDeliveries();
        var (toSegment, toReturn) = (state.In(SeriesState.Complete, SeriesState.Segmenting), state.In(SeriesState.Segmented, SeriesState.Returning));
        foreach (var series in toSegment)
            Segment(series.SeriesUid);
        foreach (var series in toReturn)
            Return(series.SeriesUid);
        return toSegment.Count + toReturn.Count;
    }
}
