namespace SoftSeg.SegEngine.Tests.Segmentation;

/// <summary>Comparing masks.</summary>
static class Overlap
{
    /// <summary>A field of view of fewer slices.</summary>
    public static Volume Slices(Volume volume, int first, int count) => volume.Part(first, count, 0, volume.Rows, 0, volume.Columns);

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
