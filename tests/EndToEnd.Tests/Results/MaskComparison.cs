namespace SoftSeg.EndToEnd.Tests.Results;

/// <summary>How well a mask agrees with another on the same grid.</summary>
static class MaskComparison
{
    /// <summary>Dice of both at 0.5: 2 |A and B| / (|A| + |B|).</summary>
    public static double Dice(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Assert.Equal(a.Length, b.Length);
        long both = 0, sum = 0;
        for (var n = 0; n < a.Length; n++)
        {
            var (inA, inB) = (a[n] >= 0.5f, b[n] >= 0.5f);
            both += inA && inB ? 1 : 0;
            sum += (inA ? 1 : 0) + (inB ? 1 : 0);
        }
        return 2.0 * both / sum;
    }

    /// <summary>Areas in mm2, one per plane across the cord: the slices of an axial series, the rows of a sagittal one. A share counts as a share.</summary>
    public static double[] CrossSections(ReadOnlySpan<float> mask, Sources.SourceSeries source)
    {
        var (rows, columns) = (source.Rows, source.Columns);
        var areas = new double[source.IsAxial ? source.Slices.Count : rows];
        var pixel = source.PixelSpacing[1] * (source.IsAxial ? source.PixelSpacing[0] : source.SliceSpacing);
        for (var n = 0; n < mask.Length; n++)
            areas[source.IsAxial ? n / (rows * columns) : n / columns % rows] += mask[n] * pixel;
        return areas;
    }

    /// <summary>Mean areas (mm2) of a mask and a label where the label has one, and the mean of the absolute difference relative to the label.</summary>
    public static (double Mask, double Label, double Error) CrossSectionError(double[] mask, double[] label)
    {
        var stations = Enumerable.Range(0, label.Length).Where(n => label[n] > 0).ToArray();
        return (stations.Average(n => mask[n]), stations.Average(n => label[n]), stations.Average(n => Math.Abs(mask[n] - label[n]) / label[n]));
    }
}
