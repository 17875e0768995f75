using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Tests;

/// <summary>The state on a database; each has the same to do.</summary>
public abstract class NodeStateTests
{
    protected const string Study = "1.2.3", Series = "1.2.3.4";

    NodeState? opened;
    TimeProvider time = TimeProvider.System;

    /// <summary>The same state, as a node sees it that starts.</summary>
    protected abstract NodeState Open(TimeProvider time);

    protected NodeState state => opened ??= Open(time);

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
        var reopened = Open(TimeProvider.System);
        Assert.Equal(SeriesState.Returning, reopened.Find(Series)!.State);
        Assert.Equal(Series, Assert.Single(reopened.In(SeriesState.Returning, SeriesState.Segmenting)).SeriesUid);
    }

    [Fact]
    public void Events_stay_in_the_order_in_which_they_happened_when_the_clock_is_set_back()
    {
        var clock = new Clock { Now = new DateTimeOffset(2026, 10, 25, 3, 0, 0, TimeSpan.Zero) };
        time = clock;
        state.Arrived(Study, Series, "MR1", "first");
        clock.Now = clock.Now.AddHours(-1);
        state.Note(Series, "second");
        Assert.Equal(["first", "second"], state.Events(Series).Select(e => e.What));
    }

    [Fact]
    public async Task Of_many_workers_one_takes_a_step()
    {
        state.Arrived(Study, Series, "MR1", "arrived");
        var series = state.Find(Series)!;
        var moved = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(() => state.Move(series, SeriesState.Complete, $"worker {n}"))));
        Assert.Single(moved, true);
        Assert.Equal(2, state.Events(Series).Count);
    }

    [Fact]
    public void A_rule_s_choice_goes_with_the_delivery_and_results_are_known_by_their_series()
    {
        var made = new ResultRow("1.2.9.1", "1.2.9", "1.2.9.5", Series, 1, "sr.dcm");
        Assert.True(state.Segmented(ToSegmenting(), ["pacs"], "segmented", kinds: ["Report", "Soft"], results: [made]));
        Assert.Equal("Report,Soft", Assert.Single(state.Deliveries(state.Find(Series)!)).Kinds);
        Assert.Equal([made], state.Results(Series));
        Assert.True(state.IsOwnSeries("1.2.9.5"));
        Assert.False(state.IsOwnSeries(Series));
    }

    [Fact]
    public void What_a_series_lacks_is_remembered_until_something_of_it_comes()
    {
        state.Arrived(Study, Series, "MR1", "arrived");
        Assert.True(state.Complete(state.Find(Series)!, "complete", "a slice"));
        Assert.False(state.Complete(state.Find(Series)!, "complete", "two slices"));
        Assert.Equal(("a slice", SeriesState.Complete), (state.Find(Series)!.Missing, state.Find(Series)!.State));
        state.Arrived(Study, Series, "MR1", "one more");
        Assert.Null(state.Find(Series)!.Missing);
    }

    /// <summary>Makes the database of version 0.1.0 with a series in it.</summary>
    protected abstract void MakeEarlierDatabase(string script);

    [Fact]
    public void A_database_of_the_first_version_is_brought_up_to_date_and_keeps_what_it_knew()
    {
        MakeEarlierDatabase(File.ReadAllText(Path.Combine(Repository.Root, "tests/DicomNode.Tests/state-1.sql")));
        var series = state.Find("1.2.3.4")!;
        Assert.Equal(new SeriesRow("1.2.3.4", "1.2.3", SeriesState.Returning, 2, null), series);
        Assert.Null(Assert.Single(state.Deliveries(series)).Sent);
        Assert.Equal(("pacs", 3L), Assert.Single(state.Deliveries(series).Select(delivery => (delivery.Peer, delivery.Attempts))));
        Assert.Equal(["received from MR1", "segmented"], state.Events("1.2.3.4").Select(happened => happened.What));
        Assert.True(state.Arrived("1.2.3", "1.2.3.4", "MR1", "one more"));
        Assert.True(state.Complete(state.Find("1.2.3.4")!, "complete", "a slice"));
        Assert.Equal("a slice", Open(TimeProvider.System).Find("1.2.3.4")!.Missing);
    }

    [Fact]
    public async Task Several_programs_that_open_an_earlier_database_at_once_bring_it_up_to_date_once()
    {
        MakeEarlierDatabase(File.ReadAllText(Path.Combine(Repository.Root, "tests/DicomNode.Tests/state-1.sql")));
        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Open(TimeProvider.System))));
        Assert.All(opened, one => Assert.Equal(2, one.Find("1.2.3.4")!.Revision));
    }

    [Fact]
    public void A_database_of_a_later_version_is_refused_with_what_to_do()
    {
        MakeEarlierDatabase("CREATE TABLE migration (number BIGINT PRIMARY KEY); INSERT INTO migration (number) VALUES (1000);");
        Assert.Contains("install that version again", Assert.Throws<IOException>(() => Open(TimeProvider.System)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attempt_is_counted_when_it_begins_and_stands_in_the_failure_until_something_of_the_series_comes()
    {
        var first = ToSegmenting();
        Assert.Equal((SeriesRow.SegmentStep, 1L), (first.Step, first.Attempts));
        // A worker that read the series before the other took it comes too late.
        var second = state.BeginSegmenting(first, "segmenting")!;
        Assert.Null(state.BeginSegmenting(first, "segmenting"));
        Assert.Equal((2L, "segmenting, attempt 2"), (second.Attempts, state.Events(Series)[^1].What));

        Assert.False(state.Fail(second with { Revision = 7 }, SeriesRow.SegmentStep, "no memory", 2));
        Assert.True(state.Fail(second, SeriesRow.SegmentStep, "no memory", second.Attempts));
        Assert.Equal("failed in segment after 2 attempts: no memory", state.Find(Series)!.Words);
        Assert.Equal(state.Find(Series)!.Words, state.Events(Series)[^1].What);

        Assert.Equal(SeriesState.Complete, state.Retry(Series));
        Assert.Equal(3, state.BeginSegmenting(state.Find(Series)!, "segmenting")!.Attempts);
        state.Arrived(Study, Series, "MR1", "one more");
        Assert.Equal((null, 0L), (state.Find(Series)!.Step, state.Find(Series)!.Attempts));
    }

    [Fact]
    public void Results_wait_on_disk_between_segmenting_and_returning()
    {
        Assert.True(state.Segmented(ToSegmenting(), ["pacs"], "segmented"));
        Assert.Equal(SeriesState.Segmented, state.Find(Series)!.State);
        Assert.Equal(SeriesState.Returning, state.Retry(Series));
        Assert.True(state.Move(state.Find(Series)!, SeriesState.Returning, "returning"));
        Assert.False(state.Move(state.Find(Series)! with { State = SeriesState.Segmented }, SeriesState.Returning, "returning"));
    }

    [Fact]
    public void The_files_that_a_complete_series_was_made_from_are_remembered()
    {
        state.Took(ToSegmenting(), 16);
        Assert.Equal(16, state.FilesTaken()[Series]);
        state.Arrived(Study, Series, "MR1", "one more");
        Assert.Empty(state.FilesTaken());
    }

    [Fact]
    public void People_find_a_series_by_its_accession_number_and_ask_for_another_try()
    {
        var series = ToSegmenting();
        state.Identify(Series, "ACC1", "PAT1");
        Assert.True(state.Move(series, SeriesState.Failed, "failed", "no memory"));
        Assert.Equal(Series, Assert.Single(state.Search("ACC1")).SeriesUid);
        state.RequestRetry(Series);
        state.RequestRetry(Series);
        Assert.Equal([Series], state.TakeRetryRequests());
        Assert.Equal(SeriesState.Complete, state.Retry(Series));
        Assert.Equal(1, state.Counts()[SeriesState.Complete]);
    }

    [Fact]
    public void What_a_peer_does_not_commit_to_is_sent_again_and_nothing_is_finished_before_it_does()
    {
        var tomorrow = DateTimeOffset.UtcNow.AddDays(1);
        var series = ToReturning("pacs");
        var held = state.BeginDelivery(state.Deliveries(series)[0])!;
        state.RequestCommitment(held, "1.2.7", "stored");
        Assert.True(state.Move(series, SeriesState.Done, "done"));
        Assert.Empty(state.Finished(tomorrow));

        Assert.Null(state.Committed("1.2.8", isComplete: true, "nobody asked"));
        Assert.Equal(DeliveryState.Waiting, state.Committed("1.2.7", isComplete: false, "not committed")!.State);
        Assert.Equal(SeriesState.Returning, state.Find(Series)!.State);

        held = state.BeginDelivery(state.Deliveries(series)[0])!;
        state.RequestCommitment(held, "1.2.9", "stored");
        Assert.Empty(state.Unanswered(DateTimeOffset.UtcNow.AddHours(-1)));
        Assert.Equal("1.2.9", Assert.Single(state.Unanswered(tomorrow)).Commitment);
        Assert.Equal(DeliveryState.Committed, state.Committed("1.2.9", isComplete: true, "committed")!.State);
        Assert.True(state.Move(state.Find(Series)!, SeriesState.Done, "done"));
        Assert.Equal(Series, Assert.Single(state.Finished(tomorrow)).SeriesUid);
        Assert.Empty(state.Finished(DateTimeOffset.UtcNow.AddDays(-1)));
    }

    [Fact]
    public void What_an_earlier_revision_left_to_send_does_not_keep_a_finished_series_for_ever()
    {
        var tomorrow = DateTimeOffset.UtcNow.AddDays(1);
        ToReturning("pacs");
        state.Arrived(Study, Series, "MR1", "late");
        state.Move(state.Find(Series)!, SeriesState.Skipped, "skipped");
        var finished = Assert.Single(state.Finished(tomorrow));
        Assert.True(state.IsStillFinished(finished));

        state.Arrived(Study, Series, "MR1", "later still");
        Assert.False(state.IsStillFinished(finished));
    }

    [Fact]
    public void What_went_out_of_an_earlier_revision_is_known_when_late_instances_bring_another()
    {
        ResultRow[] made = [new("1.2.9.1", "1.2.9", "1.2.9.5", Series, 1, "sr.dcm"), new("1.2.9.2", "1.2.9", "1.2.9.6", Series, 1, "seg-soft.dcm")];
        Assert.True(state.Segmented(ToSegmenting(), ["pacs", "archive"], "segmented", results: made));
        var held = state.BeginDelivery(state.Deliveries(state.Find(Series)!).Single(delivery => delivery.Peer == "pacs"))!;
        state.Sent(held, ["sr.dcm"]);
        state.EndDelivery(held, DeliveryState.Waiting, "broke off");
        held = state.BeginDelivery(held)!;
        state.Sent(held, ["seg-soft.dcm"]);

        state.Arrived(Study, Series, "MR1", "one more");
        Assert.True(state.Complete(state.Find(Series)!, "complete", null));
        Assert.NotNull(state.BeginSegmenting(state.Find(Series)!, "segmenting"));
        // The same object again belongs to the later revision.
        Assert.True(state.Segmented(state.Find(Series)!, ["pacs"], "segmented", results: [made[1] with { Revision = 2 }]));

        Assert.Equal([("pacs", 1L, "sr.dcm,seg-soft.dcm")], state.EarlierDeliveries(state.Find(Series)!).Select(delivery => (delivery.Peer, delivery.Revision, delivery.Sent!)));
        Assert.Equal([("sr.dcm", 1L), ("seg-soft.dcm", 2L)], state.Results(Series).Select(result => (result.File, result.Revision)));
    }

    [Fact]
    public void Kept_results_go_out_once_more_on_request()
    {
        var series = ToReturning("pacs");
        state.EndDelivery(state.BeginDelivery(state.Deliveries(series)[0])!, DeliveryState.Delivered, "delivered");
        Assert.True(state.Move(series, SeriesState.Done, "done"));
        state.RequestResend(Series, "archive");
        Assert.Equal([(Series, "archive")], state.TakeResendRequests());

        Assert.True(state.Resend(Series, "archive"));
        Assert.Equal([DeliveryState.Waiting, DeliveryState.Delivered], state.Deliveries(series).Select(delivery => delivery.State));
        Assert.True(state.Resend(Series, ""));
        Assert.Equal(SeriesState.Returning, state.Find(Series)!.State);
        Assert.False(state.Resend("1.2.3.99", ""));
    }

    SeriesRow ToSegmenting()
    {
        state.Arrived(Study, Series, "MR1", "arrived");
        Assert.True(state.Move(state.Find(Series)!, SeriesState.Complete, "complete"));
        Assert.NotNull(state.BeginSegmenting(state.Find(Series)!, "segmenting"));
        return state.Find(Series)!;
    }

    SeriesRow ToReturning(params string[] peers)
    {
        Assert.True(state.Segmented(ToSegmenting(), peers, "segmented"));
        Assert.True(state.Move(state.Find(Series)!, SeriesState.Returning, "returning"));
        return state.Find(Series)!;
    }

    sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

public sealed class SqliteStateTests : NodeStateTests, IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("softseg-state-").FullName;

    string StateFile => Path.Combine(folder, "state.db");

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    protected override NodeState Open(TimeProvider time) => NodeState.Open(StateFile, time);

    protected override void MakeEarlierDatabase(string script)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={StateFile}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = script;
        command.ExecuteNonQuery();
    }

    [Fact]
    public void A_damaged_file_is_put_aside_and_begun_anew()
    {
        state.Arrived(Study, Series, "MR1", "arrived");
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        File.WriteAllText(StateFile, new string('x', 8192));

        var anew = NodeState.Open(StateFile, TimeProvider.System, remakeDamaged: true);

        Assert.Null(anew.Find(Series));
        Assert.True(File.Exists(anew.PutAsideAs));
    }
}

public sealed class PostgreSqlStateTests(PostgreSqlServer server) : NodeStateTests, IClassFixture<PostgreSqlServer>
{
    readonly string database = server.NewDatabase();

    protected override NodeState Open(TimeProvider time) => NodeState.OpenPostgreSql(database, time);

    protected override void MakeEarlierDatabase(string script)
    {
        using var source = Npgsql.NpgsqlDataSource.Create(database);
        using var command = source.CreateCommand(script);
        command.ExecuteNonQuery();
    }
}
