using System.Globalization;
using System.Text.RegularExpressions;
using SoftSeg.DicomNode.Configuration;

namespace SoftSeg.DicomNode.Segment;

/// <summary>Whether one condition of a rule holds for a series, in words.</summary>
public sealed record ConditionFinding(bool Holds, string Text);

/// <summary>Whether a rule matches a series, and by which condition it does or does not.</summary>
public sealed record RuleFinding(RuleSettings Rule, IReadOnlyList<ConditionFinding> Conditions)
{
    public bool Matches => Conditions.All(condition => condition.Holds);
}

/// <summary>What the rules say of a series.</summary>
/// <param name="Findings">What each rule said, in their order; those after the one that decided were not asked.</param>
/// <param name="Rules">The names of the rules that decided; empty when none matched.</param>
/// <param name="Skip">It is not segmented.</param>
/// <param name="Model">Folder of the model package; empty for <c>Engine:Model</c>.</param>
/// <param name="Results">The kinds of results; empty for what each peer gets otherwise.</param>
/// <param name="To">Destinations; empty for <c>Return:To</c>.</param>
public sealed record RuleDecision(
    IReadOnlyList<RuleFinding> Findings, IReadOnlyList<string> Rules, bool Skip, string Model, IReadOnlyList<string> Results, IReadOnlyList<string> To, bool Urgent, bool Shadow)
{
    /// <summary>The decision in words, for the log and the history.</summary>
    public string Summary
    {
        get
        {
            var by = Rules.Count == 0 ? "no rule matches" : $"rule {string.Join(", ", Rules.Select(name => $"\"{name}\""))}";
            string[] choices =
            [
                Skip ? "not segmented" : "to be segmented",
                .. Model.Length > 0 ? [$"model {Model}"] : (string[])[],
                .. Results.Count > 0 ? [$"results {string.Join(", ", Results)}"] : (string[])[],
                .. To.Count > 0 ? [$"to {string.Join(", ", To)}"] : (string[])[],
                .. Urgent ? ["urgent"] : (string[])[],
                .. Shadow ? ["shadow: kept, not sent"] : (string[])[],
            ];
            return $"{by}: {string.Join("; ", choices)}";
        }
    }
}

/// <summary>
/// The rules of the configuration (<c>Rules</c>). With <c>first</c> the first that matches decides. With <c>all</c> every one that matches has a say: one
/// "skip" is enough to skip, one "urgent" to be urgent, results and destinations add up, the first model that is named is taken, and it is shadow only when all say so.
/// </summary>
public static class SeriesRules
{
    /// <summary>An expression that runs longer on a header's value is a bad one; the condition does not hold.</summary>
    static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    public static RuleDecision Decide(RulesSettings rules, SeriesFacts facts)
    {
        var findings = new List<RuleFinding>();
        foreach (var rule in rules.List)
        {
            findings.Add(new RuleFinding(rule, [.. rule.When.Select(condition => Examine(condition, facts.Values(condition.Attribute)))]));
            if (findings[^1].Matches && rules.Use == RulesSettings.First)
                break;
        }
        RuleSettings[] matching = [.. findings.Where(finding => finding.Matches).Select(finding => finding.Rule)];
        return new RuleDecision(
            findings,
            [.. matching.Select(rule => rule.Name)],
            Skip: matching.Length == 0 ? rules.Unmatched == RuleSettings.Skip : matching.Any(rule => rule.Then == RuleSettings.Skip),
            Model: matching.FirstOrDefault(rule => rule.Model.Length > 0)?.Model ?? "",
            Results: [.. matching.SelectMany(rule => rule.Results).Distinct(StringComparer.OrdinalIgnoreCase)],
            To: [.. matching.SelectMany(rule => rule.To).Distinct(StringComparer.OrdinalIgnoreCase)],
            Urgent: matching.Any(rule => rule.Priority == RuleSettings.Urgent),
            Shadow: matching.Length > 0 && matching.All(rule => rule.Shadow));
    }

    static ConditionFinding Examine(ConditionSettings condition, IReadOnlyList<string> values)
    {
        var holds = values.Any(value => Holds(condition, value)) != condition.Not;
        var found = values.Count == 0 ? "is not there" : $"is {string.Join('\\', values)}";
        return new ConditionFinding(holds, $"{condition.Attribute} {found}, expected {(condition.Not ? "not " : "")}{Expected(condition)}");
    }

    static bool Holds(ConditionSettings condition, string value)
    {
        if (condition.Is.Length > 0)
            return value.Trim().Equals(condition.Is.Trim(), StringComparison.OrdinalIgnoreCase);
        if (condition.Contains.Length > 0)
            return value.Contains(condition.Contains, StringComparison.OrdinalIgnoreCase);
        if (condition.Matches.Length > 0)
            return Finds(condition.Matches, value);
        return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= (condition.From ?? double.NegativeInfinity) && number <= (condition.To ?? double.PositiveInfinity);
    }

    static bool Finds(string expression, string value)
    {
        try
        {
            return Regex.IsMatch(value, expression, RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    static string Expected(ConditionSettings condition) => condition switch
    {
        { Is.Length: > 0 } => condition.Is,
        { Contains.Length: > 0 } => $"something with \"{condition.Contains}\"",
        { Matches.Length: > 0 } => $"a match of {condition.Matches}",
        { From: { } from, To: { } to } => string.Create(CultureInfo.InvariantCulture, $"{from} to {to}"),
        { From: { } from } => string.Create(CultureInfo.InvariantCulture, $"{from} or more"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{condition.To} or less"),
    };
}
