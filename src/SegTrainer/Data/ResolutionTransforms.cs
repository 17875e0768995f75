using System.Numerics.Tensors;

namespace SoftSeg.SegTrainer.Data;

/// <summary>What limits the resolution of an acquisition, for one square plane <c>[row, column]</c>. What blurs along a slice goes over image and truth alike; large pixels are the image's alone.</summary>
public static class ResolutionTransforms
{
    /// <summary>Averages over acquired pixels of <paramref name="rowFactor"/> x <paramref name="columnFactor"/> target pixels (at least 1)
    /// on a grid that starts at the given phases (0..1 of an acquired pixel). The result is small: its size comes back.</summary>
    public static (int Rows, int Columns) AverageDown(ReadOnlySpan<float> plane, int size, float rowFactor, float columnFactor,
        float rowPhase, float columnPhase, Span<float> scratch, Span<float> acquired)
    {
        int rows = Count(size, rowFactor), columns = Count(size, columnFactor);
        // rows first: [rows, size]
        Average(plane, size, size, 1, size, rows, rowFactor, rowPhase, scratch, size, 1);
        Average(scratch, size, rows, size, 1, columns, columnFactor, columnPhase, acquired, 1, columns);
        return (rows, columns);
    }

    /// <summary>Linear interpolation of acquired pixels (see <see cref="AverageDown"/>) back to the target grid, as inference does.</summary>
    public static void LinearUp(ReadOnlySpan<float> acquired, int rows, int columns, int size, float rowFactor, float columnFactor,
        float rowPhase, float columnPhase, Span<float> scratch, Span<float> plane)
    {
        Interpolate(acquired, columns, rows, columns, 1, columnFactor, columnPhase, size, scratch, size, 1);
        Interpolate(scratch, rows, size, 1, size, rowFactor, rowPhase, size, plane, 1, size);
    }

    /// <summary>Acquired pixels that cover the plane at any phase.</summary>
    public static int Count(int size, float factor) => (int)Math.Ceiling(size / factor) + 1;

    /// <summary>Running mean along a direction: a thick slice through a tilted cord. Length and direction in pixels.</summary>
    public static void DirectionalBlur(Span<float> plane, int size, float deltaRow, float deltaColumn, Span<float> scratch)
    {
        var steps = Math.Max(2, (int)Math.Ceiling(Math.Sqrt((deltaRow * deltaRow) + (deltaColumn * deltaColumn)) * 1.5) + 1);
        plane.CopyTo(scratch);
        plane.Clear();
        for (var k = 0; k < steps; k++)
        {
            var t = ((k + 0.5f) / steps) - 0.5f;
            AddShifted(scratch, size, t * deltaRow, t * deltaColumn, 1f / steps, plane);
        }
    }

    /// <summary>Gaussian blur, sigma in pixels; borders keep their last value.</summary>
    public static void GaussianBlur(Span<float> plane, int rows, int columns, float sigma, Span<float> scratch)
    {
        var radius = Math.Max(1, (int)Math.Ceiling(2.5 * sigma));
        Span<float> kernel = stackalloc float[(2 * radius) + 1];
        var sum = 0f;
        for (var i = -radius; i <= radius; i++)
            sum += kernel[i + radius] = MathF.Exp(-0.5f * i * i / (sigma * sigma));
        for (var i = 0; i < kernel.Length; i++)
            kernel[i] /= sum;
        for (var row = 0; row < rows; row++)
        {
            var from = plane.Slice(row * columns, columns);
            var to = scratch.Slice(row * columns, columns);
            to.Clear();
            for (var k = -radius; k <= radius; k++)
            {
                var w = kernel[k + radius];
                int begin = Math.Clamp(-k, 0, columns), end = Math.Clamp(columns - k, begin, columns);
                TensorPrimitives.MultiplyAdd(from[(begin + k)..(end + k)], w, to[begin..end], to[begin..end]);
                TensorPrimitives.Add(to[..begin], w * from[0], to[..begin]);
                TensorPrimitives.Add(to[end..], w * from[^1], to[end..]);
            }
        }
        plane[..(rows * columns)].Clear();
        for (var row = 0; row < rows; row++)
        {
            var to = plane.Slice(row * columns, columns);
            for (var k = -radius; k <= radius; k++)
                TensorPrimitives.MultiplyAdd(
                    scratch.Slice(Math.Clamp(row + k, 0, rows - 1) * columns, columns), kernel[k + radius], to, to);
        }
    }

    static void AddShifted(ReadOnlySpan<float> from, int size, float deltaRow, float deltaColumn, float weight, Span<float> to)
    {
        int dr = (int)MathF.Floor(deltaRow), dc = (int)MathF.Floor(deltaColumn);
        float fr = deltaRow - dr, fc = deltaColumn - dc;
        float w00 = weight * (1 - fr) * (1 - fc), w01 = weight * (1 - fr) * fc, w10 = weight * fr * (1 - fc), w11 = weight * fr * fc;
        // Columns whose both sources lie within the plane go by vectors, the others by clamping.
        int begin = Math.Clamp(-dc, 0, size), end = Math.Clamp(size - 1 - dc, begin, size);
        for (var row = 0; row < size; row++)
        {
            var a = from.Slice(Math.Clamp(row + dr, 0, size - 1) * size, size);
            var b = from.Slice(Math.Clamp(row + dr + 1, 0, size - 1) * size, size);
            var target = to.Slice(row * size, size);
            var inner = target[begin..end];
            if (inner.Length > 0)
            {
                var at = begin + dc;
                TensorPrimitives.MultiplyAdd(a.Slice(at, inner.Length), w00, inner, inner);
                TensorPrimitives.MultiplyAdd(a.Slice(at + 1, inner.Length), w01, inner, inner);
                TensorPrimitives.MultiplyAdd(b.Slice(at, inner.Length), w10, inner, inner);
                TensorPrimitives.MultiplyAdd(b.Slice(at + 1, inner.Length), w11, inner, inner);
            }
            for (var column = 0; column < size; column++)
            {
                if (column == begin)
                    column = end;
                if (column >= size)
                    break;
                int c0 = Math.Clamp(column + dc, 0, size - 1), c1 = Math.Clamp(column + dc + 1, 0, size - 1);
                target[column] += (w00 * a[c0]) + (w01 * a[c1]) + (w10 * b[c0]) + (w11 * b[c1]);
            }
        }
    }

    /// <summary>Area average of lines: output i covers [(i - phase) factor, (i + 1 - phase) factor) of the input, cut at its ends.</summary>
    static void Average(ReadOnlySpan<float> from, int length, int lines, int lineStep, int step, int count, float factor, float phase,
        Span<float> to, int toStep, int toLineStep)
    {
        for (var i = 0; i < count; i++)
        {
            var low = Math.Clamp((i - phase) * factor, 0, length);
            var high = Math.Clamp((i + 1 - phase) * factor, 0, length);
            if (high - low < 1e-3f)
                low = Math.Min(low, length - 1e-3f);
            high = Math.Max(high, low + 1e-3f);
            int first = Math.Min((int)low, length - 1), last = Math.Min((int)MathF.Ceiling(high) - 1, length - 1);
            var scale = 1 / (high - low);
            for (var line = 0; line < lines; line++)
            {
                var sum = 0f;
                for (var k = first; k <= last; k++)
                    sum += (Math.Min(high, k + 1) - Math.Max(low, k)) * from[(line * lineStep) + (k * step)];
                to[(i * toStep) + (line * toLineStep)] = sum * scale;
            }
        }
    }

    static void Interpolate(ReadOnlySpan<float> from, int count, int lines, int lineStep, int step, float factor, float phase, int length,
        Span<float> to, int toLineStep, int toStep)
    {
        for (var k = 0; k < length; k++)
        {
            var position = Math.Clamp(((k + 0.5f) / factor) + phase - 0.5f, 0, count - 1);
            var i = Math.Min((int)position, Math.Max(count - 2, 0));
            var f = position - i;
            var next = Math.Min(i + 1, count - 1);
            for (var line = 0; line < lines; line++)
            {
                var a = from[(line * lineStep) + (i * step)];
                var b = from[(line * lineStep) + (next * step)];
                to[(line * toLineStep) + (k * toStep)] = a + (f * (b - a));
            }
        }
    }
}
