namespace SoftSeg.SegEngine.Tests;

/// <summary>Small volumes whose every voxel is known.</summary>
static class Phantom
{
    /// <summary>No two voxels are alike, so nothing symmetric can hide a wrong axis.</summary>
    public static Volume Asymmetric(int slices, int rows, int columns, Affine affine)
    {
        var voxels = new float[slices * rows * columns];
        for (var n = 0; n < voxels.Length; n++)
            voxels[n] = n + 1;
        return new Volume(voxels, slices, rows, columns, affine);
    }

    public static Affine Spaced(double slice, double row, double column, Vector3 origin = default) =>
        new(origin, new Vector3(0, 0, slice), new Vector3(0, row, 0), new Vector3(column, 0, 0));

    /// <summary>The axes of a canonical grid turned about x, then y, then z (degrees).</summary>
    public static Affine Turned(double slice, double row, double column, double aboutX, double aboutY, double aboutZ, Vector3 origin = default)
    {
        Vector3 Turn(Vector3 v)
        {
            var (sx, cx) = Math.SinCos(aboutX * Math.PI / 180);
            var (sy, cy) = Math.SinCos(aboutY * Math.PI / 180);
            var (sz, cz) = Math.SinCos(aboutZ * Math.PI / 180);
            v = new Vector3(v.X, (cx * v.Y) - (sx * v.Z), (sx * v.Y) + (cx * v.Z));
            v = new Vector3((cy * v.X) + (sy * v.Z), v.Y, (cy * v.Z) - (sy * v.X));
            return new Vector3((cz * v.X) - (sz * v.Y), (sz * v.X) + (cz * v.Y), v.Z);
        }

        return new Affine(origin, Turn(new Vector3(0, 0, slice)), Turn(new Vector3(0, row, 0)), Turn(new Vector3(column, 0, 0)));
    }

    /// <summary>All 48 ways to store the same volume: every permutation and flip of its axes.</summary>
    public static IEnumerable<Volume> InAllAxisOrders(Volume volume)
    {
        int[][] permutations = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        foreach (var p in permutations)
        {
            for (var flips = 0; flips < 8; flips++)
                yield return Stored(volume, p, flips);
        }
    }

    static Volume Stored(Volume volume, int[] axes, int flips)
    {
        int[] counts = [volume.Slices, volume.Rows, volume.Columns];
        Vector3[] steps = [volume.Affine.SliceStep, volume.Affine.RowStep, volume.Affine.ColumnStep];
        var origin = volume.Affine.Origin;
        var newSteps = new Vector3[3];
        for (var a = 0; a < 3; a++)
        {
            var flip = (flips >> a & 1) == 1;
            newSteps[a] = flip ? -steps[axes[a]] : steps[axes[a]];
            if (flip)
                origin += steps[axes[a]] * (counts[axes[a]] - 1);
        }
        int[] n = [counts[axes[0]], counts[axes[1]], counts[axes[2]]];
        var stored = new Volume(new float[volume.Voxels.Length], n[0], n[1], n[2], new Affine(origin, newSteps[0], newSteps[1], newSteps[2]));
        var at = new int[3];
        for (var i = 0; i < n[0]; i++)
        {
            for (var j = 0; j < n[1]; j++)
            {
                for (var k = 0; k < n[2]; k++)
                {
                    int[] index = [i, j, k];
                    for (var a = 0; a < 3; a++)
                        at[axes[a]] = (flips >> a & 1) == 1 ? n[a] - 1 - index[a] : index[a];
                    stored[i, j, k] = volume[at[0], at[1], at[2]];
                }
            }
        }
        return stored;
    }
}
