using System.CommandLine;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Commands;

static class RetryCommand
{
    public static Command Create()
    {
        var key = new Argument<string?>("KEY") { Description = "Accession Number, Patient ID, or UID of a study, series or instance", Arity = ArgumentArity.ZeroOrOne };
        var failed = new Option<bool>("--failed") { Description = "Every series that failed" };
        var config = SoftSegCommandLine.ConfigOption();
        var command = new Command("retry", "Try series again that failed, were refused or skipped, or that wait to be sent") { key, failed, config };
        command.SetAction((parsed, _) => SoftSegCommandLine.WithState(parsed.GetRequiredValue(config), (_, data, state) =>
            Task.FromResult(Retry(parsed.GetValue(key), parsed.GetValue(failed), state, data))));
        return command;
    }

    static int Retry(string? key, bool failed, NodeState state, DataDirectory data)
    {
        if (key is null == !failed)
            return SoftSegCommandLine.Fail("Say which series: softseg retry KEY, or softseg retry --failed.");
        var found = failed ? state.In(SeriesState.Failed) : SeriesSearch.Find(key!, state, data);
        var retried = found.Where(series => series.State is SeriesState.Failed or SeriesState.Refused or SeriesState.Skipped or SeriesState.Segmented or SeriesState.Returning).ToArray();
        foreach (var series in found.Except(retried))
            Console.WriteLine($"{series.SeriesUid} is {series.State.ToString().ToLowerInvariant()}: nothing to try again");
        foreach (var series in retried)
        {
            state.RequestRetry(series.SeriesUid);
            Console.WriteLine($"{series.SeriesUid} was {series.State.ToString().ToLowerInvariant()}: the node tries it again within seconds, or when it starts");
        }
        return retried.Length > 0 || failed ? 0 : SoftSegCommandLine.Fail(found.Count == 0 ? $"Nothing came here with \"{key}\"." : "Nothing to try again.");
    }
}
