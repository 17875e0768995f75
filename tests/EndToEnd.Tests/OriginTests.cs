using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>Origins that sent only a part of a series and are asked what they have of it: Orthanc, DCMTK's <c>dcmqrscp</c>, and one that can't be asked.</summary>
[Collection(SharedNode.Collection)]
public sealed class OriginTests(SharedNode shared, OriginTests.Archives archives) : IClassFixture<OriginTests.Archives>
{
    /// <summary>The archives, and one node that knows each of them as a peer that is asked; results go to a <c>storescp</c>.</summary>
    public sealed class Archives : IAsyncLifetime
    {
        internal OrthancPeer Orthanc { get; } = new("ORTHANC");

        internal DcmqrscpPeer Dcmqrscp { get; } = new("MOVES", "GIVES");

        internal StorescpPeer Pacs { get; } = new("PACS");

        internal SoftSegNode Node { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            await Pacs.StartAsync();
            Node = await SoftSegNode.StartAsync(new NodeSetup(
                new PeerEntry("orthanc", Orthanc.AeTitle, Orthanc.Port) { Completion = "move" },
                new PeerEntry("counted", "COUNTED", Orthanc.Port) { Completion = "find" },
                new PeerEntry("moves", "MOVES", Dcmqrscp.Port) { Completion = "move" },
                new PeerEntry("gives", "GIVES", Dcmqrscp.Port) { Completion = "get" },
                new PeerEntry("pacs", Pacs.AeTitle, Pacs.Port) { Completion = "find" },
                new PeerEntry("away", "AWAY", FreePort.Take()) { Completion = "get" }) { To = ["pacs"], MaxWaitSeconds = 3 });
            await Orthanc.StartAsArchiveAsync(Node.AeTitle, Node.Port);
            await Dcmqrscp.StartAsync(Node.AeTitle, Node.Port);
        }

        public async Task DisposeAsync()
        {
            if (Node is not null)
                await Node.DisposeAsync();
            await Orthanc.DisposeAsync();
            await Dcmqrscp.DisposeAsync();
            await Pacs.DisposeAsync();
        }
    }

    [Theory, InlineData("ORTHANC", "C-MOVE"), InlineData("MOVES", "C-MOVE"), InlineData("GIVES", "C-GET")]
    public async Task What_an_origin_has_and_did_not_send_is_fetched_there(string origin, string by)
    {
        var source = shared.Sources.NewPhantom($"a part came from {origin}");
        (await Dcmtk.Send(origin == "ORTHANC" ? archives.Orthanc.Port : archives.Dcmqrscp.Port, origin, "SCANNER", source.Files)).Succeeded();

        (await archives.Node.Send(origin, source.Files.Skip(7))).Succeeded();

        var results = await archives.Pacs.WaitForResults(source.SeriesUid, evidence: () => archives.Node.LogText);
        await archives.Node.Logged(source.SeriesUid, $"{by} at {origin}", "7 of 7 came");
        Assert.Equal((await shared.ResultsOf(source)).SopInstanceUids, results.SopInstanceUids);
        Assert.Equal(3, results.Objects.Count);
    }

    [Fact]
    public async Task What_an_origin_is_only_counted_for_is_waited_for_and_then_named_in_status_and_report()
    {
        var source = shared.Sources.NewPhantom("three were never sent");
        (await Dcmtk.Send(archives.Orthanc.Port, "ORTHANC", "SCANNER", source.Files)).Succeeded();

        (await archives.Node.Send("COUNTED", source.Slices.Skip(3).Select(slice => slice.File))).Succeeded();

        var results = await archives.Pacs.WaitForResults(source.SeriesUid, evidence: () => archives.Node.LogText);
        var missing = $"3 of the {source.Files.Count} instances that counted has";
        Assert.Contains(results.Report.ValuesAnywhere("0040,a160"), text => text.Contains($"missing: {missing}.", StringComparison.Ordinal));
        var status = (await archives.Node.Command("status", source.SeriesUid)).Succeeded().Output;
        Assert.Contains($"  missing: {missing}", status, StringComparison.Ordinal);
        Assert.Contains("waits up to 3 s", status, StringComparison.Ordinal);
    }

    [Theory, InlineData("PACS", "does not accept"), InlineData("AWAY", "no connection")]
    public async Task An_origin_that_can_not_be_asked_changes_nothing_but_an_event(string origin, string why)
    {
        var source = shared.Sources.NewPhantom($"{origin} can not be asked");

        (await archives.Node.Send(origin, source.Files)).Succeeded();

        var results = await archives.Pacs.WaitForResults(source.SeriesUid, evidence: () => archives.Node.LogText);
        Assert.Equal((await shared.ResultsOf(source)).SopInstanceUids, results.SopInstanceUids);
        Assert.Contains(why, (await archives.Node.Command("status", source.SeriesUid)).Succeeded().Output.Split('\n').Single(line => line.Contains("was not asked", StringComparison.Ordinal)), StringComparison.Ordinal);
    }
}
