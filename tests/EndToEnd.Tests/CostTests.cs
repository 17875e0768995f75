using System.Globalization;
using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;
using Xunit.Abstractions;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>What a sagittal T2w series costs a node that does nothing else. The figures of <c>docs/measurements.md</c> are this test's output.</summary>
[Collection(SharedNode.Collection)]
public sealed class CostTests(SharedNode shared, ITestOutputHelper output)
{
    [Fact]
    [Trait("Category", "Long")]
    public async Task Time_per_step_and_peak_memory_of_serve()
    {
        var source = shared.Sources[SourceLibrary.Sagittal];
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)));
        var (idleKiB, idleCpu) = (node.Program.StatusKiB("VmRSS"), node.Program.ProcessorTime);

        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        var peakKiB = node.Program.StatusKiB("VmHWM");

        var received = TimeOf(node.Log.Last(line => line.Contains($"stored {source.Files.Count},", StringComparison.Ordinal)));
        var complete = TimeOf(await node.Logged(source.SeriesUid, "is complete"));
        var segmented = TimeOf(await node.Logged(source.SeriesUid, "segmented in"));
        var delivered = TimeOf(await node.Logged(source.SeriesUid, "stored by"));
        output.WriteLine($"{source.Files.Count} instances of {source.Rows} x {source.Columns}, {source.Files.Sum(file => new FileInfo(file).Length) / 1e6:0.0} MB; {Environment.ProcessorCount} cores");
        output.WriteLine(node.Log.Last(line => line.Contains($"stored {source.Files.Count},", StringComparison.Ordinal)));
        output.WriteLine($"assemble (idle time) {(complete - received).TotalSeconds:0.00} s, segment {(segmented - complete).TotalSeconds:0.00} s, return {(delivered - segmented).TotalSeconds:0.00} s");
        output.WriteLine(await node.Logged(source.SeriesUid, "segmented in"));
        output.WriteLine($"processor time of serve: {node.Program.ProcessorTime.TotalSeconds:0.0} s, of which {idleCpu.TotalSeconds:0.0} s for its start");
        output.WriteLine($"memory of serve: {idleKiB / 1024} MiB after the start, peak {peakKiB / 1024} MiB");

        Assert.True(peakKiB < 1024 * 1024, $"peak {peakKiB / 1024} MiB");
    }

    /// <summary>The time at the beginning of a log line.</summary>
    static DateTimeOffset TimeOf(string line) =>
        DateTimeOffset.ParseExact(line[..30], "yyyy-MM-dd HH:mm:ss.fff zzz", CultureInfo.InvariantCulture);
}
