using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>What is deleted when, and what a stop in the middle of it leaves.</summary>
[Collection(SharedNode.Collection)]
public sealed class RetentionTests(SharedNode shared)
{
    const double TwoSeconds = 2.0 / 86400;

    [Fact]
    public async Task A_series_goes_when_its_results_are_returned_and_not_before_and_comes_back_the_same_when_it_is_sent_again()
    {
        var source = shared.Sources.NewPhantom("to be returned, then deleted");
        var skipped = SeriesEdit.AsNewSeries(source, shared.Folder.Make("skipped"), "skipped", (dataset, _) => dataset.AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "LOCALIZER"));
        await using var pacs = new StorescpPeer("PACS");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)) { RetentionDays = TwoSeconds });
        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        await node.Logged([source.SeriesUid, "next attempt"], timeout: TimeSpan.FromMinutes(2));

        // A series that ended after it, and that nobody waits for, is deleted meanwhile.
        (await node.Send(pacs.AeTitle, skipped.Files)).Succeeded();
        await node.Logged(skipped.SeriesUid, "purged");
        Assert.Equal(source.Files.Count, Directory.GetFiles(SpoolOf(node, source)).Length);
        Assert.False(Directory.Exists(Path.GetDirectoryName(SpoolOf(node, skipped))));

        await pacs.StartAsync();
        var results = await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        await node.Logged(source.SeriesUid, "purged");
        Assert.Empty(Directory.GetFiles(node.DataDirectory, "*.dcm", SearchOption.AllDirectories));
        var history = (await CommandLineTests.SoftSeg("status", source.SeriesUid, "--config", node.ConfigurationFile)).Succeeded().Output;
        Assert.True(history.IndexOf("stored by pacs", StringComparison.Ordinal) < history.IndexOf("instances and results removed", StringComparison.Ordinal), history);
        var resend = await CommandLineTests.SoftSeg("resend", source.SeriesUid, "--config", node.ConfigurationFile);
        Assert.Contains("no results to send", resend.Output, StringComparison.Ordinal);

        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        await Until.True(() => pacs.Receptions().Length == 6, "the results come once more", TimeSpan.FromMinutes(2), () => node.LogText);
        Assert.Equal(results.SopInstanceUids, (await pacs.ResultsOf(source.SeriesUid)).Select(o => o.SopInstanceUid).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Killed_in_the_middle_of_a_deletion_it_leaves_no_part_of_a_series_and_deletes_the_rest_when_it_starts()
    {
        const int KilledAtFile = 10;
        var source = shared.Sources.NewPhantom("killed while it is deleted");
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        var setup = new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)) { DataDirectory = shared.Folder.Make("killed-deletion") };
        await using var node = await SoftSegNode.StartAsync(setup);
        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        await node.Logged(source.SeriesUid, "results stored by pacs");
        var kept = Directory.GetFiles(node.DataDirectory, "*.dcm", SearchOption.AllDirectories).Length;

        // From here on the kernel kills the node at its tenth deletion of a file; then the configuration says that the series may go.
        await using (var strace = RunningProgram.Start(new ExternalProgram("strace", "strace").FullPath(),
            ["-f", "-p", node.Program.Id.ToString(CultureInfo.InvariantCulture), "-e", "trace=unlink,unlinkat", "-e", $"inject=unlink,unlinkat:signal=KILL:when={KilledAtFile}"]))
        {
            await Until.True(() => strace.Lines.Any(line => line.Contains("attached", StringComparison.Ordinal)), "strace is attached", evidence: () => string.Join('\n', strace.Lines));
            (setup with { RetentionDays = TwoSeconds }).Write(Path.GetDirectoryName(node.ConfigurationFile)!, node.Port);
            await Until.True(() => node.Program.HasExited, "the node is killed while it deletes", TimeSpan.FromMinutes(1), () => node.LogText);
        }
        await node.KillAsync();
        Assert.False(Directory.Exists(SpoolOf(node, source)), "a part of the series is left in the spool");
        var left = Directory.GetFiles(Path.Combine(node.DataDirectory, "removing"), "*.dcm", SearchOption.AllDirectories).Length;
        Assert.InRange(left, 1, kept - 1);

        var mark = node.Log.Count;
        await node.StartAsync();
        await node.Logged([source.SeriesUid, "purged", "a stop had interrupted it"], after: mark);
        Assert.Empty(Directory.GetFiles(node.DataDirectory, "*.dcm", SearchOption.AllDirectories));
        Assert.DoesNotContain(node.Log.Skip(mark), line => line.Contains("taken up again", StringComparison.Ordinal));
        Assert.Equal(3, pacs.Receptions().Length);
    }

    static string SpoolOf(SoftSegNode node, SourceSeries source) => Path.Combine(node.DataDirectory, "spool", source.StudyUid, source.SeriesUid);
}
