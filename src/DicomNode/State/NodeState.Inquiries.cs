using Dapper;

namespace SoftSeg.DicomNode.State;

/// <summary>What people ask of the state, and what they ask the node to do: a command leaves its request here, and the node takes it up, now or at its next start.</summary>
public sealed partial class NodeState
{
    /// <summary>Notes by what else people know the series.</summary>
    public void Identify(string seriesUid, string? accession, string? patientId)
    {
        using var connection = Connect();
        connection.Execute("""
            INSERT INTO identity (series_uid, accession, patient_id) VALUES (@seriesUid, @accession, @patientId)
            ON CONFLICT (series_uid) DO UPDATE SET accession = excluded.accession, patient_id = excluded.patient_id
            """, new { seriesUid, accession, patientId });
    }

    /// <summary>The series that a Series or Study Instance UID, an Accession Number or a Patient ID means.</summary>
    public IReadOnlyList<SeriesRow> Search(string key)
    {
        using var connection = Connect();
        return connection.Query<SeriesRow>($"""
            SELECT {SeriesColumns} FROM series
            WHERE series_uid = @key OR study_uid = @key OR series_uid IN (SELECT series_uid FROM identity WHERE accession = @key OR patient_id = @key)
            ORDER BY study_uid, series_uid
            """, new { key }).AsList();
    }

    /// <summary>Series of which nothing is known but their UIDs: they are still coming in.</summary>
    public IReadOnlyList<SeriesRow> Unidentified()
    {
        using var connection = Connect();
        return connection.Query<SeriesRow>($"SELECT {SeriesColumns} FROM series WHERE series_uid NOT IN (SELECT series_uid FROM identity) ORDER BY series_uid").AsList();
    }

    /// <summary>How many series are in each state.</summary>
    public IReadOnlyDictionary<SeriesState, long> Counts()
    {
        using var connection = Connect();
        return connection.Query<(string State, long Count)>("SELECT state, COUNT(*) FROM series GROUP BY state")
            .ToDictionary(row => Enum.Parse<SeriesState>(row.State), row => row.Count);
    }

    /// <summary>Asks the node to try a series again.</summary>
    public void RequestRetry(string seriesUid) => Transact((connection, transaction) =>
    {
        AddEvent(connection, transaction, seriesUid, "retry asked for");
        return connection.Execute("INSERT INTO request (series_uid) VALUES (@seriesUid) ON CONFLICT (series_uid) DO NOTHING", new { seriesUid }, transaction);
    });

    /// <summary>Takes the series that someone asked to try again.</summary>
    public IReadOnlyList<string> TakeRetryRequests()
    {
        using var connection = Connect();
        return connection.Query<string>("DELETE FROM request RETURNING series_uid").AsList();
    }

    /// <summary>
    /// Lets a series that ended without success have another try: from its results where they are on disk and a peer did not take them, else from the start.
    /// Deliveries that wait for their next attempt wait no more.
    /// </summary>
    /// <returns>Where it is now: complete (to be segmented), returning (to be sent), or null when there is nothing to try.</returns>
    public SeriesState? Retry(string seriesUid) => Transact<SeriesState?>((connection, transaction) =>
    {
        var key = new { seriesUid };
        var sendAgain = connection.Execute("""
            UPDATE delivery SET state = 'Waiting' WHERE series_uid = @seriesUid AND state = 'Failed'
            AND revision = (SELECT revision FROM series WHERE series_uid = @seriesUid AND state IN ('Failed', 'Segmented', 'Returning'))
            """, key, transaction) > 0;
        var to = sendAgain ? SeriesState.Returning : SeriesState.Complete;
        var moved = connection.Execute("UPDATE series SET state = @to, reason = NULL WHERE series_uid = @seriesUid AND state IN ('Failed', 'Refused', 'Skipped')",
            new { seriesUid, to = to.ToString() }, transaction) > 0;
        if (moved)
            return to;
        return connection.ExecuteScalar<string>("SELECT state FROM series WHERE series_uid = @seriesUid", key, transaction) is nameof(SeriesState.Segmented) or nameof(SeriesState.Returning)
            ? SeriesState.Returning : null;
    });

    /// <summary>Asks the node to send the kept results once more.</summary>
    /// <param name="peer">The peer's <c>Name</c>; empty for all that had them.</param>
    public void RequestResend(string seriesUid, string peer) => Transact((connection, transaction) =>
    {
        AddEvent(connection, transaction, seriesUid, $"resend asked for{(peer.Length > 0 ? $", to {peer}" : "")}");
        return connection.Execute("INSERT INTO resend (series_uid, peer) VALUES (@seriesUid, @peer) ON CONFLICT (series_uid, peer) DO NOTHING", new { seriesUid, peer }, transaction);
    });

    /// <summary>Takes what someone asked to send once more.</summary>
    public IReadOnlyList<(string SeriesUid, string Peer)> TakeResendRequests()
    {
        using var connection = Connect();
        return connection.Query<(string, string)>("DELETE FROM resend RETURNING series_uid, peer").AsList();
    }

    /// <summary>Lets the results of the last revision go out once more, to one peer or to all that had them.</summary>
    /// <returns>Whether there is something to send.</returns>
    public bool Resend(string seriesUid, string peer) => Transact((connection, transaction) =>
    {
        var series = connection.QuerySingleOrDefault<SeriesRow>($"SELECT {SeriesColumns} FROM series WHERE series_uid = @seriesUid AND state IN ('Done', 'Failed', 'Segmented', 'Returning')",
            new { seriesUid }, transaction);
        if (series is null)
            return false;
        if (peer.Length > 0)
            AddDelivery(connection, transaction, series, peer, kinds: null);
        var waiting = connection.Execute("""
            UPDATE delivery SET state = 'Waiting' WHERE series_uid = @SeriesUid AND revision = @Revision AND state <> 'Sending' AND (@peer = '' OR peer = @peer)
            """, new { series.SeriesUid, series.Revision, peer }, transaction);
        if (waiting > 0)
            connection.Execute("UPDATE series SET state = 'Returning', reason = NULL WHERE series_uid = @SeriesUid", new { series.SeriesUid }, transaction);
        return waiting > 0;
    });

    /// <summary>Throws when the state can't be written.</summary>
    public void CheckWritable() => Transact((connection, transaction) => connection.Execute("DELETE FROM request WHERE series_uid = ''", transaction: transaction));
}
