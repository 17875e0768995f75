using System.CommandLine;
using SoftSeg.Fuzz;

// Before anything else: the instrumented libraries count from their first branch on.
if (Instrumented.IsHere)
    Coverage.Begin();

// Coverage-guided fuzzing of all that reads what a peer sends.
//   Fuzz --seconds 60              as tests/run does: all targets, the time divided between them
//   Fuzz --executions 10000000     as many executions in all
// Exit code 1: something broke; the input is in the folder of --crashes.
var seconds = new Option<double>("--seconds") { Description = "How long, over all targets", DefaultValueFactory = _ => 60 };
var executions = new Option<long?>("--executions") { Description = "How many executions, over all targets, instead of a time" };
var only = new Option<string[]>("--target") { Description = $"Which targets ({string.Join(", ", Target.All.Select(t => t.Name))}); all when none is named", AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong([.. Target.All.Select(t => t.Name)]);
var crashes = new Option<DirectoryInfo>("--crashes") { Description = "Where inputs that break something go", DefaultValueFactory = _ => new("out/fuzz") };
var seed = new Option<int>("--seed") { Description = "Of the random numbers", DefaultValueFactory = _ => Environment.TickCount };
var root = new RootCommand("Fuzzing of SoftSeg's readers.") { seconds, executions, only, crashes, seed };
root.SetAction(parsed =>
{
    var targets = Target.All.Where(t => parsed.GetValue(only) is not { Length: > 0 } names || names.Contains(t.Name)).ToArray();
    var budget = parsed.GetValue(executions) is { } count
        ? new Budget(Executions: count / targets.Length)
        : new Budget(Seconds: parsed.GetValue(seconds) / targets.Length);
    if (Instrumented.IsHere)
        return Session.Run(targets[0], budget, parsed.GetValue(seed), Environment.GetEnvironmentVariable(Instrumented.InputFile)!);
    return Supervisor.Run(targets, budget, parsed.GetValue(seed), parsed.GetRequiredValue(crashes));
});
return await root.Parse(args).InvokeAsync();
