using SoftSeg.DicomNode.Assemble;
using SoftSeg.DicomNode.Receive;

namespace SoftSeg.DicomNode.State;

/// <summary>
/// Takes up, before anything is received, what a stop left: series in the spool that the state does not know (it was lost, or the
/// node died between the two), and every step that was under way.
/// </summary>
sealed class StartUp(NodeState state, DataDirectory data, Spool spool, SeriesArrivals arrivals, SeriesJobs jobs, ILogger<StartUp> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var (studyUid, seriesUid) in spool.Series())
        {
            if (state.Find(seriesUid) is not null)
                continue;
            data.RemoveResultsOf(seriesUid);
            foreach (var sender in spool.Senders(studyUid, seriesUid))
                state.Arrived(studyUid, seriesUid, sender, $"found in the spool, sent by {sender}");
            logger.SeriesRecovered(seriesUid);
        }

        state.ReleaseDeliveries();
        foreach (var series in state.In(SeriesState.Receiving))
            arrivals.Resume(series.SeriesUid);
        foreach (var series in state.In(SeriesState.Complete, SeriesState.Segmenting))
            jobs.Segment(series.SeriesUid);
        foreach (var series in state.In(SeriesState.Returning))
            jobs.Return(series.SeriesUid);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
