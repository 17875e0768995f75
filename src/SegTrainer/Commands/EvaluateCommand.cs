using System.CommandLine;
using System.Globalization;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Evaluation;
using SoftSeg.SegTrainer.Training;
using Spectre.Console;

namespace SoftSeg.SegTrainer.Commands;

/// <summary><c>softseg-train evaluate</c>: holds a model package against labelled volumes, and against volumes without a cord.</summary>
static class EvaluateCommand
{
    const int NoiseSeed = 3;

    public static Command Create()
    {
        var model = new Option<string>("--model") { Required = true, Description = "Folder of the model package." };
        var manifest = new Option<string>("--manifest") { Required = true, Description = "Manifest with the split, for example conf/training/data.json." };
        var data = new Option<string>("--data") { Required = true, Description = "The data folder that the manifest names files of." };
        var parts = new Option<string[]>("--part") { Description = "train, validation or frozen; validation and frozen when left out." };
        parts.AcceptOnlyFromAmong("train", "validation", "frozen");
        var around = new Option<bool>("--around-truth") { Description = "The fine network alone, on tiles around the true cord, without the locator." };
        var csv = new Option<string?>("--csv") { Description = "Also write the figures to this file." };
        var record = new Option<bool>("--record") { Description = "Write the figures into the package's model.json." };
        var command = new Command("evaluate", "Measure a model on labelled volumes and on volumes without a cord.") { model, manifest, data, parts, around, csv, record };
        command.SetAction(result => Outcome.Of(result, () =>
        {
            var folder = result.GetRequiredValue(model);
            Outcome.RequireFolder("--model", folder);
            Outcome.RequireFolder("--data", result.GetRequiredValue(data));
            var chosen = result.GetValue(parts) is { Length: > 0 } given ? given : ["validation", "frozen"];
            var report = Measure(folder, result.GetRequiredValue(manifest), result.GetRequiredValue(data), chosen, result.GetValue(around));
            Print(report);
            if (result.GetValue(csv) is { } path)
                DurableFile.Write(path, report.ToCsv());
            if (result.GetValue(record))
                ModelPackage.Write(folder, ModelPackage.Load(folder).Manifest with { Figures = report.Summary() });
            return 0;
        }));
        return command;
    }

    static EvaluationReport Measure(string model, string manifestPath, string dataFolder, string[] parts, bool aroundTruth)
    {
        var manifest = TrainingManifest.Load(manifestPath);
        var entries = parts.SelectMany(part => part switch { "train" => manifest.Train, "validation" => manifest.Validation, _ => manifest.Frozen }).ToList();
        if (entries.Count == 0)
            throw new TrainingException($"The manifest '{manifestPath}' lists no image under {string.Join(" or ", parts)}.");
        var report = new EvaluationReport();
        using var fine = aroundTruth ? new FineAroundTruth(Path.Combine(model, "model.onnx")) : null;
        using var segmenter = aroundTruth ? null : SoftSegmenter.Load(ModelPackage.Load(model));
        foreach (var entry in entries)
        {
            var volume = TrainingData.Read(dataFolder, entry);
            var mask = TrainingData.ReadCanonical(dataFolder, entry.Mask);
            if (segmenter is null)
            {
                report.Add(VolumeFigures.Of(entry.Image, entry.Contrast, fine!.Segment(volume), volume.Share, mask, volume.Distance, volume.Labelled), TimeSpan.Zero, []);
                continue;
            }

            var found = segmenter.Segment(volume.Image);
            var time = found.Timings.Aggregate(TimeSpan.Zero, (sum, step) => sum + step.Time);
            report.Add(VolumeFigures.Of(entry.Image, entry.Contrast, found.SoftMask, volume.Share, mask, volume.Distance, volume.Labelled), time, found.Notes);
            foreach (var (name, image) in Negatives.BesideCord(volume))
                report.AddNegative(name, segmenter.Segment(image));
        }

        if (segmenter is not null)
        {
            foreach (var (name, image) in Negatives.Noise(NoiseSeed))
                report.AddNegative(name, segmenter.Segment(image));
        }

        return report;
    }

    static void Print(EvaluationReport report)
    {
        var table = new Table().AddColumns("volume", "contrast", "Dice", "soft Dice", "area bias", "area error", "empty", "haze", "far ml", "s");
        foreach (var (row, time, notes) in report.Volumes)
        {
            table.AddRow(
                Markup.Escape(row.Name),
                row.Contrast,
                Text($"{row.Dice:F4}"),
                Text($"{row.SoftDice:F4}"),
                Text($"{row.AreaBias:+0.0%;-0.0%}"),
                Text($"{row.AreaError:P1}"),
                Text($"{row.EmptySlices}"),
                Text($"{row.Haze:P1}"),
                Text($"{row.FarVolume:F2}"),
                Text($"{time.TotalSeconds:F1}"));
            foreach (var note in notes)
                table.AddRow(Markup.Escape("  " + note));
        }

        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 130);
        AnsiConsole.Write(table);
        foreach (var (name, millilitres) in report.NegativeVolumes)
            Console.WriteLine(Text($"without cord: {name}: {millilitres:F3} ml"));
        foreach (var (name, value) in report.Summary())
            Console.WriteLine(Text($"{name} = {value:F4}"));
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
