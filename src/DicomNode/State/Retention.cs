using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Receive;

namespace SoftSeg.DicomNode.State;

/// <summary>
/// Removes what nobody needs any more: instances and results of series that ended well, after the days that <c>Retention</c> gives them, or when the disk runs short.
/// What waits to be sent, failed, or is not committed yet stays.
/// </summary>
public sealed class Retention(NodeState state, DataDirectory data, Spool spool, DiskSpace disk, NodeConfiguration configuration, TimeProvider time, ILogger<Retention> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(configuration.Retention.CheckSeconds), time);
        do
        {
            try
            {
                Purge();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.Data.Common.DbException)
            {
                logger.StateUnavailable(error.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).AsTask().ContinueWith(tick => tick.IsCompletedSuccessfully && tick.Result, TaskScheduler.Default));
    }

    void Purge()
    {
        var settings = configuration.Retention;
        var now = time.GetUtcNow();
        if (settings.Days > 0)
        {
            foreach (var series in state.Finished(now.AddDays(-settings.Days)))
                Remove(series, FormattableString.Invariant($"{settings.Days} days after its end"));
        }
        if (!settings.PurgeWhenFull)
            return;
        // Twice the room at which instances are refused: a sender is not to notice.
        foreach (var series in state.Finished(now))
        {
            if (disk.Free >= (long)configuration.Node.MinFreeMegabytes << 21)
                return;
            Remove(series, "the disk runs short");
        }
    }

    void Remove(SeriesRow series, string why)
    {
        if (!spool.Remove(series.StudyUid, series.SeriesUid) & !data.RemoveResultsOf(series.SeriesUid))
            return;
        state.Note(series.SeriesUid, $"instances and results removed: {why}");
        logger.SeriesPurged(series.SeriesUid, why);
    }
}
