using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Synthesis;
using SoftSeg.SegTrainer.Training;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>Runs a model over parts of a manifest: labelled volumes, pairs of images, and volumes without a cord.</summary>
static class ModelMeasurement
{
    const int NoiseSeed = 3;

    /// <summary>The whole way: locator, fine network, gate.</summary>
    /// <param name="coarser">Whether each labelled image is also measured with larger voxels (<see cref="VariantFigures.WithLargerVoxels"/>).</param>
    /// <param name="crops">Whether each labelled image is also measured with smaller fields of view (<see cref="VariantFigures.WithSmallerFields"/>).</param>
    /// <exception cref="TrainingException">The parts list nothing.</exception>
    public static EvaluationReport Of(SoftSegmenter segmenter, TrainingManifest manifest, string dataFolder, IReadOnlyList<string> parts, bool coarser = false, bool crops = false)
    {
        var (entries, pairs) = Chosen(manifest, parts);
        var report = new EvaluationReport();
        var images = new List<(string Person, string Contrast, string Image, CordAreas Areas)>();
        foreach (var entry in entries)
        {
            var volume = TrainingData.Read(dataFolder, entry);
            var mask = TrainingData.ReadCanonical(dataFolder, entry.Mask);
            var found = segmenter.Segment(volume.Image);
            var time = found.Timings.Aggregate(TimeSpan.Zero, (sum, step) => sum + step.Time);
            var figures = VolumeFigures.Of(entry.Image, entry.Contrast, found.SoftMask, volume.Share, mask, volume.Distance, volume.Labelled);
            report.Add(new MeasuredVolume(figures, time, found.Notes, WorstCases.Draw(volume.Image, mask, found.SoftMask, volume.Labelled)));
            images.Add((entry.Person, entry.Contrast, entry.Image, CordAreas.Of(found.SoftMask)));
            foreach (var variant in coarser ? VariantFigures.WithLargerVoxels(segmenter, entry.Image, volume.Image, found.SoftMask) : [])
                report.Add(variant);
            foreach (var variant in crops ? VariantFigures.WithSmallerFields(segmenter, entry.Image, volume.Image, found.SoftMask) : [])
                report.Add(variant);
            foreach (var (name, image) in Negatives.BesideCord(volume))
                report.AddNegative(name, segmenter.Segment(image));
        }

        foreach (var pair in pairs)
            report.Add(PairFigures.Of(pair, Areas(pair, pair.First, "first"), Areas(pair, pair.Second, "second")));
        foreach (var person in PersonAreas.Of(images))
            report.Add(person);
        if (entries.Count > 0)
        {
            foreach (var (name, image) in Negatives.Noise(NoiseSeed).Concat(Negatives.Generated()).Concat(Negatives.BelowConus()))
                report.AddNegative(name, segmenter.Segment(image));
        }

        return report;

        CordAreas Areas(ImagePair pair, string image, string contrast)
        {
            if (images.Find(known => known.Image == image) is { Areas: { } known })
                return known;
            var areas = CordAreas.Of(segmenter.Segment(TrainingData.ReadCanonical(dataFolder, image)).SoftMask);
            // A repeated scan is no further contrast.
            if (pair.Kind == PairKind.Contrast)
                images.Add((pair.Person, $"{pair.First}, {contrast}", image, areas));
            return areas;
        }
    }

    /// <summary>The whole way on simulated people, and no file: their figures are added to the report.</summary>
    /// <param name="people">How many.</param>
    public static void AddSimulated(EvaluationReport report, SoftSegmenter segmenter, SimulatedProtocol protocol, int people)
    {
        for (var person = 0; person < people; person++)
            report.Add(SimulatedFigures.Of(segmenter, protocol, person));
    }

    /// <summary>The fine network alone, around the true cord.</summary>
    /// <exception cref="TrainingException">The parts list no labelled image.</exception>
    public static EvaluationReport AroundTruth(ModelPackage model, TrainingManifest manifest, string dataFolder, IReadOnlyList<string> parts)
    {
        var (entries, _) = Chosen(manifest with { Pairs = [] }, parts);
        var report = new EvaluationReport();
        using var fine = new FineAroundTruth(model.Network(ModelNetwork.Fine), model.Manifest.Preprocessing);
        foreach (var entry in entries)
        {
            var volume = TrainingData.Read(dataFolder, entry);
            var mask = TrainingData.ReadCanonical(dataFolder, entry.Mask);
            var share = fine.Segment(volume);
            var figures = VolumeFigures.Of(entry.Image, entry.Contrast, share, volume.Share, mask, volume.Distance, volume.Labelled);
            report.Add(new MeasuredVolume(figures, TimeSpan.Zero, [], WorstCases.Draw(volume.Image, mask, share, volume.Labelled)));
        }

        return report;
    }

    static (List<LabelledImage> Entries, List<ImagePair> Pairs) Chosen(TrainingManifest manifest, IReadOnlyList<string> parts)
    {
        var (entries, pairs) = (parts.SelectMany(manifest.Part).ToList(), parts.SelectMany(manifest.PairsOf).ToList());
        return entries.Count + pairs.Count > 0
            ? (entries, pairs)
            : throw new TrainingException($"The manifest lists no image and no pair under {string.Join(" or ", parts)}.");
    }
}
