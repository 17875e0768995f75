using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Results;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>Where results go, and what a destination takes.</summary>
[Collection(SharedNode.Collection)]
public sealed class DestinationTests(SharedNode shared)
{
    [Fact]
    public async Task What_a_scanner_sends_comes_back_to_the_PACS_that_it_names()
    {
        var source = shared.Sources.NewPhantom("from a scanner");
        await using var scanner = await StorescpPeer.StartAsync("SCANNER");
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(
            new PeerEntry("scanner", scanner.AeTitle, scanner.Port, ReturnTo: "pacs"), new PeerEntry("pacs", pacs.AeTitle, pacs.Port)));

        (await node.Send(scanner.AeTitle, source.Files)).Succeeded();

        await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        Assert.Empty(scanner.Receptions());
    }

    [Fact]
    public async Task A_PACS_that_takes_no_reports_gets_the_segmentations_and_the_log_names_what_it_does_not_take()
    {
        var source = shared.Sources.NewPhantom("no reports");
        await using var pacs = new StorescpPeer("PACS");
        await pacs.StartAsync([ReceivedObject.SegmentationStorage]);
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)));

        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();

        var results = await pacs.WaitForResults(source.SeriesUid, count: 2, evidence: () => node.LogText);
        Assert.All(results.Objects, o => Assert.Equal(ReceivedObject.SegmentationStorage, o.SopClassUid));
        await node.Logged(source.SeriesUid, "2 of 3", "sr.dcm");
        Assert.True(await node.AnswersEcho());
    }

    [Fact]
    public async Task Four_senders_at_once_each_get_their_results()
    {
        var sources = Enumerable.Range(1, 4).Select(n => shared.Sources.NewPhantom($"at once {n}")).ToArray();

        var sent = await Task.WhenAll(sources.Select(source => shared.Node.Send(shared.Pacs.AeTitle, source.Files)));

        Assert.All(sent, result => result.Succeeded());
        foreach (var source in sources)
            Assert.Equal(3, (await shared.Pacs.WaitForResults(source.SeriesUid, evidence: () => shared.Node.LogText)).Objects.Count);
    }
}
