using System.Diagnostics;
using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;
using SoftSeg.SegEngine.Phantoms;
using Xunit.Abstractions;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>
/// A busy hour in minutes, and a long one. Alone, on a machine that does nothing else:
/// <c>dotnet test -c Release tests/EndToEnd.Tests --filter FullyQualifiedName~LoadTests --logger "console;verbosity=detailed"</c>.
/// SOFTSEG_LOAD_SERIES and SOFTSEG_SOAK_MINUTES make them shorter or longer.
/// </summary>
[Trait("Category", "Long")]
public sealed class LoadTests(ITestOutputHelper output) : IDisposable
{
    const int Associations = 20;
    const int Slices = 200;
    static readonly TimeSpan EchoLimit = TimeSpan.FromMilliseconds(100);

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Twenty_associations_at_once_lose_nothing_while_series_are_segmented()
    {
        var count = Setting("SOFTSEG_LOAD_SERIES", 40);
        var series = MakeSeries(count);
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)));

        using var ended = new CancellationTokenSource();
        var echoes = EchoUntil(node, pacs.AeTitle, ended.Token);
        var clock = Stopwatch.StartNew();
        // What the first senders brought is segmented while the others still send.
        var sent = await Task.WhenAll(series.Chunk((count + Associations - 1) / Associations).Select(part =>
            ExternalProgram.Storescu.RunAsync(["-aet", pacs.AeTitle, "-aec", node.AeTitle, "+sd", "+r", "127.0.0.1", $"{node.Port}", .. part.Select(one => one.Folder)], TimeSpan.FromMinutes(15))));
        var received = clock.Elapsed;
        await Until.True(() => pacs.Receptions().Length >= 3 * count, $"{3 * count} results", TimeSpan.FromMinutes(60), () => node.LogText);
        var whole = clock.Elapsed;
        await ended.CancelAsync();
        var times = await echoes;
        await Until.True(() => DoneAt(node).Count == count, "every series is done", evidence: () => node.LogText);

        foreach (var sender in sent)
            sender.Succeeded();
        Assert.DoesNotContain(node.Log, line => line.Contains("rejected", StringComparison.Ordinal) || line.Contains("refused with", StringComparison.Ordinal));
        foreach (var one in series)
            AssertKept(node, one);

        var done = DoneAt(node);
        var complete = LinesWith(node, "is complete");
        var waits = series.Select(one => (done[one.SeriesUid] - complete[one.SeriesUid]).TotalSeconds).Order().ToArray();
        var bytes = series.Sum(one => one.Files.Sum(file => new FileInfo(file).Length));
        output.WriteLine($"{count} series of {Slices} instances, {bytes / 1e6:0} MB, on {sent.Length} associations at once; {Environment.ProcessorCount} cores");
        output.WriteLine($"received in {received.TotalSeconds:0.0} s ({bytes / 1e6 / received.TotalSeconds:0.0} MB/s), all results back after {whole.TotalSeconds:0} s");
        output.WriteLine($"from complete to delivered: median {waits[waits.Length / 2]:0.0} s, first {waits[0]:0.0} s, last {waits[^1]:0.0} s");
        output.WriteLine($"C-ECHO, {times.Count} of them: median {Percentile(times, 0.5):0.0} ms, p99 {Percentile(times, 0.99):0.0} ms, worst {Percentile(times, 1):0.0} ms");
        output.WriteLine($"memory of serve: peak {node.Program.StatusKiB("VmHWM") / 1024} MiB");
        Assert.True(node.Program.StatusKiB("VmHWM") < 1536 * 1024, "memory is bounded");
        Assert.True(Percentile(times, 0.99) <= EchoLimit.TotalMilliseconds, $"p99 of C-ECHO {Percentile(times, 0.99):0.0} ms");
    }

    [Fact]
    public async Task Memory_and_handles_stay_flat_for_half_an_hour()
    {
        var minutes = Setting("SOFTSEG_SOAK_MINUTES", 30);
        var phantom = new SourceLibrary(folder).NewPhantom("soak");
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)));
        List<(long KiB, int Handles)> samples = [];
        var series = 0;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromMinutes(minutes); series++)
        {
            var source = SeriesEdit.AsNewSeries(phantom, folder.Make($"soak-{series}"), $"soak {series}");
            (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
            // One behind: while this one is received, the one before is segmented.
            await Until.True(() => pacs.Receptions().Length >= 3 * (series - 1), $"results of series {series - 1}", TimeSpan.FromMinutes(5), () => node.LogText);
            Directory.Delete(source.Folder, recursive: true);
            samples.Add((node.Program.StatusKiB("VmRSS"), Directory.GetFiles($"/proc/{node.Program.Id}/fd").Length));
        }

        // The first half warms caches and pools; then the third and the last quarter must be alike.
        var quarter = samples.Count / 4;
        var (third, last) = (samples[(2 * quarter)..(3 * quarter)], samples[(3 * quarter)..]);
        var (memory, memoryLater) = (third.Average(s => s.KiB) / 1024, last.Average(s => s.KiB) / 1024);
        var (handles, handlesLater) = (third.Average(s => s.Handles), last.Average(s => s.Handles));
        output.WriteLine($"{series} series in {minutes} minutes; memory {memory:0} MiB in the third quarter, {memoryLater:0} MiB in the last; handles {handles:0.0} and {handlesLater:0.0}");
        Assert.True(samples.Count >= 20, $"only {samples.Count} series in {minutes} minutes");
        Assert.True(memoryLater < (memory * 1.10) + 20, $"memory grows: {memory:0} MiB, then {memoryLater:0} MiB");
        Assert.True(handlesLater < handles + 5, $"handles grow: {handles:0}, then {handlesLater:0}");
    }

    /// <summary>Necks of 200 thin axial slices, each a series and a study of its own.</summary>
    SourceSeries[] MakeSeries(int count)
    {
        var phantom = PhantomSeries.Write(PhantomSeries.Small with { SliceSpacing = 1, Height = Slices }, folder.Make("phantom"), "load");
        Assert.Equal(Slices, phantom.Files.Count);
        return [.. Enumerable.Range(0, count).Select(n => SeriesEdit.AsNewSeries(phantom, folder.Make($"load-{n:00}"), $"load {n}"))];
    }

    /// <summary>Asks ten times a second on an association of its own, and once a second opens another one for it.</summary>
    /// <returns>Milliseconds from each C-ECHO-RQ (or association request) to the answer.</returns>
    static async Task<List<double>> EchoUntil(SoftSegNode node, string calling, CancellationToken ended)
    {
        var options = new DicomClientOptions { Host = "127.0.0.1", Port = node.Port, CallingAeTitle = calling, CalledAeTitle = node.AeTitle };
        List<double> times = [];
        await using var client = await DicomClient.ConnectAsync(options, new AssociationProposal().AddVerification(), CancellationToken.None);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var n = 0; !ended.IsCancellationRequested; n++)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            var begin = Stopwatch.GetTimestamp();
            Assert.True((await client.EchoAsync(CancellationToken.None)).IsSuccess);
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            if (n % 10 > 0)
                continue;
            begin = Stopwatch.GetTimestamp();
            await using var another = await DicomClient.ConnectAsync(options, new AssociationProposal().AddVerification(), CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            await another.ReleaseAsync(CancellationToken.None);
        }
        await client.ReleaseAsync(CancellationToken.None);
        return times;
    }

    /// <summary>Every instance is in the spool, with the pixels that were sent.</summary>
    static void AssertKept(SoftSegNode node, SourceSeries series)
    {
        foreach (var slice in series.Slices)
        {
            var kept = DicomFile.Open(Path.Combine(node.DataDirectory, "spool", series.StudyUid, series.SeriesUid, slice.SopInstanceUid + ".dcm"));
            Assert.True(kept.Dataset.GetBytes(DicomTag.PixelData).Span.SequenceEqual(DicomFile.Open(slice.File).Dataset.GetBytes(DicomTag.PixelData).Span), slice.SopInstanceUid);
        }
    }

    static Dictionary<string, DateTimeOffset> DoneAt(SoftSegNode node) => LinesWith(node, "results stored by");

    /// <summary>The times of the lines "Series UID... words", by UID.</summary>
    static Dictionary<string, DateTimeOffset> LinesWith(SoftSegNode node, string words) =>
        node.Log.Where(line => line.Contains(words, StringComparison.Ordinal) && line.Contains("Series ", StringComparison.Ordinal))
            .ToLookup(line => line.Split("Series ")[1].Split(' ', ':')[0])
            .ToDictionary(lines => lines.Key, lines => DateTimeOffset.ParseExact(lines.First()[..30], "yyyy-MM-dd HH:mm:ss.fff zzz", CultureInfo.InvariantCulture));

    static double Percentile(List<double> values, double share) => values.Order().ElementAt((int)Math.Ceiling(share * values.Count) - 1);

    static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
