using System.Diagnostics;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader.Tests;

/// <summary>The volumes of a series are those that dcm2niix makes of it: as many, at the same place, with the same voxels.</summary>
public sealed class Dcm2niixTests : IDisposable
{
    static readonly string? data = Environment.GetEnvironmentVariable("SOFTSEG_TESTDATA") is { } path && Directory.Exists(path) ? path : null;
    readonly DirectoryInfo work = Directory.CreateTempSubdirectory("softseg-dcm2niix-");

    public void Dispose() => work.Delete(recursive: true);

    static readonly Dictionary<string, Func<IEnumerable<DicomDataset>>> generated = new()
    {
        ["sagittal"] = () => Stored().All(),
        ["oblique"] = () => (GeneratedSeries.Oblique() with { Rows = 12, Columns = 10 }).All(),
        ["SpacingBetweenSlices is negative"] = () => Stored().All((d, _) => d.AddOrUpdate(DicomTag.SpacingBetweenSlices, "-3.3")),
        ["SpacingBetweenSlices is missing"] = () => Stored().All((d, _) => d.Remove(DicomTag.SpacingBetweenSlices)),
        ["SpacingBetweenSlices is wrong"] = () => Stored().All((d, _) => d.AddOrUpdate(DicomTag.SpacingBetweenSlices, "9")),
        ["two echoes"] = () => Stored().All().Concat((Stored() with { Seed = "2" }).All((d, _) => d.AddOrUpdate(DicomTag.EchoTime, "12").AddOrUpdate(DicomTag.EchoNumbers, "2"))),
        ["mosaic"] = () => [GeneratedMosaic.Instance(Stored())],
        ["oblique mosaic"] = () => [GeneratedMosaic.Instance(GeneratedSeries.Oblique() with { Rows = 12, Columns = 10, Slices = 7 })],
        ["mosaic against the normal"] = () => [GeneratedMosaic.Instance(Stored(), reversed: true)],
    };

    static readonly string[] real =
    [
        "dev/dicom/positions/HFS", "dev/dicom/positions/HFP", "dev/dicom/positions/HFDL", "dev/dicom/enhanced_xa30",
        .. new[] { "Siemens_XA10_6_1.dcm", "Siemens_XA10_6_2.dcm", "Siemens_XA10_6_3.dcm", "Siemens_XA10_6_4.dcm", "Philips_IM_0027_fMAP.dcm" }.Select(f => $"dev/dicom/enhanced_vendors/{f}"),
        // 7 and 8 are JPEG-LS, which dcm2niix of Debian can't read.
        .. new[] { 1, 2, 3, 4, 5, 6, 9 }.Select(n => $"dev/dicom/ts/{n}.dcm"),
        "dicom/t2w_sagittal", "dicom/t2w_sagittal_labelled", "dicom/t2star_axial_labelled",
    ];

    public static TheoryData<string> Series() => [.. generated.Keys, .. data is null ? [] : real];

    static GeneratedSeries Stored() => new() { Rows = 12, Columns = 10 };

    [Theory]
    [MemberData(nameof(Series))]
    public void The_volumes_are_those_of_dcm2niix(string series)
    {
        var input = generated.TryGetValue(series, out var make) ? Save(make()) : Path.Combine(data!, series);
        string[] files = File.Exists(input) ? [input] : Directory.GetFiles(input, "*.dcm");
        if (DicomFile.Open(files[0]).TransferSyntax is { IsEncapsulated: true } syntax && !PixelData.CanRead(syntax))
        {
            Assert.Contains(syntax.ToString(), Assert.Single(SeriesReader.Read(files).Refusals).Reason);
            return;
        }
        var reading = SeriesReader.Read(files);
        Assert.Empty(reading.Refusals);
        var expected = Dcm2niix(input);

        Assert.Equal(expected.Count, reading.Stacks.Count);
        foreach (var stack in reading.Stacks)
        {
            var volume = Orientation.ToCanonical(stack.Volume, out _);
            Assert.True(expected.Exists(e => Difference(e, volume) is null),
                $"{stack.Description}: {string.Join("; ", expected.Select(e => Difference(e, volume)))}");
        }
    }

    [Fact]
    public void Mosaics_one_after_another_are_a_volume_each()
    {
        var folder = Save(Enumerable.Range(1, 3).Select(t => GeneratedMosaic.Instance(Stored(), seed: $"{t}").AddOrUpdate(DicomTag.AcquisitionNumber, $"{t}")));
        var reading = SeriesReader.Read(Directory.GetFiles(folder));
        Assert.Empty(reading.Refusals);
        Assert.Equal([1, 2, 3], reading.Stacks.Select(s => s.Repetition!.Value));
        Assert.All(reading.Stacks, stack => Check.IsSeries(Stored(), stack));
        Assert.All(reading.Stacks, stack => Assert.True(stack.IsMosaic));
    }

    /// <summary>What tells two volumes apart; null when they are the same.</summary>
    static string? Difference(Volume expected, Volume actual)
    {
        if ((expected.Slices, expected.Rows, expected.Columns) != (actual.Slices, actual.Rows, actual.Columns))
            return $"{expected.Slices} x {expected.Rows} x {expected.Columns} of dcm2niix";
        foreach (var (slice, row, column) in new[] { (0, 0, 0), (expected.Slices - 1, 0, 0), (0, expected.Rows - 1, 0), (0, 0, expected.Columns - 1) })
        {
            var (e, a) = (expected.Affine.ToPatient(slice, row, column), actual.Affine.ToPatient(slice, row, column));
            if ((e - a).Length > 2e-3) // dcm2niix keeps float32
                return $"voxel ({slice}, {row}, {column}) is at {e} for dcm2niix, here at {a}";
        }
        for (var i = 0; i < expected.Voxels.Length; i++)
        {
            if (Math.Abs(expected.Voxels[i] - actual.Voxels[i]) > 1e-4 + (1e-5 * Math.Abs(expected.Voxels[i])))
                return $"voxel {i} is {expected.Voxels[i]} for dcm2niix, here {actual.Voxels[i]}";
        }
        return null;
    }

    List<Volume> Dcm2niix(string input)
    {
        var output = work.CreateSubdirectory("nifti").FullName;
        // Without Philips' "precise" scaling, and without a look at the neighbours of a single file.
        string[] arguments = ["-b", "n", "-z", "n", "-p", "n", "-s", File.Exists(input) ? "y" : "n", "-f", "%s_%e_%p", "-o", output, input];
        using var process = Process.Start(new ProcessStartInfo("dcm2niix", arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("dcm2niix can't be started: apt-get install dcm2niix");
        var log = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, log);
        return [.. Directory.GetFiles(output).Select(file => Orientation.ToCanonical(NiftiFile.Read(file), out _))];
    }

    string Save(IEnumerable<DicomDataset> instances)
    {
        var folder = work.CreateSubdirectory("dicom").FullName;
        foreach (var (index, instance) in instances.Index())
            new DicomFile(instance).Save(Path.Combine(folder, $"{index:000}.dcm"));
        return folder;
    }
}
