namespace SoftSeg.DicomNode.Assemble;

/// <summary>
/// Which series are coming in now, and when something of each came last. Lives in memory: after a restart every series that was being received
/// gets its idle time anew.
/// </summary>
public sealed class SeriesArrivals(TimeProvider time)
{
    readonly Lock gate = new();
    readonly Dictionary<string, Arrival> arrivals = [];

    /// <summary>The series was being received when the node stopped: its idle time begins now.</summary>
    public void Resume(string seriesUid)
    {
        lock (gate)
            Of(seriesUid).Last = time.GetTimestamp();
    }

    /// <summary>An instance of the series came on an association, which from now on holds the series open.</summary>
    /// <param name="opened">Runs the first time that this association brings a part of the series. No series completes meanwhile.</param>
    public void Touch(string seriesUid, object association, Action opened)
    {
        lock (gate)
        {
            var arrival = Of(seriesUid);
            arrival.Last = time.GetTimestamp();
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
                    arrival.Last = time.GetTimestamp();
            }
        }
    }

    /// <summary>Takes out the series for which nothing came for <paramref name="idle"/> and that no open association brought a part of.</summary>
    /// <param name="complete">Runs for each of them. No instance opens a series meanwhile.</param>
    public void TakeIdle(TimeSpan idle, Action<string> complete)
    {
        lock (gate)
        {
            foreach (var (seriesUid, arrival) in arrivals.ToArray())
            {
                if (arrival.Associations.Count > 0 || time.GetElapsedTime(arrival.Last) < idle)
                    continue;
                complete(seriesUid);
                arrivals.Remove(seriesUid);
            }
        }
    }

    Arrival Of(string seriesUid)
    {
        if (!arrivals.TryGetValue(seriesUid, out var arrival))
            arrivals[seriesUid] = arrival = new Arrival { Last = time.GetTimestamp() };
        return arrival;
    }

    sealed class Arrival
    {
        public long Last;
        public readonly HashSet<object> Associations = new(ReferenceEqualityComparer.Instance);
    }
}
