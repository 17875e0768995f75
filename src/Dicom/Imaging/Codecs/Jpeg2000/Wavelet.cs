using System.Numerics;
using System.Runtime.InteropServices;

namespace SoftSeg.Dicom.Imaging.Codecs.Jpeg2000;

/// <summary>One level of the inverse wavelet transform, T.800 annex F, in place: LL in the upper left corner, HL right of it, LH below.</summary>
static class Wavelet
{
    /// <summary>Columns that are lifted together; a whole number of vectors of any length.</summary>
    const int Strip = 32;

    const float Alpha = -1.586134342059924f, Beta = -0.052980118572961f, Gamma = 0.882911075530934f, Delta = 0.443506852043971f, K = 1.230174104914001f;

    public static void Reverse53(int[] values, int stride, Box bounds, Box lower)
    {
        var line = new int[bounds.Width];
        for (var y = 0; y < bounds.Height; y++)
        {
            var row = values.AsSpan(y * stride, bounds.Width);
            row.CopyTo(line);
            Interleave<int>(line, row, lower.Width, bounds.X0 & 1);
            Lift53(row, bounds.X0 & 1);
        }
        LiftColumns(values, stride, bounds, lower.Height, LiftRows53);
    }

    public static void Reverse97(float[] values, int stride, Box bounds, Box lower)
    {
        var line = new float[bounds.Width];
        for (var y = 0; y < bounds.Height; y++)
        {
            var row = values.AsSpan(y * stride, bounds.Width);
            row.CopyTo(line);
            Interleave<float>(line, row, lower.Width, bounds.X0 & 1);
            Lift97(row, bounds.X0 & 1);
        }
        LiftColumns(values, stride, bounds, lower.Height, LiftRows97);
    }

    /// <summary>Low-pass values take the even positions of the grid, which are the odd ones of the line where the line begins at an odd place.</summary>
    static void Interleave<T>(ReadOnlySpan<T> from, Span<T> to, int low, int odd)
    {
        for (var n = 0; n < low; n++)
            to[(2 * n) + odd] = from[n];
        for (var n = low; n < to.Length; n++)
            to[(2 * (n - low)) + 1 - odd] = from[n];
    }

    /// <summary>F.3.8.2.1.1. A position beyond an end is its mirror image.</summary>
    static void Lift53(Span<int> x, int odd)
    {
        if (x.Length == 1)
        {
            if (odd == 1)
                x[0] >>= 1;
            return;
        }
        for (var n = odd; n < x.Length; n += 2)
            x[n] -= (x[n > 0 ? n - 1 : 1] + x[n + 1 < x.Length ? n + 1 : n - 1] + 2) >> 2;
        for (var n = 1 - odd; n < x.Length; n += 2)
            x[n] += (x[n > 0 ? n - 1 : 1] + x[n + 1 < x.Length ? n + 1 : n - 1]) >> 1;
    }

    /// <summary>F.3.8.1.1 and F.4.8.1.</summary>
    static void Lift97(Span<float> x, int odd)
    {
        if (x.Length == 1)
        {
            if (odd == 1)
                x[0] /= 2;
            return;
        }
        for (var n = odd; n < x.Length; n += 2)
            x[n] *= K;
        for (var n = 1 - odd; n < x.Length; n += 2)
            x[n] *= 1 / K;
        Step(x, odd, Delta);
        Step(x, 1 - odd, Gamma);
        Step(x, odd, Beta);
        Step(x, 1 - odd, Alpha);

        static void Step(Span<float> x, int first, float factor)
        {
            for (var n = first; n < x.Length; n += 2)
                x[n] -= factor * (x[n > 0 ? n - 1 : 1] + x[n + 1 < x.Length ? n + 1 : n - 1]);
        }
    }

    delegate void Lift<T>(Span<Vector<T>> rows, int height, int odd);

    /// <summary>All columns, so many at a time that they stay in the cache, as rows of vectors.</summary>
    static void LiftColumns<T>(T[] values, int stride, Box bounds, int low, Lift<T> lift) where T : struct
    {
        var odd = bounds.Y0 & 1;
        var strip = new T[bounds.Height * Strip];
        for (var x = 0; x < bounds.Width; x += Strip)
        {
            var width = Math.Min(Strip, bounds.Width - x);
            for (var y = 0; y < bounds.Height; y++)
            {
                var row = y < low ? (2 * y) + odd : (2 * (y - low)) + 1 - odd;
                values.AsSpan((y * stride) + x, width).CopyTo(strip.AsSpan(row * Strip));
            }
            lift(MemoryMarshal.Cast<T, Vector<T>>(strip.AsSpan()), bounds.Height, odd);
            for (var y = 0; y < bounds.Height; y++)
                strip.AsSpan(y * Strip, width).CopyTo(values.AsSpan((y * stride) + x));
        }
    }

    static void LiftRows53(Span<Vector<int>> rows, int height, int odd)
    {
        var across = Strip / Vector<int>.Count;
        if (height == 1)
        {
            for (var k = 0; odd == 1 && k < across; k++)
                rows[k] >>= 1;
            return;
        }
        var two = new Vector<int>(2);
        for (var n = odd; n < height; n += 2)
        {
            var (row, before, after) = Neighbours(rows, n, height, across);
            for (var k = 0; k < row.Length; k++)
                row[k] -= (before[k] + after[k] + two) >> 2;
        }
        for (var n = 1 - odd; n < height; n += 2)
        {
            var (row, before, after) = Neighbours(rows, n, height, across);
            for (var k = 0; k < row.Length; k++)
                row[k] += (before[k] + after[k]) >> 1;
        }
    }

    static void LiftRows97(Span<Vector<float>> rows, int height, int odd)
    {
        var across = Strip / Vector<float>.Count;
        if (height == 1)
        {
            for (var k = 0; odd == 1 && k < across; k++)
                rows[k] *= 0.5f;
            return;
        }
        for (var n = 0; n < height; n++)
        {
            var factor = (n & 1) == odd ? K : 1 / K;
            foreach (ref var value in rows.Slice(n * across, across))
                value *= factor;
        }
        Step(rows, odd, Delta);
        Step(rows, 1 - odd, Gamma);
        Step(rows, odd, Beta);
        Step(rows, 1 - odd, Alpha);

        void Step(Span<Vector<float>> rows, int first, float factor)
        {
            for (var n = first; n < height; n += 2)
            {
                var (row, before, after) = Neighbours(rows, n, height, across);
                for (var k = 0; k < row.Length; k++)
                    row[k] -= factor * (before[k] + after[k]);
            }
        }
    }

    /// <summary>A row and those on both sides; beyond an end is the mirror image.</summary>
    static Three<T> Neighbours<T>(Span<Vector<T>> rows, int n, int height, int across) => new(
        rows.Slice(n * across, across),
        rows.Slice((n > 0 ? n - 1 : 1) * across, across),
        rows.Slice((n + 1 < height ? n + 1 : n - 1) * across, across));

    readonly ref struct Three<T>(Span<Vector<T>> row, ReadOnlySpan<Vector<T>> before, ReadOnlySpan<Vector<T>> after)
    {
        readonly Span<Vector<T>> row = row;
        readonly ReadOnlySpan<Vector<T>> before = before, after = after;

        public void Deconstruct(out Span<Vector<T>> row, out ReadOnlySpan<Vector<T>> before, out ReadOnlySpan<Vector<T>> after)
        {
            row = this.row;
            before = this.before;
            after = this.after;
        }
    }
}
