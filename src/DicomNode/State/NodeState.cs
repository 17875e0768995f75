using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace SoftSeg.DicomNode.State;

/// <summary>
/// What the node knows of each series: an index over the spool (decision 3), in SQL that SQLite and PostgreSQL both run (decision 4).
/// Every change of state is a compare-and-set: it says from which state, and tells whether it took place, so a step that runs twice does its work once.
/// </summary>
public sealed partial class NodeState
{
    const string SeriesColumns = "series_uid AS SeriesUid, study_uid AS StudyUid, state AS State, revision AS Revision, reason AS Reason, step AS Step, attempts AS Attempts, missing AS Missing";
    const string DeliveryColumns = "series_uid AS SeriesUid, revision AS Revision, peer AS Peer, state AS State, attempts AS Attempts, detail AS Detail, kinds AS Kinds, commitment AS Commitment, sent AS Sent";

    readonly Func<DbConnection> connect;
    readonly TimeProvider time;

    NodeState(Func<DbConnection> connect, TimeProvider time)
    {
        (this.connect, this.time) = (connect, time);
        BringUpToDate();
    }

    /// <summary>Opens (or makes) the state of one machine: SQLite with a write-ahead log, flushed at every commit. </summary>
    /// <param name="remakeDamaged">Put a damaged file aside and begin anew: the spool has what it knew.</param>
    public static NodeState Open(string file, TimeProvider time, bool remakeDamaged = false)
    {
        var connectionString = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 }.ToString();
        var aside = remakeDamaged && IsDamaged(connectionString) ? PutAside(file, time) : null;
        using (var connection = ConnectToSqlite(connectionString))
            connection.Execute("PRAGMA journal_mode=WAL");
        return new NodeState(() => ConnectToSqlite(connectionString), time) { PutAsideAs = aside };
    }

    /// <summary>Opens (or makes) the state in a PostgreSQL database, which belongs to one node alone.</summary>
    /// <exception cref="NpgsqlException">The server can't be reached or says no.</exception>
    public static NodeState OpenPostgreSql(string connectionString, TimeProvider time) => new(() =>
    {
        var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        return connection;
    }, time);

    /// <summary>Where a damaged state was put when this one was opened in its place; null where none was.</summary>
    public string? PutAsideAs { get; private init; }

    static bool IsDamaged(string connectionString)
    {
        try
        {
            using var connection = ConnectToSqlite(connectionString);
            return connection.QueryFirst<string>("PRAGMA quick_check(1)") != "ok";
        }
        catch (SqliteException error) when (error.SqliteErrorCode is SqliteCorrupt or SqliteNotADatabase)
        {
            return true;
        }
    }

    const int SqliteCorrupt = 11, SqliteNotADatabase = 26;

    static string PutAside(string file, TimeProvider time)
    {
        SqliteConnection.ClearAllPools();
        var aside = $"{file}.damaged-{time.GetUtcNow():yyyyMMddHHmmss}";
        foreach (var suffix in (ReadOnlySpan<string>)["", "-wal", "-shm"])
        {
            if (File.Exists(file + suffix))
                File.Move(file + suffix, aside + suffix, overwrite: true);
        }
        return aside;
    }

    /// <summary>
    /// An instance of the series is on stable storage. A series that was past receiving starts over with the next revision.
    /// </summary>
    /// <returns>Whether this changed anything but the event log.</returns>
    public bool Arrived(string studyUid, string seriesUid, string callingAeTitle, string what) => Transact((connection, transaction) =>
    {
        var key = new { seriesUid, studyUid, ae = callingAeTitle };
        var isNewSeries = connection.Execute("""
            INSERT INTO series (series_uid, study_uid, state, revision) VALUES (@seriesUid, @studyUid, 'Receiving', 1)
            ON CONFLICT (series_uid) DO NOTHING
            """, key, transaction) > 0;
        var isLate = !isNewSeries && connection.Execute("""
            UPDATE series SET state = 'Receiving', revision = revision + 1, reason = NULL, missing = NULL, step = NULL, attempts = 0 WHERE series_uid = @seriesUid AND state <> 'Receiving'
            """, key, transaction) > 0;
        var isNewOrigin = AddOrigin(connection, transaction, seriesUid, callingAeTitle);
        if (isNewSeries || isLate || isNewOrigin)
            AddEvent(connection, transaction, seriesUid, isLate ? $"{what}, after the series was complete: it starts over" : what);
        return isNewSeries || isLate || isNewOrigin;
    });

    /// <summary>A peer sent what the node already has: it becomes an origin of the series, which is otherwise left as it is.</summary>
    /// <returns>Whether the peer is a new origin.</returns>
    public bool ArrivedAgain(string seriesUid, string callingAeTitle) => Transact((connection, transaction) =>
    {
        var isNew = AddOrigin(connection, transaction, seriesUid, callingAeTitle);
        if (isNew)
            AddEvent(connection, transaction, seriesUid, $"sent again, byte-identical, by {callingAeTitle}");
        return isNew;
    });

    /// <summary>Moves a series from one state to another; nothing happens when it is elsewhere, or at another revision.</summary>
    /// <returns>Whether the series moved.</returns>
    public bool Move(SeriesRow series, SeriesState to, string what, string? reason = null) => Transact((connection, transaction) =>
    {
        var moved = connection.Execute("""
            UPDATE series SET state = @to, reason = @reason WHERE series_uid = @SeriesUid AND state = @from AND revision = @Revision
            """, new { series.SeriesUid, series.Revision, from = series.State.ToString(), to = to.ToString(), reason }, transaction) > 0;
        if (moved)
            AddEvent(connection, transaction, series.SeriesUid, what);
        return moved;
    });

    /// <summary>Takes a complete series into segmenting, or one that a stop left there, and counts the attempt.</summary>
    /// <returns>The series as it is now; null where it is elsewhere by now.</returns>
    public SeriesRow? BeginSegmenting(SeriesRow series, string what) => Transact((connection, transaction) =>
    {
        var begun = connection.QuerySingleOrDefault<SeriesRow>($"""
            UPDATE series SET state = 'Segmenting', step = '{SeriesRow.SegmentStep}', attempts = CASE WHEN step = '{SeriesRow.SegmentStep}' THEN attempts + 1 ELSE 1 END
            WHERE series_uid = @SeriesUid AND revision = @Revision AND state = @from AND attempts = @Attempts AND state IN ('Complete', 'Segmenting')
            RETURNING {SeriesColumns}
            """, new { series.SeriesUid, series.Revision, series.Attempts, from = series.State.ToString() }, transaction);
        if (begun is not null)
            AddEvent(connection, transaction, series.SeriesUid, begun.Attempts > 1 ? $"{what}, attempt {begun.Attempts}" : what);
        return begun;
    });

    /// <summary>A step failed for good; data and results are kept, and <see cref="Retry"/> takes the series up again.</summary>
    /// <param name="step"><see cref="SeriesRow.SegmentStep"/> or <see cref="SeriesRow.ReturnStep"/>.</param>
    /// <param name="attempts">How often it was begun.</param>
    /// <returns>Whether the series moved; false when it is elsewhere by now, or at another revision.</returns>
    public bool Fail(SeriesRow series, string step, string error, long attempts) => Transact((connection, transaction) =>
    {
        var failed = series with { State = SeriesState.Failed, Step = step, Attempts = attempts, Reason = error };
        var moved = connection.Execute("""
            UPDATE series SET state = 'Failed', step = @step, attempts = @attempts, reason = @error WHERE series_uid = @SeriesUid AND state = @from AND revision = @Revision
            """, new { series.SeriesUid, series.Revision, from = series.State.ToString(), step, attempts, error }, transaction) > 0;
        if (moved)
            AddEvent(connection, transaction, series.SeriesUid, failed.Words);
        return moved;
    });

    /// <summary>Nothing more is expected of a series: from receiving to complete.</summary>
    /// <param name="missing">What it was waited for in vain, in words that results repeat; null where nothing is known to be missing.</param>
    public bool Complete(SeriesRow series, string what, string? missing) => Transact((connection, transaction) =>
    {
        var moved = connection.Execute("""
            UPDATE series SET state = 'Complete', missing = @missing WHERE series_uid = @SeriesUid AND state = 'Receiving' AND revision = @Revision
            """, new { series.SeriesUid, series.Revision, missing }, transaction) > 0;
        if (moved)
            AddEvent(connection, transaction, series.SeriesUid, what);
        return moved;
    });

    /// <summary>The results of a series are on disk: from segmenting to segmented, with a delivery for each peer, in one step.</summary>
    /// <param name="outcome">Where the series goes when they are delivered: for results that only say why there are none. Done when null.</param>
    /// <param name="kinds">The kinds of results to send; what each peer gets otherwise when empty.</param>
    /// <param name="results">What was made.</param>
    /// <returns>Whether the series moved; false when late instances made these results old.</returns>
    public bool Segmented(
        SeriesRow series, IReadOnlyCollection<string> peers, string what, SeriesOutcome? outcome = null, IReadOnlyCollection<string>? kinds = null, IReadOnlyCollection<ResultRow>? results = null) => Transact((connection, transaction) =>
    {
        var moved = connection.Execute("""
            UPDATE series SET state = 'Segmented', reason = @reason WHERE series_uid = @SeriesUid AND state = 'Segmenting' AND revision = @Revision
            """, new { series.SeriesUid, series.Revision, reason = outcome?.ToString() }, transaction) > 0;
        if (moved)
        {
            foreach (var peer in peers)
                AddDelivery(connection, transaction, series, peer, kinds is { Count: > 0 } ? string.Join(',', kinds) : null);
            connection.Execute("""
                INSERT INTO result (sop_instance_uid, sop_class_uid, result_series_uid, series_uid, revision, file)
                VALUES (@SopInstanceUid, @SopClassUid, @ResultSeriesUid, @SeriesUid, @Revision, @File)
                ON CONFLICT (sop_instance_uid) DO UPDATE SET revision = excluded.revision, file = excluded.file
                """, results ?? [], transaction);
            AddEvent(connection, transaction, series.SeriesUid, what);
        }
        return moved;
    });

    /// <summary>Kept results go to one more peer: back to returning if the series was done.</summary>
    public bool Redeliver(SeriesRow series, string peer) => Transact((connection, transaction) =>
    {
        AddDelivery(connection, transaction, series, peer, kinds: null);
        return connection.Execute("""
            UPDATE series SET state = 'Returning' WHERE series_uid = @SeriesUid AND state IN ('Done', 'Failed') AND revision = @Revision
            """, new { series.SeriesUid, series.Revision }, transaction) > 0;
    });

    /// <summary>Takes a waiting delivery in hand and counts the attempt.</summary>
    /// <returns>The delivery as it is now, or null when another worker has it.</returns>
    public DeliveryRow? BeginDelivery(DeliveryRow delivery)
    {
        using var connection = Connect();
        return connection.QuerySingleOrDefault<DeliveryRow>($"""
            UPDATE delivery SET state = 'Sending', attempts = attempts + 1
            WHERE series_uid = @SeriesUid AND revision = @Revision AND peer = @Peer AND state = 'Waiting'
            RETURNING {DeliveryColumns}
            """, Key(delivery));
    }

    /// <summary>Ends the attempt begun with <see cref="BeginDelivery"/>.</summary>
    public void EndDelivery(DeliveryRow delivery, DeliveryState to, string detail) => Transact((connection, transaction) =>
    {
        connection.Execute("""
            UPDATE delivery SET state = @to, detail = @detail
            WHERE series_uid = @SeriesUid AND revision = @Revision AND peer = @Peer AND state IN ('Sending', 'Committing')
            """, new { delivery.SeriesUid, delivery.Revision, delivery.Peer, to = to.ToString(), detail }, transaction);
        AddEvent(connection, transaction, delivery.SeriesUid, detail);
        return true;
    });

    /// <summary>Notes which files a peer stored, beside those of earlier attempts.</summary>
    public void Sent(DeliveryRow delivery, IEnumerable<string> files)
    {
        using var connection = Connect();
        var sent = string.Join(',', (delivery.Sent?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? []).Union(files));
        connection.Execute("UPDATE delivery SET sent = @sent WHERE series_uid = @SeriesUid AND revision = @Revision AND peer = @Peer",
            new { delivery.SeriesUid, delivery.Revision, delivery.Peer, sent });
    }

    /// <summary>What was sent, or may have been sent, of earlier revisions of a series; the latest first.</summary>
    public IReadOnlyList<DeliveryRow> EarlierDeliveries(SeriesRow series)
    {
        using var connection = Connect();
        return connection.Query<DeliveryRow>($"SELECT {DeliveryColumns} FROM delivery WHERE series_uid = @SeriesUid AND revision < @Revision AND attempts > 0 ORDER BY revision DESC, peer",
            new { series.SeriesUid, series.Revision }).AsList();
    }

    /// <summary>Notes which request of storage commitment stands for a delivery that is in hand, before the request goes out.</summary>
    public void RequestCommitment(DeliveryRow delivery, string transactionUid, string detail) => Transact((connection, transaction) =>
    {
        connection.Execute("""
            UPDATE delivery SET state = 'Committing', commitment = @transactionUid, asked = @asked, detail = @detail
            WHERE series_uid = @SeriesUid AND revision = @Revision AND peer = @Peer AND state = 'Sending'
            """, new { delivery.SeriesUid, delivery.Revision, delivery.Peer, transactionUid, asked = Text(time.GetUtcNow()), detail }, transaction);
        AddEvent(connection, transaction, delivery.SeriesUid, detail);
        return true;
    });

    /// <summary>Deliveries whose request of storage commitment went out before a moment and has no answer yet.</summary>
    public IReadOnlyList<DeliveryRow> Unanswered(DateTimeOffset before)
    {
        using var connection = Connect();
        return connection.Query<DeliveryRow>($"""
            SELECT {DeliveryColumns} FROM delivery
            WHERE state = 'Committing' AND COALESCE(asked, '') < @before
                AND revision = (SELECT revision FROM series WHERE series.series_uid = delivery.series_uid) ORDER BY series_uid, peer
            """, new { before = Text(before) }).AsList();
    }

    /// <summary>The answer to a request of storage commitment: committed, or to be sent once more.</summary>
    /// <returns>The delivery as it is now; null where nobody asked.</returns>
    public DeliveryRow? Committed(string transactionUid, bool isComplete, string what) => Transact((connection, transaction) =>
    {
        var delivery = connection.QuerySingleOrDefault<DeliveryRow>($"""
            UPDATE delivery SET state = @to WHERE commitment = @transactionUid AND state = 'Committing' RETURNING {DeliveryColumns}
            """, new { transactionUid, to = isComplete ? nameof(DeliveryState.Committed) : nameof(DeliveryState.Waiting) }, transaction);
        if (delivery is null)
            return null;
        AddEvent(connection, transaction, delivery.SeriesUid, what);
        if (!isComplete)
        {
            connection.Execute("UPDATE series SET state = 'Returning' WHERE series_uid = @SeriesUid AND revision = @Revision AND state IN ('Done', 'Failed')",
                new { delivery.SeriesUid, delivery.Revision }, transaction);
        }
        return delivery;
    });

    /// <summary>After a stop in the middle of sending nobody holds a delivery any more: all wait again.</summary>
    public void ReleaseDeliveries()
    {
        using var connection = Connect();
        connection.Execute("UPDATE delivery SET state = 'Waiting' WHERE state = 'Sending'");
    }

    public SeriesRow? Find(string seriesUid)
    {
        using var connection = Connect();
        return connection.QuerySingleOrDefault<SeriesRow>($"SELECT {SeriesColumns} FROM series WHERE series_uid = @seriesUid", new { seriesUid });
    }

    public IReadOnlyList<SeriesRow> In(params SeriesState[] states)
    {
        using var connection = Connect();
        // Dapper expands a list for SQLite and passes an array to PostgreSQL; the names of an enumeration can stand in the text for both.
        var names = string.Join(", ", states.Select(state => $"'{state}'"));
        return connection.Query<SeriesRow>($"SELECT {SeriesColumns} FROM series WHERE state IN ({names}) ORDER BY series_uid").AsList();
    }

    public IReadOnlyList<DeliveryRow> Deliveries(SeriesRow series)
    {
        using var connection = Connect();
        return connection.Query<DeliveryRow>($"SELECT {DeliveryColumns} FROM delivery WHERE series_uid = @SeriesUid AND revision = @Revision ORDER BY peer",
            new { series.SeriesUid, series.Revision }).AsList();
    }

    /// <summary>The calling AE titles that sent the series.</summary>
    public IReadOnlyList<string> Origins(string seriesUid)
    {
        using var connection = Connect();
        return connection.Query<string>("SELECT ae_title FROM origin WHERE series_uid = @seriesUid ORDER BY ae_title", new { seriesUid }).AsList();
    }

    /// <summary>Ended without failure, and nothing of the last revision is to be delivered or to be committed any more.</summary>
    const string IsFinished = """
        state IN ('Done', 'Skipped', 'Refused')
        AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.series_uid = series.series_uid AND delivery.revision = series.revision
            AND delivery.state IN ('Waiting', 'Sending', 'Committing', 'Failed'))
        """;

    /// <summary>Series that ended without failure, with nothing to deliver or to be committed any more, and to which nothing happened since <paramref name="before"/>; the oldest first.</summary>
    public IReadOnlyList<SeriesRow> Finished(DateTimeOffset before)
    {
        using var connection = Connect();
        return connection.Query<SeriesRow>($"""
            SELECT {SeriesColumns} FROM series
            WHERE {IsFinished} AND (SELECT MAX(time) FROM event WHERE event.series_uid = series.series_uid) < @before
            ORDER BY (SELECT MAX(time) FROM event WHERE event.series_uid = series.series_uid)
            """, new { before = Text(before) }).AsList();
    }

    /// <summary>Whether a series of <see cref="Finished"/> is as it was.</summary>
    public bool IsStillFinished(SeriesRow series)
    {
        using var connection = Connect();
        return connection.ExecuteScalar<long>($"SELECT COUNT(*) FROM series WHERE series_uid = @SeriesUid AND revision = @Revision AND {IsFinished}",
            new { series.SeriesUid, series.Revision }) > 0;
    }

    /// <summary>Whether a Series Instance UID is that of results that this node made.</summary>
    public bool IsOwnSeries(string seriesUid)
    {
        using var connection = Connect();
        return connection.ExecuteScalar<long>("SELECT COUNT(*) FROM result WHERE result_series_uid = @seriesUid", new { seriesUid }) > 0;
    }

    /// <summary>The result objects of a series, of all its revisions.</summary>
    public IReadOnlyList<ResultRow> Results(string seriesUid)
    {
        using var connection = Connect();
        return connection.Query<ResultRow>("""
            SELECT sop_instance_uid AS SopInstanceUid, sop_class_uid AS SopClassUid, result_series_uid AS ResultSeriesUid, series_uid AS SeriesUid, revision AS Revision, file AS File
            FROM result WHERE series_uid = @seriesUid ORDER BY revision, file
            """, new { seriesUid }).AsList();
    }

    public IReadOnlyList<EventRow> Events(string seriesUid)
    {
        using var connection = Connect();
        return connection.Query<EventRow>("SELECT series_uid AS SeriesUid, time AS Time, what AS What FROM event WHERE series_uid = @seriesUid ORDER BY number, time",
            new { seriesUid }).AsList();
    }

    /// <summary>Notes how many files of the spool the series is made from: more of them, after a stop, came before anybody was told.</summary>
    public void Took(SeriesRow series, int files)
    {
        using var connection = Connect();
        connection.Execute("UPDATE series SET files = @files WHERE series_uid = @SeriesUid AND revision = @Revision", new { files, series.SeriesUid, series.Revision });
    }

    /// <summary>The series that were complete, with the number of files that each was made from.</summary>
    public IReadOnlyDictionary<string, long> FilesTaken()
    {
        using var connection = Connect();
        return connection.Query<(string SeriesUid, long Files)>("SELECT series_uid, files FROM series WHERE state <> 'Receiving' AND files > 0")
            .ToDictionary(row => row.SeriesUid, row => row.Files);
    }

    /// <summary>Adds to a series' history without changing its state.</summary>
    public void Note(string seriesUid, string what) => Transact((connection, transaction) =>
    {
        AddEvent(connection, transaction, seriesUid, what);
        return true;
    });

    static bool AddOrigin(DbConnection connection, DbTransaction transaction, string seriesUid, string aeTitle) => connection.Execute("""
        INSERT INTO origin (series_uid, ae_title) VALUES (@seriesUid, @aeTitle) ON CONFLICT (series_uid, ae_title) DO NOTHING
        """, new { seriesUid, aeTitle }, transaction) > 0;

    static void AddDelivery(DbConnection connection, DbTransaction transaction, SeriesRow series, string peer, string? kinds) => connection.Execute("""
        INSERT INTO delivery (series_uid, revision, peer, state, attempts, kinds) VALUES (@SeriesUid, @Revision, @peer, 'Waiting', 0, @kinds)
        ON CONFLICT (series_uid, revision, peer) DO NOTHING
        """, new { series.SeriesUid, series.Revision, peer, kinds }, transaction);

    void AddEvent(DbConnection connection, DbTransaction transaction, string seriesUid, string what) => connection.Execute(
        """
        INSERT INTO event (series_uid, number, time, what)
        SELECT @seriesUid, COALESCE(MAX(number), 0) + 1, @now, @what FROM event WHERE series_uid = @seriesUid
        """,
        new { seriesUid, now = Text(time.GetUtcNow()), what }, transaction);

    /// <summary>As it stands in the tables: sorted as text it is sorted by time.</summary>
    static string Text(DateTimeOffset moment) => moment.ToUniversalTime().ToString("O");

    static object Key(DeliveryRow delivery) => new { delivery.SeriesUid, delivery.Revision, delivery.Peer };

    T Transact<T>(Func<DbConnection, DbTransaction, T> work)
    {
        using var connection = Connect();
        using var transaction = connection.BeginTransaction();
        var result = work(connection, transaction);
        transaction.Commit();
        return result;
    }

    DbConnection Connect() => connect();

    static SqliteConnection ConnectToSqlite(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        connection.Execute("PRAGMA synchronous=FULL");
        return connection;
    }
}
