using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Assemble;

/// <summary>
/// Decides when a series is complete. DICOM has no end of series: it is when nothing came for <c>Assemble:IdleSeconds</c>, every association that
/// brought a part is closed, and nothing is known to be missing; for what is missing it waits until <c>Assemble:MaxWaitSeconds</c>.
/// </summary>
sealed class AssembleService(SeriesArrivals arrivals, NodeState state, MissingInstances instances, SeriesJobs jobs, NodeConfiguration configuration, TimeProvider time, ILogger<AssembleService> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(Math.Clamp(configuration.Assemble.IdleSeconds * 100, 20, 500)), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                // Each on its own: one whose headers or whose origin take long keep no other waiting.
                foreach (var quiet in arrivals.TakeQuiet(TimeSpan.FromSeconds(configuration.Assemble.IdleSeconds), TimeSpan.FromSeconds(configuration.Assemble.MaxWaitSeconds)))
                    _ = Task.Run(() => Look(quiet, stoppingToken), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    async Task Look(QuietSeries quiet, CancellationToken stoppingToken)
    {
        try
        {
            var missing = quiet.Missing ?? await instances.Of(quiet.SeriesUid, stoppingToken);
            if (missing is not null && quiet.Missing is null && configuration.Assemble.MaxWaitSeconds > configuration.Assemble.IdleSeconds)
                Wait(quiet, missing);
            else
                arrivals.Complete(quiet, () => Complete(quiet.SeriesUid, missing));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Whatever it was: a series that nobody lets go of would never be complete.
            logger.StateUnavailable(error.Message);
            arrivals.Resume(quiet.SeriesUid);
        }
    }

    void Wait(QuietSeries quiet, string missing)
    {
        if (!arrivals.Wait(quiet, missing))
            return;
        var what = $"waits up to {configuration.Assemble.MaxWaitSeconds} s for what is missing: {missing}";
        state.Note(quiet.SeriesUid, what);
        logger.SeriesWaits(quiet.SeriesUid, what);
    }

    void Complete(string seriesUid, string? missing)
    {
        if (state.Find(seriesUid) is not { State: SeriesState.Receiving } series)
            return;
        var what = missing is null
            ? $"complete: nothing came for {configuration.Assemble.IdleSeconds} s"
            : $"complete as it is: nothing came for {configuration.Assemble.MaxWaitSeconds} s; missing: {missing}";
        if (!state.Complete(series, what, missing))
            return;
        logger.SeriesComplete(seriesUid, what);
        jobs.Segment(seriesUid);
    }
}
