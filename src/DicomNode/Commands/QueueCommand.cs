using System.CommandLine;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Commands;

static class QueueCommand
{
    public static Command Create()
    {
        var config = SoftSegCommandLine.ConfigOption();
        var command = new Command("queue", "List the series that are under way, and what each waits for") { config };
        command.SetAction((parsed, _) => SoftSegCommandLine.WithState(parsed.GetRequiredValue(config), (_, _, state) => Task.FromResult(List(state))));
        return command;
    }

    static int List(NodeState state)
    {
        var underWay = state.In(SeriesState.Receiving, SeriesState.Complete, SeriesState.Segmenting, SeriesState.Segmented, SeriesState.Returning);
        foreach (var series in underWay.OrderBy(series => series.State))
        {
            var last = state.Events(series.SeriesUid)[^1];
            Console.WriteLine($"{series.State.ToString().ToLowerInvariant(),-10} {series.SeriesUid}  since {StatusCommand.Local(last.Time)}: {last.What}");
            foreach (var delivery in state.Deliveries(series).Where(delivery => delivery.State is DeliveryState.Waiting or DeliveryState.Sending))
                Console.WriteLine($"           to {delivery.Peer}: {StatusCommand.Words(delivery)}");
        }
        Console.WriteLine($"{underWay.Count} series under way.");
        return 0;
    }
}
