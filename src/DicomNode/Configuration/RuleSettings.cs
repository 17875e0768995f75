using System.ComponentModel.DataAnnotations;

namespace SoftSeg.DicomNode.Configuration;

/// <summary>Which series are segmented, and how: see <see cref="Segment.SeriesRules"/>.</summary>
public sealed class RulesSettings
{
    public const string First = "first", All = "all";

    /// <summary>Whether the first rule that matches decides, or all that match together.</summary>
    [AllowedValues(First, All, ErrorMessage = "expected first or all")]
    public string Use { get; set; } = First;

    /// <summary>What becomes of a series that no rule matches.</summary>
    [AllowedValues(RuleSettings.Segment, RuleSettings.Skip, ErrorMessage = "expected segment or skip")]
    public string Unmatched { get; set; } = RuleSettings.Segment;

    /// <summary>In the order in which they are asked.</summary>
    public List<RuleSettings> List { get; set; } = [];
}

/// <summary>One rule: what a series must be like, and what is then done with it.</summary>
public sealed class RuleSettings
{
    public const string Segment = "segment", Skip = "skip", Urgent = "urgent", Routine = "routine";

    /// <summary>The name by which the log and the history call it.</summary>
    [Required]
    public string Name { get; set; } = "";

    /// <summary>All of them must hold; none: every series matches.</summary>
    public List<ConditionSettings> When { get; set; } = [];

    [AllowedValues(Segment, Skip, ErrorMessage = "expected segment or skip")]
    public string Then { get; set; } = Segment;

    /// <summary>Folder of a model package; <c>Engine:Model</c> when empty.</summary>
    public string Model { get; set; } = "";

    /// <summary>The kinds of results to make and send; what each peer gets otherwise when empty.</summary>
    public List<string> Results { get; set; } = [];

    /// <summary>Where results go; <c>Return:To</c> when empty.</summary>
    public List<string> To { get; set; } = [];

    /// <summary>Urgent series go before all others.</summary>
    [AllowedValues(Urgent, Routine, ErrorMessage = "expected urgent or routine")]
    public string Priority { get; set; } = Routine;

    /// <summary>Segments and keeps the results, and sends nothing: to watch a model before anybody relies on it.</summary>
    public bool Shadow { get; set; }
}

/// <summary>What one attribute of a series must be like.</summary>
public sealed class ConditionSettings
{
    /// <summary>What can be asked beside the attributes of PS3.6.</summary>
    public const string CallingAE = "CallingAE", CalledAE = "CalledAE", Plane = "Plane", Slices = "Slices";

    /// <summary>The keyword of an attribute (PS3.6), <c>CallingAE</c>, <c>CalledAE</c>, <c>Plane</c> (axial, coronal, sagittal, with oblique where it is) or <c>Slices</c> (their number).</summary>
    [Required]
    public string Attribute { get; set; } = "";

    /// <summary>One of the attribute's values is this, in capitals or not.</summary>
    public string Is { get; set; } = "";

    /// <summary>One of the values has this in it, in capitals or not.</summary>
    public string Contains { get; set; } = "";

    /// <summary>This regular expression finds something in one of the values.</summary>
    public string Matches { get; set; } = "";

    /// <summary>One of the values is a number from here ...</summary>
    public double? From { get; set; }

    /// <summary>... to here.</summary>
    public double? To { get; set; }

    /// <summary>Turns the condition around: none of the values is like that.</summary>
    public bool Not { get; set; }

    /// <summary>How often it says what the attribute must be like: once is right; a range counts as one.</summary>
    internal int Tests => (Is.Length > 0 ? 1 : 0) + (Contains.Length > 0 ? 1 : 0) + (Matches.Length > 0 ? 1 : 0) + (From is null && To is null ? 0 : 1);
}
