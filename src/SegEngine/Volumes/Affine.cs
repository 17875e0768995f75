namespace SoftSeg.SegEngine;

/// <summary>
/// Maps the index (slice, row, column) of a voxel's centre to patient LPS millimetres:
/// <c>Origin + slice * SliceStep + row * RowStep + column * ColumnStep</c>.
/// </summary>
/// <param name="Origin">Centre of voxel (0, 0, 0), mm.</param>
/// <param name="SliceStep">From one slice to the next, mm.</param>
/// <param name="RowStep">From one row to the next (down a column), mm.</param>
/// <param name="ColumnStep">From one column to the next (along a row), mm.</param>
public readonly record struct Affine(Vector3 Origin, Vector3 SliceStep, Vector3 RowStep, Vector3 ColumnStep)
{
    /// <summary>Spacing in mm along (slice, row, column).</summary>
    public (double Slice, double Row, double Column) Spacing => (SliceStep.Length, RowStep.Length, ColumnStep.Length);

    /// <summary>Signed volume of a voxel's parallelepiped, mm3; 0 when the steps are not independent.</summary>
    public double Determinant => SliceStep.Dot(RowStep.Cross(ColumnStep));

    /// <summary>Volume of one voxel, mm3.</summary>
    public double VoxelVolume => Math.Abs(Determinant);

    public Vector3 ToPatient(double slice, double row, double column) =>
        Origin + (SliceStep * slice) + (RowStep * row) + (ColumnStep * column);

    /// <summary>The index of a point in patient LPS millimetres; not rounded.</summary>
    /// <exception cref="InvalidOperationException">The affine has no inverse.</exception>
    public (double Slice, double Row, double Column) ToIndex(Vector3 point)
    {
        var determinant = Determinant;
        if (determinant == 0)
            throw new InvalidOperationException("The affine has no inverse: its slice, row and column steps are not independent.");
        var d = point - Origin;
        return (d.Dot(RowStep.Cross(ColumnStep)) / determinant,
                SliceStep.Dot(d.Cross(ColumnStep)) / determinant,
                SliceStep.Dot(RowStep.Cross(d)) / determinant);
    }
}
