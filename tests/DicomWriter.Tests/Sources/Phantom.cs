using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Tests.Sources;

/// <summary>Grids in the usual planes and a soft mask on them: a tilted, tapering tube with a bump, which no flip or shift maps onto itself.</summary>
static class Phantom
{
    /// <summary>Axial slices, ascending to the head; rows to posterior, columns to the left.</summary>
    public static Affine Axial(double slice = 3, double pixel = 1) =>
        new(new Vector3(-31.5, -28.25, 12), new Vector3(0, 0, slice), new Vector3(0, pixel, 0), new Vector3(pixel, 0, 0));

    /// <summary>Sagittal slices, ascending to the left; rows to the feet, columns to posterior.</summary>
    public static Affine Sagittal(double slice = 1, double pixel = 1) =>
        new(new Vector3(-10, -30, 60), new Vector3(slice, 0, 0), new Vector3(0, 0, -pixel), new Vector3(0, pixel, 0));

    /// <summary>Coronal slices, ascending to the back; rows to the feet, columns to the left.</summary>
    public static Affine Coronal(double slice = 1, double pixel = 1) =>
        new(new Vector3(-20, -10, 20), new Vector3(0, slice, 0), new Vector3(0, 0, -pixel), new Vector3(pixel, 0, 0));

    /// <summary>Axial slices tilted by 17 degrees about x and 9 degrees about y.</summary>
    public static Affine Oblique(double slice = 2.4, double pixel = 0.7)
    {
        double a = 17 * Math.PI / 180, b = 9 * Math.PI / 180;
        var column = new Vector3(Math.Cos(b), 0, -Math.Sin(b));
        var row = new Vector3(Math.Sin(a) * Math.Sin(b), Math.Cos(a), Math.Sin(a) * Math.Cos(b));
        return new Affine(new Vector3(-20.123456789, -22.1, 7.3), column.Cross(row) * slice, row * pixel, column * pixel);
    }

    /// <summary>An MR-like image of the tube: cord dark in bright fluid.</summary>
    public static Volume Image(Volume mask)
    {
        var voxels = new float[mask.Voxels.Length];
        for (var i = 0; i < voxels.Length; i++)
            voxels[i] = 300 + (500 * mask.Voxels[i]) + (i % 7 * 10);
        return mask.With(voxels);
    }

    /// <param name="from">First slice that may hold the tube.</param>
    /// <param name="to">Slice after the last one.</param>
    public static Volume Tube(int slices, int rows, int columns, Affine affine, int from = 0, int to = int.MaxValue)
    {
        var volume = new Volume(new float[slices * rows * columns], slices, rows, columns, affine);
        var middle = affine.ToPatient((slices - 1) / 2.0, (rows - 1) / 2.0, (columns - 1) / 2.0);
        var pixel = Math.Max(affine.Spacing.Row, affine.Spacing.Column);
        for (var slice = from; slice < Math.Min(slices, to); slice++)
        {
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < columns; column++)
                {
                    var p = affine.ToPatient(slice, row, column) - middle;
                    // Centre drifts with height; wider than deep; a bump at the left back.
                    double x = (p.X - (0.05 * p.Z)) / 1.25, y = p.Y - (0.1 * p.Z);
                    var radius = 5 - (0.02 * p.Z) + (x > 0 && y > 0 ? 0.8 : 0);
                    volume[slice, row, column] = (float)Math.Clamp(0.5 + ((radius - Math.Sqrt((x * x) + (y * y))) / pixel), 0, 1);
                }
            }
        }
        return volume;
    }
}
