using System.CommandLine;
using SoftSeg.Dicom;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Segment;
using SoftSeg.DicomNode.State;
using SoftSeg.DicomReader;

namespace SoftSeg.DicomNode.Commands;

static class RulesCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("FOLDER|FILE") { Description = "DICOM files, as they would be sent" };
        var calling = new Option<string?>("--calling") { Description = "The AE title that would send them", HelpName = "AE" };
        var called = new Option<string?>("--called") { Description = "The AE title by which it would call this node", HelpName = "AE" };
        var config = SoftSegCommandLine.ConfigOption();
        var test = new Command("test", "Show for each series which rule matches, and of the others which attribute said no") { path, calling, called, config };
        test.SetAction((parsed, _) => SoftSegCommandLine.WithConfiguration(parsed.GetRequiredValue(config), configuration =>
        {
            try
            {
                return Task.FromResult(Test(parsed.GetRequiredValue(path), configuration, parsed.GetValue(calling), parsed.GetValue(called) ?? configuration.Node.AeTitle));
            }
            catch (Exception error) when (error is SeriesRefusedException or DicomDataException or IOException or UnauthorizedAccessException)
            {
                return Task.FromResult(SoftSegCommandLine.Fail(error.Message));
            }
        }));
        return new Command("rules", "Try the rules of the configuration") { test };
    }

    static int Test(string path, NodeConfiguration configuration, string? calling, string called)
    {
        var scan = SeriesFolder.Scan(path);
        foreach (var note in scan.Notes)
            Console.WriteLine(note);
        if (scan.Series.Count == 0)
            return SoftSegCommandLine.Fail($"{path}: no DICOM images.");
        // Which series this node made itself is in its state; without one its equipment alone tells.
        var stateFile = Path.Combine(Path.GetFullPath(configuration.Node.DataDirectory), DataDirectory.StateFileName);
        Func<string, bool> isOwn = File.Exists(stateFile) ? NodeState.Open(stateFile, TimeProvider.System).IsOwnSeries : _ => false;
        foreach (var series in scan.Series)
        {
            Console.WriteLine($"{series}: {series.SeriesInstanceUid}");
            var facts = new SeriesFacts(series.Files, calling is null ? [] : [calling], [called]);
            if (LoopGuard.Rule(facts, isOwn) is { } guard)
            {
                Console.WriteLine($"  skipped, before any rule of the configuration is asked: {guard}");
                continue;
            }
            var decision = SeriesRules.Decide(configuration.Rules, facts);
            foreach (var finding in decision.Findings)
            {
                Console.WriteLine($"  rule \"{finding.Rule.Name}\" {(finding.Matches ? "matches" : "does not match")}");
                foreach (var condition in finding.Conditions)
                    Console.WriteLine($"    {(condition.Holds ? "yes" : "no ")}  {condition.Text}");
            }
            foreach (var rule in configuration.Rules.List.Skip(decision.Findings.Count))
                Console.WriteLine($"  rule \"{rule.Name}\" is not asked any more");
            Console.WriteLine($"  {decision.Summary}");
        }
        return 0;
    }
}
