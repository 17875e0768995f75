namespace SoftSeg.SegEngine;

/// <summary>
/// How a model's haze tells how sure an area is: the half-width of the 95 % interval, as a part of the area, is
/// <c>Offset + Slope x haze</c>, where haze is the sum of p (1 - p) over the sum of p of the shares p of a slice. A share is a
/// probability where the network is unsure, so haze is the variance that it sees itself. Found by <c>softseg-train calibrate</c>
/// on simulated slices whose area is known.
/// </summary>
/// <param name="Offset">Half-width without any haze, a part of the area.</param>
/// <param name="Slope">What haze adds.</param>
public sealed record AreaInterval(double Offset, double Slope)
{
    /// <summary>Haze of a slice's shares, 0..1; 1 where there are none.</summary>
    public static double HazeOf(ReadOnlySpan<float> shares)
    {
        double sum = 0, spread = 0;
        foreach (var share in shares)
        {
            sum += share;
            spread += share * (1 - share);
        }
        return sum > 0 ? spread / sum : 1;
    }
}

/// <summary>How sure the areas of one segmentation are, along the cord.</summary>
public sealed class AreaUncertainty
{
    readonly Affine _fine;
    readonly double[] _halfWidths;

    /// <param name="share">Shares of the cord on the fine grid, before they are averaged over acquired pixels, whose own partial volume is no doubt.</param>
    /// <param name="interval">The model's calibration.</param>
    internal AreaUncertainty(Volume share, AreaInterval interval)
    {
        _fine = share.Affine;
        _halfWidths = new double[share.Slices];
        for (var slice = 0; slice < _halfWidths.Length; slice++)
            _halfWidths[slice] = interval.Offset + (interval.Slope * AreaInterval.HazeOf(share.Slice(slice)));
    }

    /// <summary>Half-width of the 95 % interval of the area of a cross-section, as a part of that area.</summary>
    /// <param name="centre">Where the centre line passes the cross-section, LPS mm.</param>
    public double HalfWidthAt(Vector3 centre)
    {
        var slice = Math.Clamp(_fine.ToIndex(centre).Slice, 0, _halfWidths.Length - 1);
        var below = Math.Min((int)slice, Math.Max(0, _halfWidths.Length - 2));
        var above = Math.Min(below + 1, _halfWidths.Length - 1);
        return _halfWidths[below] + ((slice - below) * (_halfWidths[above] - _halfWidths[below]));
    }
}
