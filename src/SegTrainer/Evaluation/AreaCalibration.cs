using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Synthesis;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>Finds the interval that holds 95 % of the area errors of simulated people's cross-sections, and how often it holds others'.</summary>
static class AreaCalibration
{
    const double Coverage = 0.95;

    /// <summary>Cross-sections nearer than this tell the same twice, mm: a sagittal image has one every millimetre, an axial one every five.</summary>
    const double Apart = 4.5;

    /// <summary>One simulated cross-section that the measurement calls valid.</summary>
    /// <param name="Error">|predicted area - true area| over the predicted area.</param>
    /// <param name="Haze"><see cref="AreaInterval.HazeOf"/> of the predicted shares.</param>
    internal readonly record struct Slice(double Error, double Haze);

    /// <summary>Measures simulated people in six contrasts through the whole pipeline.</summary>
    /// <param name="model">The model.</param>
    /// <param name="people">How many.</param>
    /// <param name="seed">Seed of the first.</param>
    /// <param name="progress">Receives a line for every person.</param>
    public static List<Slice> Simulate(ModelPackage model, int people, int seed, Action<string> progress)
    {
        // With this interval a half-width is the haze itself.
        using var segmenter = SoftSegmenter.Load(model.With(new AreaInterval(0, 1)));
        var slices = new List<Slice>();
        for (var person = 0; person < people; person++)
        {
            var before = slices.Count;
            foreach (var scan in new SimulatedPerson(seed + person).Scan())
            {
                var found = segmenter.Segment(scan.Image);
                slices.AddRange(Compare(CordMorphometry.Measure(found.SoftMask, uncertainty: found.Uncertainty), CordAreas.Of(scan.Share)));
            }
            progress($"simulated person {person + 1} of {people}: {slices.Count - before} cross-sections");
        }
        return slices;
    }

    /// <summary>Valid stations against the true area at their height.</summary>
    /// <param name="measured">Stations whose half-width is their haze times their area.</param>
    /// <param name="truth">The true areas.</param>
    internal static IEnumerable<Slice> Compare(CordMeasurements measured, CordAreas truth)
    {
        var last = double.NegativeInfinity;
        foreach (var station in measured.Stations.Where(station => station.Valid).OrderBy(station => station.Centre.Z))
        {
            if (station.Centre.Z - last < Apart || !truth.Covers(station.Centre.Z) || station.AreaHalfWidth is not { } haze)
                continue;
            last = station.Centre.Z;
            yield return new Slice(Math.Abs(station.Area - truth.At(station.Centre.Z)) / station.Area, haze / station.Area);
        }
    }

    /// <summary>Of the intervals that hold 95 % of the slices the one that is narrowest on average.</summary>
    public static AreaInterval Fit(IReadOnlyList<Slice> slices)
    {
        var best = new AreaInterval(1, 0);
        var least = double.PositiveInfinity;
        for (var ratio = 0.005; ratio < 2; ratio *= 1.15)
        {
            var scaled = slices.Select(slice => slice.Error / (ratio + slice.Haze)).Order().ToArray();
            var scale = scaled[Math.Min(scaled.Length - 1, (int)Math.Ceiling(Coverage * scaled.Length) - 1)];
            var width = slices.Average(slice => scale * (ratio + slice.Haze));
            if (width < least)
                (best, least) = (new AreaInterval(scale * ratio, scale), width);
        }
        return best;
    }

    /// <summary>Part of the slices whose error lies within the interval.</summary>
    public static double CoverageOf(AreaInterval interval, IReadOnlyList<Slice> slices) =>
        slices.Average(slice => slice.Error <= interval.Offset + (interval.Slope * slice.Haze) ? 1.0 : 0.0);
}
