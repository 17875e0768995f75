using System.Globalization;
using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>One image as it could have been taken as well, with larger voxels or a smaller field of view: its cord should keep its area.</summary>
/// <param name="Image">The image's path in the manifest.</param>
/// <param name="Variant">What is different, for example <c>sagittal slices of 4 mm</c>.</param>
/// <param name="Area">Mean area on the variant over the heights that both show, mm2; NaN where there are none.</param>
/// <param name="OwnArea">The same on the image as it is.</param>
/// <param name="Dice">Of both masks at share 0.5, on the variant's grid.</param>
sealed record VariantFigures(string Image, string Variant, double Area, double OwnArea, double Dice)
{
    static readonly double[] Pixels = [1.2, 1.6, 2];
    static readonly double[] AxialSlices = [5, 8];
    static readonly double[] SagittalSlices = [3, 4];
    static readonly double[] Margins = [10, 15, 25];

    public double Difference => (Area / OwnArea) - 1;

    /// <summary>Whether both show a common stretch of cord.</summary>
    public bool Measured => double.IsFinite(Difference);

    /// <summary>Averages the image over larger voxels of several kinds and segments each.</summary>
    /// <param name="segmenter">The model.</param>
    /// <param name="name">The image's path in the manifest.</param>
    /// <param name="image">Canonical image.</param>
    /// <param name="own">What the model draws on the image as it is.</param>
    public static IEnumerable<VariantFigures> WithLargerVoxels(SoftSegmenter segmenter, string name, Volume image, Volume own)
    {
        var (slice, row, column) = image.Affine.Spacing;
        return Pixels.Where(mm => mm > 1.1 * Math.Max(row, column)).Select(mm => Of($"pixels of {mm} mm", slice, mm, mm))
            .Concat(AxialSlices.Where(mm => mm > 1.1 * slice).Select(mm => Of($"axial slices of {mm} mm", mm, row, column)))
            .Concat(SagittalSlices.Where(mm => mm > 1.1 * column).Select(mm => Of($"sagittal slices of {mm} mm", slice, row, mm)));

        VariantFigures Of(FormattableString variant, double thick, double deep, double wide) =>
            VariantFigures.Of(segmenter, name, variant, own, Resampler.ToSpacing(image, thick, deep, wide), Resampler.ToSpacing(own, thick, deep, wide));
    }

    /// <summary>Cuts smaller fields of view out of the image, with all of the cord's width, and segments each.</summary>
    /// <param name="segmenter">The model.</param>
    /// <param name="name">The image's path in the manifest.</param>
    /// <param name="image">Canonical image.</param>
    /// <param name="own">What the model draws on the image as it is; without a voxel of cord there is nothing to cut around.</param>
    public static IEnumerable<VariantFigures> WithSmallerFields(SoftSegmenter segmenter, string name, Volume image, Volume own)
    {
        if (CordSpan(own) is not var (rows, columns))
            yield break;
        if (image.Slices / 2 is > 0 and var half)
        {
            yield return Of($"foot half", 0, half, (0, image.Rows - 1), (0, image.Columns - 1));
            yield return Of($"head half", half, image.Slices - half, (0, image.Rows - 1), (0, image.Columns - 1));
        }
        var (_, deep, wide) = image.Affine.Spacing;
        foreach (var mm in Margins)
            yield return Of($"{mm} mm around the cord", 0, image.Slices, Widened(rows, mm / deep, image.Rows), Widened(columns, mm / wide, image.Columns));

        VariantFigures Of(FormattableString variant, int first, int slices, (int First, int Last) r, (int First, int Last) c)
        {
            Volume Cut(Volume volume) => volume.Part(first, slices, r.First, r.Last - r.First + 1, c.First, c.Last - c.First + 1);
            return VariantFigures.Of(segmenter, name, variant, own, Cut(image), Cut(own));
        }
    }

    static VariantFigures Of(SoftSegmenter segmenter, string name, FormattableString variant, Volume own, Volume image, Volume known)
    {
        var found = segmenter.Segment(image).SoftMask;
        var (whole, areas) = (CordAreas.Of(own), CordAreas.Of(found));
        var common = CordAreas.Common([whole, areas]);
        return new(name, variant.ToString(CultureInfo.InvariantCulture), common is { } both ? areas.Mean(both.From, both.To) : double.NaN,
            common is { } range ? whole.Mean(range.From, range.To) : double.NaN, Agreement.Dice(known, found));
    }

    /// <summary>First and last row, and column, with cord.</summary>
    static ((int First, int Last) Rows, (int First, int Last) Columns)? CordSpan(Volume mask)
    {
        var cord = Enumerable.Range(0, mask.Voxels.Length).Where(n => mask.Voxels[n] >= 0.5f).Select(n => (Row: n / mask.Columns % mask.Rows, Column: n % mask.Columns)).ToArray();
        return cord.Length == 0 ? null : ((cord.Min(at => at.Row), cord.Max(at => at.Row)), (cord.Min(at => at.Column), cord.Max(at => at.Column)));
    }

    static (int First, int Last) Widened((int First, int Last) span, double by, int count) =>
        (Math.Max(0, (int)Math.Round(span.First - by)), Math.Min(count - 1, (int)Math.Round(span.Last + by)));
}
