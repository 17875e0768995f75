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
        var (odd, line) = (bounds.X0 & 1, new int[bounds.Width]);
        for (var y = 0; y < bounds.Height; y++)
        {
            var row = values.AsSpan(y * stride, bounds.Width);
            if (row.Length == 1)
            {
                row[0] >>= odd;
                continue;
            }
            // F.3.8.2.1.1.
            var low = row[..lower.Width];
            var high = row[lower.Width..];
            Lift(low, high, odd - 1, default(Low53));
            Lift(high, low, -odd, default(High53));
            Interleave<int>(low, high, odd, line);
            line.CopyTo(row);
        }
        LiftColumns(values, stride, bounds, lower.Height, LiftRows53);
    }

    public static void Reverse97(float[] values, int stride, Box bounds, Box lower)
    {
        var (odd, line) = (bounds.X0 & 1, new float[bounds.Width]);
        for (var y = 0; y < bounds.Height; y++)
        {
            var row = values.AsSpan(y * stride, bounds.Width);
            if (row.Length == 1)
            {
                row[0] *= odd == 1 ? 0.5f : 1;
                continue;
            }
            // F.3.8.1.1 and F.4.8.1.
            var low = row[..lower.Width];
            var high = row[lower.Width..];
            Scale(low, K);
            Scale(high, 1 / K);
            Lift(low, high, odd - 1, new Step97(Delta));
            Lift(high, low, -odd, new Step97(Gamma));
            Lift(low, high, odd - 1, new Step97(Beta));
            Lift(high, low, -odd, new Step97(Alpha));
            Interleave<float>(low, high, odd, line);
            line.CopyTo(row);
        }
        LiftColumns(values, stride, bounds, lower.Height, LiftRows97);
    }

    /// <summary>What a lifting step makes of a value and the sum of its neighbours in the other half.</summary>
    interface IStep<T> where T : struct
    {
        T Apply(T value, T left, T right);

        Vector<T> Apply(Vector<T> value, Vector<T> left, Vector<T> right);
    }

    readonly struct Low53 : IStep<int>
    {
        public int Apply(int value, int left, int right) => value - ((left + right + 2) >> 2);

        public Vector<int> Apply(Vector<int> value, Vector<int> left, Vector<int> right) => value - ((left + right + new Vector<int>(2)) >> 2);
    }

    readonly struct High53 : IStep<int>
    {
        public int Apply(int value, int left, int right) => value + ((left + right) >> 1);

        public Vector<int> Apply(Vector<int> value, Vector<int> left, Vector<int> right) => value + ((left + right) >> 1);
    }

    readonly struct Step97(float factor) : IStep<float>
    {
        public float Apply(float value, float left, float right) => value - (factor * (left + right));

        public Vector<float> Apply(Vector<float> value, Vector<float> left, Vector<float> right) => value - (factor * (left + right));
    }

    /// <summary>A step on one half of a line, by the other half. A neighbour beyond an end is the mirror image, which is the last one of the other half.</summary>
    /// <param name="first">Where the left neighbour of the first value is in the other half.</param>
    static void Lift<T, TStep>(Span<T> values, ReadOnlySpan<T> others, int first, TStep step) where T : struct where TStep : IStep<T>
    {
        var n = 0;
        for (; n < values.Length && n + first < 0; n++)
            values[n] = step.Apply(values[n], others[0], others[0]);
        for (; n + Vector<T>.Count <= values.Length && n + first + 1 + Vector<T>.Count <= others.Length; n += Vector<T>.Count)
        {
            var to = values[n..];
            step.Apply(new Vector<T>(to), new Vector<T>(others[(n + first)..]), new Vector<T>(others[(n + first + 1)..])).CopyTo(to);
        }
        for (; n < values.Length; n++)
            values[n] = step.Apply(values[n], others[Math.Min(n + first, others.Length - 1)], others[Math.Min(n + first + 1, others.Length - 1)]);
    }

    static void Scale(Span<float> values, float factor)
    {
        var n = 0;
        for (; n + Vector<float>.Count <= values.Length; n += Vector<float>.Count)
            (new Vector<float>(values[n..]) * factor).CopyTo(values[n..]);
        for (; n < values.Length; n++)
            values[n] *= factor;
    }

    /// <summary>Low-pass values take the even positions of the grid, which are the odd ones of the line where the line begins at an odd place. They differ in number by one at most.</summary>
    static void Interleave<T>(ReadOnlySpan<T> low, ReadOnlySpan<T> high, int odd, Span<T> line) where T : struct
    {
        var first = MemoryMarshal.Cast<T, uint>(odd == 0 ? low : high);
        var second = MemoryMarshal.Cast<T, uint>(odd == 0 ? high : low);
        var pairs = MemoryMarshal.Cast<T, ulong>(line)[..second.Length];
        for (var n = 0; n < pairs.Length; n++)
            pairs[n] = first[n] | ((ulong)second[n] << 32);
        if (first.Length > second.Length)
            MemoryMarshal.Cast<T, uint>(line)[^1] = first[^1];
    }

    delegate void RowLift<T>(Span<Vector<T>> rows, int height, int odd);

    /// <summary>All columns, so many at a time that they stay in the cache, as rows of vectors.</summary>
    static void LiftColumns<T>(T[] values, int stride, Box bounds, int low, RowLift<T> lift) where T : struct
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
