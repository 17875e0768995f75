using System.Collections.Concurrent;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Receive;
using SoftSeg.DicomNode.Segment;
using SoftSeg.DicomNode.State;
using SoftSeg.DicomReader;

namespace SoftSeg.DicomNode.Assemble;

/// <summary>
/// What a series lacks: by what its origin has, where that can be asked (<c>Peers:Completion</c>), else by the gaps between its slices. Only of series that the guard lets
/// through: nobody waits for what is skipped anyway.
/// </summary>
sealed class MissingInstances(NodeState state, Spool spool, OriginArchive origin, NodeConfiguration configuration, ILogger<MissingInstances> logger)
{
    /// <summary>How many instances were missing when a series was last fetched: what did not come by then is not fetched again.</summary>
    readonly ConcurrentDictionary<string, int> fetched = [];

    /// <returns>In words that results repeat; null where nothing is known to be missing.</returns>
    public async Task<string?> Of(string seriesUid, CancellationToken cancellationToken)
    {
        if (state.Find(seriesUid) is not { } series)
            return null;
        try
        {
            var files = spool.Files(series.StudyUid, seriesUid);
            var origins = state.Origins(seriesUid);
            if (files.Length == 0 || LoopGuard.Rule(SeriesFacts.Received(files, origins), state.IsOwnSeries) is not null)
                return null;
            foreach (var peer in origins.Select(configuration.FindPeerByAeTitle).OfType<PeerSettings>().Where(peer => peer.Completion.Length > 0))
            {
                if (await Ask(peer, series, files[0], cancellationToken) is { } answer)
                    return answer.Missing;
            }
            return SeriesGaps.Find(files) is { Count: > 0 } gaps ? string.Join("; ", gaps) : null;
        }
        catch (Exception error) when (error is not (OperationCanceledException or System.Data.Common.DbException))
        {
            // What can't be read is refused where the images are read, with the reason; here it keeps nobody waiting.
            Tell(series, $"not looked at for what is missing: {error.Message}");
            return null;
        }
    }

    /// <returns>What the peer has and we have not, after an attempt to fetch it; null where the peer does not say.</returns>
    async Task<(string? Missing, int Count)?> Ask(PeerSettings peer, SeriesRow series, string file, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string> there;
        try
        {
            there = await origin.Instances(peer, series, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Tell(series, $"{peer.Name} was not asked for the number of instances, the series goes on without: {PeerWords.WithoutPatient(error.Message, file)}");
            return null;
        }
        if (there.Count == 0)
        {
            Tell(series, $"{peer.Name} says that it has no instance of the series: it is not asked further");
            return null;
        }
        var here = spool.Instances(series.StudyUid, series.SeriesUid);
        var missing = there.Where(instance => !here.Contains(instance.Key)).ToDictionary(StringComparer.Ordinal);
        if (missing.Count == 0)
        {
            fetched.TryRemove(series.SeriesUid, out _);
            Tell(series, $"{peer.Name} has {there.Count} instances of the series, and all came");
            return (null, 0);
        }
        if (peer.Completion != PeerSettings.ByFind && missing.Count < fetched.GetValueOrDefault(series.SeriesUid, int.MaxValue))
        {
            fetched[series.SeriesUid] = missing.Count;
            await Fetch(peer, series, file, missing, there.Count, cancellationToken);
        }
        return ($"{missing.Count} of the {there.Count} instances that {peer.Name} has", missing.Count);
    }

    async Task Fetch(PeerSettings peer, SeriesRow series, string file, Dictionary<string, string> missing, int count, CancellationToken cancellationToken)
    {
        Tell(series, $"{peer.Name} has {count} instances of the series, {missing.Count} of them did not come: fetching them");
        try
        {
            Tell(series, PeerWords.WithoutPatient(await origin.Fetch(peer, series, missing, cancellationToken), file));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Tell(series, $"not fetched from {peer.Name}: {PeerWords.WithoutPatient(error.Message, file)}");
        }
    }

    void Tell(SeriesRow series, string what)
    {
        state.Note(series.SeriesUid, what);
        logger.SeriesNote(series.SeriesUid, what);
    }
}
