using System.Globalization;
using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>One image as a scanner with larger voxels would have taken it: its cord should keep its area.</summary>
/// <param name="Image">The image's path in the manifest.</param>
/// <param name="Voxels">The larger voxels, for example <c>sagittal slices of 4 mm</c>.</param>
/// <param name="Area">Mean area on the coarser image over the heights that both show, mm2; NaN where there are none.</param>
/// <param name="OwnArea">The same on the image as it is.</param>
/// <param name="Dice">Of both masks at share 0.5, on the coarser grid.</param>
sealed record CoarserFigures(string Image, string Voxels, double Area, double OwnArea, double Dice)
{
    static readonly double[] Pixels = [1.2, 1.6, 2];
    static readonly double[] AxialSlices = [5, 8];
    static readonly double[] SagittalSlices = [3, 4];

    public double Difference => (Area / OwnArea) - 1;

    /// <summary>Averages the image over larger voxels of several kinds and segments each.</summary>
    /// <param name="segmenter">The model.</param>
    /// <param name="name">The image's path in the manifest.</param>
    /// <param name="image">Canonical image.</param>
    /// <param name="own">What the model draws on the image as it is.</param>
    public static IEnumerable<CoarserFigures> Of(SoftSegmenter segmenter, string name, Volume image, Volume own)
    {
        var areas = CordAreas.Of(own);
        var (slice, row, column) = image.Affine.Spacing;
        var kinds = Pixels.Where(mm => mm > 1.1 * Math.Max(row, column)).Select(mm => (Text($"pixels of {mm} mm"), slice, mm, mm))
            .Concat(AxialSlices.Where(mm => mm > 1.1 * slice).Select(mm => (Text($"axial slices of {mm} mm"), mm, row, column)))
            .Concat(SagittalSlices.Where(mm => mm > 1.1 * column).Select(mm => (Text($"sagittal slices of {mm} mm"), slice, row, mm)));
        foreach (var (voxels, thick, deep, wide) in kinds)
        {
            var found = segmenter.Segment(Resampler.ToSpacing(image, thick, deep, wide)).SoftMask;
            var coarse = CordAreas.Of(found);
            var common = CordAreas.Common([areas, coarse]);
            yield return new(name, voxels, common is { } both ? coarse.Mean(both.From, both.To) : double.NaN, common is { } range ? areas.Mean(range.From, range.To) : double.NaN,
                Agreement.Dice(Resampler.ToSpacing(own, thick, deep, wide), found));
        }
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
