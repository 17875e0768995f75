using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Assemble;

/// <summary>
/// Decides when a series is complete. DICOM has no end of series: it is when nothing came for <c>Assemble:IdleSeconds</c> and every association that
/// brought a part is closed.
/// </summary>
sealed class AssembleService(SeriesArrivals arrivals, NodeState state, SeriesJobs jobs, NodeConfiguration configuration, TimeProvider time, ILogger<AssembleService> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(Math.Clamp(configuration.Assemble.IdleSeconds * 100, 20, 500)), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                arrivals.TakeIdle(TimeSpan.FromSeconds(configuration.Assemble.IdleSeconds), Complete);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    void Complete(string seriesUid)
    {
        if (state.Find(seriesUid) is not { State: SeriesState.Receiving } series)
            return;
        if (state.Move(series, SeriesState.Complete, $"complete: nothing came for {configuration.Assemble.IdleSeconds} s"))
        {
            logger.SeriesComplete(seriesUid, configuration.Assemble.IdleSeconds);
            jobs.Segment(seriesUid);
        }
    }
}
