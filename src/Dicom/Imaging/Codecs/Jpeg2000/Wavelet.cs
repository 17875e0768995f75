namespace SoftSeg.Dicom.Imaging.Codecs.Jpeg2000;

/// <summary>One level of the inverse wavelet transform, T.800 annex F, in place: LL in the upper left corner, HL right of it, LH below.</summary>
static class Wavelet
{
    const float Alpha = -1.586134342059924f, Beta = -0.052980118572961f, Gamma = 0.882911075530934f, Delta = 0.443506852043971f, K = 1.230174104914001f;

    public static void Reverse53(int[] values, int stride, Box bounds, Box lower)
    {
        var line = new int[Math.Max(bounds.Width, bounds.Height)];
        for (var y = 0; y < bounds.Height; y++)
        {
            var row = values.AsSpan(y * stride, bounds.Width);
            row.CopyTo(line);
            Interleave<int>(line, row, lower.Width, bounds.X0 & 1);
            Lift53(row, bounds.X0 & 1);
        }
        var column = new int[bounds.Height];
        for (var x = 0; x < bounds.Width; x++)
        {
            for (var y = 0; y < bounds.Height; y++)
                line[y] = values[(y * stride) + x];
            Interleave<int>(line, column, lower.Height, bounds.Y0 & 1);
            Lift53(column, bounds.Y0 & 1);
            for (var y = 0; y < bounds.Height; y++)
                values[(y * stride) + x] = column[y];
        }
    }

    public static void Reverse97(float[] values, int stride, Box bounds, Box lower)
    {
        var line = new float[Math.Max(bounds.Width, bounds.Height)];
        for (var y = 0; y < bounds.Height; y++)
        {
            var row = values.AsSpan(y * stride, bounds.Width);
            row.CopyTo(line);
            Interleave<float>(line, row, lower.Width, bounds.X0 & 1);
            Lift97(row, bounds.X0 & 1);
        }
        var column = new float[bounds.Height];
        for (var x = 0; x < bounds.Width; x++)
        {
            for (var y = 0; y < bounds.Height; y++)
                line[y] = values[(y * stride) + x];
            Interleave<float>(line, column, lower.Height, bounds.Y0 & 1);
            Lift97(column, bounds.Y0 & 1);
            for (var y = 0; y < bounds.Height; y++)
                values[(y * stride) + x] = column[y];
        }
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
}
