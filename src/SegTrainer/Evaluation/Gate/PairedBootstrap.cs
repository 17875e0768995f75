namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>One resample of the frozen set: of each volume some of its slices, and some of the people.</summary>
/// <param name="Slices">Indices of labelled slices, a list a volume.</param>
/// <param name="People">Indices of simulated people.</param>
sealed record Resample(int[][] Slices, int[] People);

/// <summary>
/// Paired bootstrap: both models are measured on the same resamples, so that what is hard for both cancels. Neighbouring slices
/// resemble each other and are drawn in runs (moving blocks, Kuensch 1989).
/// </summary>
static class PairedBootstrap
{
    const int Replicates = 2000;
    const int Run = 5;
    const int Seed = 20260101;

    /// <summary>The middle 95 % of a statistic over resamples.</summary>
    /// <param name="slices">Labelled slices of each volume.</param>
    /// <param name="people">Number of people.</param>
    /// <param name="statistic">For example a mean of the new model less that of the old.</param>
    public static (double Low, double High) Interval(IReadOnlyList<int> slices, int people, Func<Resample, double> statistic)
    {
        var random = new Random(Seed);
        var values = new double[Replicates];
        for (var n = 0; n < Replicates; n++)
            values[n] = statistic(Draw(random, slices, people));
        Array.Sort(values);
        return (values[(int)(0.025 * Replicates)], values[(int)(0.975 * Replicates) - 1]);
    }

    /// <summary>Everything once.</summary>
    public static Resample Whole(IReadOnlyList<int> slices, int people) =>
        new([.. slices.Select(count => Enumerable.Range(0, count).ToArray())], [.. Enumerable.Range(0, people)]);

    static Resample Draw(Random random, IReadOnlyList<int> slices, int people)
    {
        var drawn = new int[slices.Count][];
        for (var volume = 0; volume < drawn.Length; volume++)
        {
            var count = slices[volume];
            drawn[volume] = new int[count];
            for (var (i, from) = (0, 0); i < count; i++)
            {
                if (i % Run == 0)
                    from = random.Next(Math.Max(1, count - Run + 1));
                drawn[volume][i] = Math.Min(count - 1, from + (i % Run));
            }
        }
        return new Resample(drawn, [.. Enumerable.Range(0, people).Select(_ => random.Next(people))]);
    }
}
