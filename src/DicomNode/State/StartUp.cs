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
        if (state.PutAsideAs is { } damaged)
            logger.StateDamaged(damaged);
        var taken = state.FilesTaken();
        foreach (var (studyUid, seriesUid) in spool.Series())
        {
            if (state.Find(seriesUid) is not null)
            {
                TakeUpLate(studyUid, seriesUid, taken.GetValueOrDefault(seriesUid, long.MaxValue));
                continue;
            }
            data.RemoveResultsOf(seriesUid);
            foreach (var sender in spool.Senders(studyUid, seriesUid))
                state.Arrived(studyUid, seriesUid, sender, $"found in the spool, sent by {sender}");
            logger.SeriesRecovered(seriesUid);
        }

        foreach (var series in state.In(SeriesState.Receiving))
            arrivals.Resume(series.SeriesUid);
        jobs.TakeUp(state);
        return Task.CompletedTask;
    }

    /// <summary>The node died between the disk and the state: an instance of a complete series is in the spool and nobody was told.</summary>
    void TakeUpLate(string studyUid, string seriesUid, long filesTaken)
    {
        if (spool.Count(studyUid, seriesUid) <= filesTaken)
            return;
        foreach (var sender in state.Origins(seriesUid))
            state.Arrived(studyUid, seriesUid, sender, "found more instances in the spool than the series was made from");
        logger.SeriesRecovered(seriesUid);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
