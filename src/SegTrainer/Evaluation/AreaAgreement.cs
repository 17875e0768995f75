using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>The predicted mean areas (mm2) of two images of one session, over the heights that both show. NaN where one shows no cord.</summary>
sealed record PairFigures(ImagePair Pair, double FirstArea, double SecondArea, double Height)
{
    /// <summary>|first - second| over their mean.</summary>
    public double Difference => 2 * Math.Abs(FirstArea - SecondArea) / (FirstArea + SecondArea);

    public bool Measured => double.IsFinite(FirstArea + SecondArea);

    public static PairFigures Of(ImagePair pair, CordAreas first, CordAreas second) => CordAreas.Common([first, second]) is { } common
        ? new(pair, first.Mean(common.From, common.To), second.Mean(common.From, common.To), common.To - common.From)
        : new(pair, double.NaN, double.NaN, 0);
}

/// <summary>The predicted mean areas of one person's contrasts, over the heights that all of them show.</summary>
/// <param name="Person">Who.</param>
/// <param name="Areas">Image and mean area, mm2.</param>
sealed record PersonAreas(string Person, IReadOnlyList<(string Image, double Area)> Areas)
{
    public double Mean => Areas.Average(area => area.Area);

    /// <summary>Sample standard deviation over contrasts, mm2.</summary>
    public double Deviation => Math.Sqrt(Areas.Sum(area => Math.Pow(area.Area - Mean, 2)) / (Areas.Count - 1));

    /// <summary>One row per person that was seen in at least two contrasts with a common stretch of cord.</summary>
    public static IEnumerable<PersonAreas> Of(IEnumerable<(string Person, string Contrast, string Image, CordAreas Areas)> images)
    {
        foreach (var person in images.GroupBy(image => image.Person).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var seen = person.DistinctBy(image => image.Image).ToArray();
            if (seen.DistinctBy(image => image.Contrast).Count() >= 2 && CordAreas.Common([.. seen.Select(image => image.Areas)]) is { } common)
                yield return new(person.Key, [.. seen.Select(image => (image.Image, image.Areas.Mean(common.From, common.To)))]);
        }
    }
}

/// <summary>Scan-rescan statistics.</summary>
static class Repeatability
{
    /// <summary>
    /// The smallest change of the area of one person that is more than chance, 95 %: 1.96 sqrt(2) times the within-subject standard deviation,
    /// which is sqrt(mean(d^2 / 2)) over pairs of differences d (Bland and Altman, BMJ 312:1654, 1996).
    /// </summary>
    public static double SmallestDetectableChange(IReadOnlyCollection<double> differences) =>
        1.96 * Math.Sqrt(2) * Math.Sqrt(differences.Average(d => d * d / 2));
}
