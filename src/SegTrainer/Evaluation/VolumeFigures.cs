using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>How a predicted share compares with the truth of one labelled volume, over its labelled slices.</summary>
/// <param name="Name">The image.</param>
/// <param name="Contrast">T1w, T2w, ...</param>
/// <param name="Dice">Of the voxels at share 0.5 or more against the manual mask, 0..1.</param>
/// <param name="SoftDice">2 sum(p t) / (sum(p^2) + sum(t^2)) against the soft truth, 0..1.</param>
/// <param name="AreaBias">Sum of predicted shares over the sum of true shares, minus 1: the mean cross-sectional area's bias.</param>
/// <param name="AreaError">Mean over slices of |predicted area - true area| over the mean true area.</param>
/// <param name="EmptySlices">Labelled slices in which nothing reaches 0.5.</param>
/// <param name="Haze">Part of the predicted area that lies outside the true cord and more than 2.5 mm from its border.</param>
/// <param name="FarVolume">Volume at share 0.5 or more that is not within 5 mm of the true cord in plane, ml.</param>
sealed record VolumeFigures(string Name, string Contrast, double Dice, double SoftDice, double AreaBias, double AreaError, int EmptySlices, double Haze, double FarVolume)
{
    /// <summary>Mean area over labelled slices, mm2 in the plane of the slices.</summary>
    public double Area { get; init; }

    /// <summary>The same of the soft truth, mm2.</summary>
    public double TrueArea { get; init; }

    /// <summary>Distance between the borders of the prediction at share 0.5 and of the manual mask, mm.</summary>
    public SurfaceDistance Surface { get; init; }

    /// <summary>The labelled slices one by one, from foot to head.</summary>
    public IReadOnlyList<SliceFigures> Slices { get; init; } = [];

    const double Near = 5;
    const double Fringe = 2.5;

    /// <param name="name">The image.</param>
    /// <param name="contrast">Its contrast.</param>
    /// <param name="predicted">Predicted share.</param>
    /// <param name="share">True share on the same grid.</param>
    /// <param name="mask">Manual mask on the same grid.</param>
    /// <param name="distance">Signed in-plane distance to the cord's border, mm, negative inside, on the same grid.</param>
    /// <param name="labelled">Slices that carry a label.</param>
    public static VolumeFigures Of(string name, string contrast, Volume predicted, Volume share, Volume mask, Volume distance, bool[] labelled)
    {
        if ((predicted.Slices, predicted.Rows, predicted.Columns) != (share.Slices, share.Rows, share.Columns))
            throw new ArgumentException($"The predicted share of {name} is on another grid than its truth.");
        var (hard, hardSizes, soft, softSizes, areas, truths, areaErrors, haze, far, empty) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0);
        var slices = new List<SliceFigures>();
        var pixel = share.Affine.Spacing.Row * share.Affine.Spacing.Column;
        for (var slice = 0; slice < share.Slices; slice++)
        {
            if (!labelled[slice])
                continue;
            var p = predicted.Slice(slice);
            var t = share.Slice(slice);
            var m = mask.Slice(slice);
            var d = distance.Slice(slice);
            var (area, truth, any, hardBefore, sizesBefore) = (0.0, 0.0, false, hard, hardSizes);
            for (var i = 0; i < p.Length; i++)
            {
                var (inside, manual) = (p[i] >= 0.5f, m[i] >= 0.5f);
                hard += inside && manual ? 2 : 0;
                hardSizes += (inside ? 1 : 0) + (manual ? 1 : 0);
                soft += 2.0 * p[i] * t[i];
                softSizes += ((double)p[i] * p[i]) + ((double)t[i] * t[i]);
                area += p[i];
                truth += t[i];
                haze += !manual && Math.Abs(d[i]) >= Fringe ? p[i] : 0;
                any |= inside;
                far += inside && Math.Abs(d[i]) >= Near && !manual ? 1 : 0;
            }

            slices.Add(new(hard - hardBefore, hardSizes - sizesBefore, area * pixel, truth * pixel));
            (areas, truths, areaErrors, empty) = (areas + area, truths + truth, areaErrors + Math.Abs(area - truth), empty + (any ? 0 : 1));
        }

        return new(name, contrast, hard / Math.Max(1, hardSizes), soft / Math.Max(1e-9, softSizes), truths > 0 ? (areas / truths) - 1 : 0, truths > 0 ? areaErrors / truths : 0, empty, areas > 0 ? haze / areas : 0, far * share.Affine.VoxelVolume / 1000)
        {
            Slices = slices,
            Area = areas * pixel / Math.Max(1, labelled.Count(slice => slice)),
            TrueArea = truths * pixel / Math.Max(1, labelled.Count(slice => slice)),
            Surface = SurfaceDistance.Between(predicted, mask, labelled),
        };
    }
}

/// <summary>One labelled slice: twice the voxels that both masks have, the voxels of either (their quotient is Dice), and the areas in mm2.</summary>
readonly record struct SliceFigures(double Overlap, double Sizes, double Area, double TrueArea);
