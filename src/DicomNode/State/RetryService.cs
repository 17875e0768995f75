using SoftSeg.DicomNode.Return;

namespace SoftSeg.DicomNode.State;

/// <summary>Takes up what <c>softseg retry</c> and <c>softseg resend</c> asked for, and what waited too long for a peer's word.</summary>
sealed class RetryService(NodeState state, SeriesJobs jobs, Commitments commitments, StateOutages outages, TimeProvider time, ILogger<RetryService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        var last = time.GetUtcNow();
        var away = false;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                // The next attempts wait for an hour of the day: where the clock was set back they would come that much later.
                if (time.GetUtcNow() < last - TimeSpan.FromSeconds(5))
                {
                    foreach (var series in state.In(SeriesState.Segmented, SeriesState.Returning))
                        jobs.Return(series.SeriesUid);
                }
                last = time.GetUtcNow();
                foreach (var seriesUid in state.TakeRetryRequests())
                    Retry(seriesUid);
                foreach (var (seriesUid, peer) in state.TakeResendRequests())
                    Resend(seriesUid, peer);
                commitments.AskAgain();
                if (outages.Take() || away)
                    logger.StateAnswers(jobs.TakeUp(state));
                away = false;
            }
            catch (System.Data.Common.DbException error)
            {
                // Once, not every second.
                if (!away)
                    logger.StateUnavailable(error.Message);
                away = true;
            }
        }
    }

    void Resend(string seriesUid, string peer)
    {
        var sends = state.Resend(seriesUid, peer);
        logger.ResendRequested(seriesUid, peer.Length > 0 ? peer : "all that had the results", sends ? "on its way" : "nothing to send");
        if (sends)
            jobs.Return(seriesUid);
    }

    void Retry(string seriesUid)
    {
        var now = state.Retry(seriesUid);
        logger.RetryRequested(seriesUid, now?.ToString() ?? "nothing to try");
        if (now == SeriesState.Complete)
            jobs.Segment(seriesUid);
        else if (now == SeriesState.Returning)
            jobs.Return(seriesUid);
    }
}
