using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.GroundTruth;
using SoftSeg.SegTrainer.Synthesis;

namespace SoftSeg.SegTrainer.Experiment;

/// <summary>The experiment's people: scans in canonical order, a rater's masks, and their soft average.</summary>
static class ExperimentData
{
    const int FirstTraining = 2_000_000;
    const int FirstTest = 3_000_000;

    public static IReadOnlyList<SimulatedScan> TrainingScans(int person) => Scans(FirstTraining + person);

    public static IReadOnlyList<SimulatedScan> TestScans(int person) => Scans(FirstTest + person);

    /// <summary>A short stretch of neck around the spine: what the fine network sees of a person.</summary>
    static IReadOnlyList<SimulatedScan> Scans(int seed) =>
        [.. new SimulatedPerson(seed) { Width = 72, Length = 45, SliceMovement = 0 }.Scan().Select(scan => scan with
        {
            Image = Orientation.ToCanonical(scan.Image, out _),
            Share = Orientation.ToCanonical(scan.Share, out _),
        })];

    /// <summary>Every training image with its hard and its soft label.</summary>
    /// <param name="config">How many people, and how they are drawn.</param>
    /// <param name="progress">Told how many people are done.</param>
    public static IReadOnlyList<(LabelledVolume Hard, LabelledVolume Soft)> Training(ExperimentConfig config, Action<int> progress)
    {
        var rater = new SimulatedRater(config.RaterOffsets, config.RaterScatter);
        var volumes = new List<(LabelledVolume, LabelledVolume)>();
        for (var person = 0; person < config.TrainingPeople; person++)
        {
            var scans = TrainingScans(person);
            var random = new Random((config.Seed * 1_000_003) + person);
            var masks = scans.Select(scan => rater.Draw(scan, random)).ToArray();
            var soft = Average(scans, masks);
            for (var n = 0; n < scans.Count; n++)
            {
                var scan = scans[n];
                // Where the person's field of view ends in other contrasts nothing is known, and no arm is trained there.
                bool[] labelled = [.. SoftTruth.LabelledSlices(masks[n]).Zip(soft[n].Known, (drawn, known) => drawn && known > 0.99)];
                var name = $"person {person} {scan.Sequence.Name}";
                volumes.Add((new(name, $"person {person}", scan.Sequence.Name, scan.Image, masks[n], labelled, 1), new(name, $"person {person}", scan.Sequence.Name, scan.Image, soft[n].Share, labelled, 1)));
            }
            progress(person + 1);
        }
        return volumes;
    }

    /// <summary>The average of a person's masks on the T2w grid and back on every native grid; how the person moved between scans is known here.</summary>
    internal static IReadOnlyList<(Volume Share, double[] Known)> Average(IReadOnlyList<SimulatedScan> scans, IReadOnlyList<Volume> masks)
    {
        var reference = scans.Single(scan => scan.Sequence.Name == "T2w");
        var average = SoftAverage.Of([.. scans.Select((scan, n) => new RegisteredMask(masks[n], point => point + scan.Shift - reference.Shift))], reference.Image);
        return [.. scans.Select(scan => SoftAverage.Back(average, scan.Image, point => point - scan.Shift + reference.Shift))];
    }
}
