using System.Globalization;
using System.Text;
using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>The figures of all volumes that a model was held against.</summary>
sealed class EvaluationReport
{
    readonly List<(VolumeFigures Figures, TimeSpan Time, IReadOnlyList<string> Notes)> volumes = [];
    readonly List<(string Name, double Millilitres)> negatives = [];

    public IReadOnlyList<(VolumeFigures Figures, TimeSpan Time, IReadOnlyList<string> Notes)> Volumes => volumes;

    /// <summary>Volumes without a cord, with what was found in them at share 0.5 or more, ml.</summary>
    public IReadOnlyList<(string Name, double Millilitres)> NegativeVolumes => negatives;

    public void Add(VolumeFigures figures, TimeSpan time, IReadOnlyList<string> notes) => volumes.Add((figures, time, notes));

    public void AddNegative(string name, Segmentation found) =>
        negatives.Add((name, found.SoftMask.Voxels.Count(share => share >= 0.5f) * found.SoftMask.Affine.VoxelVolume / 1000));

    /// <summary>Means and worst cases by name, as model.json keeps them: over all volumes, and by contrast.</summary>
    public IReadOnlyDictionary<string, double> Summary()
    {
        var summary = new Dictionary<string, double>
        {
            ["dice.mean"] = Round(volumes.Average(row => row.Figures.Dice)),
            ["dice.worst"] = Round(volumes.Min(row => row.Figures.Dice)),
            ["softDice.mean"] = Round(volumes.Average(row => row.Figures.SoftDice)),
            ["areaBias.mean"] = Round(volumes.Average(row => row.Figures.AreaBias)),
            ["emptySlices"] = volumes.Sum(row => row.Figures.EmptySlices),
        };
        foreach (var contrast in volumes.GroupBy(row => row.Figures.Contrast).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            summary[$"dice.{contrast.Key}"] = Round(contrast.Average(row => row.Figures.Dice));
            summary[$"areaBias.{contrast.Key}"] = Round(contrast.Average(row => row.Figures.AreaBias));
        }

        if (negatives.Count > 0)
            summary["withoutCord.worstMillilitres"] = Round(negatives.Max(row => row.Millilitres));
        return summary;
    }

    public string ToCsv()
    {
        var lines = new StringBuilder("volume,contrast,dice,soft_dice,area_bias,area_error,empty_slices,haze,far_ml,seconds\n");
        foreach (var (row, time, _) in volumes)
            lines.Append(CultureInfo.InvariantCulture, $"{row.Name},{row.Contrast},{row.Dice:F5},{row.SoftDice:F5},{row.AreaBias:F5},{row.AreaError:F5},{row.EmptySlices},{row.Haze:F5},{row.FarVolume:F4},{time.TotalSeconds:F2}\n");
        foreach (var (name, millilitres) in negatives)
            lines.Append(CultureInfo.InvariantCulture, $"\"{name}\",none,,,,,,,{millilitres:F4},\n");
        return lines.ToString();
    }

    static double Round(double value) => Math.Round(value, 4);
}
