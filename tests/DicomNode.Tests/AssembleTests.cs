using SoftSeg.DicomNode.Assemble;

namespace SoftSeg.DicomNode.Tests;

public sealed class AssembleTests
{
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(10), Longest = TimeSpan.FromSeconds(60);
    readonly Clock clock = new();
    readonly SeriesArrivals arrivals;

    public AssembleTests() => arrivals = new SeriesArrivals(clock);

    [Fact]
    public void A_series_is_complete_only_after_its_idle_time()
    {
        arrivals.Resume("1");
        clock.Advance(Idle - TimeSpan.FromSeconds(1));
        Assert.Empty(TakeIdle());
        arrivals.Resume("1");
        clock.Advance(Idle - TimeSpan.FromSeconds(1));
        Assert.Empty(TakeIdle());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["1"], TakeIdle());
        Assert.Empty(TakeIdle());
    }

    [Fact]
    public void An_open_association_that_brought_a_part_holds_the_series_however_slow_it_is()
    {
        object slow = new(), other = new();
        Touch("1", slow);
        Touch("2", other);
        arrivals.Closed(other);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["2"], TakeIdle());
        arrivals.Closed(slow);
        Assert.Empty(TakeIdle());
        clock.Advance(Idle);
        Assert.Equal(["1"], TakeIdle());
    }

    [Fact]
    public void A_series_is_opened_once_by_each_association()
    {
        object first = new(), second = new();
        var opened = 0;
        arrivals.Touch("1", first, () => opened++);
        arrivals.Touch("1", first, () => opened++);
        arrivals.Touch("1", second, () => opened++);
        Assert.Equal(2, opened);
    }

    [Fact]
    public void A_series_that_could_not_be_noted_is_noted_with_the_next_instance()
    {
        object association = new();
        Assert.Throws<IOException>(() => arrivals.Touch("1", association, () => throw new IOException("disk")));
        var opened = false;
        arrivals.Touch("1", association, () => opened = true);
        Assert.True(opened);
    }

    void Touch(string seriesUid, object association) => arrivals.Touch(seriesUid, association, () => { });

    [Fact]
    public void A_series_with_a_gap_waits_for_it_and_then_goes_on()
    {
        arrivals.Resume("1");
        clock.Advance(Idle);
        var quiet = Assert.Single(arrivals.TakeQuiet(Idle, Longest));
        Assert.Empty(arrivals.TakeQuiet(Idle, Longest));
        Assert.True(arrivals.Wait(quiet, "a slice"));
        clock.Advance(Longest - Idle - TimeSpan.FromSeconds(1));
        Assert.Empty(arrivals.TakeQuiet(Idle, Longest));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("a slice", Assert.Single(arrivals.TakeQuiet(Idle, Longest)).Missing);
    }

    [Fact]
    public void A_series_that_could_not_be_looked_at_is_looked_at_again()
    {
        arrivals.Resume("1");
        clock.Advance(Idle);
        Assert.Single(arrivals.TakeQuiet(Idle, Longest));
        arrivals.Resume("1");
        Assert.Empty(arrivals.TakeQuiet(Idle, Longest));
        clock.Advance(Idle);
        Assert.Null(Assert.Single(arrivals.TakeQuiet(Idle, Longest)).Missing);
    }

    [Fact]
    public void What_comes_while_a_series_is_looked_at_keeps_it_from_completing_and_it_is_looked_at_again()
    {
        object association = new();
        arrivals.Resume("1");
        clock.Advance(Idle);
        var quiet = Assert.Single(arrivals.TakeQuiet(Idle, Longest));
        clock.Advance(TimeSpan.FromSeconds(1));
        Touch("1", association);
        Assert.False(arrivals.Wait(quiet, "a slice"));
        arrivals.Complete(quiet, () => Assert.Fail("completed"));
        arrivals.Closed(association);
        clock.Advance(Idle);
        Assert.Null(Assert.Single(arrivals.TakeQuiet(Idle, Longest)).Missing);
    }

    List<string> TakeIdle()
    {
        var taken = new List<string>();
        foreach (var quiet in arrivals.TakeQuiet(Idle, Longest))
            arrivals.Complete(quiet, () => taken.Add(quiet.SeriesUid));
        return taken;
    }

    sealed class Clock : TimeProvider
    {
        long now;

        public void Advance(TimeSpan time) => now += time.Ticks;

        public override long GetTimestamp() => now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    }
}
