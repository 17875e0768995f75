using SoftSeg.Dicom;
using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>Peers that are away, and a node that is stopped or dies: what was acknowledged is not lost and what was made is not made again.</summary>
[Collection(SharedNode.Collection)]
public sealed class InterruptionTests(SharedNode shared)
{
    [Fact]
    public async Task Results_are_kept_while_the_origin_is_down_and_sent_when_it_is_back()
    {
        var source = shared.Sources.NewPhantom("the origin is down");
        await using var pacs = new StorescpPeer("PACS");
        await using var node = await Node(pacs);

        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        await node.Logged(source.SeriesUid, "next attempt");
        AssertKept(node);
        Assert.True(await node.AnswersEcho());

        await pacs.StartAsync();
        var results = await pacs.WaitForResults(source.SeriesUid, timeout: TimeSpan.FromSeconds(30), evidence: () => node.LogText);
        Assert.Equal(3, results.Objects.Count);
    }

    [Fact]
    public async Task Results_for_a_sender_that_is_no_peer_are_kept_and_the_log_gives_the_line_to_add()
    {
        var source = shared.Sources.NewPhantom("no usable peer");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup { AcceptUnknownPeers = true });

        (await node.Send("STRANGER", source.Files)).Succeeded();
        await node.Logged(source.SeriesUid, "STRANGER", "\"AeTitle\": \"STRANGER\"");

        AssertKept(node);
        Assert.True(await node.AnswersEcho());
    }

    /// <summary>The three results and the forms that stand in for them are on disk.</summary>
    static void AssertKept(SoftSegNode node)
    {
        var kept = Directory.GetFiles(Path.Combine(node.DataDirectory, "results"), "*.dcm", SearchOption.AllDirectories).Select(Path.GetFileName).ToArray();
        foreach (var name in new[] { "seg-binary.dcm", "seg-soft.dcm", "sr.dcm" })
            Assert.Single(kept, name);
    }

    [Fact]
    public async Task SIGTERM_between_two_parts_of_a_series_loses_nothing()
    {
        var source = shared.Sources.NewPhantom("stopped between two parts");
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await Node(pacs, idleSeconds: 6);

        (await node.Send(pacs.AeTitle, source.Files.Take(source.Files.Count / 2))).Succeeded();
        Assert.Equal(0, await node.TerminateAsync());
        await node.StartAsync();
        (await node.Send(pacs.AeTitle, source.Files.Skip(source.Files.Count / 2))).Succeeded();

        var results = await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        Assert.Equal((await shared.ResultsOf(source)).SopInstanceUids, results.SopInstanceUids);
    }

    [Fact]
    public async Task SIGTERM_while_a_series_is_coming_in_ends_the_node_and_a_sender_that_tries_again_gets_its_results()
    {
        var source = shared.Sources.NewPhantom("stopped while sending");
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await Node(pacs, idleSeconds: 6);
        await using var sender = await ScriptedSender.ConnectAsync(node.Port);
        Assert.Equal(2, await sender.AssociateAsync(pacs.AeTitle, node.AeTitle, DicomUID.MRImageStorage.Value));
        var cut = source.Slices[1];
        await sender.SendInstanceAsync(DicomUID.MRImageStorage.Value, cut.SopInstanceUid, new byte[1000], isWhole: false);

        var stop = node.TerminateAsync();
        await sender.WaitForCloseAsync(TimeSpan.FromSeconds(40));
        Assert.Equal(0, await stop);
        await node.StartAsync();
        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();

        var results = await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        Assert.Equal((await shared.ResultsOf(source)).SopInstanceUids, results.SopInstanceUids);
    }

    [Fact]
    public async Task Killed_while_it_segments_the_node_sends_one_set_of_results_after_its_restart_with_the_same_UIDs()
    {
        var source = shared.Sources[SourceLibrary.Sagittal];
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await Node(pacs);

        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        await node.Logged(source.SeriesUid, "is complete");
        await node.KillAsync();
        Assert.DoesNotContain(node.Log, line => line.Contains(" segmented in ", StringComparison.Ordinal));
        await node.StartAsync();

        var results = await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        Assert.Equal((await shared.ResultsOf(source)).SopInstanceUids, results.SopInstanceUids);
        Assert.Equal(3, pacs.Receptions().Length);
    }

    static Task<SoftSegNode> Node(StorescpPeer pacs, double idleSeconds = 0.5) =>
        SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)) { IdleSeconds = idleSeconds });
}
