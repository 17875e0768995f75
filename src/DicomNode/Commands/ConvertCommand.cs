using System.CommandLine;
using SoftSeg.DicomReader;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomNode.Commands;

static class ConvertCommand
{
    public static Command Create()
    {
        var input = new Argument<string>("IN") { Description = "A folder of DICOM files, or one file" };
        var output = new Argument<string>("OUT") { Description = "The NIfTI file to write (.nii.gz or .nii); it appears when it is complete" };
        var number = new Option<int?>("--volume") { Description = "Which volume, where IN holds several: its number in the list that is printed then", HelpName = "N" };
        var command = new Command("convert", "Convert a DICOM series to a NIfTI file") { input, output, number };
        command.SetAction((parsed, cancellationToken) =>
        {
            try
            {
                return Task.FromResult(Run(parsed.GetRequiredValue(input), parsed.GetRequiredValue(output), parsed.GetValue(number), cancellationToken));
            }
            catch (Exception error) when (error is SeriesRefusedException or IOException or UnauthorizedAccessException)
            {
                return Task.FromResult(SoftSegCommandLine.Fail(error.Message));
            }
        });
        return command;
    }

    static int Run(string input, string output, int? number, CancellationToken cancellationToken)
    {
        if (!output.EndsWith(".nii", StringComparison.OrdinalIgnoreCase) && !output.EndsWith(".nii.gz", StringComparison.OrdinalIgnoreCase))
            return SoftSegCommandLine.Fail($"{output}: a name that ends in .nii or .nii.gz is expected.");
        if (Path.GetDirectoryName(Path.GetFullPath(output)) is { } folder && !Directory.Exists(folder))
            return SoftSegCommandLine.Fail($"{output}: there is no folder {folder}; make it first.");

        var scan = SeriesFolder.Scan(input, cancellationToken);
        if (scan.Series.Count == 0)
            return SoftSegCommandLine.Fail(string.Join(Environment.NewLine, [$"{input}: no DICOM images; the files of an MR series are expected.", .. scan.Notes]));
        var readings = scan.Series.Select(series => SeriesReader.Read(series.Files, cancellationToken: cancellationToken)).ToArray();
        ImageStack[] stacks = [.. readings.SelectMany(r => r.Stacks)];
        Refusal[] refusals = [.. readings.SelectMany(r => r.Refusals)];

        if (stacks.Length == 0)
            return SoftSegCommandLine.Fail(string.Join(Environment.NewLine, [$"{input}: no volume.", .. refusals.Select(r => r.ToString()), .. scan.Notes]));
        if (number is null && stacks.Length > 1)
            return SoftSegCommandLine.Fail($"{input} holds {stacks.Length} volumes; say which with --volume N:{List(stacks)}");
        if (number is { } n && (n < 1 || n > stacks.Length))
            return SoftSegCommandLine.Fail($"--volume is {n}; {input} holds {stacks.Length}:{List(stacks)}");

        var stack = stacks[(number ?? 1) - 1];
        NiftiFile.Write(output, stack.Volume);
        foreach (var note in readings.SelectMany(r => r.Notes).Concat(scan.Notes).Concat(refusals.Select(r => $"Left out: {r}")))
            Console.Error.WriteLine(note);
        Console.WriteLine($"{output}: {stack.Description}");
        return 0;
    }

    static string List(ImageStack[] stacks) =>
        string.Concat(stacks.Select((stack, i) => $"{Environment.NewLine}  {i + 1}  {stack.Description}{Kind(stack)}"));

    static string Kind(ImageStack stack) => string.Concat(
        stack.Component is ComplexComponent.Magnitude ? "" : $"; {stack.Component.ToString().ToLowerInvariant()}",
        stack.IsDerived ? "; derived from other images" : "",
        stack.IsLocalizer ? "; a localizer" : "");
}
