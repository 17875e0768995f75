using System.Text.Json.Nodes;
using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>Rules of the configuration, as a running node obeys them and as <c>softseg rules test</c> explains them.</summary>
[Collection(SharedNode.Collection)]
public sealed class RuleTests(SharedNode shared)
{
    const string Rules = """
        { "Unmatched": "skip", "List": [
          { "Name": "watched", "When": [ { "Attribute": "CalledAE", "Is": "WATCH" } ], "Shadow": true },
          { "Name": "reports", "When": [ { "Attribute": "Slices", "From": 10 }, { "Attribute": "CallingAE", "Is": "PACS" } ], "Results": [ "Report" ], "Priority": "urgent" } ] }
        """;

    [Fact]
    public async Task A_rule_chooses_results_and_shadow_by_the_name_that_was_called()
    {
        var (watched, reported, unmatched) = (shared.Sources.NewPhantom("in the shadow"), shared.Sources.NewPhantom("report only"), shared.Sources.NewPhantom("too few slices"));
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(Setup(pacs.Port));

        (await Dcmtk.Send(node.Port, "WATCH", pacs.AeTitle, watched.Files)).Succeeded();
        (await node.Send(pacs.AeTitle, reported.Files)).Succeeded();
        (await node.Send(pacs.AeTitle, unmatched.Files.Take(4))).Succeeded();

        await pacs.WaitForResults(reported.SeriesUid, count: 1, evidence: () => node.LogText);
        await node.Logged(watched.SeriesUid, "rule \"watched\"", "shadow");
        await node.Logged(unmatched.SeriesUid, "skipped", "no rule matches");
        await Until.True(() => Directory.Exists(Path.Combine(node.DataDirectory, "results", watched.SeriesUid, "1")), "the shadow results are kept", TimeSpan.FromMinutes(1), () => node.LogText);
        Assert.Single(pacs.Receptions());
    }

    [Fact]
    public async Task Rules_test_shows_the_rule_that_matches_and_the_attribute_that_said_no()
    {
        var source = shared.Sources.NewPhantom("report only");
        var configuration = Setup(FreePort.Take()).Write(shared.Folder.Make("rules"), FreePort.Take());

        var reported = (await CommandLineTests.SoftSeg("rules", "test", source.Folder, "--config", configuration, "--calling", "PACS")).Succeeded().Output;
        var own = (await CommandLineTests.SoftSeg("rules", "test", (await shared.ResultsOf(source)).Objects[0].Path, "--config", configuration)).Succeeded().Output;

        Assert.Contains("no   CalledAE is SOFTSEG, expected WATCH", reported, StringComparison.Ordinal);
        Assert.Contains("rule \"reports\" matches", reported, StringComparison.Ordinal);
        Assert.Contains("results Report; urgent", reported, StringComparison.Ordinal);
        Assert.Contains("own result", own, StringComparison.Ordinal);
    }

    static NodeSetup Setup(int pacsPort) => new(new PeerEntry("pacs", "PACS", pacsPort)) { Aliases = ["WATCH"], Rules = JsonNode.Parse(Rules) };
}
