namespace SoftSeg.SegEngine;

/// <summary>
/// A regular sampling of one axis, in the source's index coordinates (voxel centres at whole numbers): sample <c>k</c>
/// has its centre at <c>Start + k * Step</c> and is <c>Step</c> wide.
/// </summary>
/// <param name="Count">Number of samples.</param>
/// <param name="Start">Centre of the first sample, in source voxels.</param>
/// <param name="Step">From one sample to the next, in source voxels; positive.</param>
public readonly record struct AxisSampling(int Count, double Start, double Step)
{
    /// <summary>Every voxel as it is.</summary>
    public static AxisSampling Identity(int count) => new(count, 0, 1);

    /// <summary>
    /// Samples of the given spacing over a whole axis, centred on it, so that both ends are treated alike; the outermost
    /// samples reach over the ends by less than half a sample each.
    /// </summary>
    /// <param name="count">Voxels along the axis.</param>
    /// <param name="voxelSpacing">Their spacing, mm.</param>
    /// <param name="spacing">The wanted spacing, mm.</param>
    public static AxisSampling Cover(int count, double voxelSpacing, double spacing)
    {
        var step = spacing / voxelSpacing;
        if (Math.Abs(step - 1) < 1e-6)
            return Identity(count);
        var samples = Math.Max(1, (int)Math.Ceiling((count / step) - 1e-6));
        return new AxisSampling(samples, ((count - 1) - ((samples - 1) * step)) / 2, step);
    }

    /// <summary>
    /// Samples at multiples of the spacing, counted from the patient's origin: whatever part of the axis is covered, the same samples lie at the same
    /// places. The outermost ones reach over the ends by less than a sample each.
    /// </summary>
    /// <param name="count">Voxels along the axis.</param>
    /// <param name="voxelSpacing">Their spacing, mm.</param>
    /// <param name="origin">Where the first voxel's centre lies along the axis, mm.</param>
    /// <param name="spacing">The wanted spacing, mm; voxels of the same spacing are taken as they are.</param>
    public static AxisSampling Anchored(int count, double voxelSpacing, double origin, double spacing)
    {
        var step = spacing / voxelSpacing;
        if (Math.Abs(step - 1) < 1e-6)
            return Identity(count);
        // Ends of the field of view, in samples: sample k is the box [k - 0.5, k + 0.5]. A millionth of a sample is a rounding, not a part.
        var (begin, end) = ((origin - (0.5 * voxelSpacing)) / spacing, (origin + ((count - 0.5) * voxelSpacing)) / spacing);
        var (first, last) = (Math.Floor(begin + 0.5 + 1e-6), Math.Ceiling(end - 0.5 - 1e-6));
        return new AxisSampling((int)(last - first) + 1, ((first * spacing) - origin) / voxelSpacing, step);
    }

    /// <summary>The samples <c>first .. first + count - 1</c> of this sampling.</summary>
    public AxisSampling Part(int first, int count) => new(count, Start + (first * Step), Step);

    /// <summary>The source's own voxels, seen from this sampling: the way back.</summary>
    public AxisSampling Inverse(int sourceCount) => new(sourceCount, -Start / Step, 1 / Step);

    /// <summary>Source index coordinate of a sample coordinate.</summary>
    public double ToSource(double sample) => Start + (sample * Step);

    /// <summary>Sample coordinate of a source index coordinate.</summary>
    public double FromSource(double source) => (source - Start) / Step;
}

/// <summary>A regular, axis-aligned sampling of a volume.</summary>
public readonly record struct VolumeSampling(AxisSampling Slice, AxisSampling Row, AxisSampling Column)
{
    /// <summary>Samples of the given spacing (mm) over the whole field of view.</summary>
    public static VolumeSampling Cover(Volume volume, double slice, double row, double column)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var spacing = volume.Affine.Spacing;
        return new VolumeSampling(
            AxisSampling.Cover(volume.Slices, spacing.Slice, slice),
            AxisSampling.Cover(volume.Rows, spacing.Row, row),
            AxisSampling.Cover(volume.Columns, spacing.Column, column));
    }

    /// <summary>Samples of the given spacing (mm) over the whole field of view, at multiples of it in the patient (<see cref="AxisSampling.Anchored"/>).</summary>
    public static VolumeSampling Anchored(Volume volume, double slice, double row, double column)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var spacing = volume.Affine.Spacing;
        var origin = volume.Affine.ToIndex(Vector3.Zero);
        return new VolumeSampling(
            AxisSampling.Anchored(volume.Slices, spacing.Slice, -origin.Slice * spacing.Slice, slice),
            AxisSampling.Anchored(volume.Rows, spacing.Row, -origin.Row * spacing.Row, row),
            AxisSampling.Anchored(volume.Columns, spacing.Column, -origin.Column * spacing.Column, column));
    }

    /// <summary>The way back onto the grid of <paramref name="source"/>.</summary>
    public VolumeSampling Inverse(Volume source) =>
        new(Slice.Inverse(source.Slices), Row.Inverse(source.Rows), Column.Inverse(source.Columns));

    /// <summary>The affine of the samples, given that of the source.</summary>
    public Affine Place(Affine source) => new(
        source.ToPatient(Slice.Start, Row.Start, Column.Start),
        source.SliceStep * Slice.Step, source.RowStep * Row.Step, source.ColumnStep * Column.Step);
}
