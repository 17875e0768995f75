namespace SoftSeg.SegEngine;

/// <summary>A scalar volume: float32 voxels <c>[slice, row, column]</c> in C order, placed in patient LPS millimetres.</summary>
public sealed class Volume
{
    /// <param name="voxels">Voxels <c>[slice, row, column]</c>; kept, not copied.</param>
    /// <param name="slices">Number of slices, at least 1.</param>
    /// <param name="rows">Number of rows, at least 1.</param>
    /// <param name="columns">Number of columns, at least 1.</param>
    /// <param name="affine">Voxel index to LPS mm; must have an inverse.</param>
    /// <exception cref="ArgumentException">The sizes do not fit the voxels, or the affine has no inverse.</exception>
    public Volume(float[] voxels, int slices, int rows, int columns, Affine affine)
    {
        ArgumentNullException.ThrowIfNull(voxels);
        ArgumentOutOfRangeException.ThrowIfLessThan(slices, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (voxels.LongLength != (long)slices * rows * columns)
            throw new ArgumentException($"{voxels.LongLength} voxels do not fill {slices} x {rows} x {columns}.", nameof(voxels));
        if (!(affine.VoxelVolume > 0) || !double.IsFinite(affine.VoxelVolume))
            throw new ArgumentException("The affine has no inverse: its slice, row and column steps are not independent.", nameof(affine));
        (Voxels, Slices, Rows, Columns, Affine) = (voxels, slices, rows, columns, affine);
    }

    public float[] Voxels { get; }

    public int Slices { get; }

    public int Rows { get; }

    public int Columns { get; }

    public Affine Affine { get; }

    public float this[int slice, int row, int column]
    {
        get => Voxels[Index(slice, row, column)];
        set => Voxels[Index(slice, row, column)] = value;
    }

    /// <summary>One slice, <c>[row, column]</c>.</summary>
    public Span<float> Slice(int slice) => Voxels.AsSpan(slice * Rows * Columns, Rows * Columns);

    /// <summary>An empty (all zero) volume on the same grid.</summary>
    public Volume LikeThis() => new(new float[Voxels.Length], Slices, Rows, Columns, Affine);

    /// <summary>Other voxels on the same grid.</summary>
    public Volume With(float[] voxels) => new(voxels, Slices, Rows, Columns, Affine);

    /// <summary>A smaller field of view: a copy of some neighbouring slices, rows and columns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They reach beyond the volume.</exception>
    public Volume Part(int firstSlice, int slices, int firstRow, int rows, int firstColumn, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstSlice + slices, Slices);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstRow + rows, Rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstColumn + columns, Columns);
        var part = new Volume(new float[(long)slices * rows * columns], slices, rows, columns, Affine with { Origin = Affine.ToPatient(firstSlice, firstRow, firstColumn) });
        for (var slice = 0; slice < slices; slice++)
        {
            for (var row = 0; row < rows; row++)
                Slice(firstSlice + slice).Slice(((firstRow + row) * Columns) + firstColumn, columns).CopyTo(part.Slice(slice)[(row * columns)..]);
        }
        return part;
    }

    int Index(int slice, int row, int column) => (((slice * Rows) + row) * Columns) + column;
}
