namespace SoftSeg.SegEngine;

/// <summary>How well a mask agrees with a known one on the same grid.</summary>
public static class Agreement
{
    /// <summary>Dice coefficient of the voxels with a share of at least <paramref name="level"/>: 2 |A and B| / (|A| + |B|); 1 when both are empty.</summary>
    /// <exception cref="ArgumentException">The volumes differ in size.</exception>
    public static double Dice(Volume known, Volume mask, float level = 0.5f)
    {
        CheckSize(known, mask);
        long both = 0, sum = 0;
        for (var i = 0; i < known.Voxels.Length; i++)
        {
            var (a, b) = (known.Voxels[i] >= level, mask.Voxels[i] >= level);
            both += a && b ? 1 : 0;
            sum += (a ? 1 : 0) + (b ? 1 : 0);
        }
        return sum == 0 ? 1 : 2.0 * both / sum;
    }

    /// <summary>
    /// Error of the mean cross-sectional area as a share of the truth: sums of shares are compared over the slices in which the truth has cord, without
    /// the first and the last, where the cord may end within the slice.
    /// </summary>
    /// <exception cref="ArgumentException">The volumes differ in size.</exception>
    public static double AreaError(Volume known, Volume mask)
    {
        CheckSize(known, mask);
        double expected = 0, got = 0;
        var occupied = Enumerable.Range(0, known.Slices).Where(slice => Sum(known, slice) >= 1).ToArray();
        foreach (var slice in occupied.Length > 2 ? occupied[1..^1] : occupied)
        {
            expected += Sum(known, slice);
            got += Sum(mask, slice);
        }
        return expected == 0 ? (got == 0 ? 0 : double.PositiveInfinity) : (got / expected) - 1;
    }

    static double Sum(Volume volume, int slice)
    {
        var sum = 0.0;
        foreach (var share in volume.Slice(slice))
            sum += share;
        return sum;
    }

    static void CheckSize(Volume known, Volume mask)
    {
        if ((known.Slices, known.Rows, known.Columns) != (mask.Slices, mask.Rows, mask.Columns))
            throw new ArgumentException($"{mask.Slices} x {mask.Rows} x {mask.Columns} voxels can't be compared with {known.Slices} x {known.Rows} x {known.Columns}.", nameof(mask));
    }
}
