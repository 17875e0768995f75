using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader.Tests;

static class Check
{
    public static ImageStack OnlyStack(SeriesReading reading)
    {
        Assert.Empty(reading.Refusals);
        return Assert.Single(reading.Stacks);
    }

    public static void Near(Vector3 expected, Vector3 actual, double tolerance = 1e-3) =>
        Assert.True((expected - actual).Length <= tolerance, $"Expected {expected}, got {actual}.");

    public static void Near(Affine expected, Affine actual, double tolerance = 1e-6)
    {
        Near(expected.Origin, actual.Origin, tolerance);
        Near(expected.SliceStep, actual.SliceStep, tolerance);
        Near(expected.RowStep, actual.RowStep, tolerance);
        Near(expected.ColumnStep, actual.ColumnStep, tolerance);
    }

    /// <summary>The volume has the series' place, and every voxel is the stored value that belongs there.</summary>
    public static void IsSeries(GeneratedSeries series, ImageStack stack, double slope = 1, double intercept = 0)
    {
        Assert.Equal((series.Slices, series.Rows, series.Columns), (stack.Volume.Slices, stack.Volume.Rows, stack.Volume.Columns));
        Near(series.Affine, stack.Volume.Affine);
        Assert.Equal(series.Slices, stack.Frames.Count);
        for (var s = 0; s < series.Slices; s++)
        {
            for (var r = 0; r < series.Rows; r++)
            {
                for (var c = 0; c < series.Columns; c++)
                    Assert.Equal((float)((GeneratedSeries.Stored(s, r, c) * slope) + intercept), stack.Volume[s, r, c], 1e-3f);
            }
            Assert.Equal(GeneratedSeries.Texts(series.Origin + (series.Normal * (series.SliceSpacing * s))), stack.Frames[s].ImagePositionPatient);
        }
    }
}
