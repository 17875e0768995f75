using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Synthesis;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>One contrast of a simulated person.</summary>
/// <param name="Name">The sequence.</param>
/// <param name="Area">Predicted mean area over the heights that all contrasts show, mm2; NaN where there are none.</param>
/// <param name="TrueArea">The same of the true share, by the same morphometry.</param>
/// <param name="Dice">Of the voxels at share 0.5 or more.</param>
sealed record SimulatedContrastFigures(string Name, double Area, double TrueArea, double Dice)
{
    public double Bias => (Area / TrueArea) - 1;

    /// <summary>
    /// The part of a difference between people that is measured, 1 for all of it: the slope of the logarithm of the area over that of the true one. Below 1 small
    /// cords are drawn too large and large ones too small, whatever the mean (decision 0077).
    /// </summary>
    /// <param name="people">One contrast of each of them. NaN where all have one area.</param>
    public static double Slope(IReadOnlyCollection<SimulatedContrastFigures> people)
    {
        var (area, truth) = (people.Average(person => Math.Log(person.Area)), people.Average(person => Math.Log(person.TrueArea)));
        var spread = people.Sum(person => Math.Pow(Math.Log(person.TrueArea) - truth, 2));
        const double LeastVariance = 1e-6;
        return spread < LeastVariance * people.Count ? double.NaN : people.Sum(person => (Math.Log(person.TrueArea) - truth) * (Math.Log(person.Area) - area)) / spread;
    }
}

/// <summary>
/// How a model measures one simulated person in several contrasts: one cord has one area, and here it is known. Through the whole
/// pipeline: locator, tube, morphometry.
/// </summary>
sealed record SimulatedFigures(string Person, IReadOnlyList<SimulatedContrastFigures> Contrasts)
{
    /// <summary>Whether every contrast showed a common stretch of cord.</summary>
    public bool Measured => Contrasts.All(contrast => double.IsFinite(contrast.Bias));

    /// <summary>Mean predicted area over contrasts, mm2.</summary>
    public double Mean => Contrasts.Average(contrast => contrast.Area);

    /// <summary>Sample standard deviation of the area over contrasts, a part of its mean.</summary>
    public double Deviation => Math.Sqrt(Contrasts.Sum(contrast => Math.Pow(contrast.Area - Mean, 2)) / (Contrasts.Count - 1)) / Mean;

    /// <summary>Mean over contrasts of |area - true area| over the true area.</summary>
    public double Error => Contrasts.Average(contrast => Math.Abs(contrast.Bias));

    public double Bias => Contrasts.Average(contrast => contrast.Bias);

    /// <param name="segmenter">The model.</param>
    /// <param name="protocol">What the person is scanned with.</param>
    /// <param name="number">Number of the person, from 0.</param>
    public static SimulatedFigures Of(SoftSegmenter segmenter, SimulatedProtocol protocol, int number)
    {
        var scans = new SimulatedPerson(protocol.FirstSeed + number) { Width = protocol.Width, Length = protocol.Length }.Scan(protocol.Sequences);
        return Of($"simulated person {number + 1}", scans, [.. scans.Select(scan => segmenter.Segment(scan.Image).SoftMask)]);
    }

    /// <param name="person">Name.</param>
    /// <param name="scans">The images and their truth.</param>
    /// <param name="masks">A soft mask for each.</param>
    public static SimulatedFigures Of(string person, IReadOnlyList<SimulatedScan> scans, IReadOnlyList<Volume> masks)
    {
        var areas = scans.Select((scan, n) => CordAreas.Of(masks[n]).Lowered(scan.Shift.Z)).ToArray();
        var truths = scans.Select(scan => CordAreas.Of(scan.Share).Lowered(scan.Shift.Z)).ToArray();
        // A contrast in which nothing was found has no area, and does not take the others' away.
        var common = CordAreas.Common([.. areas.Where(area => area.Stations.Count > 0), .. truths]);
        return new(person, [.. scans.Select((scan, n) => new SimulatedContrastFigures(
            scan.Sequence.Name,
            common is { } seen && areas[n].Stations.Count > 0 ? areas[n].Mean(seen.From, seen.To) : double.NaN,
            common is { } known ? truths[n].Mean(known.From, known.To) : double.NaN,
            Agreement.Dice(scan.Share, masks[n])))]);
    }
}
