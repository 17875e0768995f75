using System.CommandLine;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Commands;

static class ResendCommand
{
    public static Command Create()
    {
        var key = new Argument<string>("KEY") { Description = "Accession Number, Patient ID, or UID of a study, series or instance" };
        var to = new Option<string?>("--to") { Description = "Name of the peer to send to; left out: all that had the results", HelpName = "PEER" };
        var config = SoftSegCommandLine.ConfigOption();
        var command = new Command("resend", "Send the kept results of series once more, the very same instances") { key, to, config };
        command.SetAction((parsed, _) => SoftSegCommandLine.WithState(parsed.GetRequiredValue(config), (configuration, data, state) =>
            Task.FromResult(Resend(parsed.GetRequiredValue(key), parsed.GetValue(to), configuration, state, data))));
        return command;
    }

    static int Resend(string key, string? to, NodeConfiguration configuration, NodeState state, DataDirectory data)
    {
        if (to is not null && configuration.FindPeer(to) is null)
            return SoftSegCommandLine.Fail($"{to} is not the Name of a peer; known are {string.Join(", ", configuration.Peers.Select(p => p.Name))}.");
        var found = SeriesSearch.Find(key, state, data);
        var kept = found.Where(series => series.State is SeriesState.Done or SeriesState.Failed or SeriesState.Segmented or SeriesState.Returning && Directory.Exists(data.ResultsOf(series))).ToArray();
        foreach (var series in found.Except(kept))
            Console.WriteLine($"{series.SeriesUid} is {series.State.ToString().ToLowerInvariant()}: no results to send");
        foreach (var series in kept)
        {
            state.RequestResend(series.SeriesUid, configuration.FindPeer(to ?? "")?.Name ?? "");
            Console.WriteLine($"{series.SeriesUid}: the node sends its results within seconds, or when it starts");
        }
        return kept.Length > 0 ? 0 : SoftSegCommandLine.Fail(found.Count == 0 ? $"Nothing came here with \"{key}\"." : "Nothing to send.");
    }
}
