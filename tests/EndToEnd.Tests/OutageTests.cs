using SoftSeg.DicomNode.Tests;
using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>A real PostgreSQL that holds the state and is cut off at every step, while the node goes on.</summary>
[Collection(SharedNode.Collection)]
public sealed class OutageTests(SharedNode shared)
{
    [Fact]
    public async Task The_server_of_the_state_may_go_away_at_any_step_and_every_series_ends_as_it_should()
    {
        using var server = new PostgreSqlServer();
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        var web = FreePort.Take();
        var setup = new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)) { DataDirectory = shared.Folder.Make("outage-data"), PostgreSql = server.NewDatabase(), WebPort = web, IdleSeconds = 2 };
        await using var node = await SoftSegNode.StartAsync(setup);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{web}") };
        SourceSeries Phantom(string name) => shared.Sources.NewPhantom($"outage {name}");

        // While it comes in: nobody hears of success without the state, and the sender tries again.
        var receiving = Phantom("receiving");
        server.Stop();
        Assert.Empty(await AcknowledgedSend.RunAsync(node.Port, node.AeTitle, pacs.AeTitle, receiving.Files.Take(2).ToArray()));
        var unready = await http.GetAsync("/health/ready");
        Assert.Equal(503, (int)unready.StatusCode);
        Assert.Contains("Unhealthy: state", await unready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True((await http.GetAsync("/health/live")).IsSuccessStatusCode);
        server.Start();
        (await node.Send(pacs.AeTitle, receiving.Files)).Succeeded();
        await pacs.WaitForResults(receiving.SeriesUid, evidence: () => node.LogText);

        // Before it is complete, while it is segmented, and when it is.
        await Outage(Phantom("assembling"), "");
        await Outage(Phantom("segmenting"), "is complete");
        await Outage(Phantom("segmented"), "segmented in");

        // While the results wait for their PACS.
        await pacs.StopAsync();
        var returning = Phantom("returning");
        (await node.Send(pacs.AeTitle, returning.Files)).Succeeded();
        await node.Logged([returning.SeriesUid, "next attempt"], timeout: TimeSpan.FromMinutes(2));
        await Away();
        await pacs.StartAsync();
        await pacs.WaitForResults(returning.SeriesUid, evidence: () => node.LogText);

        Assert.True((await http.GetAsync("/health/ready")).IsSuccessStatusCode);
        Assert.Equal(0, await node.TerminateAsync());
        Assert.DoesNotContain(node.Log, line => line.Contains("failed in", StringComparison.Ordinal));

        async Task Outage(SourceSeries source, string moment)
        {
            (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
            if (moment.Length > 0)
                await node.Logged([source.SeriesUid, moment], timeout: TimeSpan.FromMinutes(2));
            await Away();
            var results = await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
            Assert.Equal(3, results.SopInstanceUids.Length);
        }

        // Long enough for the step under way to run into it.
        async Task Away()
        {
            server.Stop();
            await Task.Delay(TimeSpan.FromSeconds(4));
            server.Start();
        }
    }
}
