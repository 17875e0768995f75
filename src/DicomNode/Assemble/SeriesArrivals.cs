namespace SoftSeg.DicomNode.Assemble;

/// <summary>
/// Which series are coming in now, and when something of each came last. Lives in memory: after a restart every series that was being received
/// gets its idle time anew.
/// </summary>
public sealed class SeriesArrivals(TimeProvider time)
{
    readonly Lock gate = new();
    readonly Dictionary<string, Arrival> arrivals = [];

    /// <summary>The series was being received when the node stopped, or could not be looked at: its idle time begins now.</summary>
    public void Resume(string seriesUid)
    {
        lock (gate)
        {
            var arrival = Of(seriesUid);
            arrival.InHand = false;
            Came(arrival);
        }
    }

    /// <summary>An instance of the series came on an association, which from now on holds the series open.</summary>
    /// <param name="opened">Runs the first time that this association brings a part of the series. No series completes meanwhile.</param>
    public void Touch(string seriesUid, object association, Action opened)
    {
        lock (gate)
        {
            var arrival = Of(seriesUid);
            Came(arrival);
            if (!arrival.Associations.Contains(association))
            {
                opened();
                arrival.Associations.Add(association);
            }
        }
    }

    /// <summary>The association ended; the idle time of the series that it brought begins now.</summary>
    public void Closed(object association)
    {
        lock (gate)
        {
            foreach (var arrival in arrivals.Values)
            {
                if (arrival.Associations.Remove(association))
                    Came(arrival);
            }
        }
    }

    /// <summary>
    /// Takes in hand the series for which nothing came for <paramref name="idle"/> and that no open association brought a part of. Each is given once, until
    /// <see cref="Complete"/> or <see cref="Wait"/> lets go of it; one that waits is given again after <paramref name="longest"/>.
    /// </summary>
    public IReadOnlyList<QuietSeries> TakeQuiet(TimeSpan idle, TimeSpan longest)
    {
        var taken = new List<QuietSeries>();
        lock (gate)
        {
            foreach (var (seriesUid, arrival) in arrivals)
            {
                if (arrival.InHand || arrival.Associations.Count > 0 || time.GetElapsedTime(arrival.Last) < (arrival.Missing is null || longest < idle ? idle : longest))
                    continue;
                arrival.InHand = true;
                taken.Add(new QuietSeries(seriesUid, arrival.Last, arrival.Missing));
            }
        }
        return taken;
    }

    /// <summary>Takes the series out, unless something of it came since it was taken in hand.</summary>
    /// <param name="complete">Runs if so. No instance opens a series meanwhile.</param>
    public void Complete(QuietSeries series, Action complete)
    {
        lock (gate)
        {
            if (!arrivals.TryGetValue(series.SeriesUid, out var arrival))
                return;
            arrival.InHand = false;
            if (arrival.Last != series.Last || arrival.Associations.Count > 0)
                return;
            complete();
            arrivals.Remove(series.SeriesUid);
        }
    }

    /// <summary>Lets go of a series that has to wait for what is missing.</summary>
    /// <returns>Whether it waits: nothing of it came since it was taken in hand.</returns>
    public bool Wait(QuietSeries series, string missing)
    {
        lock (gate)
        {
            if (!arrivals.TryGetValue(series.SeriesUid, out var arrival))
                return false;
            arrival.InHand = false;
            if (arrival.Last != series.Last)
                return false;
            arrival.Missing = missing;
            return true;
        }
    }

    void Came(Arrival arrival) => (arrival.Last, arrival.Missing) = (time.GetTimestamp(), null);

    Arrival Of(string seriesUid)
    {
        if (!arrivals.TryGetValue(seriesUid, out var arrival))
            arrivals[seriesUid] = arrival = new Arrival { Last = time.GetTimestamp() };
        return arrival;
    }

    sealed class Arrival
    {
        public long Last;
        public bool InHand;
        public string? Missing;
        public readonly HashSet<object> Associations = new(ReferenceEqualityComparer.Instance);
    }
}

/// <summary>A series of which nothing came for a while.</summary>
/// <param name="Last">Timestamp of what came last.</param>
/// <param name="Missing">What it has waited for in vain; null where nobody looked yet.</param>
public sealed record QuietSeries(string SeriesUid, long Last, string? Missing);
