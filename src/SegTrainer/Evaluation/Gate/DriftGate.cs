using System.Globalization;
using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>
/// Decides from the figures of the frozen set whether a model may be used: it meets the bars that a first model must meet and, where
/// there is one before it, is not worse and measures the same areas.
/// </summary>
static class DriftGate
{
    /// <summary>Areas of one image under two releases may differ by this on average, over the frozen people and over the simulated ones: a change between visits must not come from the software.</summary>
    public const double LargestDrift = 0.01;

    /// <summary>The worst volume's Dice may fall by this.</summary>
    public const double WorstDiceTolerance = 0.01;

    static readonly (string Figure, double Bar, bool AtLeast, string Words)[] Bars =
    [
        ("dice.mean", 0.94, true, "mean Dice"),
        ("dice.worst", 0.90, true, "worst Dice"),
        ("areaBias", 0.05, false, "area bias"),
        ("scanRescan.mean", 0.03, false, "area difference between repeated scans"),
        ("withoutCord.worstMillilitres", 0.1, false, "ml found where there is no cord"),
        ("pairsWithoutCord", 0, false, "pairs of images without a common cord"),
        ("simulated.missed", 0, false, "simulated people without a cord in every contrast"),
        ("simulated.areaDeviation.relative", 0.015, false, "deviation of a simulated person's area between contrasts"),
    ];

    /// <param name="model">The model under judgement.</param>
    /// <param name="report">Its figures on the frozen set.</param>
    /// <param name="before">The model in use and its figures on the same set; null for a first model.</param>
    /// <param name="frozenSet"><see cref="FrozenSet.Hash"/>.</param>
    /// <param name="date">ISO 8601.</param>
    public static ModelGate Judge(ModelPackage model, EvaluationReport report, (ModelPackage Model, EvaluationReport Report)? before, string frozenSet, string date)
    {
        var (figures, reasons) = (new Dictionary<string, double>(), new List<string>());
        HoldAgainstBars(report, figures, reasons);
        if (before is { } old)
            Compare(report, old.Report, figures, reasons);
        return new ModelGate
        {
            Passed = reasons.Count == 0,
            Fingerprint = model.Manifest.Fingerprint(),
            Against = before is { } other ? $"{other.Model.Name} {other.Model.Version}" : null,
            FrozenSet = frozenSet,
            Date = date,
            Reasons = reasons,
            Figures = figures.Where(figure => double.IsFinite(figure.Value)).ToDictionary(figure => figure.Key, figure => Math.Round(figure.Value, 5)),
        };
    }

    static void HoldAgainstBars(EvaluationReport report, Dictionary<string, double> figures, List<string> reasons)
    {
        var summary = new Dictionary<string, double>(report.Summary());
        if (summary.Remove("areaBias.mean", out var bias))
            summary["areaBias"] = bias;
        foreach (var (figure, bar, atLeast, words) in Bars)
        {
            if (!summary.TryGetValue(figure, out var value))
                continue;
            figures[figure] = value;
            if (atLeast ? value < bar : Math.Abs(value) > bar)
                reasons.Add(Text($"{words} is {value:0.####}, and {(atLeast ? "at least" : "at most")} {bar:0.####} is asked for"));
        }
        // A set without volumes would pass everything.
        if (report.Volumes.Count == 0)
            reasons.Add("the frozen set has no labelled volume");
    }

    static void Compare(EvaluationReport report, EvaluationReport old, Dictionary<string, double> figures, List<string> reasons)
    {
        if (!report.Volumes.Select(volume => volume.Figures.Name).SequenceEqual(old.Volumes.Select(volume => volume.Figures.Name)))
            throw new ArgumentException("The two models were measured on other volumes.", nameof(old));
        // Whom both models see in every contrast; missing somebody is a bar of its own.
        var people = report.Simulated.Join(old.Simulated, person => person.Person, person => person.Person, (after, before) => new BothFigures(report, after, before))
            .Where(person => person.After.Measured && person.Before.Measured).ToArray();
        // The last number is the difference that nobody would notice, however sure it is.
        Compared("dice.mean", "mean Dice", higherIsBetter: true, MeanDice, 0.002);
        Compared("areaBias.absolute", "absolute area bias", higherIsBetter: false, (of, resample) => Math.Abs(AreaBias(of, resample)), 0.005);
        if (people.Length > 0)
            Compared("simulated.areaDeviation.relative", "deviation of the area between contrasts", higherIsBetter: false, (of, resample) => resample.People.Average(n => people[n].Of(of).Deviation), 0.001);

        var worst = report.Volumes.Min(volume => volume.Figures.Dice) - old.Volumes.Min(volume => volume.Figures.Dice);
        figures["dice.worst.difference"] = worst;
        if (worst < -WorstDiceTolerance)
            reasons.Add(Text($"the worst volume's Dice is {-worst:0.####} lower than before, and at most {WorstDiceTolerance:0.##} is allowed"));

        // Each on its own: where one rises and the other falls their mean would hide both.
        Drifted("areaDrift", "areas", resample => report.Volumes.Select((volume, n) =>
            (resample.Slices[n].Sum(slice => volume.Figures.Slices[slice].Area) / resample.Slices[n].Sum(slice => old.Volumes[n].Figures.Slices[slice].Area)) - 1).Average());
        if (people.Length > 0)
            Drifted("simulated.areaDrift", "simulated people's areas", resample => resample.People.Average(n => (people[n].After.Mean / people[n].Before.Mean) - 1));

        void Compared(string name, string words, bool higherIsBetter, Func<EvaluationReport, Resample, double> statistic, double unnoticed)
        {
            var (difference, from, to) = Interval(resample => statistic(report, resample) - statistic(old, resample));
            (figures[$"{name}.difference"], figures[$"{name}.low"], figures[$"{name}.high"]) = (difference, from, to);
            if ((higherIsBetter ? to < 0 : from > 0) && Math.Abs(difference) > unnoticed)
                reasons.Add(Text($"{words} is worse than before by {Math.Abs(difference):0.####} (95 % interval of the difference {from:0.####} to {to:0.####})"));
        }

        void Drifted(string name, string words, Func<Resample, double> statistic)
        {
            var (drift, low, high) = Interval(statistic);
            (figures[name], figures[$"{name}.low"], figures[$"{name}.high"]) = (drift, low, high);
            // What is not a number did not stay where it was, either.
            if (!(Math.Abs(drift) <= LargestDrift))
                reasons.Add(Text($"{words} drift by {drift:+0.0%;-0.0%;0.0%} (95 % interval {low:+0.0%;-0.0%;0.0%} to {high:+0.0%;-0.0%;0.0%}), and at most {LargestDrift:0 %} is allowed"));
        }

        (double Whole, double Low, double High) Interval(Func<Resample, double> statistic)
        {
            var slices = report.Volumes.Select(volume => volume.Figures.Slices.Count).ToArray();
            var (from, to) = PairedBootstrap.Interval(slices, people.Length, statistic);
            return (statistic(PairedBootstrap.Whole(slices, people.Length)), from, to);
        }
    }

    static double MeanDice(EvaluationReport report, Resample resample) => PerVolume(report, resample,
        (slices, chosen) => chosen.Sum(slice => slices[slice].Overlap) / Math.Max(1, chosen.Sum(slice => slices[slice].Sizes)));

    static double AreaBias(EvaluationReport report, Resample resample) => PerVolume(report, resample,
        (slices, chosen) => (chosen.Sum(slice => slices[slice].Area) / chosen.Sum(slice => slices[slice].TrueArea)) - 1);

    static double PerVolume(EvaluationReport report, Resample resample, Func<IReadOnlyList<SliceFigures>, int[], double> statistic) =>
        report.Volumes.Select((volume, n) => statistic(volume.Figures.Slices, resample.Slices[n])).Average();

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>One simulated person as both models measured them.</summary>
    sealed record BothFigures(EvaluationReport Report, SimulatedFigures After, SimulatedFigures Before)
    {
        public SimulatedFigures Of(EvaluationReport report) => ReferenceEquals(report, Report) ? After : Before;
    }
}
