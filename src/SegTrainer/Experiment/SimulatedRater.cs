using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Synthesis;

namespace SoftSeg.SegTrainer.Experiment;

/// <summary>
/// Draws hard masks as people do: where the cord's border seems to lie differs by contrast (bright CSF eats into the cord, dark CSF lets it grow), and
/// a little from image to image.
/// </summary>
/// <param name="Offsets">How far outside the true border a contrast's masks end, mm; negative inside.</param>
/// <param name="Scatter">Standard deviation of that from image to image, mm.</param>
sealed record SimulatedRater(IReadOnlyDictionary<string, double> Offsets, double Scatter)
{
    /// <param name="scan">Canonical: slices cross the cord.</param>
    /// <param name="random">Decides the scatter.</param>
    /// <returns>0 or 1 on the scan's grid.</returns>
    public Volume Draw(SimulatedScan scan, Random random)
    {
        var offset = Offsets.GetValueOrDefault(scan.Sequence.Name) + random.Normal(Scatter);
        var (share, mask) = (scan.Share, scan.Share.LikeThis());
        var spacing = share.Affine.Spacing;
        for (var slice = 0; slice < share.Slices; slice++)
        {
            var distance = DistanceMap.FromShare(share.Slice(slice), share.Rows, share.Columns, spacing.Row, spacing.Column, LabelledVolume.DistanceLimit);
            var plane = mask.Slice(slice);
            for (var n = 0; n < plane.Length; n++)
                plane[n] = distance[n] <= offset ? 1 : 0;
        }
        return mask;
    }
}
