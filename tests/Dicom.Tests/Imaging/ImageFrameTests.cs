using SoftSeg.Dicom.Imaging;

namespace SoftSeg.Dicom.Tests.Imaging;

public sealed class ImageFrameTests
{
    [Fact]
    public void A_classic_image_keeps_its_strings_to_the_letter()
    {
        var frame = Assert.Single(ImageFrame.Of(Classic()));
        Assert.Equal(["-81.599998474121", "1e-3", "+130.50"], frame.ImagePositionPatient);
        Assert.Equal(["0", "1", "0", "-0", "0.0", "-1"], frame.ImageOrientationPatient);
        Assert.Equal(["0.50", "0.75"], frame.PixelSpacing);
        Assert.Equal(("4.0", "4.80"), (frame.SliceThickness, frame.SpacingBetweenSlices));
        Assert.Equal((5, 7), (frame.Rows, frame.Columns));
        Assert.Equal((1.0, 0.0), (frame.RescaleSlope, frame.RescaleIntercept));
        Assert.Null(frame.FrameNumber);
        Assert.Equal(0, frame.FrameIndex);
        Assert.Null(frame.FunctionalGroup(DicomTag.PlanePositionSequence));
    }

    [Fact]
    public void What_is_missing_is_empty()
    {
        var frame = Assert.Single(ImageFrame.Of(new DicomDataset().AddOrUpdate(DicomTag.SOPClassUID, "1.2").AddOrUpdate(DicomTag.SOPInstanceUID, "1.3")));
        Assert.Empty(frame.ImagePositionPatient);
        Assert.Empty(frame.ImageOrientationPatient);
        Assert.Empty(frame.PixelSpacing);
        Assert.Null(frame.SliceThickness);
        Assert.Equal(0, frame.Rows);
    }

    [Fact]
    public void An_instance_without_UIDs_is_refused_by_keyword() =>
        Assert.Contains("SOPClassUID", Assert.Throws<DicomDataException>(() => ImageFrame.Of(new DicomDataset())).Message);

    [Fact]
    public void Per_frame_groups_come_before_shared_ones()
    {
        var frames = ImageFrame.Of(Enhanced(2)
            .AddOrUpdate(DicomTag.SharedFunctionalGroupsSequence, Item(DicomTag.PixelMeasuresSequence, d => d.AddOrUpdate(DicomTag.PixelSpacing, "2", "3").AddOrUpdate(DicomTag.SliceThickness, "9"))
                .AddOrUpdate(DicomTag.PlaneOrientationSequence, new DicomDataset().AddOrUpdate(DicomTag.ImageOrientationPatient, "1", "0", "0", "0", "1", "0")))
            .AddOrUpdate(DicomTag.PerFrameFunctionalGroupsSequence,
                Item(DicomTag.PlanePositionSequence, d => d.AddOrUpdate(DicomTag.ImagePositionPatient, "1", "2", "3")),
                Item(DicomTag.PlanePositionSequence, d => d.AddOrUpdate(DicomTag.ImagePositionPatient, "1", "2", "8"))
                    .AddOrUpdate(DicomTag.PixelMeasuresSequence, new DicomDataset().AddOrUpdate(DicomTag.PixelSpacing, "4", "5"))
                    .AddOrUpdate(DicomTag.PixelValueTransformationSequence, new DicomDataset().AddOrUpdate(DicomTag.RescaleSlope, "2.5").AddOrUpdate(DicomTag.RescaleIntercept, "-10"))));

        Assert.Equal([1, 2], frames.Select(f => f.FrameNumber!.Value));
        Assert.Equal(["2", "3"], frames[0].PixelSpacing);
        Assert.Equal("9", frames[0].SliceThickness);
        Assert.Equal(["4", "5"], frames[1].PixelSpacing);
        Assert.Null(frames[1].SliceThickness); // a macro is taken whole
        Assert.Equal(["1", "2", "8"], frames[1].ImagePositionPatient);
        Assert.All(frames, f => Assert.Equal(["1", "0", "0", "0", "1", "0"], f.ImageOrientationPatient));
        Assert.Equal((2.5, -10.0), (frames[1].RescaleSlope, frames[1].RescaleIntercept));
        Assert.Equal("1.3", frames[1].SopInstanceUid);
    }

    [Theory]
    [InlineData(3, 2, "NumberOfFrames (0028,0008) is 3, but PerFrameFunctionalGroupsSequence (5200,9230) has 2 items")]
    [InlineData(1000000000, 2, "NumberOfFrames (0028,0008) is 1000000000")]
    [InlineData(4, 0, "there is no PerFrameFunctionalGroupsSequence")]
    public void Frames_without_their_groups_are_refused(int frames, int items, string expected)
    {
        var instance = Enhanced(frames);
        if (items > 0)
            instance.AddOrUpdate(DicomTag.PerFrameFunctionalGroupsSequence, [.. Enumerable.Range(0, items).Select(_ => new DicomDataset())]);
        Assert.Contains(expected, Assert.Throws<DicomDataException>(() => ImageFrame.Of(instance)).Message);
    }

    static DicomDataset Item(DicomTag sequence, Action<DicomDataset> fill)
    {
        var item = new DicomDataset();
        fill(item);
        return new DicomDataset().AddOrUpdate(sequence, item);
    }

    static DicomDataset Enhanced(int frames) => new DicomDataset()
        .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.EnhancedMRImageStorage).AddOrUpdate(DicomTag.SOPInstanceUID, "1.3").AddOrUpdate(DicomTag.NumberOfFrames, frames);

    static DicomDataset Classic() => new DicomDataset()
        .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.MRImageStorage)
        .AddOrUpdate(DicomTag.SOPInstanceUID, "1.3")
        .AddOrUpdate(DicomTag.ImagePositionPatient, "-81.599998474121", "1e-3", "+130.50")
        .AddOrUpdate(DicomTag.ImageOrientationPatient, "0", "1", "0", "-0", "0.0", "-1")
        .AddOrUpdate(DicomTag.PixelSpacing, "0.50", "0.75")
        .AddOrUpdate(DicomTag.SliceThickness, "4.0")
        .AddOrUpdate(DicomTag.SpacingBetweenSlices, "4.80")
        .AddOrUpdate(DicomTag.Rows, 5)
        .AddOrUpdate(DicomTag.Columns, 7);
}
