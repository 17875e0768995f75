using System.Text.RegularExpressions;

namespace SoftSeg.EndToEnd.Tests.Proof;

/// <summary>The baseline in <c>warnings.txt</c>.</summary>
static class Warnings
{
    /// <summary>Every warning is in the baseline, and every line of the baseline for this validator still has its warning.</summary>
    public static void AssertKnown(string validator, IReadOnlyCollection<string> warnings)
    {
        var known = Known(validator);
        var unknown = warnings.Where(warning => !known.Any(pattern => pattern.IsMatch(warning))).Distinct().Take(20).ToArray();
        Assert.True(unknown.Length == 0, $"{validator} warns of what warnings.txt does not know:{Environment.NewLine}{string.Join(Environment.NewLine, unknown)}");
        var stale = known.Where(pattern => !warnings.Any(warning => pattern.IsMatch(warning))).ToArray();
        Assert.True(stale.Length == 0, $"{validator} does not warn of this any more; remove it from warnings.txt: {string.Join<Regex>(", ", stale)}");
    }

    static Regex[] Known(string validator) =>
        [.. from line in File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Proof", "warnings.txt"))
            where !line.StartsWith('#')
            let parts = line.Split(" | ", 3)
            where parts[0] == validator && parts[2].Length > 0
            select new Regex(parts[1], RegexOptions.CultureInvariant)];
}
