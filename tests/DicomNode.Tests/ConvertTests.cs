using System.Diagnostics;
using SoftSeg.Dicom;
using SoftSeg.DicomReader;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomNode.Tests;

/// <summary><c>softseg convert</c>, as a person runs it.</summary>
public sealed class ConvertTests : IDisposable
{
    readonly DirectoryInfo work = Directory.CreateTempSubdirectory("softseg-convert-");

    string Output => Path.Combine(work.FullName, "volume.nii.gz");

    public void Dispose() => work.Delete(recursive: true);

    [Fact]
    public async Task The_file_has_the_voxels_and_the_place_of_the_series()
    {
        var folder = Series("one");
        var (code, output, _) = await Convert(folder, Output);
        Assert.Equal(0, code);
        Assert.Contains("4 slices of 3 x 2", output);
        var expected = Assert.Single(SeriesReader.Read(Directory.GetFiles(folder)).Stacks).Volume;
        var written = NiftiFile.Read(Output);
        Assert.Equal(expected.Voxels, written.Voxels);
        foreach (var (slice, row, column) in new[] { (0, 0, 0), (3, 2, 1) })
            Assert.True((expected.Affine.ToPatient(slice, row, column) - written.Affine.ToPatient(slice, row, column)).Length < 1e-4);
    }

    [Fact]
    public async Task Of_several_volumes_one_is_named()
    {
        var folder = Series("one");
        Series("one", echo: "20");
        var (code, _, error) = await Convert(folder, Output);
        Assert.Equal(1, code);
        Assert.Contains("holds 2 volumes; say which with --volume N", error);
        Assert.Contains("EchoTime 20", error);
        Assert.False(File.Exists(Output));

        Assert.Equal(0, (await Convert(folder, Output, "--volume", "2")).Code);
        Assert.Equal(4, NiftiFile.Read(Output).Slices);
        Assert.Contains("--volume is 3", (await Convert(folder, Output, "--volume", "3")).Error);
    }

    [Fact]
    public async Task Bad_input_makes_one_clear_message_and_no_file()
    {
        var empty = work.CreateSubdirectory("empty").FullName;
        File.WriteAllText(Path.Combine(empty, "notes.txt"), "no image");
        var cut = Series("cut");
        var last = Directory.GetFiles(cut).Order().Last();
        await File.WriteAllBytesAsync(last, (await File.ReadAllBytesAsync(last))[..^6]);
        var gap = Series("gap");
        File.Delete(Directory.GetFiles(gap).Order().ElementAt(1));

        foreach (var (input, output, message) in new[]
        {
            (Path.Combine(work.FullName, "nowhere"), Output, "does not exist"),
            (empty, Output, "no DICOM images"),
            (cut, Output, "no volume"),
            (gap, Output, "1 slice is missing"),
            (Series("good"), Path.Combine(work.FullName, "volume.img"), "ends in .nii or .nii.gz"),
            (Series("good"), Path.Combine(work.FullName, "no", "volume.nii"), "make it first"),
        })
        {
            var (code, _, error) = await Convert(input, output);
            Assert.Equal(1, code);
            Assert.Contains(message, error);
            Assert.DoesNotContain("   at ", error);
            Assert.Empty(work.GetFiles());
        }
    }

    string Series(string name, string echo = "10")
    {
        var folder = work.CreateSubdirectory(name).FullName;
        for (var slice = 0; slice < 4; slice++)
        {
            new DicomFile(new DicomDataset()
                .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.MRImageStorage)
                .AddOrUpdate(DicomTag.SOPInstanceUID, DicomUID.Derive(name, echo, $"{slice}"))
                .AddOrUpdate(DicomTag.StudyInstanceUID, DicomUID.Derive(name))
                .AddOrUpdate(DicomTag.SeriesInstanceUID, DicomUID.Derive(name, "series"))
                .AddOrUpdate(DicomTag.Modality, "MR")
                .AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "M")
                .AddOrUpdate(DicomTag.EchoTime, echo)
                .AddOrUpdate(DicomTag.ImagePositionPatient, "10", "-20", $"{30 + (5 * slice)}")
                .AddOrUpdate(DicomTag.ImageOrientationPatient, "1", "0", "0", "0", "1", "0")
                .AddOrUpdate(DicomTag.PixelSpacing, "2", "1.5")
                .AddOrUpdate(DicomTag.SamplesPerPixel, (ushort)1)
                .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2")
                .AddOrUpdate(DicomTag.Rows, (ushort)3)
                .AddOrUpdate(DicomTag.Columns, (ushort)2)
                .AddOrUpdate(DicomTag.BitsAllocated, (ushort)16)
                .AddOrUpdate(DicomTag.BitsStored, (ushort)12)
                .AddOrUpdate(DicomTag.HighBit, (ushort)11)
                .AddOrUpdate(DicomTag.PixelRepresentation, (ushort)0)
                .AddOrUpdate(DicomTag.PixelData, [.. Enumerable.Range(0, 12).Select(i => (byte)(i % 2 == 0 ? (10 * slice) + i : 1))]))
                .Save(Path.Combine(folder, $"{echo}-{slice}.dcm"));
        }
        return folder;
    }

    static async Task<(int Code, string Output, string Error)> Convert(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "softseg.dll"), "convert", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
