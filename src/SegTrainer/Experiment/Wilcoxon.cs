namespace SoftSeg.SegTrainer.Experiment;

/// <summary>Wilcoxon's signed-rank test of paired differences.</summary>
static class Wilcoxon
{
    const int LargestExact = 60;

    /// <summary>Two-sided probability of differences as uneven as these where their distribution is symmetric about 0. Zeros are left out; exact without
    /// ties up to 60 pairs, else the normal approximation with corrections for ties and continuity.</summary>
    /// <param name="differences">One a pair.</param>
    public static double TwoSided(IEnumerable<double> differences)
    {
        var ordered = differences.Where(difference => difference != 0).OrderBy(Math.Abs).ToArray();
        var n = ordered.Length;
        if (n == 0)
            return 1;
        double positive = 0, ties = 0;
        for (var i = 0; i < n;)
        {
            var same = 1;
            while (i + same < n && Math.Abs(ordered[i + same]) == Math.Abs(ordered[i]))
                same++;
            var rank = i + ((same + 1) / 2.0);
            for (var k = 0; k < same; k++)
                positive += ordered[i + k] > 0 ? rank : 0;
            ties += ((double)same * same * same) - same;
            i += same;
        }

        return ties == 0 && n <= LargestExact ? Exact(n, positive) : Normal(n, positive, ties);
    }

    static double Exact(int n, double positive)
    {
        // Parts of the 2^n signs whose ranks sum to each value.
        var total = n * (n + 1) / 2;
        var parts = new double[total + 1];
        parts[0] = 1;
        for (var rank = 1; rank <= n; rank++)
        {
            for (var sum = total; sum >= 0; sum--)
                parts[sum] = 0.5 * (parts[sum] + (sum >= rank ? parts[sum - rank] : 0));
        }

        var statistic = (int)Math.Min(positive, total - positive);
        return Math.Min(1, 2 * parts.Take(statistic + 1).Sum());
    }

    static double Normal(int n, double positive, double ties)
    {
        var variance = (n * (n + 1.0) * ((2 * n) + 1) / 24) - (ties / 48);
        var z = Math.Max(0, Math.Abs(positive - (n * (n + 1) / 4.0)) - 0.5) / Math.Sqrt(variance);
        return Math.Min(1, Complement(z / Math.Sqrt(2)));
    }

    /// <summary>1 - erf(x) for x at least 0, to 1.2e-7 (Numerical Recipes' Chebyshev fit).</summary>
    static double Complement(double x)
    {
        var t = 1 / (1 + (0.5 * x));
        double[] terms = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277];
        return t * Math.Exp((-x * x) + terms.Reverse().Aggregate((sum, term) => term + (t * sum)));
    }
}
