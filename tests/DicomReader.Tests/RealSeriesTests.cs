using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader.Tests;

/// <summary>
/// Series of real scanners in the folder that SOFTSEG_TESTDATA names; where it is not set, series made here stand in and the same is asserted.
/// </summary>
public sealed class RealSeriesTests : IDisposable
{
    readonly string? data = Environment.GetEnvironmentVariable("SOFTSEG_TESTDATA") is { } path && Directory.Exists(path) ? path : null;
    readonly List<string> made = [];

    public void Dispose() => made.ForEach(folder => Directory.Delete(folder, recursive: true));

    string Make(IEnumerable<DicomDataset> instances)
    {
        made.Add(GeneratedSeries.Save(instances));
        return made[^1];
    }

    static SeriesReading Read(string folder) => SeriesReader.Read(Assert.Single(SeriesFolder.Scan(folder).Series).Files);

    [Theory]
    [InlineData("dicom/t2w_sagittal", "dev/sct_example_t2_fullfov.nii.gz")]
    [InlineData("dicom/t2w_sagittal_labelled", "train/errsm_11/t2.nii.gz")]
    [InlineData("dicom/t2star_axial_labelled", "train/gmc_9418/run-1_T2starw.nii.gz")]
    public void A_series_made_from_a_NIfTI_file_is_that_volume_again(string series, string original)
    {
        var (folder, nifti) = data is not null ? (Path.Combine(data, series), Path.Combine(data, original)) : Twin();
        var stack = Check.OnlyStack(Read(folder));
        var actual = Orientation.ToCanonical(stack.Volume, out _);
        var expected = Orientation.ToCanonical(NiftiFile.Read(nifti), out _);
        Assert.Equal((expected.Slices, expected.Rows, expected.Columns), (actual.Slices, actual.Rows, actual.Columns));
        Check.Near(expected.Affine, actual.Affine, 1e-3);
        // The series has 12 bits: values are rounded to its rescale slope.
        var step = (float)stack.Frames[0].RescaleSlope;
        for (var i = 0; i < expected.Voxels.Length; i++)
        {
            var offset = Math.Abs(expected.Voxels[i] - actual.Voxels[i]);
            Assert.True(offset <= (0.5f * step) + 1e-3f, $"Voxel {i}: {expected.Voxels[i]} became {actual.Voxels[i]}; the slope is {step}.");
        }
    }

    [Theory]
    [InlineData("HFS")]
    [InlineData("HFP")]
    [InlineData("HFDL")]
    public void The_patients_position_changes_nothing(string position)
    {
        var folder = data is not null
            ? Path.Combine(data, "dev", "dicom", "positions", position)
            : Make(new GeneratedSeries { Slices = 35, SliceSpacing = 4.8, Origin = new(81.6, -130, 130), RowSpacing = 1.015625, ColumnSpacing = 1.015625 }
                .All((d, _) => d.AddOrUpdate(DicomTag.PatientPosition, position)));
        var stack = Check.OnlyStack(Read(folder));
        Assert.Equal(35, stack.Volume.Slices);
        AssertPlacedAsItsStringsSay(stack);
        AssertPixelsAreTheFiles(stack, folder);
        Check.Near(new Vector3(-4.8, 0, 0), stack.Volume.Affine.SliceStep);
        Check.Near(new Vector3(81.6, -130, 130), stack.Volume.Affine.Origin);
        Check.Near(new Vector3(0, 0, -1.015625), stack.Volume.Affine.RowStep);
        Check.Near(new Vector3(0, 1.015625, 0), stack.Volume.Affine.ColumnStep);
    }

    [Fact]
    public void Siemens_Enhanced_MR_is_one_volume()
    {
        var folder = data is not null
            ? Path.Combine(data, "dev", "dicom", "enhanced_xa30")
            : Make([EnhancedSeries.Instance(new() { Slices = 96 }, [.. Enumerable.Range(0, 96).Select(s => new EnhancedSeries.Frame(95 - s))], false)]);
        var stack = Check.OnlyStack(Read(folder));
        Assert.Equal(96, stack.Volume.Slices);
        Assert.Equal(Enumerable.Range(1, 96).Reverse(), stack.Frames.Select(f => f.FrameNumber!.Value));
        AssertPlacedAsItsStringsSay(stack);
        AssertPixelsAreTheFiles(stack, folder);
    }

    [Fact]
    public void Siemens_Enhanced_MR_of_four_time_points_is_four_volumes()
    {
        var folder = data is not null ? Only("dev/dicom/enhanced_vendors", "Siemens*") : Make(Enumerable.Range(1, 4).Select(t => EnhancedSeries.Instance(
            new(), [.. Enumerable.Range(0, 6).Select(s => new EnhancedSeries.Frame(s, EnhancedSeries.With(DicomTag.FrameContentSequence, DicomTag.TemporalPositionIndex, $"{t}")))], false, $"t{t}")));
        var reading = Read(folder);
        Assert.Empty(reading.Refusals);
        Assert.Equal([1, 2, 3, 4], reading.Stacks.Select(s => s.Repetition!.Value));
        Assert.All(reading.Stacks, s => Assert.Equal(6, s.Volume.Slices));
        Assert.All(reading.Stacks, AssertPlacedAsItsStringsSay);
        Assert.All(reading.Stacks, s => Assert.Single(s.Frames.Select(f => f.SopInstanceUid).Distinct()));
        Assert.Contains("6 positions have up to 4 images each: split by temporal position: 1, 2, 3, 4.", reading.Notes);
    }

    [Fact]
    public void Philips_magnitude_and_field_map_in_one_instance_are_two_volumes()
    {
        var folder = data is not null ? Only("dev/dicom/enhanced_vendors", "Philips*") : Make([EnhancedSeries.Instance(new() { Slices = 32 }, [
            .. Enumerable.Range(0, 32).Select(s => new EnhancedSeries.Frame(s, EnhancedSeries.With(DicomTag.MRImageFrameTypeSequence, DicomTag.ComplexImageComponent, "MAGNITUDE"))),
            .. Enumerable.Range(0, 32).Select(s => new EnhancedSeries.Frame(s, EnhancedSeries.With(DicomTag.MRImageFrameTypeSequence, DicomTag.ComplexImageComponent, "REAL")))], true)]);
        var reading = Read(folder);
        Assert.Empty(reading.Refusals);
        Assert.Equal([ComplexComponent.Magnitude, ComplexComponent.Real], reading.Stacks.Select(s => s.Component).Order());
        Assert.All(reading.Stacks, s => Assert.Equal(32, s.Volume.Slices));
        Assert.All(reading.Stacks, AssertPlacedAsItsStringsSay);
        Assert.All(reading.Stacks, s => AssertPixelsAreTheFiles(s, folder));
        Assert.Contains("Split by complex image component: magnitude, real.", reading.Notes);
    }

    [Fact]
    public void A_slice_in_a_syntax_that_is_not_read_is_refused_by_its_name()
    {
        var fragments = new DicomFragmentSequence(DicomTag.PixelData, DicomVR.OB);
        fragments.Fragments.Add(new byte[100]);
        var file = Path.Combine(Folder(), "slice.dcm");
        new DicomFile(new GeneratedSeries().Slice(0).AddOrUpdate(fragments), DicomTransferSyntax.HTJ2KLossless).Save(file);
        Assert.Contains("High-Throughput", Assert.Single(SeriesReader.Read([file]).Refusals).Reason);
    }

    [Fact]
    public void A_JPEG_Lossless_slice_has_the_pixels_that_DCMTK_decodes()
    {
        var folder = Folder();
        var compressed = Path.Combine(folder, "compressed.dcm");
        if (data is not null)
        {
            // Its fragments lack their final delimiter, which DCMTK refuses; written again they have one.
            DicomFile.Open(Path.Combine(data, "dev", "dicom", "spine_slice_GH1339_jpegll.dcm")).Save(compressed);
        }
        else
        {
            new DicomFile(new GeneratedSeries().Slice(0)).Save(Path.Combine(folder, "slice.dcm"));
            Dcmtk("dcmcjpeg", Path.Combine(folder, "slice.dcm"), compressed);
        }
        var plain = Path.Combine(folder, "plain.dcm");
        Dcmtk("dcmdjpeg", compressed, plain);
        Assert.Equal(Assert.Single(SeriesReader.Read([plain]).Stacks).Volume.Voxels, Assert.Single(SeriesReader.Read([compressed]).Stacks).Volume.Voxels);
    }

    static void Dcmtk(string tool, string from, string to)
    {
        using var process = System.Diagnostics.Process.Start(tool, [from, to]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    string Folder()
    {
        var folder = Directory.CreateTempSubdirectory("softseg-compressed-").FullName;
        made.Add(folder);
        return folder;
    }

    /// <summary>The same voxels as a DICOM series and as a NIfTI file.</summary>
    (string Folder, string Nifti) Twin()
    {
        var series = GeneratedSeries.Oblique() with { Slices = 9 };
        var folder = Make(series.All());
        var nifti = Path.Combine(Directory.CreateTempSubdirectory("softseg-nifti-").FullName, "volume.nii.gz");
        made.Add(Path.GetDirectoryName(nifti)!);
        var voxels = new float[series.Slices * series.Rows * series.Columns];
        var volume = new Volume(voxels, series.Slices, series.Rows, series.Columns, series.Affine);
        for (var i = 0; i < voxels.Length; i++)
            voxels[i] = GeneratedSeries.Stored(i / (series.Rows * series.Columns), i / series.Columns % series.Rows, i % series.Columns);
        NiftiFile.Write(nifti, volume);
        return (folder, nifti);
    }

    string Only(string folder, string pattern)
    {
        var links = Directory.CreateTempSubdirectory("softseg-links-").FullName;
        made.Add(links);
        foreach (var file in Directory.GetFiles(Path.Combine(data!, folder), pattern))
            File.CreateSymbolicLink(Path.Combine(links, Path.GetFileName(file)), file);
        return links;
    }

    /// <summary>Every slice lies where its own strings put it, and positions ascend along the normal.</summary>
    static void AssertPlacedAsItsStringsSay(ImageStack stack)
    {
        var affine = stack.Volume.Affine;
        var last = double.NegativeInfinity;
        for (var s = 0; s < stack.Frames.Count; s++)
        {
            var frame = stack.Frames[s];
            var (position, o, spacing) = (Numbers(frame.ImagePositionPatient), Numbers(frame.ImageOrientationPatient), Numbers(frame.PixelSpacing));
            var (row, column) = (new Vector3(o[0], o[1], o[2]), new Vector3(o[3], o[4], o[5]));
            var first = new Vector3(position[0], position[1], position[2]);
            Check.Near(first, affine.ToPatient(s, 0, 0));
            Check.Near(first + (column * (spacing[0] * 10)) + (row * (spacing[1] * 20)), affine.ToPatient(s, 10, 20));
            var along = first.Dot(row.Cross(column));
            Assert.True(along > last);
            last = along;
        }
    }

    /// <summary>Every slice has the rescaled pixels of its own frame, read here byte by byte.</summary>
    static void AssertPixelsAreTheFiles(ImageStack stack, string folder)
    {
        var files = Directory.GetFiles(folder).Select(f => DicomFile.Open(f).Dataset).ToDictionary(d => d.GetString(DicomTag.SOPInstanceUID));
        for (var s = 0; s < stack.Frames.Count; s++)
        {
            var frame = stack.Frames[s];
            var bytes = files[frame.SopInstanceUid].GetBytes(DicomTag.PixelData).Span;
            var start = frame.FrameIndex * frame.Rows * frame.Columns;
            for (var i = 0; i < frame.Rows * frame.Columns; i += 7)
            {
                var stored = bytes[2 * (start + i)] | (bytes[(2 * (start + i)) + 1] << 8);
                Assert.Equal((stored * frame.RescaleSlope) + frame.RescaleIntercept, stack.Volume.Slice(s)[i], 1e-2);
            }
        }
    }

    static double[] Numbers(string[] texts) => [.. texts.Select(t => double.Parse(t, CultureInfo.InvariantCulture))];
}
