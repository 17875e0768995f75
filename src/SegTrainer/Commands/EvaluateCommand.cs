using System.CommandLine;
using System.Globalization;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Evaluation;
using SoftSeg.SegTrainer.Synthesis;
using SoftSeg.SegTrainer.Training;
using Spectre.Console;

namespace SoftSeg.SegTrainer.Commands;

/// <summary><c>softseg-train evaluate</c>: holds a model package against labelled volumes, and against volumes without a cord.</summary>
static class EvaluateCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Required = true, Description = "Folder of the model package." };
        var manifest = new Option<string?>("--manifest") { Description = "Manifest with the split, for example conf/training/data.json." };
        var data = new Option<string?>("--data") { Description = "The data folder that the manifest names files of." };
        var parts = new Option<string[]>("--part") { Description = "train, validation or frozen; validation and frozen when left out." };
        parts.AcceptOnlyFromAmong("train", "validation", "frozen");
        var around = new Option<bool>("--around-truth") { Description = "The fine network alone, on tiles around the true cord, without the locator." };
        var outFolder = new Option<string?>("--out") { Description = "Also write the figures and pictures of the worst volumes into this folder." };
        var record = new Option<bool>("--record") { Description = "Write the figures into the package's model.json." };
        var holdOut = TrainCommand.HoldOutOption();
        var simulated = new Option<int>("--simulated") { Description = "Also measure this many simulated people; without --manifest and --data, them alone.", DefaultValueFactory = _ => 0 };
        var protocol = new Option<string>("--protocol") { Description = "What they are scanned with: spine-generic (six contrasts) or routine (ten acquisitions, more of the neck in view).", DefaultValueFactory = _ => SimulatedProtocol.SpineGeneric.Name };
        protocol.AcceptOnlyFromAmong([.. SimulatedProtocol.All.Select(known => known.Name)]);
        var coarser = new Option<bool>("--coarser") { Description = "Also measure each labelled image with larger voxels: pixels of 1.2 to 2 mm, axial slices of 5 and 8 mm, sagittal slices of 3 and 4 mm." };
        var crops = new Option<bool>("--crops") { Description = "Also measure each labelled image with smaller fields of view: its foot and head half, and 10 to 25 mm around the cord." };
        var command = new Command("evaluate", "Measure a model on labelled volumes and on volumes without a cord.") { model, manifest, data, parts, around, outFolder, record, simulated, protocol, coarser, crops, holdOut };
        command.SetAction(result => Outcome.Of(result, () =>
        {
            var folder = result.GetRequiredValue(model);
            if (result.GetValue(record) && result.GetValue(around))
                throw new TrainingException("--record keeps the figures of a model's whole way, and --around-truth measures a part of it: leave one out.");
            Outcome.RequireFolder("--model", folder);
            var (people, path, dataFolder) = (result.GetValue(simulated), result.GetValue(manifest), result.GetValue(data));
            if ((path is null) != (dataFolder is null))
                throw new TrainingException($"{(path is null ? "--data" : "--manifest")} is given without {(path is null ? "--manifest" : "--data")}: the manifest names files of the data folder, so give both.");
            var chosenProtocol = SimulatedProtocol.All.Single(known => known.Name == result.GetValue(protocol));
            if (path is null && (people <= 0 || result.GetValue(around)))
                throw new TrainingException("There is nothing to measure on: give --manifest and --data for labelled volumes, or --simulated N for simulated people.");
            if (result.GetValue(record) && chosenProtocol != SimulatedProtocol.SpineGeneric)
                throw new TrainingException($"--record keeps the figures of --protocol {SimulatedProtocol.SpineGeneric.Name}, which 'gate' measures as well: leave one out.");
            var package = ModelPackage.Load(folder);
            using var segmenter = result.GetValue(around) ? null : SoftSegmenter.Load(package);
            var report = new EvaluationReport();
            if (path is not null && dataFolder is not null)
            {
                Outcome.RequireFolder("--data", dataFolder);
                var chosen = result.GetValue(parts) is { Length: > 0 } given ? given : ["validation", "frozen"];
                var read = TrainingManifest.Load(path).HoldOut(result.GetValue(holdOut) ?? []);
                report = segmenter is null
                    ? ModelMeasurement.AroundTruth(package, read, dataFolder, chosen)
                    : ModelMeasurement.Of(segmenter, read, dataFolder, chosen, result.GetValue(coarser), result.GetValue(crops));
            }
            if (segmenter is not null)
                ModelMeasurement.AddSimulated(report, segmenter, chosenProtocol, people);
            Print(report);
            if (result.GetValue(outFolder) is { } to)
                report.Save(to);
            if (result.GetValue(record))
                ModelPackage.Write(folder, package.Manifest with { Figures = package.Manifest.Figures.Concat(report.Summary()).GroupBy(figure => figure.Key).ToDictionary(named => named.Key, named => named.Last().Value) });
            return 0;
        }));
        return command;
    }

    static void Print(EvaluationReport report)
    {
        var table = new Table().AddColumns("volume", "contrast", "Dice", "soft Dice", "mm2", "true mm2", "area bias", "area error", "surface mm", "HD95 mm", "empty", "haze", "far ml", "s");
        foreach (var (row, time, notes, _) in report.Volumes)
        {
            table.AddRow(
                Markup.Escape(row.Name),
                row.Contrast,
                Text($"{row.Dice:F4}"),
                Text($"{row.SoftDice:F4}"),
                Text($"{row.Area:F1}"),
                Text($"{row.TrueArea:F1}"),
                Text($"{row.AreaBias:+0.0%;-0.0%;0.0%}"),
                Text($"{row.AreaError:P1}"),
                Text($"{row.Surface.Mean:F2}"),
                Text($"{row.Surface.Percentile95:F2}"),
                Text($"{row.EmptySlices}"),
                Text($"{row.Haze:P1}"),
                Text($"{row.FarVolume:F2}"),
                Text($"{time.TotalSeconds:F1}"));
            foreach (var note in notes)
                table.AddRow(Markup.Escape("  " + note));
        }

        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 170);
        AnsiConsole.Write(table);
        foreach (var pair in report.Pairs)
        {
            Console.WriteLine(pair.Measured
                ? Text($"pair ({pair.Pair.Kind}): {pair.Pair.First} {pair.FirstArea:F1} mm2, {pair.Pair.Second} {pair.SecondArea:F1} mm2 over {pair.Height:F0} mm: {pair.Difference:P1} apart")
                : Text($"pair ({pair.Pair.Kind}): {pair.Pair.First}, {pair.Pair.Second}: no common stretch of cord"));
        }

        foreach (var person in report.People)
            Console.WriteLine(Text($"contrasts of {person.Person}: SD {person.Deviation:F2} mm2 ({person.Deviation / person.Mean:P1}): ") + string.Join(", ", person.Areas.Select(area => Text($"{area.Image} {area.Area:F1} mm2"))));
        foreach (var person in report.Simulated)
        {
            Console.WriteLine((person.Measured ? Text($"{person.Person}: SD {person.Deviation:P1}, error {person.Error:P1}: ") : $"{person.Person}: no common stretch of cord: ")
                + string.Join(", ", person.Contrasts.Select(contrast => Text($"{contrast.Name} {contrast.Area:F1} ({contrast.Bias:+0.0%;-0.0%;0.0%}, Dice {contrast.Dice:F3})"))));
        }
        foreach (var image in report.Variants)
            Console.WriteLine(Text($"{image.Image}, {image.Variant}: {image.Area:F1} mm2 instead of {image.OwnArea:F1} ({image.Difference:+0.0%;-0.0%;0.0%}), Dice {image.Dice:F3}"));
        foreach (var (name, millilitres) in report.NegativeVolumes)
            Console.WriteLine(Text($"without cord: {name}: {millilitres:F3} ml"));
        foreach (var (name, value) in report.Summary())
            Console.WriteLine(Text($"{name} = {value:F4}"));
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
