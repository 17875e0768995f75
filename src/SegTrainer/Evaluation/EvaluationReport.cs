using System.Globalization;
using System.Text;
using System.Text.Json;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Training;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>One volume that a model was held against.</summary>
/// <param name="Figures">How it compares with the truth.</param>
/// <param name="Time">Of the segmentation.</param>
/// <param name="Notes">What the segmenter said.</param>
/// <param name="Picture">PNG of its worst slices.</param>
sealed record MeasuredVolume(VolumeFigures Figures, TimeSpan Time, IReadOnlyList<string> Notes, byte[] Picture);

/// <summary>The figures of everything that a model was held against.</summary>
sealed class EvaluationReport
{
    const int WorstPictures = 5;

    static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    readonly List<MeasuredVolume> volumes = [];
    readonly List<(string Name, double Millilitres)> negatives = [];
    readonly List<PairFigures> pairs = [];
    readonly List<PersonAreas> people = [];
    readonly List<SimulatedFigures> simulated = [];
    readonly List<VariantFigures> variants = [];

    public IReadOnlyList<MeasuredVolume> Volumes => volumes;

    /// <summary>Volumes without a cord, with what was found in them at share 0.5 or more, ml.</summary>
    public IReadOnlyList<(string Name, double Millilitres)> NegativeVolumes => negatives;

    /// <summary>Two images each whose areas should agree.</summary>
    public IReadOnlyList<PairFigures> Pairs => pairs;

    /// <summary>People seen in several contrasts.</summary>
    public IReadOnlyList<PersonAreas> People => people;

    /// <summary>Simulated people, whose true area is known.</summary>
    public IReadOnlyList<SimulatedFigures> Simulated => simulated;

    /// <summary>Images with larger voxels and smaller fields of view.</summary>
    public IReadOnlyList<VariantFigures> Variants => variants;

    public void Add(MeasuredVolume volume) => volumes.Add(volume);

    public void AddNegative(string name, Segmentation found) =>
        negatives.Add((name, found.SoftMask.Voxels.Count(share => share >= 0.5f) * found.SoftMask.Affine.VoxelVolume / 1000));

    public void Add(PairFigures pair) => pairs.Add(pair);

    public void Add(PersonAreas person) => people.Add(person);

    public void Add(SimulatedFigures person) => simulated.Add(person);

    public void Add(VariantFigures image) => variants.Add(image);

    /// <summary>Means and worst cases by name, as model.json keeps them: over all volumes, and by contrast.</summary>
    public IReadOnlyDictionary<string, double> Summary()
    {
        var summary = new Dictionary<string, double>();
        if (volumes.Count > 0)
        {
            Set("dice.mean", volumes.Average(row => row.Figures.Dice));
            Set("dice.worst", volumes.Min(row => row.Figures.Dice));
            Set("softDice.mean", volumes.Average(row => row.Figures.SoftDice));
            Set("areaBias.mean", volumes.Average(row => row.Figures.AreaBias));
            Set("areaError.mm2", volumes.Average(row => Math.Abs(row.Figures.Area - row.Figures.TrueArea)));
            Set("surfaceDistance.mean", volumes.Average(row => row.Figures.Surface.Mean));
            Set("surfaceDistance.worst95", volumes.Max(row => row.Figures.Surface.Percentile95));
            Set("emptySlices", volumes.Sum(row => row.Figures.EmptySlices));
            foreach (var contrast in volumes.GroupBy(row => row.Figures.Contrast).OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                Set($"dice.{contrast.Key}", contrast.Average(row => row.Figures.Dice));
                Set($"areaBias.{contrast.Key}", contrast.Average(row => row.Figures.AreaBias));
            }
        }

        AddPairs(Data.PairKind.ScanRescan, "scanRescan");
        AddPairs(Data.PairKind.Contrast, "contrastPairs");
        var rescans = pairs.Where(pair => pair.Pair.Kind == Data.PairKind.ScanRescan && pair.Measured).ToArray();
        if (rescans.Length > 0)
        {
            Set("smallestDetectableChange.mm2", Repeatability.SmallestDetectableChange([.. rescans.Select(pair => pair.FirstArea - pair.SecondArea)]));
            Set("smallestDetectableChange.relative", Repeatability.SmallestDetectableChange([.. rescans.Select(pair => pair.Difference)]));
        }

        if (pairs.Count > 0)
            Set("pairsWithoutCord", pairs.Count(pair => !pair.Measured));
        if (people.Count > 0)
        {
            Set("areaDeviation.mm2", people.Average(person => person.Deviation));
            Set("areaDeviation.relative", people.Average(person => person.Deviation / person.Mean));
        }

        if (simulated.Count > 0)
        {
            var measured = simulated.Where(person => person.Measured).ToArray();
            Set("simulated.missed", simulated.Count - measured.Length);
            Set("simulated.dice.worst", simulated.Min(person => person.Contrasts.Min(contrast => contrast.Dice)));
            if (measured.Length > 0)
            {
                Set("simulated.areaDeviation.relative", measured.Average(person => person.Deviation));
                Set("simulated.areaDeviation.worst", measured.Max(person => person.Deviation));
                Set("simulated.areaError.relative", measured.Average(person => person.Error));
                Set("simulated.areaBias", measured.Average(person => person.Bias));
                Set("simulated.dice", measured.Average(person => person.Contrasts.Average(contrast => contrast.Dice)));
                foreach (var contrast in measured.SelectMany(person => person.Contrasts).GroupBy(contrast => contrast.Name))
                {
                    Set($"simulated.areaBias.{contrast.Key}", contrast.Average(image => image.Bias));
                    Set($"simulated.areaSlope.{contrast.Key}", SimulatedContrastFigures.Slope([.. contrast]));
                }
            }
        }

        foreach (var variant in variants.GroupBy(image => image.Variant))
        {
            var measured = variant.Where(image => image.Measured).ToArray();
            Set($"variant.missed.{variant.Key}", variant.Count() - measured.Length);
            if (measured.Length > 0)
                Set($"variant.areaDifference.{variant.Key}", measured.Average(image => image.Difference));
            Set($"variant.dice.{variant.Key}", variant.Average(image => image.Dice));
        }
        if (negatives.Count > 0)
            Set("withoutCord.worstMillilitres", negatives.Max(row => row.Millilitres));
        return summary;

        void AddPairs(Data.PairKind kind, string name)
        {
            var measured = pairs.Where(pair => pair.Pair.Kind == kind && pair.Measured).Select(pair => pair.Difference).ToArray();
            if (measured.Length == 0)
                return;
            Set($"{name}.mean", measured.Average());
            Set($"{name}.worst", measured.Max());
        }

        // A border that is not there has no distance: such a figure is left out, and the empty slices are counted.
        void Set(string name, double value)
        {
            if (double.IsFinite(value))
                summary[name] = Math.Round(value, 4);
        }
    }

    /// <summary>Writes volumes.csv, pairs.csv, contrasts.csv, simulated.csv, variants.csv, summary.json and pictures of the worst volumes.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        DurableFile.Write(Path.Combine(folder, "volumes.csv"), ToCsv());
        DurableFile.Write(Path.Combine(folder, "pairs.csv"), "first,second,person,kind,first_mm2,second_mm2,difference,height_mm\n" + string.Concat(pairs.Select(row =>
            FormattableString.Invariant($"{row.Pair.First},{row.Pair.Second},{row.Pair.Person},{row.Pair.Kind},{row.FirstArea:F3},{row.SecondArea:F3},{row.Difference:F5},{row.Height:F1}\n"))));
        DurableFile.Write(Path.Combine(folder, "contrasts.csv"), "person,image,mm2\n" + string.Concat(people.SelectMany(person => person.Areas.Select(area =>
            FormattableString.Invariant($"{person.Person},{area.Image},{area.Area:F3}\n")))));
        if (simulated.Count > 0)
        {
            DurableFile.Write(Path.Combine(folder, "simulated.csv"), "person,contrast,mm2,true_mm2,dice\n" + string.Concat(simulated.SelectMany(person => person.Contrasts.Select(contrast =>
                FormattableString.Invariant($"{person.Person},{contrast.Name},{contrast.Area:F3},{contrast.TrueArea:F3},{contrast.Dice:F5}\n")))));
        }
        if (variants.Count > 0)
        {
            DurableFile.Write(Path.Combine(folder, "variants.csv"), "image,variant,mm2,own_mm2,dice\n" + string.Concat(variants.Select(image =>
                FormattableString.Invariant($"{image.Image},{image.Variant},{image.Area:F3},{image.OwnArea:F3},{image.Dice:F5}\n"))));
        }
        DurableFile.Write(Path.Combine(folder, "summary.json"), JsonSerializer.Serialize(Summary(), Json) + "\n");
        var rank = 1;
        foreach (var volume in volumes.OrderBy(volume => volume.Figures.Dice).Take(WorstPictures))
            DurableFile.Write(Path.Combine(folder, $"worst-{rank++}-{volume.Figures.Name.Replace('/', '-').Replace(".nii.gz", "", StringComparison.Ordinal)}.png"), volume.Picture);
    }

    public string ToCsv()
    {
        var lines = new StringBuilder("volume,contrast,dice,soft_dice,area_mm2,true_area_mm2,area_bias,area_error,surface_distance_mm,hd95_mm,empty_slices,haze,far_ml,seconds\n");
        foreach (var (row, time, _, _) in volumes)
            lines.Append(CultureInfo.InvariantCulture, $"{row.Name},{row.Contrast},{row.Dice:F5},{row.SoftDice:F5},{row.Area:F3},{row.TrueArea:F3},{row.AreaBias:F5},{row.AreaError:F5},{row.Surface.Mean:F4},{row.Surface.Percentile95:F4},{row.EmptySlices},{row.Haze:F5},{row.FarVolume:F4},{time.TotalSeconds:F2}\n");
        foreach (var (name, millilitres) in negatives)
            lines.Append(CultureInfo.InvariantCulture, $"\"{name}\",none,,,,,,,,,,,{millilitres:F4},\n");
        return lines.ToString();
    }
}
