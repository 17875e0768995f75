using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Tests;

public sealed class NodeStateTests : IDisposable
{
    const string Study = "1.2.3", Series = "1.2.3.4";

    readonly string folder = Directory.CreateTempSubdirectory("softseg-state-").FullName;
    readonly NodeState state;

    public NodeStateTests() => state = NodeState.Open(Path.Combine(folder, "state.db"), TimeProvider.System);

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_first_instance_makes_the_series_and_its_origin()
    {
        Assert.True(state.Arrived(Study, Series, "MR1", "first instance from MR1"));
        Assert.False(state.Arrived(Study, Series, "MR1", "again"));
        Assert.Equal(new SeriesRow(Series, Study, SeriesState.Receiving, 1, null), state.Find(Series));
        Assert.Equal(["MR1"], state.Origins(Series));
        Assert.Equal("first instance from MR1", Assert.Single(state.Events(Series)).What);
    }

    [Fact]
    public void A_transition_takes_place_once()
    {
        state.Arrived(Study, Series, "MR1", "arrived");
        var series = state.Find(Series)!;
        Assert.True(state.Move(series, SeriesState.Complete, "complete"));
        Assert.False(state.Move(series, SeriesState.Complete, "complete"));
        Assert.Equal(SeriesState.Complete, state.Find(Series)!.State);
    }

    [Fact]
    public void A_late_instance_starts_the_series_over_and_makes_results_in_the_making_old()
    {
        var segmenting = ToSegmenting();
        Assert.True(state.Arrived(Study, Series, "MR1", "one more"));
        Assert.False(state.Segmented(segmenting, ["pacs"], "segmented"));
        Assert.Equal(new SeriesRow(Series, Study, SeriesState.Receiving, 2, null), state.Find(Series));
        Assert.Empty(state.Deliveries(state.Find(Series)!));
    }

    [Fact]
    public void A_delivery_is_in_one_hand_at_a_time()
    {
        var series = ToReturning("pacs");
        var waiting = Assert.Single(state.Deliveries(series));
        var held = state.BeginDelivery(waiting);
        Assert.Equal(1, held!.Attempts);
        Assert.Null(state.BeginDelivery(waiting));
        state.EndDelivery(held, DeliveryState.Waiting, "pacs is down");
        Assert.Equal(2, state.BeginDelivery(waiting)!.Attempts);
    }

    [Fact]
    public void After_a_stop_in_the_middle_of_sending_the_delivery_waits_again()
    {
        var series = ToReturning("pacs");
        state.BeginDelivery(state.Deliveries(series)[0]);
        state.ReleaseDeliveries();
        Assert.Equal(DeliveryState.Waiting, state.Deliveries(series)[0].State);
    }

    [Fact]
    public void A_second_sender_of_a_finished_series_gets_the_kept_results()
    {
        var series = ToReturning("pacs");
        var held = state.BeginDelivery(state.Deliveries(series)[0])!;
        state.EndDelivery(held, DeliveryState.Delivered, "delivered");
        state.Move(series, SeriesState.Done, "done");

        Assert.True(state.ArrivedAgain(Series, "MR2"));
        Assert.False(state.ArrivedAgain(Series, "MR2"));
        Assert.Equal(SeriesState.Done, state.Find(Series)!.State);
        Assert.True(state.Redeliver(state.Find(Series)!, "archive"));
        Assert.Equal(SeriesState.Returning, state.Find(Series)!.State);
        Assert.Equal([("archive", DeliveryState.Waiting), ("pacs", DeliveryState.Delivered)],
            state.Deliveries(state.Find(Series)!).Select(d => (d.Peer, d.State)));
    }

    [Fact]
    public void The_state_survives_being_opened_again()
    {
        ToReturning("pacs");
        var reopened = NodeState.Open(Path.Combine(folder, "state.db"), TimeProvider.System);
        Assert.Equal(SeriesState.Returning, reopened.Find(Series)!.State);
        Assert.Equal(Series, Assert.Single(reopened.In(SeriesState.Returning, SeriesState.Segmenting)).SeriesUid);
    }

    SeriesRow ToSegmenting()
    {
        state.Arrived(Study, Series, "MR1", "arrived");
        Assert.True(state.Move(state.Find(Series)!, SeriesState.Complete, "complete"));
        Assert.True(state.Move(state.Find(Series)!, SeriesState.Segmenting, "segmenting"));
        return state.Find(Series)!;
    }

    SeriesRow ToReturning(params string[] peers)
    {
        Assert.True(state.Segmented(ToSegmenting(), peers, "segmented"));
        return state.Find(Series)!;
    }
}
