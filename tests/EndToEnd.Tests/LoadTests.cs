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
/// SOFTSEG_LOAD_SERIES, SOFTSEG_LOAD_SLICES and SOFTSEG_SOAK_MINUTES make them shorter or longer.
/// </summary>
[Trait("Category", "Long")]
public sealed class LoadTests(ITestOutputHelper output) : IDisposable
{
    const int Associations = 20;
    static readonly TimeSpan EchoLimit = TimeSpan.FromMilliseconds(100);

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Twenty_associations_at_once_lose_nothing_while_series_are_segmented()
    {
        var count = Setting("SOFTSEG_LOAD_SERIES", 40);
        var slices = Setting("SOFTSEG_LOAD_SLICES", 200);
        var series = MakeSeries(count, slices);
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)));

        using var ended = new CancellationTokenSource();
        List<double> times = [];
        var echoes = EchoUntil(node, pacs.AeTitle, times, ended.Token);
        var clock = Stopwatch.StartNew();
        // Each series has an association of its own, twenty at a time: what came first is segmented while the others still come.
        var senders = Math.Min(Associations, count);
        var sent = (await Task.WhenAll(Enumerable.Range(0, senders).Select(async sender =>
        {
            List<ProgramResult> results = [];
            for (var n = sender; n < count; n += senders)
                results.Add(await ExternalProgram.Storescu.RunAsync(["-aet", pacs.AeTitle, "-aec", node.AeTitle, "+sd", "127.0.0.1", $"{node.Port}", series[n].Folder], TimeSpan.FromMinutes(30)));
            return results;
        }))).SelectMany(results => results).ToArray();
        var received = clock.Elapsed;
        var whileReceiving = times.Count;
        await Until.True(() => pacs.Receptions().Length >= 3 * count, $"{3 * count} results", TimeSpan.FromMinutes(60), () => node.LogText);
        var whole = clock.Elapsed;
        await ended.CancelAsync();
        await echoes;
        await Until.True(() => LinesWith(node, "results stored by").Count == count, "every series is done", evidence: () => node.LogText);

        foreach (var sender in sent)
            sender.Succeeded();
        Assert.DoesNotContain(node.Log, line => line.Contains("rejected", StringComparison.Ordinal) || line.Contains("refused with", StringComparison.Ordinal));
        foreach (var one in series)
            AssertKept(node, one);

        var done = LinesWith(node, "results stored by");
        var waits = series.Select(one => (done[one.SeriesUid] - LastInstance(node, one)).TotalSeconds).Order().ToArray();
        var overlapping = done.Values.Count(time => time < series.Max(one => LastInstance(node, one)));
        var bytes = series.Sum(one => one.Files.Sum(file => new FileInfo(file).Length));
        output.WriteLine($"{count} series of {slices} instances, {bytes / 1e6:0} MB, on {senders} associations at once; {Environment.ProcessorCount} cores");
        output.WriteLine($"received in {received.TotalSeconds:0.0} s ({bytes / 1e6 / received.TotalSeconds:0.0} MB/s), all results back after {whole.TotalSeconds:0} s");
        output.WriteLine($"{overlapping} series were segmented and returned while others still came in");
        output.WriteLine($"from the last instance to the results at the PACS: median {waits[waits.Length / 2]:0.0} s, first {waits[0]:0.0} s, last {waits[^1]:0.0} s");
        var first = times[..whileReceiving];
        output.WriteLine($"C-ECHO while series come in, {first.Count} of them: median {Percentile(first, 0.5):0.0} ms, p99 {Percentile(first, 0.99):0.0} ms, worst {Percentile(first, 1):0.0} ms");
        output.WriteLine($"C-ECHO in all, {times.Count} of them: median {Percentile(times, 0.5):0.0} ms, p99 {Percentile(times, 0.99):0.0} ms, worst {Percentile(times, 1):0.0} ms");
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
        var port = FreePort.Take();
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)) { WebPort = port });
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        List<(double Hours, double MiB, double Handles, double Managed)> samples = [];
        var series = 0;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromMinutes(minutes); series++)
        {
            var source = SeriesEdit.AsNewSeries(phantom, folder.Make($"soak-{series}"), $"soak {series}");
            (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
            // One behind: while this one is received, the one before is segmented.
            await Until.True(() => pacs.Receptions().Length >= 3 * (series - 1), $"results of series {series - 1}", TimeSpan.FromMinutes(5), () => node.LogText);
            Directory.Delete(source.Folder, recursive: true);
            samples.Add((clock.Elapsed.TotalHours, node.Program.StatusKiB("VmRSS") / 1024.0, Directory.GetFiles($"/proc/{node.Program.Id}/fd").Length,
                Managed(await http.GetStringAsync("/metrics"))));
        }

        // The first third warms caches and pools.
        var steady = samples[(samples.Count / 3)..];
        var hours = steady[^1].Hours - steady[0].Hours;
        var (memory, memoryError) = Slope(steady.ConvertAll(s => (s.Hours, s.MiB)));
        var (handles, handlesError) = Slope(steady.ConvertAll(s => (s.Hours, s.Handles)));
        var (managed, managedError) = Slope(steady.ConvertAll(s => (s.Hours, s.Managed)));
        var mean = steady.Average(s => s.MiB);
        output.WriteLine($"{series} series in {minutes} minutes; over the last {60 * hours:0} minutes memory {mean:0} MiB ({steady.Min(s => s.MiB):0} to {steady.Max(s => s.MiB):0}), "
            + $"slope {memory:0.0} +- {memoryError:0.0} MiB an hour; managed heap {steady.Average(s => s.Managed):0} MiB, slope {managed:0.0} +- {managedError:0.0}; handles {steady.Average(s => s.Handles):0.0}, slope {handles:0.0} +- {handlesError:0.0} an hour");
        Assert.True(samples.Count >= 3 * minutes, $"only {samples.Count} series in {minutes} minutes");
        Assert.True(memory * hours < 0.05 * mean, $"memory grows by {memory * hours:0.0} MiB in {60 * hours:0} minutes, of {mean:0}");
        Assert.True(handles * hours < 3, $"handles grow by {handles * hours:0.0} in {60 * hours:0} minutes");
    }

    static double Managed(string metrics) => double.Parse(metrics.Split('\n').First(line => line.StartsWith("dotnet_total_memory_bytes ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture) / (1 << 20);

    /// <summary>The regression line's slope and its standard error.</summary>
    static (double Slope, double Error) Slope(IReadOnlyCollection<(double X, double Y)> points)
    {
        var (x, y) = (points.Average(p => p.X), points.Average(p => p.Y));
        var spread = points.Sum(p => (p.X - x) * (p.X - x));
        var slope = points.Sum(p => (p.X - x) * (p.Y - y)) / spread;
        var rest = points.Sum(p => Math.Pow(p.Y - y - (slope * (p.X - x)), 2));
        return (slope, Math.Sqrt(rest / (points.Count - 2) / spread));
    }

    /// <summary>Necks of thin axial slices, each a series and a study of its own.</summary>
    SourceSeries[] MakeSeries(int count, int slices)
    {
        var phantom = PhantomSeries.Write(PhantomSeries.Small with { SliceSpacing = 1, Height = slices }, folder.Make("phantom"), "load");
        Assert.Equal(slices, phantom.Files.Count);
        return [.. Enumerable.Range(0, count).Select(n => SeriesEdit.AsNewSeries(phantom, folder.Make($"load-{n:00}"), $"load {n}"))];
    }

    /// <summary>Asks ten times a second on an association of its own, and once a second opens another one for it.</summary>
    /// <param name="times">Milliseconds from each C-ECHO-RQ (or association request) to the answer.</param>
    static async Task EchoUntil(SoftSegNode node, string calling, List<double> times, CancellationToken ended)
    {
        var options = new DicomClientOptions { Host = "127.0.0.1", Port = node.Port, CallingAeTitle = calling, CalledAeTitle = node.AeTitle };
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

    /// <summary>When the last instance of a series was written.</summary>
    static DateTimeOffset LastInstance(SoftSegNode node, SourceSeries series) =>
        Directory.GetFiles(Path.Combine(node.DataDirectory, "spool", series.StudyUid, series.SeriesUid)).Max(File.GetLastWriteTimeUtc);

    /// <summary>The times of the lines "Series UID... words", by UID.</summary>
    static Dictionary<string, DateTimeOffset> LinesWith(SoftSegNode node, string words) =>
        node.Log.Where(line => line.Contains(words, StringComparison.Ordinal) && line.Contains("Series ", StringComparison.Ordinal))
            .ToLookup(line => line.Split("Series ")[1].Split(' ', ':')[0])
            .ToDictionary(lines => lines.Key, lines => DateTimeOffset.ParseExact(lines.First()[..30], "yyyy-MM-dd HH:mm:ss.fff zzz", CultureInfo.InvariantCulture));

    static double Percentile(List<double> values, double share) => values.Order().ElementAt((int)Math.Ceiling(share * values.Count) - 1);

    static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
