using System.Globalization;
using System.Numerics.Tensors;
using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Data;

/// <summary>
/// Soft truth for images without a mask: a trained model's shares, averaged over the contrasts of one scan position (as the
/// paper averages manual masks over contrasts, arXiv:2310.15402 section 2.1) and over mirrored and re-graded copies of each.
/// One truth for all contrasts is what teaches the next model to give them one area.
/// </summary>
static class TeacherLabels
{
    /// <summary>A slice is believed where the averaged share peaks at least here.</summary>
    const float LeastPeak = 0.9f;

    /// <summary>... and where no contrast's own area is farther than this from the mean of all, as a part of it.</summary>
    const double LargestSpread = 0.3;

    /// <summary>Slices this near (mm) to the end of what the teacher drew are not believed: it may have ended too early or too late.</summary>
    const double EndMargin = 6;

    static readonly float[] Gammas = [1, 0.7f, 1.5f];

    /// <summary>The images with the truth that the teacher gives them; images in which it sees no cord are left out.</summary>
    /// <param name="teacher">The trained model.</param>
    /// <param name="folder">The data folder.</param>
    /// <param name="scan">Images of one grid.</param>
    /// <param name="report">Receives a line that says what was labelled.</param>
    /// <param name="cancellation">Looked at between batches of tiles.</param>
    /// <exception cref="InvalidDataException">An image cannot be read, or lies on another grid than the first.</exception>
    public static IReadOnlyList<LabelledVolume> Label(SoftSegmenter teacher, string folder, UnlabelledImages scan, Action<string> report, CancellationToken cancellation = default)
    {
        var images = scan.Images.Select(path => TrainingData.ReadCanonical(folder, path, mean: true)).ToArray();
        for (var n = 1; n < images.Length; n++)
            TrainingData.RequireSameGrid(scan.Images[n], images[0], images[n]);
        var shares = images.Select(image => Draw(teacher, image, cancellation)).ToArray();
        var mean = images[0].LikeThis();
        foreach (var share in shares)
            TensorPrimitives.Add(mean.Voxels, share.Voxels, mean.Voxels);
        TensorPrimitives.Divide(mean.Voxels, shares.Length, mean.Voxels);
        var believed = Believed(mean, shares);
        var areas = shares.Select((share, n) => string.Create(CultureInfo.InvariantCulture, $"{scan.Contrasts[n]} {MeanArea(share, believed):F1} mm2"));
        report($"{scan.Person}: {believed.Count(slice => slice)} of {believed.Length} slices labelled by the teacher; {string.Join(", ", areas)}");
        return believed.Contains(true)
            ? [.. images.Select((image, n) => new LabelledVolume(scan.Images[n], scan.Person, scan.Contrasts[n], image, mean, believed, scan.Weight))]
            : [];
    }

    static double MeanArea(Volume share, bool[] slices)
    {
        var spacing = share.Affine.Spacing;
        var sum = Enumerable.Range(0, slices.Length).Where(slice => slices[slice]).Sum(slice => TensorPrimitives.Sum<float>(share.Slice(slice)));
        return sum * spacing.Row * spacing.Column / Math.Max(1, slices.Count(slice => slice));
    }

    /// <summary>The mean share over the copies of one image.</summary>
    static Volume Draw(SoftSegmenter teacher, Volume image, CancellationToken cancellation)
    {
        var range = RobustRange.Of(image.Voxels);
        var mean = image.LikeThis();
        foreach (var gamma in Gammas)
        {
            var graded = image.With([.. image.Voxels.Select(v => MathF.Pow(Math.Max(0, (v - range.Low) / Math.Max(range.Width, 1e-6f)), gamma))]);
            TensorPrimitives.Add(mean.Voxels, teacher.Segment(graded, null, cancellation).SoftMask.Voxels, mean.Voxels);
            TensorPrimitives.Add(mean.Voxels, Mirrored(teacher.Segment(Mirrored(graded), null, cancellation).SoftMask).Voxels, mean.Voxels);
        }
        TensorPrimitives.Divide(mean.Voxels, 2 * Gammas.Length, mean.Voxels);
        return mean;
    }

    /// <summary>Left and right changed, on the same grid.</summary>
    static Volume Mirrored(Volume canonical)
    {
        var mirrored = canonical.With([.. canonical.Voxels]);
        for (var line = 0; line < mirrored.Voxels.Length; line += mirrored.Columns)
            mirrored.Voxels.AsSpan(line, mirrored.Columns).Reverse();
        return mirrored;
    }

    static bool[] Believed(Volume mean, Volume[] shares)
    {
        var believed = new bool[mean.Slices];
        for (var slice = 0; slice < mean.Slices; slice++)
        {
            var area = TensorPrimitives.Sum<float>(mean.Slice(slice));
            believed[slice] = TensorPrimitives.Max<float>(mean.Slice(slice)) >= LeastPeak
                && shares.All(share => Math.Abs(TensorPrimitives.Sum<float>(share.Slice(slice)) - area) <= LargestSpread * area);
        }
        var margin = (int)Math.Ceiling(EndMargin / mean.Affine.Spacing.Slice);
        var (first, last) = (Array.IndexOf(believed, true), Array.LastIndexOf(believed, true));
        for (var slice = 0; slice < believed.Length; slice++)
            believed[slice] &= slice >= first + margin && slice <= last - margin;
        return believed;
    }
}
