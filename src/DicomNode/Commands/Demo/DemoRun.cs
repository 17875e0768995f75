using System.Globalization;
using System.Net;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Segment;
using SoftSeg.DicomNode.State;
using SoftSeg.DicomReader;
using SoftSeg.DicomWriter.Pictures;
using SoftSeg.SegEngine;
using Spectre.Console;

namespace SoftSeg.DicomNode.Commands.Demo;

/// <summary>The main job, end to end, in one process: PACS -> node -> PACS, over real associations on 127.0.0.1.</summary>
sealed class DemoRun(string? input, string output, IAnsiConsole terminal)
{
    /// <summary>What the phantom's mask must reach for the demo to call it right.</summary>
    const double LeastDice = 0.93;
    const double LargestAreaError = 0.05;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public async Task<int> Run(CancellationToken cancellationToken)
    {
        // Each run starts empty: a node that knew the series already would rightly send nothing again.
        foreach (var folder in (ReadOnlySpan<string>)["source", "pacs", "node"])
        {
            if (Directory.Exists(Path.Combine(output, folder)))
                Directory.Delete(Path.Combine(output, folder), recursive: true);
        }
        Directory.CreateDirectory(output);
        var source = input is null ? DemoSource.Phantom(Path.Combine(output, "source")) : DemoSource.From(input);

        await using var pacs = new DemoPacs(Path.Combine(output, "pacs"));
        await pacs.Start(cancellationToken);
        var configuration = Configure(pacs.Port);
        await using var node = NodeHost.Build(configuration, logToConsole: false, IPAddress.Loopback);
        await node.StartAsync(cancellationToken);
        var state = node.Services.GetRequiredService<NodeState>();
        terminal.MarkupLineInterpolated($"Node SOFTSEG on 127.0.0.1:{NodeHost.Port(node)}, PACS on 127.0.0.1:{pacs.Port}, {source.Files.Count} instances to send");

        await terminal.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new ElapsedTimeColumn(), new SpinnerColumn()).StartAsync(async progress =>
        {
            var sending = progress.AddTask("C-STORE to the node", maxValue: source.Files.Count);
            await SendAll(source.Files, NodeHost.Port(node), sending, cancellationToken);
            await Follow(state, source.SeriesUid, progress, cancellationToken);
        });

        var series = state.Find(source.SeriesUid)!;
        var events = state.Events(source.SeriesUid);
        await node.StopAsync(cancellationToken);
        if (series.State != SeriesState.Done)
        {
            terminal.MarkupLineInterpolated($"[red]The series ended as {series.State.ToString().ToLowerInvariant()}: {series.Reason}[/]");
            return SoftSegCommandLine.Failed;
        }
        return Report(source, [.. pacs.Received], events, node.Services.GetRequiredService<CordSegmenter>());
    }

    NodeConfiguration Configure(int pacsPort) => new()
    {
        Node = { Port = 0, DataDirectory = Path.Combine(output, "node") },
        Peers = { new PeerSettings { Name = "pacs", AeTitle = DemoPacs.AeTitle, Host = "127.0.0.1", Port = pacsPort } },
        Assemble = { IdleSeconds = 1 },
        Web = { Enabled = false },
    };

    static async Task SendAll(IReadOnlyList<string> files, int port, ProgressTask task, CancellationToken cancellationToken)
    {
        var node = new DicomClientOptions { Host = "127.0.0.1", Port = port, CalledAeTitle = "SOFTSEG", CallingAeTitle = DemoPacs.AeTitle };
        await using var client = await DicomClient.ConnectAsync(node, files, cancellationToken);
        foreach (var file in files)
        {
            var status = await client.StoreAsync(file, cancellationToken);
            if (!status.IsStored)
                throw new IOException($"The node refused {Path.GetFileName(file)}: {status}");
            task.Increment(1);
        }
        await client.ReleaseAsync(cancellationToken);
    }

    /// <summary>Waits until the series has ended, showing each step as it goes.</summary>
    static async Task Follow(NodeState state, string seriesUid, ProgressContext progress, CancellationToken cancellationToken)
    {
        (SeriesState State, ProgressTask Task)[] steps =
        [
            (SeriesState.Receiving, progress.AddTask("Assemble: wait until nothing more comes", autoStart: false)),
            (SeriesState.Segmenting, progress.AddTask("Segment and measure", autoStart: false)),
            (SeriesState.Returning, progress.AddTask("C-STORE back to the PACS", autoStart: false)),
        ];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            while (true)
            {
                var now = state.Find(seriesUid)?.State ?? SeriesState.Receiving;
                foreach (var (step, task) in steps)
                {
                    if (now == step && !task.IsStarted)
                        task.StartTask();
                    task.IsIndeterminate = now == step;
                    if (now > step)
                        task.Value = task.MaxValue;
                }
                if (now is SeriesState.Done or SeriesState.Skipped or SeriesState.Refused or SeriesState.Failed)
                    return;
                await Task.Delay(50, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No result after {Patience.TotalMinutes} minutes; the node's log is in the folder node/logs.");
        }
    }

    int Report(DemoSource source, string[] received, IReadOnlyList<EventRow> events, CordSegmenter segmenter)
    {
        var table = new Table().AddColumns("Result", "Value").Border(TableBorder.Simple);
        var agrees = true;
        foreach (var (step, seconds) in Steps(events))
            Row(step, $"{seconds:0.0} s");

        var results = received.Select(file => (File: file, Dataset: DicomFile.Open(file).Dataset)).ToArray();
        foreach (var (file, dataset) in results)
            Row(dataset.GetStringOrNull(DicomTag.SeriesDescription) ?? dataset.GetString(DicomTag.Modality), $"{new FileInfo(file).Length / 1024.0:0} KiB");

        var stack = SeriesReader.Read(source.Files).OrRefuse().Stacks[0];
        var soft = Mask(stack, results.Select(result => result.Dataset), "CORD_SOFT");
        var hard = Mask(stack, results.Select(result => result.Dataset), "CORD_HARD");
        agrees &= soft is not null && hard is not null && results.Any(result => result.Dataset.GetString(DicomTag.Modality) == "SR");
        if (!agrees)
            terminal.MarkupLine("[red]Not everything came back: expected a binary and a soft segmentation and a report.[/]");

        if (soft is not null)
        {
            var measurements = CordMorphometry.Measure(soft);
            var valid = measurements.Stations.Where(station => station.Valid).ToArray();
            Row("Cross-sections", $"{measurements.Stations.Count}, {valid.Length} valid");
            Row("Area, mean", $"{measurements.Whole.MeanArea:0.0} mm2");
            Row("Length of cord", $"{measurements.Whole.Length:0} mm");
            if (source.Truth is { } truth && hard is not null)
                agrees &= Compare(truth, soft, hard, Row);

            var caption = $"{segmenter.Model.Name} {segmenter.Model.Version}   not for clinical use";
            File.WriteAllBytes(Path.Combine(output, "overlay.png"), OverlayPicture.Draw(
                stack.Volume, soft, measurements, caption, source.Truth is null ? null : Regrid(source.Truth, soft)));
        }
        terminal.Write(table);
        terminal.MarkupLineInterpolated($"Files in {output}: overlay.png, pacs/ (what came back){(input is null ? ", source/ (the phantom)" : "")}");
        return agrees ? 0 : SoftSegCommandLine.Failed;

        void Row(string what, FormattableString value) => table.AddRow(Markup.Escape(what), Markup.Escape(value.ToString(CultureInfo.InvariantCulture)));
    }

    bool Compare(Volume truth, Volume soft, Volume hard, Action<string, FormattableString> row)
    {
        var (known, share, mask) = (Orientation.ToCanonical(truth, out _), Orientation.ToCanonical(soft, out _), Orientation.ToCanonical(hard, out _));
        var dice = Agreement.Dice(known, mask);
        var area = Agreement.AreaError(known, share);
        row("Dice against the phantom's truth", $"{dice:0.000} (at least {LeastDice})");
        row("Area error against the truth", $"{100 * area:+0.0;-0.0} % (at most {100 * LargestAreaError:0} %)");
        if (dice >= LeastDice && Math.Abs(area) <= LargestAreaError)
            return true;
        terminal.MarkupLine("[red]The mask does not agree with the phantom's truth.[/]");
        return false;
    }

    static Volume? Mask(ImageStack stack, IEnumerable<DicomDataset> results, string contentLabel) =>
        results.FirstOrDefault(result => result.GetStringOrNull(DicomTag.ContentLabel) == contentLabel) is { } segmentation
            ? SegmentationReader.Read(segmentation, stack.Volume)
            : null;

    /// <summary>The truth in the order of the source's slices, which the reader sorts by position.</summary>
    static Volume Regrid(Volume truth, Volume like)
    {
        Orientation.ToCanonical(like, out var order);
        return Orientation.FromCanonical(Orientation.ToCanonical(truth, out _), order, like);
    }

    /// <summary>Seconds from step to step, by the history of the series.</summary>
    static IEnumerable<(string Step, double Seconds)> Steps(IReadOnlyList<EventRow> events)
    {
        (string Step, string From, string To)[] steps =
        [
            ("Receive and assemble", "received", "complete"),
            ("Segment, measure, write", "segmenting", "segmented"),
            ("Return", "segmented", "done"),
        ];
        foreach (var (step, from, to) in steps)
        {
            if (Time(from) is { } start && Time(to) is { } end)
                yield return (step, (end - start).TotalSeconds);
        }

        DateTimeOffset? Time(string what) => events.FirstOrDefault(e => e.What.StartsWith(what, StringComparison.Ordinal)) is { } found
            ? DateTimeOffset.Parse(found.Time, CultureInfo.InvariantCulture)
            : null;
    }
}
