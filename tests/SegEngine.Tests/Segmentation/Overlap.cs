namespace SoftSeg.SegEngine.Tests.Segmentation;

/// <summary>Comparing masks.</summary>
static class Overlap
{
    /// <summary>Dice overlap of two masks on one grid, at 0.5.</summary>
    public static double Dice(Volume a, Volume b)
    {
        int both = 0, sum = 0;
        for (var n = 0; n < a.Voxels.Length; n++)
        {
            both += a.Voxels[n] >= 0.5f && b.Voxels[n] >= 0.5f ? 1 : 0;
            sum += (a.Voxels[n] >= 0.5f ? 1 : 0) + (b.Voxels[n] >= 0.5f ? 1 : 0);
        }
        return 2.0 * both / sum;
    }

    /// <summary>A field of view of fewer slices.</summary>
    public static Volume Slices(Volume volume, int first, int count)
    {
        var size = volume.Rows * volume.Columns;
        var affine = volume.Affine with { Origin = volume.Affine.ToPatient(first, 0, 0) };
        return new Volume(volume.Voxels[(first * size)..((first + count) * size)], count, volume.Rows, volume.Columns, affine);
    }

    /// <summary>Share-weighted centre, LPS mm.</summary>
    public static Vector3 Centroid(Volume share)
    {
        var (sum, total) = (Vector3.Zero, 0.0);
        for (var n = 0; n < share.Voxels.Length; n++)
        {
            sum += share.Affine.ToPatient(n / (share.Rows * share.Columns), n / share.Columns % share.Rows, n % share.Columns) * share.Voxels[n];
            total += share.Voxels[n];
        }
        return sum / total;
    }
}
