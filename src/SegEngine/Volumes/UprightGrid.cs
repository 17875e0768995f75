namespace SoftSeg.SegEngine;

/// <summary>
/// Thick slices across the cord, turned within their planes to the patient's axes where they are far from them: the networks know cords that are wider from
/// right to left than from front to back (decision 0081). No slice is mixed with another.
/// </summary>
static class UprightGrid
{
    /// <summary>Networks are trained with turns up to this, degrees; below it pixels are better left as they are, as any turn blurs.</summary>
    const double LargestTurn = 20;

    /// <summary>Slices are thick where they are this many times as far apart as pixels.</summary>
    const double Thick = 1.5;

    /// <summary>Least distance of the new pixels, mm: a little finer than what the fine network sees.</summary>
    const double FinestPixel = 0.5;

    /// <summary>The volume on an upright grid that holds all of it.</summary>
    /// <param name="canonical">In canonical axis order.</param>
    /// <param name="turn">By how much its pixels were turned about the slices' normal, degrees.</param>
    /// <returns><see langword="null"/> where its own grid is upright enough, or its slices are not thick.</returns>
    public static Volume? Of(Volume canonical, out double turn)
    {
        var (slice, row, column) = canonical.Affine.Spacing;
        var (down, right) = (canonical.Affine.RowStep / row, canonical.Affine.ColumnStep / column);
        // The turn that brings both axes nearest to the patient's, y and x.
        var angle = Math.Atan2(right.Y - down.X, down.Y + right.X);
        turn = double.RadiansToDegrees(Math.Abs(angle));
        if (turn <= LargestTurn || slice < Thick * Math.Max(row, column))
            return null;

        var (sin, cos) = Math.SinCos(angle);
        var pixel = Math.Max(FinestPixel, Math.Min(row, column));
        var (rowStep, columnStep) = (((down * cos) + (right * sin)) * pixel, ((right * cos) - (down * sin)) * pixel);
        var (height, width) = (canonical.Rows * row, canonical.Columns * column);
        var rows = (int)Math.Ceiling(((height * cos) + (width * Math.Abs(sin))) / pixel);
        var columns = (int)Math.Ceiling(((width * cos) + (height * Math.Abs(sin))) / pixel);
        var origin = canonical.Affine.ToPatient(0, (canonical.Rows - 1) / 2.0, (canonical.Columns - 1) / 2.0) - (rowStep * ((rows - 1) / 2.0)) - (columnStep * ((columns - 1) / 2.0));
        return Resampler.SampleGrid(canonical, canonical.Slices, rows, columns, new Affine(origin, canonical.Affine.SliceStep, rowStep, columnStep), canonical.Voxels.Min());
    }
}
