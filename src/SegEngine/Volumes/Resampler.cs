using System.Numerics;

namespace SoftSeg.SegEngine;

/// <summary>
/// Resampling between grids. Voxels are boxes: where samples are wider than the voxels the samples are area averages (a
/// share is conserved), else they are interpolated linearly between voxel centres. Outside the field of view the nearest
/// voxel counts.
/// </summary>
public static class Resampler
{
    /// <summary>Resamples onto other spacings (mm) over the same field of view; see <see cref="AxisSampling.Cover"/>.</summary>
    public static Volume ToSpacing(Volume volume, double slice, double row, double column) =>
        Resample(volume, VolumeSampling.Cover(volume, slice, row, column));

    /// <summary>Resamples along each axis in turn.</summary>
    public static Volume Resample(Volume volume, VolumeSampling sampling)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var voxels = volume.Voxels;
        var (slices, rows, columns) = (volume.Slices, volume.Rows, volume.Columns);
        // Each pass sees [outer, axis, inner]; the passes that shrink come first.
        var passes = new[] { (Axis: 0, sampling.Slice), (Axis: 1, sampling.Row), (Axis: 2, sampling.Column) };
        foreach (var (axis, along) in passes.OrderByDescending(p => p.Item2.Step))
        {
            if (axis == 0)
                (voxels, slices) = (Along(voxels, 1, slices, rows * columns, along), along.Count);
            else if (axis == 1)
                (voxels, rows) = (Along(voxels, slices, rows, columns, along), along.Count);
            else
                (voxels, columns) = (Along(voxels, slices * rows, columns, 1, along), along.Count);
        }
        return new Volume(voxels, slices, rows, columns, sampling.Place(volume.Affine));
    }

    /// <summary>One slice <c>[row, column]</c> resampled within its plane.</summary>
    public static float[] ResampleSlice(ReadOnlySpan<float> slice, int rows, int columns, AxisSampling row, AxisSampling column)
    {
        if (slice.Length != rows * columns)
            throw new ArgumentException($"{slice.Length} pixels do not fill {rows} x {columns}.", nameof(slice));
        // Only the rows that are read take part.
        var weights = AxisWeights.For(rows, row);
        var (first, last) = weights.Reach();
        var narrow = new float[(last - first + 1) * column.Count];
        var columnWeights = AxisWeights.For(columns, column);
        for (var r = first; r <= last; r++)
            columnWeights.Dot(slice.Slice(r * columns, columns), narrow.AsSpan((r - first) * column.Count, column.Count));
        var result = new float[row.Count * column.Count];
        for (var r = 0; r < row.Count; r++)
            weights.Sum(narrow, -first, column.Count, r, result.AsSpan(r * column.Count, column.Count));
        return result;
    }

    /// <summary>Trilinear interpolation at a point in patient LPS mm; <paramref name="outside"/> beyond the field of view's voxel boxes.</summary>
    public static float Sample(Volume volume, Vector3 point, float outside = 0)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var (s, r, c) = volume.Affine.ToIndex(point);
        return SampleIndex(volume, s, r, c, outside);
    }

    /// <summary>Trilinear interpolation at an index; within half a voxel of the border the nearest voxel counts.</summary>
    public static float SampleIndex(Volume volume, double slice, double row, double column, float outside = 0)
    {
        ArgumentNullException.ThrowIfNull(volume);
        if (!(slice >= -0.5 && slice <= volume.Slices - 0.5 && row >= -0.5 && row <= volume.Rows - 0.5
            && column >= -0.5 && column <= volume.Columns - 0.5))
            return outside;
        var (s0, s1, fs) = Neighbours(slice, volume.Slices);
        var (r0, r1, fr) = Neighbours(row, volume.Rows);
        var (c0, c1, fc) = Neighbours(column, volume.Columns);
        var voxels = volume.Voxels;
        var (rowStride, sliceStride) = (volume.Columns, volume.Rows * volume.Columns);
        double At(int s, int r) => (voxels[(s * sliceStride) + (r * rowStride) + c0] * (1 - fc)) + (voxels[(s * sliceStride) + (r * rowStride) + c1] * fc);
        var near = (At(s0, r0) * (1 - fr)) + (At(s0, r1) * fr);
        var far = (At(s1, r0) * (1 - fr)) + (At(s1, r1) * fr);
        return (float)((near * (1 - fs)) + (far * fs));
    }

    /// <summary>Samples a volume trilinearly at the voxel centres of any other grid, oblique or not.</summary>
    /// <param name="volume">The source.</param>
    /// <param name="slices">Slices of the result.</param>
    /// <param name="rows">Rows of the result.</param>
    /// <param name="columns">Columns of the result.</param>
    /// <param name="affine">Where the result lies, LPS mm.</param>
    /// <param name="outside">The value beyond the source's field of view.</param>
    public static Volume SampleGrid(Volume volume, int slices, int rows, int columns, Affine affine, float outside = 0)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var result = new Volume(new float[checked(slices * rows * columns)], slices, rows, columns, affine);
        Parallel.For(0, slices, s =>
        {
            var plane = result.Slice(s);
            for (var r = 0; r < rows; r++)
            {
                for (var c = 0; c < columns; c++)
                    plane[(r * columns) + c] = Sample(volume, affine.ToPatient(s, r, c), outside);
            }
        });
        return result;
    }

    static (int Low, int High, double Fraction) Neighbours(double index, int count)
    {
        var clamped = Math.Clamp(index, 0, count - 1);
        var low = Math.Min((int)clamped, Math.Max(0, count - 2));
        return (low, Math.Min(low + 1, count - 1), clamped - low);
    }

    static float[] Along(float[] source, int outer, int count, int inner, AxisSampling sampling)
    {
        if (sampling == AxisSampling.Identity(count))
            return source;
        var weights = AxisWeights.For(count, sampling);
        var result = new float[checked(outer * sampling.Count * inner)];
        if (inner == 1)
        {
            Parallel.For(0, outer, o => weights.Dot(source.AsSpan(o * count, count), result.AsSpan(o * sampling.Count, sampling.Count)));
            return result;
        }
        Parallel.For(0, outer * sampling.Count, line =>
        {
            var (o, k) = (line / sampling.Count, line % sampling.Count);
            weights.Sum(source, o * count, inner, k, result.AsSpan(line * inner, inner));
        });
        return result;
    }
}

/// <summary>For every sample of an axis, the source voxels that it is made of and their weights, which sum to 1.</summary>
sealed class AxisWeights
{
    readonly int[] _first;
    readonly float[][] _weights;

    AxisWeights(int[] first, float[][] weights) => (_first, _weights) = (first, weights);

    public static AxisWeights For(int count, AxisSampling sampling)
    {
        var first = new int[sampling.Count];
        var weights = new float[sampling.Count][];
        for (var k = 0; k < sampling.Count; k++)
        {
            var centre = sampling.ToSource(k);
            (first[k], weights[k]) = sampling.Step > 1 ? Area(count, centre, sampling.Step) : Linear(count, centre);
        }
        return new AxisWeights(first, weights);
    }

    /// <summary>The first and last source voxel that any sample reads.</summary>
    public (int First, int Last) Reach()
    {
        var last = 0;
        for (var k = 0; k < _first.Length; k++)
            last = Math.Max(last, _first[k] + _weights[k].Length - 1);
        return (_first.Min(), last);
    }

    /// <summary>All samples along contiguous voxels.</summary>
    public void Dot(ReadOnlySpan<float> voxels, Span<float> samples)
    {
        for (var k = 0; k < samples.Length; k++)
        {
            var weights = _weights[k];
            var part = voxels.Slice(_first[k], weights.Length);
            var sum = 0f;
            for (var n = 0; n < weights.Length; n++)
                sum += weights[n] * part[n];
            samples[k] = sum;
        }
    }

    /// <summary>Sample <paramref name="k"/> for a whole line of <paramref name="inner"/> neighbours at once.</summary>
    public void Sum(float[] source, int offset, int inner, int k, Span<float> line)
    {
        var weights = _weights[k];
        for (var n = 0; n < weights.Length; n++)
        {
            var from = source.AsSpan((offset + _first[k] + n) * inner, inner);
            var weight = weights[n];
            var i = 0;
            for (; n > 0 && i <= inner - Vector<float>.Count; i += Vector<float>.Count)
                (new Vector<float>(line[i..]) + (new Vector<float>(from[i..]) * weight)).CopyTo(line[i..]);
            for (; i < inner; i++)
                line[i] = n == 0 ? from[i] * weight : line[i] + (from[i] * weight);
        }
    }

    static (int, float[]) Linear(int count, double centre)
    {
        var clamped = Math.Clamp(centre, 0, count - 1);
        var low = Math.Min((int)clamped, Math.Max(0, count - 2));
        var fraction = (float)(clamped - low);
        return fraction == 0 ? (low, [1f]) : (low, [1 - fraction, fraction]);
    }

    static (int, float[]) Area(int count, double centre, double width)
    {
        // Voxel i is the box [i - 0.5, i + 0.5]; what reaches over an end counts for the last voxel there.
        var (begin, end) = (centre - (width / 2) + 0.5, centre + (width / 2) + 0.5);
        var low = Math.Clamp((int)Math.Floor(begin), 0, count - 1);
        var high = Math.Clamp((int)Math.Ceiling(end) - 1, low, count - 1);
        var weights = new float[high - low + 1];
        for (var i = low; i <= high; i++)
        {
            var from = i == 0 ? begin : Math.Max(begin, i);
            var to = i == count - 1 ? end : Math.Min(end, i + 1);
            weights[i - low] = (float)(Math.Max(0, to - from) / width);
        }
        return (low, weights);
    }
}
