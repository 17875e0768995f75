using System.CommandLine;
using System.Globalization;
using System.Text;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Evaluation;
using SoftSeg.SegTrainer.Training;
using Spectre.Console;

namespace SoftSeg.SegTrainer.Commands;

/// <summary><c>softseg-train evaluate</c>: holds a model package against labelled volumes, and against volumes without a cord.</summary>
static class EvaluateCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Required = true, Description = "Folder of the model package." };
        var manifest = new Option<string>("--manifest") { Required = true, Description = "Manifest with the split, for example conf/training/data.json." };
        var data = new Option<string>("--data") { Required = true, Description = "The data folder that the manifest names files of." };
        var parts = new Option<string[]>("--part") { Description = "train, validation or frozen; validation and frozen when left out." };
        parts.AcceptOnlyFromAmong("train", "validation", "frozen");
        var around = new Option<bool>("--around-truth") { Description = "The fine network alone, on tiles around the true cord." };
        var csv = new Option<string?>("--csv") { Description = "Also write the figures to this file." };
        var command = new Command("evaluate", "Measure a model on labelled volumes and on volumes without a cord.") { model, manifest, data, parts, around, csv };
        command.SetAction(result => Outcome.Of(result, () => Evaluate(
            result.GetRequiredValue(model),
            result.GetRequiredValue(manifest),
            result.GetRequiredValue(data),
            result.GetValue(parts) is { Length: > 0 } chosen ? chosen : ["validation", "frozen"],
            result.GetValue(around),
            result.GetValue(csv))));
        return command;
    }

    static int Evaluate(string model, string manifestPath, string dataFolder, string[] parts, bool aroundTruth, string? csv)
    {
        Outcome.RequireFolder("--model", model);
        Outcome.RequireFolder("--data", dataFolder);
        var manifest = TrainingManifest.Load(manifestPath);
        var entries = parts.SelectMany(part => part switch { "train" => manifest.Train, "validation" => manifest.Validation, _ => manifest.Frozen }).ToList();
        if (entries.Count == 0)
            throw new TrainingException($"The manifest '{manifestPath}' lists no image under {string.Join(" or ", parts)}.");
        using var fine = new FineAroundTruth(Path.Combine(model, "model.onnx"));
        var figures = new List<VolumeFigures>();
        foreach (var entry in entries)
        {
            var volume = TrainingData.Read(dataFolder, entry);
            var predicted = fine.Segment(volume);
            figures.Add(VolumeFigures.Of(entry.Image, entry.Contrast, predicted, volume.Share, TrainingData.ReadCanonical(dataFolder, entry.Mask), volume.Distance, volume.Labelled));
        }

        Print(figures);
        if (csv is not null)
            DurableFile.Write(csv, ToCsv(figures));
        return 0;
    }

    static void Print(List<VolumeFigures> figures)
    {
        var table = new Table().AddColumns("volume", "contrast", "Dice", "soft Dice", "area bias", "area error", "empty", "haze", "far ml");
        foreach (var row in figures)
            table.AddRow([.. Cells(row).Select(Markup.Escape)]);
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 120);
        AnsiConsole.Write(table);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"mean Dice {figures.Average(row => row.Dice):F4}, worst {figures.Min(row => row.Dice):F4}, mean area bias {figures.Average(row => row.AreaBias):+0.0%;-0.0%}"));
    }

    static string ToCsv(List<VolumeFigures> figures)
    {
        var lines = new StringBuilder("volume,contrast,dice,soft_dice,area_bias,area_error,empty_slices,haze,far_ml\n");
        foreach (var row in figures)
            lines.Append(CultureInfo.InvariantCulture, $"{row.Name},{row.Contrast},{row.Dice:F5},{row.SoftDice:F5},{row.AreaBias:F5},{row.AreaError:F5},{row.EmptySlices},{row.Haze:F5},{row.FarVolume:F4}\n");
        return lines.ToString();
    }

    static string[] Cells(VolumeFigures row) =>
    [
        row.Name,
        row.Contrast,
        row.Dice.ToString("F4", CultureInfo.InvariantCulture),
        row.SoftDice.ToString("F4", CultureInfo.InvariantCulture),
        row.AreaBias.ToString("+0.0%;-0.0%", CultureInfo.InvariantCulture),
        row.AreaError.ToString("P1", CultureInfo.InvariantCulture),
        row.EmptySlices.ToString(CultureInfo.InvariantCulture),
        row.Haze.ToString("P1", CultureInfo.InvariantCulture),
        row.FarVolume.ToString("F2", CultureInfo.InvariantCulture),
    ];
}
