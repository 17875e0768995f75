using System.CommandLine;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Commands;

/// <summary>"What happened to it?"</summary>
static class StatusCommand
{
    public static Command Create()
    {
        var key = new Argument<string?>("KEY") { Description = "Accession Number, Patient ID, or UID of a study, series or instance; left out: how many series are in which state", Arity = ArgumentArity.ZeroOrOne };
        var config = SoftSegCommandLine.ConfigOption();
        var command = new Command("status", "Tell what happened to a study or series, event by event") { key, config };
        command.SetAction((parsed, _) => SoftSegCommandLine.WithState(parsed.GetRequiredValue(config), (_, data, state) =>
            Task.FromResult(parsed.GetValue(key) is { } asked ? Tell(asked, state, data) : Count(state))));
        return command;
    }

    static int Count(NodeState state)
    {
        var counts = state.Counts();
        if (counts.Count == 0)
            Console.WriteLine("No series has come yet.");
        foreach (var (name, count) in counts.OrderBy(entry => entry.Key))
            Console.WriteLine($"{count,8} {name.ToString().ToLowerInvariant()}");
        return 0;
    }

    static int Tell(string key, NodeState state, DataDirectory data)
    {
        var found = SeriesSearch.Find(key, state, data);
        if (found.Count == 0)
            return SoftSegCommandLine.Fail($"Nothing came here with the Accession Number, Patient ID or UID \"{key}\". Was it sent to this node, and was the association accepted? The log says so.");
        foreach (var series in found)
        {
            Console.WriteLine($"Series {series.SeriesUid}");
            Console.WriteLine($"  of study {series.StudyUid}, from {string.Join(", ", state.Origins(series.SeriesUid))}");
            Console.WriteLine($"  {series.Words}");
            if (series.Missing is { } missing)
                Console.WriteLine($"  missing: {missing}");
            foreach (var delivery in state.Deliveries(series))
                Console.WriteLine($"  to {delivery.Peer}: {Words(delivery)}");
            foreach (var happened in state.Events(series.SeriesUid))
                Console.WriteLine($"    {Local(happened.Time)}  {happened.What}");
        }
        return 0;
    }

    public static string Words(DeliveryRow delivery) =>
        $"{delivery.State.ToString().ToLowerInvariant()}, {delivery.Attempts} attempt{(delivery.Attempts == 1 ? "" : "s")}{(delivery.Detail is { } detail ? $": {detail}" : "")}";

    public static string Local(string time) =>
        DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture).ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss.fff", System.Globalization.CultureInfo.InvariantCulture);
}
