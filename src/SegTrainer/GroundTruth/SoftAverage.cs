using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.GroundTruth;

/// <summary>A mask with where its voxels lie in the reference's space.</summary>
/// <param name="Mask">0 or 1, or a share, on its own grid.</param>
/// <param name="ToNative">From a point of the reference's space to the same anatomy in the mask's own, LPS mm.</param>
/// <param name="Covered">Whether a slice of the mask is to be believed; all are where it is null.</param>
sealed record RegisteredMask(Volume Mask, Func<Vector3, Vector3> ToNative, bool[]? Covered = null);

/// <summary>
/// The soft ground truth of several contrasts: masks and an all-ones map of where each looked are brought to the reference by linear
/// interpolation, and the share is the sum of the masks over the sum of the maps. A contrast that is missing, or ends, weighs nothing there.
/// </summary>
static class SoftAverage
{
    /// <summary>Where fewer masks than this looked, nothing is known.</summary>
    const double LeastCoverage = 0.5;

    /// <param name="masks">One a contrast.</param>
    /// <param name="reference">The grid to average on.</param>
    /// <returns>The share, 0..1, and how many masks looked at each voxel (0 where the share is not known).</returns>
    public static (Volume Share, Volume Coverage) Of(IReadOnlyList<RegisteredMask> masks, Volume reference)
    {
        var (share, coverage) = (reference.LikeThis(), reference.LikeThis());
        Parallel.For(0, reference.Slices, slice =>
        {
            for (var row = 0; row < reference.Rows; row++)
            {
                for (var column = 0; column < reference.Columns; column++)
                {
                    var point = reference.Affine.ToPatient(slice, row, column);
                    double sum = 0, seen = 0;
                    foreach (var mask in masks)
                    {
                        var (s, r, c) = mask.Mask.Affine.ToIndex(mask.ToNative(point));
                        var looked = Coverage(mask, s, r, c);
                        if (looked <= 0)
                            continue;
                        seen += looked;
                        sum += looked * Resampler.SampleIndex(mask.Mask, Math.Clamp(s, 0, mask.Mask.Slices - 1), Math.Clamp(r, 0, mask.Mask.Rows - 1), Math.Clamp(c, 0, mask.Mask.Columns - 1));
                    }
                    if (seen < LeastCoverage)
                        continue;
                    share[slice, row, column] = (float)Math.Clamp(sum / seen, 0, 1);
                    coverage[slice, row, column] = (float)seen;
                }
            }
        });
        return (share, coverage);
    }

    /// <summary>Brings an average back to a native grid: every voxel is sampled over its slice's thickness, linearly, where the average is known.</summary>
    /// <param name="average">Share and coverage on the reference's grid.</param>
    /// <param name="native">The grid to come back to.</param>
    /// <param name="toReference">From a point of the native space to the reference's.</param>
    /// <returns>The share on the native grid, and per slice which part of it is known where there is cord: an end slice that reaches beyond every mask's is not.</returns>
    public static (Volume Share, double[] Known) Back((Volume Share, Volume Coverage) average, Volume native, Func<Vector3, Vector3> toReference)
    {
        var result = native.LikeThis();
        var known = new double[native.Slices];
        var (thin, reference) = (average.Share.Affine.Spacing, average.Share);
        var planes = Math.Max(1, (int)Math.Round(native.Affine.Spacing.Slice / Math.Max(thin.Slice, Math.Max(thin.Row, thin.Column))));
        Parallel.For(0, native.Slices, slice =>
        {
            double cord = 0, seen = 0;
            for (var row = 0; row < native.Rows; row++)
            {
                for (var column = 0; column < native.Columns; column++)
                {
                    var (sum, found) = (0.0, 0);
                    for (var plane = 0; plane < planes; plane++)
                    {
                        var (s, r, c) = reference.Affine.ToIndex(toReference(native.Affine.ToPatient(slice + ((plane + 0.5) / planes) - 0.5, row, column)));
                        if (Resampler.SampleIndex(average.Coverage, s, r, c) < LeastCoverage)
                            continue;
                        found++;
                        sum += Resampler.SampleIndex(reference, s, r, c);
                    }
                    if (found == 0)
                        continue;
                    var share = sum / found;
                    result[slice, row, column] = (float)share;
                    (cord, seen) = (cord + share, seen + (share * found / planes));
                }
            }
            known[slice] = cord > 0 ? seen / cord : 0;
        });
        return (result, known);
    }

    /// <summary>The all-ones map of a mask's grid, interpolated linearly: 1 within it, 0 a voxel beyond and in slices that are not believed.</summary>
    static double Coverage(RegisteredMask mask, double s, double r, double c)
    {
        var grid = mask.Mask;
        var inside = Ramp(s, grid.Slices) * Ramp(r, grid.Rows) * Ramp(c, grid.Columns);
        if (inside <= 0 || mask.Covered is not { } covered)
            return inside;
        var position = Math.Clamp(s, 0, grid.Slices - 1);
        var below = Math.Min((int)position, Math.Max(0, grid.Slices - 2));
        var above = Math.Min(below + 1, grid.Slices - 1);
        var f = position - below;
        return inside * (((covered[below] ? 1 : 0) * (1 - f)) + ((covered[above] ? 1 : 0) * f));

        static double Ramp(double index, int count) => Math.Clamp(Math.Min(index, count - 1 - index) + 1, 0, 1);
    }
}
