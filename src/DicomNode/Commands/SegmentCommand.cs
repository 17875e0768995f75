using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Segment;
using SoftSeg.DicomReader;
using SoftSeg.SegEngine;
using Spectre.Console;

namespace SoftSeg.DicomNode.Commands;

static class SegmentCommand
{
    public static Command Create()
    {
        var input = new Argument<string>("INPUT") { Description = "A folder of DICOM files, or a NIfTI file (.nii, .nii.gz)" };
        var output = new Option<string>("--out", "-o") { Description = "Folder for the results", Required = true, HelpName = "DIR" };
        var model = new Option<string>("--model") { Description = "Folder of the model package", HelpName = "DIR", DefaultValueFactory = _ => new EngineSettings().Model };
        var provider = new Option<string>("--provider") { Description = "auto, tensorrt, cuda or cpu", DefaultValueFactory = _ => "auto" };
        provider.AcceptOnlyFromAmong("auto", "tensorrt", "cuda", "cpu");
        var ungated = new Option<bool>("--without-gate") { Description = "Use the model although it did not pass its gate", DefaultValueFactory = _ => new EngineSettings().AllowModelWithoutGate };
        var slices = new Option<string>("--slices") { Description = "Measure these slices together as well, numbered from the foot (the first column of measurements.csv)", HelpName = "FIRST:LAST" };
        slices.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } text && Part(text) is null)
                result.AddError($"--slices is '{text}'; expected two numbers from the foot, the first not greater than the last, for example 3:10.");
        });
        var command = new Command("segment", "Segment a DICOM series or a NIfTI file on this machine, without a network") { input, output, model, provider, ungated, slices };
        command.SetAction((parsed, cancellationToken) =>
        {
            try
            {
                var engine = new EngineSettings { Model = parsed.GetValue(model)!, Provider = parsed.GetValue(provider)!, AllowModelWithoutGate = parsed.GetValue(ungated) };
                return Task.FromResult(Run(parsed.GetRequiredValue(input), parsed.GetRequiredValue(output), engine, Part(parsed.GetValue(slices)), cancellationToken));
            }
            catch (Exception error) when (error is SeriesRefusedException or InvalidDataException or Dicom.DicomDataException or DicomWriter.DicomConformanceException
                or ModelPackageException or EngineException or IOException or UnauthorizedAccessException)
            {
                return Task.FromResult(SoftSegCommandLine.Fail(error.Message));
            }
        });
        return command;
    }

    static int Run(string input, string output, EngineSettings engine, (int First, int Last)? part, CancellationToken cancellationToken)
    {
        if (!File.Exists(input) && !Directory.Exists(input))
            return SoftSegCommandLine.Fail($"{input}: no such file or folder.");
        Directory.CreateDirectory(output);
        using var segmenter = new CordSegmenter(engine, NullLogger.Instance);
        return Directory.Exists(input)
            ? SegmentFolder(input, output, segmenter, engine, part, cancellationToken)
            : SegmentNifti(input, output, segmenter, part, cancellationToken);
    }

    static int SegmentNifti(string input, string output, CordSegmenter segmenter, (int First, int Last)? part, CancellationToken cancellationToken)
    {
        var image = NiftiFile.Read(input, out var header);
        var result = Segment(image, Path.GetFileName(input), segmenter, cancellationToken);
        NiftiFile.Write(Path.Combine(output, "softmask.nii.gz"), result.Segmentation.SoftMask, header);
        return Finish(input, output, "", result, part);
    }

    static int SegmentFolder(string input, string output, CordSegmenter segmenter, EngineSettings engine, (int First, int Last)? part, CancellationToken cancellationToken)
    {
        var folder = SeriesFolder.Scan(input, cancellationToken);
        foreach (var note in folder.Notes)
            SoftSegCommandLine.Terminal.MarkupLineInterpolated($"[grey]{note}[/]");
        if (folder.Series.Count == 0)
            return SoftSegCommandLine.Fail($"{input}: no DICOM images; expected the files of an MR series, or name a NIfTI file.");

        var worst = 0;
        var volumes = new List<(string Name, ImageStack Stack)>();
        foreach (var series in folder.Series)
        {
            var reading = SeriesReader.Read(series.Files, cancellationToken: cancellationToken);
            var (stacks, notes) = StackChoice.Choose(reading.Stacks);
            foreach (var note in reading.Notes.Concat(notes))
                SoftSegCommandLine.Terminal.MarkupLineInterpolated($"[grey]{note}[/]");
            foreach (var refusal in reading.Refusals)
                worst = SoftSegCommandLine.Fail($"{refusal}");
            volumes.AddRange(stacks.Select(stack => (series.SeriesInstanceUid, stack)));
        }
        if (volumes.Count == 0)
            return worst == 0 ? SoftSegCommandLine.Fail($"{input}: no volume to segment.") : worst;

        var configuration = new NodeConfiguration { Engine = engine };
        for (var i = 0; i < volumes.Count; i++)
        {
            var (name, stack) = volumes[i];
            var prefix = volumes.Count > 1 ? $"{i + 1:00}-" : "";
            var result = Segment(stack.Volume, stack.Description, segmenter, cancellationToken);
            NiftiFile.Write(Path.Combine(output, $"{prefix}softmask.nii.gz"), result.Segmentation.SoftMask);
            if (result.CordFound)
                ResultObjects.Write(new SegmentedStack(stack, result), segmenter, configuration, output, prefix, everyForm: false);
            worst = Math.Max(worst, Finish(name, output, prefix, result, part));
        }
        return worst;
    }

    static SegmentedVolume Segment(Volume image, string name, CordSegmenter segmenter, CancellationToken cancellationToken)
    {
        SegmentedVolume? result = null;
        SoftSegCommandLine.Terminal.Progress().Start(context =>
        {
            var task = context.AddTask(Markup.Escape(name), maxValue: 1);
            result = segmenter.Segment(image, new TaskProgress(task), cancellationToken);
            task.Value = 1;
        });
        return result!;
    }

    static int Finish(string name, string output, string prefix, SegmentedVolume result, (int First, int Last)? part)
    {
        foreach (var note in result.Segmentation.Notes)
            SoftSegCommandLine.Terminal.MarkupLineInterpolated($"[grey]{note}[/]");
        MeasurementCsv.Write(Path.Combine(output, $"{prefix}measurements.csv"), result.Measurements, name);
        if (part is { } range)
        {
            var text = MeasurementCsv.AggregateToText(result.Measurements.Part(range.First, range.Last), name, $"{range.First}:{range.Last}");
            File.WriteAllText(Path.Combine(output, $"{prefix}measurements-{range.First}-{range.Last}.csv"), text);
        }
        MeasurementTable.Print(SoftSegCommandLine.Terminal, result);
        SoftSegCommandLine.Terminal.MarkupLineInterpolated($"Results in {Path.GetFullPath(output)}");
        return 0;
    }

    static (int First, int Last)? Part(string? text) =>
        text?.Split(':') is [var first, var last] && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            && int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to) && from <= to
            ? (from, to)
            : null;

    sealed class TaskProgress(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = value;
    }
}
