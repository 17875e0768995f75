using SoftSeg.Dicom;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Segment;
using SoftSeg.DicomWriter.Images;
using SoftSeg.SegEngine.Phantoms;

namespace SoftSeg.DicomNode.Tests;

public sealed class RulesTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("softseg-rules-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("BodyPartExamined", "cspine", true)]
    [InlineData("BodyPartExamined", "HEAD", false)]
    [InlineData("ImageType", "PRIMARY", true)]
    [InlineData("Plane", "sagittal", true)]
    [InlineData("Plane", "axial", false)]
    [InlineData("Slices", "4", true)]
    [InlineData("CallingAE", "MR1", true)]
    [InlineData("CalledAE", "NECK", true)]
    [InlineData("AccessionNumber", "1", false)]
    public void An_attribute_is_compared_in_capitals_or_not_with_each_of_its_values(string attribute, string value, bool matches) =>
        Assert.Equal(matches, Matches(new ConditionSettings { Attribute = attribute, Is = value }));

    [Fact]
    public void Text_is_searched_and_numbers_are_held_against_a_range()
    {
        Assert.True(Matches(new ConditionSettings { Attribute = "SeriesDescription", Contains = "T2" }));
        Assert.True(Matches(new ConditionSettings { Attribute = "SeriesDescription", Matches = "^neck.*t2$" }));
        Assert.False(Matches(new ConditionSettings { Attribute = "SeriesDescription", Matches = "^t2" }));
        Assert.True(Matches(new ConditionSettings { Attribute = "SliceThickness", From = 1, To = 3 }));
        Assert.False(Matches(new ConditionSettings { Attribute = "SliceThickness", From = 3.5 }));
        Assert.True(Matches(new ConditionSettings { Attribute = "SliceThickness", From = 3.5, Not = true }));
    }

    [Fact]
    public void A_value_in_the_functional_groups_of_a_multi_frame_image_is_found()
    {
        var thickness = new DicomDataset().AddOrUpdate(DicomTag.SliceThickness, "2.5");
        var shared = new DicomDataset().AddOrUpdate(new DicomSequence(DicomTag.PixelMeasuresSequence, thickness));
        var facts = Series(dataset => { dataset.Remove(DicomTag.SliceThickness); dataset.AddOrUpdate(new DicomSequence(DicomTag.SharedFunctionalGroupsSequence, shared)); });
        Assert.Equal(["2.5"], facts.Values("SliceThickness"));
    }

    [Fact]
    public void The_finding_says_which_attribute_said_no()
    {
        var decision = Decide(Rule("heads", new ConditionSettings { Attribute = "BodyPartExamined", Is = "HEAD" }, new ConditionSettings { Attribute = "Slices", To = 10 }));
        Assert.Equal(["BodyPartExamined is CSPINE, expected HEAD"], decision.Findings[0].Conditions.Where(condition => !condition.Holds).Select(condition => condition.Text));
        Assert.Equal("no rule matches: to be segmented", decision.Summary);
    }

    [Fact]
    public void The_first_rule_that_matches_decides()
    {
        var decision = Decide(
            Rule("never", new ConditionSettings { Attribute = "Modality", Is = "CT" }),
            Rule("all", then: rule => { rule.Priority = "urgent"; rule.To = ["archive"]; }),
            Rule("later", then: rule => rule.Then = "skip"));
        Assert.Equal(["all"], decision.Rules);
        Assert.False(decision.Skip);
        Assert.True(decision.Urgent);
        Assert.Equal(["archive"], decision.To);
    }

    [Fact]
    public void All_rules_that_match_decide_together()
    {
        var rules = new RulesSettings { Use = RulesSettings.All };
        rules.List.AddRange([
            Rule("one", then: rule => { rule.To = ["archive"]; rule.Shadow = true; rule.Results = ["Report"]; }),
            Rule("two", then: rule => { rule.To = ["research", "archive"]; rule.Results = ["Soft"]; rule.Priority = "urgent"; })]);
        var decision = SeriesRules.Decide(rules, Series());
        Assert.Equal(["archive", "research"], decision.To);
        Assert.Equal(["Report", "Soft"], decision.Results);
        Assert.True(decision.Urgent);
        Assert.False(decision.Shadow);
    }

    [Fact]
    public void What_no_rule_matches_is_skipped_where_the_configuration_says_so()
    {
        var rules = new RulesSettings { Unmatched = RuleSettings.Skip, List = { Rule("CT", new ConditionSettings { Attribute = "Modality", Is = "CT" }) } };
        Assert.True(SeriesRules.Decide(rules, Series()).Skip);
    }

    [Fact]
    public void Never_segmented_whatever_the_rules_say()
    {
        Assert.Null(Guard(_ => { }));
        Assert.StartsWith("own result", Guard(dataset => dataset.AddOrUpdate(DicomTag.ManufacturerModelName, "SoftSeg")), StringComparison.Ordinal);
        Assert.StartsWith("own result", LoopGuard.Rule(Series(), uid => uid == Series().Header.GetString(DicomTag.SeriesInstanceUID)), StringComparison.Ordinal);
        Assert.StartsWith("not an MR image", Guard(dataset => dataset.AddOrUpdate(DicomTag.SOPClassUID, DicomUID.SecondaryCaptureImageStorage.Value)), StringComparison.Ordinal);
        Assert.StartsWith("other modality", Guard(dataset => dataset.AddOrUpdate(DicomTag.Modality, "CT")), StringComparison.Ordinal);
        Assert.StartsWith("localizer", Guard(dataset => dataset.AddOrUpdate(DicomTag.SeriesDescription, "3-plane loc")), StringComparison.Ordinal);
        Assert.StartsWith("derived", Guard(dataset => dataset.AddOrUpdate(DicomTag.ImageType, "DERIVED", "SECONDARY")), StringComparison.Ordinal);
    }

    static string? Guard(Action<DicomDataset> change)
    {
        var test = new RulesTests();
        try
        {
            return LoopGuard.Rule(test.Series(change), _ => false);
        }
        finally
        {
            test.Dispose();
        }
    }

    bool Matches(ConditionSettings condition) => Decide(Rule("it", condition)).Findings[0].Matches;

    RuleDecision Decide(params RuleSettings[] list)
    {
        var rules = new RulesSettings();
        rules.List.AddRange(list);
        return SeriesRules.Decide(rules, Series());
    }

    static RuleSettings Rule(string name, params ConditionSettings[] when) => new() { Name = name, When = [.. when] };

    static RuleSettings Rule(string name, Action<RuleSettings> then)
    {
        var rule = Rule(name);
        then(rule);
        return rule;
    }

    /// <summary>Four sagittal slices of 3 mm.</summary>
    SeriesFacts Series(Action<DicomDataset>? change = null)
    {
        var image = SpinePhantom.Generate(new SpinePhantomOptions { Width = 12, Height = 32, Depth = 32, SliceSpacing = 3 }).Image;
        var files = MrSeriesBuilder.Build(image, new MrSeriesDescription { SeriesDescription = "neck t2" }).Index().Select(slice =>
        {
            var dataset = slice.Item.Dataset;
            dataset.AddOrUpdate(DicomTag.BodyPartExamined, "CSPINE");
            change?.Invoke(dataset);
            var file = Path.Combine(folder, $"{slice.Index}.dcm");
            slice.Item.Save(file);
            return file;
        }).ToArray();
        return new SeriesFacts(files, ["MR1"], ["NECK"]);
    }
}
