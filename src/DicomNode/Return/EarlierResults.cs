using SoftSeg.Dicom;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Return;

/// <summary>
/// Results of earlier revisions of a series, as far as they went out: later ones name them and take their place. They are known by their UIDs alone, so their files may be gone.
/// A result that came out the same again belongs to the later revision and replaces nothing.
/// </summary>
public sealed class EarlierResults(NodeState state)
{
    const string Report = "sr.dcm", Reason = "reason.dcm";

    /// <summary>The report in whose place one comes: the last that went out under its name, or what then stood for a report.</summary>
    public DicomDataset? ReplacedBy(SeriesRow series, string file)
    {
        var revisions = state.EarlierDeliveries(series).Select(delivery => delivery.Revision).ToHashSet();
        var results = state.Results(series.SeriesUid).Where(result => revisions.Contains(result.Revision)).ToArray();
        return results.GroupBy(result => result.Revision).OrderByDescending(revision => revision.Key)
            .Select(revision => revision.FirstOrDefault(result => result.File == file) ?? revision.FirstOrDefault(result => result.File is Report or Reason))
            .OfType<ResultRow>().Select(result => Reference(series, result)).FirstOrDefault();
    }

    /// <summary>What a peer has of earlier revisions and is not told yet to withdraw.</summary>
    /// <param name="wanted">Which kinds the peer gets: where a stop hid what was sent, the best forms of these may have been.</param>
    public IReadOnlyList<DicomDataset> At(string peer, SeriesRow series, Func<string, bool> wanted)
    {
        var results = state.Results(series.SeriesUid).ToLookup(result => result.Revision);
        var old = new List<DicomDataset>();
        foreach (var delivery in state.EarlierDeliveries(series).Where(delivery => delivery.Peer == peer))
        {
            var sent = delivery.Sent?.Split(',')
                ?? ResultKind.Of(results[delivery.Revision].Select(result => result.File), wanted).SelectMany(result => result.Forms[0].Files).ToArray();
            old.AddRange(results[delivery.Revision].Where(result => sent.Contains(result.File)).Select(result => Reference(series, result)));
            if (sent.Contains(RejectionFile))
                break;
        }
        return old;
    }

    /// <summary>The name of the note that withdraws earlier results.</summary>
    public const string RejectionFile = "rejection.dcm";

    static DicomDataset Reference(SeriesRow series, ResultRow result) => new DicomDataset()
        .AddOrUpdate(DicomTag.StudyInstanceUID, series.StudyUid)
        .AddOrUpdate(DicomTag.SeriesInstanceUID, result.ResultSeriesUid)
        .AddOrUpdate(DicomTag.SOPClassUID, result.SopClassUid)
        .AddOrUpdate(DicomTag.SOPInstanceUID, result.SopInstanceUid);
}
