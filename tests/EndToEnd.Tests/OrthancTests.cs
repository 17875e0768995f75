using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Results;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>The same series through Orthanc: it arrives there, a Lua script sends it to the node, and the results come back into the same study.</summary>
[Collection(SharedNode.Collection)]
public sealed class OrthancTests(SharedNode shared)
{
    [Fact]
    public async Task A_series_that_reaches_Orthanc_is_segmented_and_the_results_appear_in_its_study_over_DICOMweb()
    {
        var source = shared.Sources[SourceLibrary.Sagittal];
        await using var orthanc = new OrthancPeer("ORTHANC");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("orthanc", orthanc.AeTitle, orthanc.Port)));
        await orthanc.StartAsync(node.AeTitle, node.Port);

        (await Dcmtk.Send(orthanc.Port, orthanc.AeTitle, "SCANNER", source.Files)).Succeeded();
        IReadOnlyList<(string SeriesUid, string Modality)> series = [];
        await Until.True(async () => (series = await orthanc.SeriesOverDicomWeb(source.StudyUid)).Count == 4, "Orthanc lists the results in the study",
            TimeSpan.FromMinutes(2), () => $"{node.LogText}\n{orthanc.Log}");

        Assert.Equal(["MR", "SEG", "SEG", "SR"], series.Select(s => s.Modality).Order(StringComparer.Ordinal));
        var received = new List<ReceivedObject>();
        foreach (var (seriesUid, modality) in series.Where(s => s.Modality != "MR"))
        {
            var instance = Assert.Single(await orthanc.MetadataOverDicomWeb(source.StudyUid, seriesUid));
            if (modality == "SEG")
                Assert.True(instance.TryGetProperty("52009230", out _), "the metadata has Per-frame Functional Groups");
            received.Add(await orthanc.Instance(OrthancPeer.Value(instance, "00080018")));
        }
        var results = new ResultSet(received);
        SourceGrid.AssertFramesLieOn(source, results.Visible);
        SourceGrid.AssertFramesLieOn(source, results.Soft);

        // Another node, another origin: yet the instances are the same (decision 7).
        var direct = await shared.ResultsOf(source);
        Assert.Equal(direct.SopInstanceUids, results.SopInstanceUids);
        Assert.Equal(direct.Soft.OnGridOf(source), results.Soft.OnGridOf(source));
    }
}
