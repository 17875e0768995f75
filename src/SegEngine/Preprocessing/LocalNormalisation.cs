using System.Numerics;

namespace SoftSeg.SegEngine;

/// <summary>
/// Local contrast normalisation of a slice: from every pixel the mean of its surroundings is taken away, and the rest is
/// divided by their standard deviation. The surroundings are three box averages of 41 pixels one after the other, which is
/// a Gaussian window of about 12 mm standard deviation at 0.6 mm, and which ends after 60 pixels: a pixel's value depends
/// on nothing farther away, so neither the tile nor the field of view around it matters.
/// </summary>
public static class LocalNormalisation
{
    const int Radius = 20;
    const int Passes = 3;

    /// <summary>How far (pixels) the window reaches: pixels at least this far inside a cut are normalised as in the whole slice.</summary>
    public const int Margin = Radius * Passes;

    /// <summary>Normalises a slice <c>[row, column]</c> in place. Beyond its border there is nothing: means are taken over what there is.</summary>
    /// <param name="image">Pixels <c>[row, column]</c>, any intensity unit.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="floor">The least standard deviation, in the image's unit; keeps flat regions and noise in air from being blown up.</param>
    public static void Apply(Span<float> image, int rows, int columns, float floor)
    {
        if (image.Length != rows * columns)
            throw new ArgumentException($"{image.Length} pixels do not fill {rows} x {columns}.", nameof(image));
        if (!(floor > 0))
        {
            // A volume of one value: nothing stands out from its surroundings.
            image.Clear();
            return;
        }
        // In units of the floor, so that squares keep their precision whatever the scanner's unit is.
        var mean = new float[image.Length];
        var square = new float[image.Length];
        var offset = image.Length > 0 ? image[image.Length / 2] : 0;
        for (var n = 0; n < image.Length; n++)
        {
            var v = (image[n] - offset) / floor;
            (image[n], mean[n], square[n]) = (v, v, v * v);
        }
        var spare = new float[image.Length];
        for (var pass = 0; pass < Passes; pass++)
        {
            Box(mean, spare, rows, columns);
            Box(square, spare, rows, columns);
        }
        for (var n = 0; n < image.Length; n++)
        {
            var variance = square[n] - (mean[n] * mean[n]);
            image[n] = (image[n] - mean[n]) / MathF.Sqrt(Math.Max(1, variance));
        }
    }

    static void Box(float[] pixels, float[] spare, int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
            BoxAlong(pixels.AsSpan(row * columns, columns), spare.AsSpan(row * columns, columns));
        BoxDown(spare, pixels, rows, columns);
    }

    static void BoxAlong(ReadOnlySpan<float> from, Span<float> to)
    {
        double sum = 0;
        for (var n = 0; n < Math.Min(Radius, from.Length); n++)
            sum += from[n];
        for (var n = 0; n < from.Length; n++)
        {
            if (n + Radius < from.Length)
                sum += from[n + Radius];
            if (n - Radius - 1 >= 0)
                sum -= from[n - Radius - 1];
            var count = Math.Min(n + Radius, from.Length - 1) - Math.Max(n - Radius, 0) + 1;
            to[n] = (float)(sum / count);
        }
    }

    static void BoxDown(float[] from, float[] to, int rows, int columns)
    {
        var sums = new double[columns];
        for (var n = 0; n < Math.Min(Radius, rows); n++)
            AddLine(sums, from.AsSpan(n * columns, columns), 1);
        for (var n = 0; n < rows; n++)
        {
            if (n + Radius < rows)
                AddLine(sums, from.AsSpan((n + Radius) * columns, columns), 1);
            if (n - Radius - 1 >= 0)
                AddLine(sums, from.AsSpan((n - Radius - 1) * columns, columns), -1);
            var scale = 1.0 / (Math.Min(n + Radius, rows - 1) - Math.Max(n - Radius, 0) + 1);
            var line = to.AsSpan(n * columns, columns);
            for (var c = 0; c < columns; c++)
                line[c] = (float)(sums[c] * scale);
        }
    }

    static void AddLine(double[] sums, ReadOnlySpan<float> line, int sign)
    {
        var c = 0;
        for (; c <= line.Length - Vector<float>.Count; c += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(line[c..]), out var low, out var high);
            (new Vector<double>(sums, c) + (low * sign)).CopyTo(sums, c);
            (new Vector<double>(sums, c + Vector<double>.Count) + (high * sign)).CopyTo(sums, c + Vector<double>.Count);
        }
        for (; c < line.Length; c++)
            sums[c] += sign * line[c];
    }
}
