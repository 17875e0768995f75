using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests.Results;

static class SourceGrid
{
    /// <summary>Rows, columns, position and orientation of every frame are those of its source instance, character by character.</summary>
    public static void AssertFramesLieOn(SourceSeries source, ReceivedSegmentation segmentation)
    {
        Assert.NotEmpty(segmentation.Frames);
        Assert.Equal((source.Rows, source.Columns), (segmentation.Rows, segmentation.Columns));
        foreach (var frame in segmentation.Frames)
        {
            var slice = source.Slices[source.SliceOf(frame.SourceInstanceUid)];
            Assert.Equal(slice.ImagePositionPatient, frame.ImagePositionPatient);
            Assert.Equal(slice.ImageOrientationPatient, frame.ImageOrientationPatient);
        }
    }
}
