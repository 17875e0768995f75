using SoftSeg.Dicom;
using static SoftSeg.DicomReader.Tests.EnhancedSeries;

namespace SoftSeg.DicomReader.Tests;

public sealed class EnhancedTests
{
    static readonly GeneratedSeries series = GeneratedSeries.Oblique();

    static readonly int[] shuffled = [4, 0, 5, 2, 1, 3];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Frames_are_sorted_by_position_and_keep_their_numbers(bool sharedPlane)
    {
        var stack = Check.OnlyStack(SeriesReader.Read([Instance(series, [.. shuffled.Select(s => new Frame(s))], sharedPlane)]));
        Check.IsSeries(series, stack);
        Assert.Equal(Enumerable.Range(0, 6).Select(s => Array.IndexOf(shuffled, s) + 1), stack.Frames.Select(f => f.FrameNumber!.Value));
    }

    [Fact]
    public void A_file_with_many_frames_is_read()
    {
        var folder = GeneratedSeries.Save([Instance(series, [.. shuffled.Select(s => new Frame(s))], true)], DicomTransferSyntax.ImplicitVRLittleEndian);
        try
        {
            Check.IsSeries(series, Check.OnlyStack(SeriesReader.Read(Directory.GetFiles(folder))));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void One_stack_may_lie_in_several_instances()
    {
        var odd = Instance(series, [new(5), new(1), new(3)], true, "odd");
        var even = Instance(series, [new(0), new(2), new(4)], false, "even");
        var stack = Check.OnlyStack(SeriesReader.Read([odd, even]));
        Check.IsSeries(series, stack);
        Assert.Equal([1, 2, 2, 3, 3, 1], stack.Frames.Select(f => f.FrameNumber!.Value));
    }

    static readonly Dictionary<string, (Action<DicomDataset> First, Action<DicomDataset> Second, string Note)> differences = new()
    {
        ["echo"] = (
            With(DicomTag.MREchoSequence, DicomTag.EffectiveEchoTime, "10"),
            With(DicomTag.MREchoSequence, DicomTag.EffectiveEchoTime, "20"), "Split by EchoTime: 10, 20."),
        ["time"] = (
            With(DicomTag.FrameContentSequence, DicomTag.TemporalPositionIndex, "1"),
            With(DicomTag.FrameContentSequence, DicomTag.TemporalPositionIndex, "2"), "split by temporal position: 1, 2."),
        ["b-value"] = (
            With(DicomTag.MRDiffusionSequence, DicomTag.DiffusionBValue, "0"),
            With(DicomTag.MRDiffusionSequence, DicomTag.DiffusionBValue, "1000"), "Split by diffusion b-value: 0, 1000."),
        ["direction"] = (Direction(0, 0, 1), Direction(0, 1, 0), "Split by diffusion direction: 0,0,1, 0,1,0."),
        ["component"] = (
            With(DicomTag.MRImageFrameTypeSequence, DicomTag.ComplexImageComponent, "MAGNITUDE"),
            With(DicomTag.MRImageFrameTypeSequence, DicomTag.ComplexImageComponent, "IMAGINARY"), "Split by complex image component: imaginary, magnitude."),
        ["frame type"] = (
            With(DicomTag.MRImageFrameTypeSequence, DicomTag.FrameType, "ORIGINAL", "PRIMARY", "M", "NONE"),
            With(DicomTag.MRImageFrameTypeSequence, DicomTag.FrameType, "DERIVED", "PRIMARY", "M", "ADDITION"), "Split by ImageType, value 1: DERIVED, ORIGINAL."),
        ["stack"] = (
            With(DicomTag.FrameContentSequence, DicomTag.StackID, "1a"),
            With(DicomTag.FrameContentSequence, DicomTag.StackID, "10"), "Split by StackID: 10, 1a."),
        ["a dimension of the instance's own"] = (
            With(DicomTag.FrameContentSequence, DicomTag.DimensionIndexValues, "1", "7"),
            With(DicomTag.FrameContentSequence, DicomTag.DimensionIndexValues, "1", "8"), "split by DimensionIndexValues, value 2: 7, 8."),
    };

    public static TheoryData<string> Differences => [.. differences.Keys];

    [Theory, MemberData(nameof(Differences))]
    public void Frames_of_two_stacks_in_one_instance_are_told_apart(string by)
    {
        var (first, second, note) = differences[by];
        var reading = SeriesReader.Read([Instance(series, [.. shuffled.SelectMany(s => new[] { new Frame(s, second), new Frame(s, first) })], true)]);
        Assert.Empty(reading.Refusals);
        Assert.Equal(2, reading.Stacks.Count);
        Assert.All(reading.Stacks, s => Check.IsSeries(series, s));
        Assert.Equal([0, 1], reading.Stacks.Select(s => s.Frames.Select(f => f.FrameNumber!.Value % 2).Distinct().Single()).Order());
        Assert.Contains(reading.Notes, n => n.Contains(note));
    }

    [Fact]
    public void Each_frame_has_its_own_rescale()
    {
        var frames = shuffled.Select(s => new Frame(s, With(DicomTag.PixelValueTransformationSequence, DicomTag.RescaleSlope, $"{s + 1}"))).ToArray();
        var volume = Check.OnlyStack(SeriesReader.Read([Instance(series, frames, true)])).Volume;
        for (var s = 0; s < 6; s++)
            Assert.Equal(GeneratedSeries.Stored(s, 4, 3) * (s + 1), volume[s, 4, 3]);
    }

    [Theory]
    [InlineData("PlanePositionSequence", "ImagePositionPatient is missing in frame 1")]
    [InlineData("PlaneOrientationSequence", "ImageOrientationPatient is missing in frame 1")]
    [InlineData("PixelMeasuresSequence", "PixelSpacing is missing in frame 1")]
    public void A_missing_group_is_named_by_its_attribute(string keyword, string expected)
    {
        var tag = DicomDictionary.LookupKeyword(keyword)!.Tag;
        var instance = Instance(series, [.. shuffled.Select(s => new Frame(s, g => g.Remove(tag)))], false);
        Assert.Contains(expected, Assert.Single(SeriesReader.Read([instance]).Refusals).Reason);
    }

    [Fact]
    public void Fewer_bytes_than_frames_are_refused()
    {
        var instance = Instance(series, [.. shuffled.Select(s => new Frame(s))], true);
        instance.AddOrUpdate(DicomTag.PixelData, instance.GetBytes(DicomTag.PixelData)[..200]);
        Assert.Contains("200 bytes; 240 are expected: 6 frames of 5 x 4", Assert.Single(SeriesReader.Read([instance]).Refusals).Reason);
    }

    [Fact]
    public void Twelve_bit_signed_frames_keep_their_sign()
    {
        var instance = Instance(series, [.. shuffled.Select(s => new Frame(s))], true)
            .AddOrUpdate(DicomTag.PixelRepresentation, 1)
            .AddOrUpdate(DicomTag.PixelData, Enumerable.Range(0, 6 * 20).Select(i => (ushort)((4096 - i) & 0xFFF)).ToArray());
        var volume = Check.OnlyStack(SeriesReader.Read([instance])).Volume;
        Assert.Equal(-119, volume[3, 4, 3]);
    }

    static Action<DicomDataset> Direction(double x, double y, double z) => groups => groups.AddOrUpdate(DicomTag.MRDiffusionSequence, new DicomDataset()
        .AddOrUpdate(DicomTag.DiffusionBValue, 500.0)
        .AddOrUpdate(DicomTag.DiffusionGradientDirectionSequence, new DicomDataset().AddOrUpdate(DicomTag.DiffusionGradientOrientation, x, y, z)));
}
