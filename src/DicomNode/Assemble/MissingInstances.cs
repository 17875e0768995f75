using SoftSeg.Dicom;
using SoftSeg.DicomNode.Receive;
using SoftSeg.DicomNode.Segment;
using SoftSeg.DicomNode.State;
using SoftSeg.DicomReader;

namespace SoftSeg.DicomNode.Assemble;

/// <summary>What a series lacks. Only of series that the guard lets through: nobody waits for what is skipped anyway.</summary>
sealed class MissingInstances(NodeState state, Spool spool)
{
    /// <returns>In words that results repeat; null where nothing is known to be missing.</returns>
    public string? Of(string seriesUid)
    {
        if (state.Find(seriesUid) is not { } series)
            return null;
        try
        {
            var files = spool.Files(series.StudyUid, seriesUid);
            return files.Length > 0 && LoopGuard.Rule(SeriesFacts.Received(files, state.Origins(seriesUid)), state.IsOwnSeries) is null
                && SeriesGaps.Find(files) is { Count: > 0 } gaps ? string.Join("; ", gaps) : null;
        }
        catch (DicomDataException)
        {
            // A header that can't be read is refused where the images are read, with the reason.
            return null;
        }
    }
}
