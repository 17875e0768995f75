using System.Globalization;
using System.Runtime.InteropServices;
using SoftSeg.Dicom;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>What a person asks of a node that runs, and is told.</summary>
public sealed class OperationTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly TemporaryFolder folder = new();
    readonly SourceLibrary sources;

    public OperationTests() => sources = new SourceLibrary(folder);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_segmentation_that_takes_too_long_fails_with_the_setting_to_change_and_is_tried_again_on_request()
    {
        var (one, other) = (sources[SourceLibrary.Sagittal], sources.NewPhantom("beside it"));
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)) { TimeoutSeconds = 0.1, Concurrent = 2 });
        (await node.Send(pacs.AeTitle, one.Files)).Succeeded();
        await Until.True(async () => (await Run(node, "status", one.SeriesUid)).Output.Contains("  failed in segment after 1 attempt: not done after 0.1 s (Jobs:TimeoutSeconds)", StringComparison.Ordinal),
            "the series failed", evidence: () => node.LogText);

        await File.WriteAllTextAsync(node.ConfigurationFile, (await File.ReadAllTextAsync(node.ConfigurationFile)).Replace("\"TimeoutSeconds\":0.1", "\"TimeoutSeconds\":3600", StringComparison.Ordinal));
        await node.Logged("Configuration read again", "Jobs:TimeoutSeconds");
        await Run(node, "retry", one.SeriesUid);
        (await node.Send(pacs.AeTitle, other.Files)).Succeeded();

        await pacs.WaitForResults(one.SeriesUid, timeout: TimeSpan.FromMinutes(4), evidence: () => node.LogText);
        await pacs.WaitForResults(other.SeriesUid, timeout: TimeSpan.FromMinutes(4), evidence: () => node.LogText);
        AssertInOrder((await Run(node, "status", one.SeriesUid)).Output, "failed in segment after 1 attempt", "retry asked for", "segmenting, attempt 2", "segmented:", "returning");
    }

    [Fact]
    public async Task Status_queue_and_retry_follow_a_series_whose_PACS_is_away()
    {
        await using var pacs = new StorescpPeer("PACS");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)) { RetrySeconds = [3600] });
        var source = sources.NewPhantom("status");
        var patient = DicomFile.Open(source.Files[0], DicomReadOptions.UntilPixelData).Dataset.GetString(DicomTag.PatientID);
        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        await node.Logged(["next attempt", source.SeriesUid], timeout: Patience);

        var queue = (await Run(node, "queue")).Output;
        Assert.Contains($"returning  {source.SeriesUid}", queue, StringComparison.Ordinal);
        Assert.Contains("to pacs: waiting, 1 attempt", queue, StringComparison.Ordinal);
        foreach (var key in (string[])[patient, source.StudyUid, source.SeriesUid, source.Slices[0].SopInstanceUid])
            AssertInOrder((await Run(node, "status", key)).Output, source.SeriesUid, "returning", "received from PACS", "complete", "segmenting", "segmented:", "not sent to pacs");
        Assert.Equal(1, (await Try(node, "status", "9999")).ExitCode);

        await pacs.StartAsync();
        Assert.Contains("tries it again", (await Run(node, "retry", patient)).Output, StringComparison.Ordinal);

        await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        await node.Logged("results stored by pacs", source.SeriesUid);
        await Until.True(async () => (await Run(node, "status")).Output.Contains("1 done", StringComparison.Ordinal), "the series is done", evidence: () => node.LogText);
        AssertInOrder((await Run(node, "status", source.SeriesUid)).Output, "not sent to pacs", "retry asked for", "stored by pacs", "done");
        Assert.Contains("0 series under way", (await Run(node, "queue")).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await Try(node, "retry", source.SeriesUid)).ExitCode);
    }

    [Fact]
    public async Task Health_and_metrics_tell_what_the_node_did()
    {
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        var port = FreePort.Take();
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)) { WebPort = port });
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        var source = sources.NewPhantom("metrics");
        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        await node.Logged("results stored by pacs", source.SeriesUid);

        var live = await (await http.GetAsync("/health/live")).Content.ReadAsStringAsync();
        Assert.StartsWith("Healthy", live, StringComparison.Ordinal);
        var ready = await http.GetStringAsync("/health/ready");
        Assert.Contains($"Healthy: DICOM port: port {node.Port} is served", ready, StringComparison.Ordinal);
        Assert.Contains("Healthy: state", ready, StringComparison.Ordinal);
        Assert.Contains("Healthy: disk", ready, StringComparison.Ordinal);

        await Until.True(async () => Value(await http.GetStringAsync("/metrics"), "softseg_series{state=\"done\"}") == 1, "the metrics count the series as done");
        var metrics = await http.GetStringAsync("/metrics");
        Assert.Equal(source.Files.Count, Value(metrics, "softseg_instances_total{outcome=\"new\"}"));
        Assert.True(Value(metrics, "softseg_received_bytes_total") > source.Files.Count * 96 * 64);
        Assert.Equal(0, Value(metrics, "softseg_associations_open"));
        Assert.True(Value(metrics, "softseg_associations_total{end=\"Released\"}") >= 1);
        Assert.Equal(1, Value(metrics, "softseg_step_seconds_count{step=\"write\"}"));
        Assert.Equal(1, Value(metrics, "softseg_deliveries_total{peer=\"pacs\",outcome=\"Stored\"}"));
        Assert.Equal(0, Value(metrics, "softseg_queue_length{queue=\"segment\"}"));
        Assert.True(Value(metrics, "softseg_disk_free_bytes") > 0);
        Assert.Contains("provider=\"cpu\"", metrics, StringComparison.Ordinal);
        foreach (var name in (string[])["softseg_queue_length{queue=\"urgent\"}", "softseg_queue_length{queue=\"return\"}", "softseg_queue_length{queue=\"later\"}", "softseg_step_seconds_sum{step=\"draw\"}", "softseg_disk_total_bytes", "softseg_state_up"])
            Assert.NotNull(Value(metrics, name));
        await File.WriteAllTextAsync(folder.File("metrics"), metrics);
        var promtool = new ExternalProgram("promtool", "prometheus").FullPath();
        var checkedMetrics = await new ExternalProgram("sh", "dash").RunAsync(["-c", $"{promtool} check metrics < {folder.File("metrics")} 2>&1"]);
        Assert.DoesNotContain(checkedMetrics.Output.Split('\n'), line => line.Contains("softseg", StringComparison.Ordinal) || line.Contains("error", StringComparison.OrdinalIgnoreCase));
        // One line says everything about the job.
        var job = await node.Logged(source.SeriesUid, "segmented in");
        foreach (var word in (string[])[source.StudyUid, "cord-softseg", "on cpu", "write ", "seg-soft.dcm", "for pacs"])
            Assert.Contains(word, job, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_says_what_is_missing_while_the_node_goes_on()
    {
        using var disk = await SmallDisk.MountAsync(folder.Make("disk"), megabytes: 64);
        var port = FreePort.Take();
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", "PACS", FreePort.Take())) { DataDirectory = disk.Folder, MinFreeMegabytes = 16, WebPort = port });
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.Equal((200, "Healthy"), await Ready());

        var ballast = Path.Combine(disk.Folder, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[52 << 20]);
        Assert.Equal((503, "Unhealthy: disk"), await Ready());
        Assert.True((await http.GetAsync("/health/live")).IsSuccessStatusCode);
        File.Delete(ballast);
        Assert.Equal((200, "Healthy"), await Ready());

        File.Delete(Path.Combine(disk.Folder, "state.db"));
        Assert.Equal((503, "Unhealthy: state"), await Ready());
        Assert.Contains("softseg_disk_free_bytes", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        await node.TerminateAsync();
        await node.StartAsync();
        Assert.Equal((200, "Healthy"), await Ready());

        // A node whose model is gone does not start, and says why.
        var noModel = await CommandLineTests.SoftSeg("serve", "--config", new NodeSetup { Model = "models/gone" }.Write(folder.Make("no-model"), FreePort.Take()));
        Assert.Contains("Engine:Model: \"models/gone\" has no model.json", noModel.Error, StringComparison.Ordinal);

        async Task<(int Status, string Why)> Ready()
        {
            var answer = await http.GetAsync("/health/ready");
            var lines = (await answer.Content.ReadAsStringAsync()).Split('\n');
            var bad = lines.Skip(1).FirstOrDefault(line => line.StartsWith("Unhealthy", StringComparison.Ordinal));
            return ((int)answer.StatusCode, bad is null ? lines[0] : string.Join(':', bad.Split(':')[..2]));
        }
    }

    [Fact]
    public async Task A_saved_configuration_takes_effect_and_a_wrong_one_changes_nothing()
    {
        var setup = new NodeSetup(new PeerEntry("pacs", "PACS", FreePort.Take()));
        await using var node = await SoftSegNode.StartAsync(setup);
        Assert.False(await Dcmtk.Echo(node.Port, node.AeTitle, "MR1"));

        (setup with { Peers = [.. setup.Peers, new PeerEntry("mr1", "MR1", FreePort.Take(), ReturnTo: "pacs")] }).Write(Path.GetDirectoryName(node.DataDirectory)!, node.Port);
        await node.Logged("Configuration read again", "Peers");
        Assert.True(await Dcmtk.Echo(node.Port, node.AeTitle, "MR1"));

        var wrong = (setup with { AeTitle = "A TITLE THAT IS TOO LONG" }).Write(Path.GetDirectoryName(node.DataDirectory)!, node.Port);
        await node.Logged("not taken over", "softseg.json:1: Node:AeTitle", "1 to 16");
        Assert.True(await Dcmtk.Echo(node.Port, node.AeTitle, "MR1"));

        setup.Write(Path.GetDirectoryName(wrong)!, node.Port + 1);
        await node.Logged("Node:Port changed", "restarted");
        var lines = node.Log.Count;
        const int HangUp = 1;
        Assert.Equal(0, Kill(node.Program.Id, HangUp));
        await node.Logged(["Configuration read again", "nothing changed"], after: lines);
        Assert.False(await Dcmtk.Echo(node.Port, node.AeTitle, "MR1"));
    }

    [Fact]
    public async Task Doctor_names_what_is_wrong_and_what_is_right()
    {
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        var away = FreePort.Take();
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port), new PeerEntry("away", "AWAY", away)));

        var result = await Try(node, "doctor");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"ok     Node:Port: the node is running on {node.Port}", result.Output, StringComparison.Ordinal);
        Assert.Contains("ok     data directory: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("is undamaged (", result.Output, StringComparison.Ordinal);
        Assert.Contains("runs on cpu", result.Output, StringComparison.Ordinal);
        Assert.Contains("ok     peer pacs: PACS at", result.Output, StringComparison.Ordinal);
        Assert.Contains("FAILED peer away: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("clock: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("1 of ", result.Output, StringComparison.Ordinal);
    }

    static async Task<ProgramResult> Run(SoftSegNode node, params string[] arguments) => (await Try(node, arguments)).Succeeded();

    static Task<ProgramResult> Try(SoftSegNode node, params string[] arguments) =>
        CommandLineTests.SoftSeg([.. arguments, "--config", Path.Combine(Path.GetDirectoryName(node.DataDirectory)!, "softseg.json")]);

    static void AssertInOrder(string text, params string[] words)
    {
        var at = 0;
        foreach (var word in words)
        {
            var found = text.IndexOf(word, at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"\"{word}\" does not follow in:{Environment.NewLine}{text}");
            at = found;
        }
    }

    static double? Value(string metrics, string name) =>
        metrics.Split('\n').FirstOrDefault(line => line.StartsWith(name + " ", StringComparison.Ordinal)) is { } line
            ? double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture) : null;

    [DllImport("libc", EntryPoint = "kill")]
    static extern int Kill(int process, int signal);
}
