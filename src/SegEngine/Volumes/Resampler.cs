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
