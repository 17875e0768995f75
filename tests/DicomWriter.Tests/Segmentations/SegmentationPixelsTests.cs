using System.Globalization;
using System.Security.Cryptography;
using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Segmentations;
using SoftSeg.DicomWriter.Tests.Sources;
using SoftSeg.DicomWriter.Tests.Tools;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Tests.Segmentations;

/// <summary>The voxels that a receiver decodes are those of the mask, at their places.</summary>
public sealed class SegmentationPixelsTests
{
    /// <summary>Slices, rows, columns, and the form that the size rule demands of the hard mask.</summary>
    public static TheoryData<int, int, int, SegmentationForm> Sizes => new()
    {
        { 5, 64, 64, SegmentationForm.Binary },
        { 5, 50, 50, SegmentationForm.FractionalHard },
        { 5, 51, 51, SegmentationForm.FractionalHard },
        { 6, 24, 25, SegmentationForm.Binary },
        { 5, 24, 25, SegmentationForm.FractionalHard },
        { 3, 320, 320, SegmentationForm.Binary },
        { 3, 512, 384, SegmentationForm.Binary },
        { 1, 64, 64, SegmentationForm.Binary },
        { 1, 24, 25, SegmentationForm.FractionalHard },
        { 1, 7, 3, SegmentationForm.FractionalHard },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Voxels_come_back_exactly(int slices, int rows, int columns, SegmentationForm hardForm)
    {
        var context = Source.Classic(Phantom.Tube(slices, rows, columns, Phantom.Oblique()));
        var hard = SegmentationBuilder.BuildHard(context);
        Assert.Equal(hardForm == SegmentationForm.Binary ? "BINARY" : "FRACTIONAL", hard.Dataset.GetString(DicomTag.SegmentationType));
        AssertSame(context, hard, share => share >= 0.5f ? 1 : 0);
        AssertSame(context, SegmentationBuilder.BuildSoft(context), share => MathF.Round(share * 255, MidpointRounding.AwayFromZero) / 255);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Pydicom_decodes_the_same_voxels(int slices, int rows, int columns, SegmentationForm hardForm)
    {
        var context = Source.Classic(Phantom.Tube(slices, rows, columns, Phantom.Oblique()));
        var one = (byte)(hardForm == SegmentationForm.Binary ? 1 : 255);
        AssertSameInPydicom(context, SegmentationBuilder.BuildHard(context), share => share >= 0.5f ? one : (byte)0);
        AssertSameInPydicom(context, SegmentationBuilder.BuildSoft(context), share => (byte)MathF.Round(share * 255, MidpointRounding.AwayFromZero));
    }

    [Theory]
    [InlineData(2, 7)]
    [InlineData(5, 12)]
    [InlineData(0, 5)]
    public void An_empty_frame_makes_a_binary_mask_of_odd_frames_readable(int from, int to)
    {
        var context = Source.Classic(Phantom.Tube(12, 24, 25, Phantom.Axial(), from, to));
        var hard = SegmentationBuilder.BuildHard(context);
        Assert.Equal("BINARY", hard.Dataset.GetString(DicomTag.SegmentationType));
        Assert.Equal(((to - from) + 1) / 2 * 2, hard.Dataset.GetInt32(DicomTag.NumberOfFrames));
        AssertSame(context, hard, share => share >= 0.5f ? 1 : 0);
    }

    [Fact]
    public void Binary_is_written_only_where_every_viewer_unpacks_its_bits()
    {
        for (var rows = 5; rows < 26; rows++)
        {
            for (var slices = 1; slices < 5; slices++)
            {
                var seg = SegmentationBuilder.BuildHard(Source.Classic(Phantom.Tube(slices, rows, 20, Phantom.Axial()))).Dataset;
                var fits = rows * 20 % 8 == 0 && seg.GetInt32(DicomTag.NumberOfFrames) * rows * 20 % 16 == 0;
                Assert.Equal(fits ? "BINARY" : "FRACTIONAL", seg.GetString(DicomTag.SegmentationType));
            }
        }
    }

    [Fact]
    public void Bits_of_frames_run_on_without_alignment_least_significant_first()
    {
        var packed = new byte[4];
        BitPacking.Pack([1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1], packed, 0);
        BitPacking.Pack([1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1], packed, 11);
        Assert.Equal([0b0011_1001, 0b0001_1100, 0b0010_0101, 0], packed);
        Assert.Equal(3, BitPacking.LengthInBytes(22));
        Assert.Equal([1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1], Enumerable.Range(11, 11).Select(i => BitPacking.At(packed, i)));
    }

    [Fact]
    public void Pixel_data_has_an_even_length()
    {
        var seg = SegmentationBuilder.BuildSoft(Source.Classic(Phantom.Tube(1, 7, 3, Phantom.Axial())));
        Assert.Equal(22, seg.Dataset.GetBytes(DicomTag.PixelData).Length);
    }

    static void AssertSame(ResultContext context, DicomFile file, Func<float, float> expected)
    {
        using var saved = new TemporaryFile(file);
        var frames = SegmentationFrame.Of(DicomFile.Open(saved.Path).Dataset);
        var size = context.Mask.Rows * context.Mask.Columns;
        var found = new bool[context.Mask.Slices];
        foreach (var frame in frames)
        {
            var slice = Enumerable.Range(0, context.Frames.Count).Single(i => context.Frames[i].SopInstanceUid == frame.SourceInstanceUid);
            found[slice] = true;
            Assert.Equal(context.Frames[slice].ImagePositionPatient.Select(v => double.Parse(v, CultureInfo.InvariantCulture)), frame.ImagePositionPatient);
            for (var i = 0; i < size; i++)
            {
                if (expected(context.Mask.Voxels[(slice * size) + i]) != frame.Share[i])
                    Assert.Fail($"slice {slice}, row {i / context.Mask.Columns}, column {i % context.Mask.Columns}: {frame.Share[i]}");
            }
        }
        for (var slice = 0; slice < found.Length; slice++)
            Assert.True(found[slice] || context.Mask.Slice(slice).ToArray().All(s => expected(s) == 0), $"slice {slice} is left out and not empty");
    }

    static void AssertSameInPydicom(ResultContext context, DicomFile file, Func<float, byte> expected)
    {
        using var saved = new TemporaryFile(file);
        var script = Path.Combine(AppContext.BaseDirectory, "Tools", "decode_seg.py");
        var (exitCode, output) = ExternalTool.Run("/usr/bin/python3", "python3-pydicom python3-numpy", script, saved.Path);
        Assert.True(exitCode == 0, output + "\nIf a module is missing: sudo apt-get install python3-pydicom python3-numpy");
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).ToDictionary(l => l[0], l => l[1]);
        var written = 0;
        for (var slice = 0; slice < context.Mask.Slices; slice++)
        {
            var pixels = context.Mask.Slice(slice).ToArray().Select(expected).ToArray();
            var position = string.Join('\\', context.Frames[slice].ImagePositionPatient.Select(Python));
            if (!lines.TryGetValue(position, out var digest))
            {
                Assert.True(pixels.All(p => p == 0) && lines.Count > 0, $"slice {slice} at {position} is missing:\n{output}");
                continue;
            }
            written++;
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(pixels)), digest);
        }
        Assert.Equal(lines.Count, written);
    }

    /// <summary>A decimal string as Python prints its float.</summary>
    static string Python(string text)
    {
        var value = double.Parse(text, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture);
        return value.Contains('.') || value.Contains('E') ? value : value + ".0";
    }
}
