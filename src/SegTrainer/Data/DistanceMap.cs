namespace SoftSeg.SegTrainer.Data;

/// <summary>Distance to the cord's border in a slice, mm: negative inside, positive outside.</summary>
public static class DistanceMap
{
    /// <summary>Signed distance of every pixel's centre to the 0.5 level of a share.</summary>
    /// <param name="share">0..1, <c>[row, column]</c>.</param>
    /// <param name="limit">Distances are cut at plus and minus this, mm.</param>
    public static float[] FromShare(ReadOnlySpan<float> share, int rows, int columns, double rowSpacing, double columnSpacing, float limit)
    {
        var outside = new float[share.Length];
        var inside = new float[share.Length];
        var far = 4 * limit * limit;
        for (var i = 0; i < share.Length; i++)
        {
            outside[i] = share[i] >= 0.5f ? 0 : far;
            inside[i] = share[i] >= 0.5f ? far : 0;
        }
        Squared(outside, rows, columns, rowSpacing, columnSpacing);
        Squared(inside, rows, columns, rowSpacing, columnSpacing);
        var half = (float)(0.5 * Math.Sqrt(rowSpacing * columnSpacing));
        var result = new float[share.Length];
        for (var i = 0; i < share.Length; i++)
        {
            // The border runs between pixel centres: half a pixel off each side, refined by the share where the pixel is cut.
            var distance = share[i] >= 0.5f ? half - MathF.Sqrt(inside[i]) : MathF.Sqrt(outside[i]) - half;
            if (share[i] is > 0 and < 1)
                distance = (0.5f - share[i]) * 2 * half;
            result[i] = Math.Clamp(distance, -limit, limit);
        }
        return result;
    }

    /// <summary>Exact squared Euclidean distance by lower envelopes of parabolas, one axis after the other (Felzenszwalb and Huttenlocher 2012).</summary>
    static void Squared(float[] values, int rows, int columns, double rowSpacing, double columnSpacing)
    {
        var length = Math.Max(rows, columns);
        var line = new double[length];
        var vertex = new int[length];
        var border = new double[length + 1];
        for (var row = 0; row < rows; row++)
            Line(values, row * columns, 1, columns, columnSpacing);
        for (var column = 0; column < columns; column++)
            Line(values, column, columns, rows, rowSpacing);

        void Line(float[] data, int start, int step, int count, double spacing)
        {
            for (var i = 0; i < count; i++)
                line[i] = data[start + (i * step)];
            var last = 0;
            vertex[0] = 0;
            (border[0], border[1]) = (double.NegativeInfinity, double.PositiveInfinity);
            for (var q = 1; q < count; q++)
            {
                double s;
                while (true)
                {
                    var v = vertex[last];
                    s = (line[q] - line[v] + (spacing * spacing * (((double)q * q) - ((double)v * v)))) / (2 * spacing * (q - v));
                    if (s > border[last])
                        break;
                    last--;
                }
                vertex[++last] = q;
                (border[last], border[last + 1]) = (s, double.PositiveInfinity);
            }
            last = 0;
            for (var q = 0; q < count; q++)
            {
                while (border[last + 1] < q * spacing)
                    last++;
                var d = (q - vertex[last]) * spacing;
                data[start + (q * step)] = (float)((d * d) + line[vertex[last]]);
            }
        }
    }
}
