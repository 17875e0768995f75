using SoftSeg.DicomNode.Audit;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Receive;

namespace SoftSeg.DicomNode.State;

/// <summary>
/// Removes what nobody needs any more: instances and results of series that ended well, after the days that <c>Retention</c> gives them, or when the disk runs short.
/// What waits to be sent, failed, or is not committed yet stays.
/// </summary>
public sealed class Retention(NodeState state, DataDirectory data, Spool spool, DiskSpace disk, NodeConfiguration configuration, AuditTrail audit, TimeProvider time, ILogger<Retention> logger) : BackgroundService
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
        foreach (var gone in Directory.GetDirectories(data.Removing))
            Delete(gone, "a stop had interrupted it");
        var settings = configuration.Retention;
        var now = time.GetUtcNow();
        if (settings.Days > 0)
        {
            foreach (var series in state.Finished(now.AddDays(-settings.Days)))
                Remove(series, FormattableString.Invariant($"{settings.Days} days after its end"));
        }
        // Twice the room at which instances are refused: a sender is not to notice.
        if (!settings.PurgeWhenFull || !IsShort())
            return;
        foreach (var series in state.Finished(now).TakeWhile(_ => IsShort()))
            Remove(series, "the disk runs short");
    }

    bool IsShort() => disk.Free < 2 * disk.Least;

    /// <summary>
    /// Takes a series away in one step, then deletes it file by file: a stop in the middle leaves no part of a series where a late instance could join it.
    /// </summary>
    void Remove(SeriesRow series, string why)
    {
        var gone = Path.Combine(data.Removing, series.SeriesUid);
        spool.Undisturbed(() =>
        {
            if (!state.IsStillFinished(series))
                return;
            // The results first: a stop in between leaves instances that can be segmented again.
            Move(Path.Combine(data.Results, series.SeriesUid), Path.Combine(gone, "results"));
            var instances = spool.FolderOf(series.StudyUid, series.SeriesUid);
            Move(instances, Path.Combine(gone, "instances"));
            var study = Path.GetDirectoryName(instances)!;
            if (Directory.Exists(study) && !Directory.EnumerateFileSystemEntries(study).Any())
                Directory.Delete(study);
        });
        if (Directory.Exists(gone))
            Delete(gone, why);
    }

    static void Move(string folder, string to)
    {
        if (!Directory.Exists(folder))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        Directory.Move(folder, to);
    }

    void Delete(string gone, string why)
    {
        var seriesUid = Path.GetFileName(gone);
        var instances = Path.Combine(gone, "instances");
        if (Directory.Exists(instances) && state.Find(seriesUid) is { } series)
            audit.Deleted(series.StudyUid, Directory.GetFiles(instances, "*.dcm"));
        Directory.Delete(gone, recursive: true);
        state.Note(seriesUid, $"instances and results removed: {why}");
        logger.SeriesPurged(seriesUid, why);
    }
}
