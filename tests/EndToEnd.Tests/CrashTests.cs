using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;
using Xunit.Abstractions;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>
/// SIGKILL at random moments: while a series comes in, at start-up, while it is segmented, while results are sent and their PACS is away. Whatever was answered with success
/// is on disk as it was sent, and each series has one set of results in the end.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output) : IDisposable
{
    const int KillsPerSeries = 4;

    readonly TemporaryFolder folder = new();
    readonly HashSet<string> acknowledged = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public Task Killed_twelve_times_it_loses_nothing_and_sends_each_result_set_once_and_the_same() => Kill(series: 3, seed: Environment.TickCount);

    [Fact, Trait("Category", "Long")]
    public Task Killed_two_hundred_times_it_loses_nothing_and_sends_each_result_set_once_and_the_same() => Kill(series: 50, seed: Environment.TickCount);

    async Task Kill(int series, int seed)
    {
        output.WriteLine($"seed {seed}, {series * KillsPerSeries} kills");
        var random = new Random(seed);
        var sources = new SourceLibrary(folder);
        var all = Enumerable.Range(0, series).Select(n => sources.NewPhantom($"killed {seed} {n}")).ToArray();
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)) { IdleSeconds = 6 });

        foreach (var source in all)
        {
            var send = SendUntilTaken(node, pacs.AeTitle, source);
            var some = random.Next(1, source.Files.Count);
            await Until.True(() => Spooled(node, source).Length >= some, $"{some} instances are on disk", TimeSpan.FromMinutes(1), () => node.LogText);
            await KillAfter(300);
            await KillAfter(1500);
            await send;

            await node.Logged([source.SeriesUid, "is complete"], timeout: TimeSpan.FromMinutes(3));
            await KillAfter(1500);
            var isPacsAway = random.Next(2) == 0;
            if (isPacsAway)
                await pacs.StopAsync();
            await node.Logged([source.SeriesUid, "segmented in"], timeout: TimeSpan.FromMinutes(3));
            await KillAfter(400);
            if (isPacsAway)
                await pacs.StartAsync();
        }

        foreach (var source in all)
            await pacs.WaitForResults(source.SeriesUid, timeout: TimeSpan.FromMinutes(5), evidence: () => node.LogText);
        await Until.True(node.AnswersEcho, "the node answers", TimeSpan.FromMinutes(1), () => node.LogText);
        Assert.Equal(0, await node.TerminateAsync());

        foreach (var source in all)
        {
            Assert.Equal(source.Files.Count, Spooled(node, source).Length);
            Assert.Equal(3, (await pacs.ResultsOf(source.SeriesUid)).Count);
        }
        AssertOnDisk(node, all);
        foreach (var again in pacs.Receptions().Where(file => file.EndsWith('~')))
            Assert.Equal(await File.ReadAllBytesAsync(again[..again.LastIndexOf(".~", StringComparison.Ordinal)]), await File.ReadAllBytesAsync(again));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(node.DataDirectory, "*", SearchOption.AllDirectories), entry => entry.EndsWith(".part", StringComparison.Ordinal));

        async Task KillAfter(int atMostMilliseconds)
        {
            await Task.Delay(random.Next(atMostMilliseconds));
            await node.KillAsync();
            AssertOnDisk(node, all);
            node.StartWithoutWaiting();
        }
    }

    /// <summary>As a scanner does: what had no answer of success is sent again.</summary>
    async Task SendUntilTaken(SoftSegNode node, string callingAeTitle, SourceSeries source)
    {
        IReadOnlyList<string> left = source.Files;
        while (left.Count > 0)
        {
            var taken = await AcknowledgedSend.RunAsync(node.Port, node.AeTitle, callingAeTitle, left);
            lock (acknowledged)
                acknowledged.UnionWith(taken);
            left = [.. left.Except(taken)];
            if (left.Count > 0)
                await Task.Delay(100);
        }
    }

    void AssertOnDisk(SoftSegNode node, IEnumerable<SourceSeries> all)
    {
        string[] files;
        lock (acknowledged)
            files = [.. acknowledged];
        foreach (var source in all)
        {
            foreach (var slice in source.Slices.Where(slice => files.Contains(slice.File)))
            {
                var kept = Path.Combine(SpoolOf(node, source), $"{slice.SopInstanceUid}.dcm");
                Assert.True(File.Exists(kept), $"{kept} was answered with success and is not there");
                Assert.Equal(PartTen.DatasetOf(slice.File), PartTen.DatasetOf(kept));
            }
        }
    }

    static string[] Spooled(SoftSegNode node, SourceSeries source) =>
        Directory.Exists(SpoolOf(node, source)) ? Directory.GetFiles(SpoolOf(node, source), "*.dcm") : [];

    static string SpoolOf(SoftSegNode node, SourceSeries source) => Path.Combine(node.DataDirectory, "spool", source.StudyUid, source.SeriesUid);
}
