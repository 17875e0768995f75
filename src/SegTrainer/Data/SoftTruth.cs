using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Data;

/// <summary>
/// Turns a hard manual mask into a share: the mask becomes a sub-voxel surface whose enclosed area is the mask's own area
/// in every slice (smoothed along the cord where slices are thin), and the share is that surface's area in each pixel.
/// </summary>
public static class SoftTruth
{
    const int Subdivision = 8;

    /// <summary>Width of the smoothing that turns pixel steps into a surface, in pixels; at least <see cref="SmoothingMillimetres"/>.</summary>
    const double SmoothingPixels = 0.75;
    const double SmoothingMillimetres = 0.5;

    /// <summary>Smoothing along the cord, mm; only where slices are at most <see cref="ThinSlice"/> apart.</summary>
    const double SmoothingAlong = 1.2;
    const double ThinSlice = 2.0;

    /// <summary>The share of every voxel inside the surface of <paramref name="mask"/>.</summary>
    /// <param name="mask">0 or 1, <c>[slice, row, column]</c> in canonical order (slices cross the cord).</param>
    /// <returns>0..1 on the same grid. Slices without a label stay 0.</returns>
    public static Volume FromHardMask(Volume mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        var (sliceSpacing, rowSpacing, columnSpacing) = mask.Affine.Spacing;
        var share = mask.LikeThis();
        var labelled = LabelledSlices(mask);
        var along = sliceSpacing <= ThinSlice ? GaussianKernel(SmoothingAlong / sliceSpacing) : [1f];
        var downRows = GaussianKernel(Math.Max(SmoothingPixels, SmoothingMillimetres / rowSpacing));
        var acrossColumns = GaussianKernel(Math.Max(SmoothingPixels, SmoothingMillimetres / columnSpacing));
        var margin = 2 + Math.Max(downRows.Length / 2, acrossColumns.Length / 2);
        for (var slice = 0; slice < mask.Slices; slice++)
        {
            if (!labelled[slice])
                continue;
            if (Bounds(mask, slice, along.Length / 2, margin) is not { } box)
                continue;
            var smooth = AlongCord(mask, labelled, slice, along, box);
            var area = smooth.Sum();
            smooth = Convolve(smooth, box.Rows, box.Columns, downRows, acrossColumns);
            Cover(smooth, box, area, share, slice);
        }
        return share;
    }

    /// <summary>Which slices carry any label.</summary>
    public static bool[] LabelledSlices(Volume mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        var labelled = new bool[mask.Slices];
        for (var slice = 0; slice < mask.Slices; slice++)
            labelled[slice] = mask.Slice(slice).ContainsAnyInRange(0.5f, float.MaxValue);
        return labelled;
    }

    static float[] GaussianKernel(double sigma)
    {
        var radius = Math.Max(1, (int)Math.Ceiling(3 * sigma));
        var kernel = new float[(2 * radius) + 1];
        for (var i = -radius; i <= radius; i++)
            kernel[i + radius] = (float)Math.Exp(-0.5 * i * i / (sigma * sigma));
        var sum = kernel.Sum();
        for (var i = 0; i < kernel.Length; i++)
            kernel[i] /= sum;
        return kernel;
    }

    static Box? Bounds(Volume mask, int slice, int reach, int margin)
    {
        int top = int.MaxValue, bottom = -1, left = int.MaxValue, right = -1;
        for (var s = Math.Max(0, slice - reach); s <= Math.Min(mask.Slices - 1, slice + reach); s++)
        {
            var plane = mask.Slice(s);
            for (var i = plane.IndexOfAnyInRange(0.5f, float.MaxValue); i >= 0 && i < plane.Length; i++)
            {
                if (plane[i] < 0.5f)
                    continue;
                var (row, column) = Math.DivRem(i, mask.Columns);
                (top, bottom) = (Math.Min(top, row), Math.Max(bottom, row));
                (left, right) = (Math.Min(left, column), Math.Max(right, column));
            }
        }
        return bottom < 0 ? null : new Box(top - margin, left - margin, bottom - top + 1 + (2 * margin), right - left + 1 + (2 * margin));
    }

    /// <summary>The mask averaged along the cord over labelled slices only, so that an end slice is not thinned by what is not labelled.</summary>
    static float[] AlongCord(Volume mask, bool[] labelled, int slice, float[] kernel, Box box)
    {
        var result = new float[box.Rows * box.Columns];
        var total = 0f;
        var radius = kernel.Length / 2;
        for (var k = -radius; k <= radius; k++)
        {
            // A window that is symmetric at every slice keeps the centre where it is near the ends of the labelled range.
            if (!Labelled(slice + k) || !Labelled(slice - k))
                continue;
            total += kernel[k + radius];
            for (var row = 0; row < box.Rows; row++)
            {
                var y = row + box.Top;
                if (y < 0 || y >= mask.Rows)
                    continue;
                for (var column = 0; column < box.Columns; column++)
                {
                    var x = column + box.Left;
                    if (x >= 0 && x < mask.Columns && mask[slice + k, y, x] >= 0.5f)
                        result[(row * box.Columns) + column] += kernel[k + radius];
                }
            }
        }
        for (var i = 0; i < result.Length; i++)
            result[i] /= total;
        return result;

        bool Labelled(int s) => s >= 0 && s < labelled.Length && labelled[s];
    }

    static float[] Convolve(float[] values, int rows, int columns, float[] downRows, float[] acrossColumns)
    {
        var between = new float[values.Length];
        var result = new float[values.Length];
        Pass(values, between, rows, columns, columns, 1, acrossColumns);
        Pass(between, result, columns, rows, 1, columns, downRows);
        return result;

        static void Pass(float[] from, float[] to, int lines, int length, int lineStep, int step, float[] kernel)
        {
            var radius = kernel.Length / 2;
            for (var line = 0; line < lines; line++)
            {
                for (var i = 0; i < length; i++)
                {
                    var sum = 0f;
                    for (var k = Math.Max(-radius, -i); k <= Math.Min(radius, length - 1 - i); k++)
                        sum += kernel[k + radius] * from[(line * lineStep) + ((i + k) * step)];
                    to[(line * lineStep) + (i * step)] = sum;
                }
            }
        }
    }

    /// <summary>Chooses the level whose enclosed area is <paramref name="area"/> (pixels) and writes each pixel's covered part.</summary>
    static void Cover(float[] smooth, Box box, float area, Volume share, int slice)
    {
        const int perPixel = Subdivision * Subdivision;
        var fine = new float[smooth.Length * perPixel];
        var at = 0;
        for (var row = 0; row < box.Rows; row++)
        {
            for (var column = 0; column < box.Columns; column++)
            {
                for (var i = 0; i < perPixel; i++)
                {
                    var y = row + (((i / Subdivision) + 0.5) / Subdivision) - 0.5;
                    var x = column + (((i % Subdivision) + 0.5) / Subdivision) - 0.5;
                    fine[at++] = Cubic(smooth, box.Rows, box.Columns, y, x);
                }
            }
        }
        var ordered = (float[])fine.Clone();
        Array.Sort(ordered);
        var level = ordered[Math.Clamp(ordered.Length - (int)Math.Round(area * perPixel), 0, ordered.Length - 1)];
        for (var pixel = 0; pixel < smooth.Length; pixel++)
        {
            var covered = 0;
            foreach (var value in fine.AsSpan(pixel * perPixel, perPixel))
                covered += value >= level ? 1 : 0;
            var (row, column) = (box.Top + (pixel / box.Columns), box.Left + (pixel % box.Columns));
            if (covered > 0 && row >= 0 && row < share.Rows && column >= 0 && column < share.Columns)
                share[slice, row, column] = covered / (float)perPixel;
        }
    }

    /// <summary>Cubic B-spline smoothing interpolation: no kinks at pixel borders.</summary>
    static float Cubic(float[] values, int rows, int columns, double y, double x)
    {
        int row = (int)Math.Floor(y), column = (int)Math.Floor(x);
        var down = Weights(y - row);
        var across = Weights(x - column);
        var sum = 0f;
        for (var i = 0; i < 4; i++)
        {
            var r = Math.Clamp(row - 1 + i, 0, rows - 1) * columns;
            var line = 0f;
            for (var j = 0; j < 4; j++)
                line += across[j] * values[r + Math.Clamp(column - 1 + j, 0, columns - 1)];
            sum += down[i] * line;
        }
        return sum;

        static Weights4 Weights(double t)
        {
            var u = (float)t;
            var weights = default(Weights4);
            weights[0] = (1 - u) * (1 - u) * (1 - u) / 6;
            weights[1] = ((3 * u * u * u) - (6 * u * u) + 4) / 6;
            weights[2] = ((-3 * u * u * u) + (3 * u * u) + (3 * u) + 1) / 6;
            weights[3] = u * u * u / 6;
            return weights;
        }
    }

    readonly record struct Box(int Top, int Left, int Rows, int Columns);

    [System.Runtime.CompilerServices.InlineArray(4)]
    struct Weights4
    {
        float _first;
    }
}
