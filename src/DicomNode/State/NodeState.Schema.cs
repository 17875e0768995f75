using Dapper;
using Npgsql;

namespace SoftSeg.DicomNode.State;

/// <summary>The tables, and how those that an earlier version made become the present ones.</summary>
public sealed partial class NodeState
{
    /// <summary>The first version. What came later is in <see cref="Migrations"/>: a new database goes the way of an old one.</summary>
    const string Schema = """
        CREATE TABLE IF NOT EXISTS series (
            series_uid TEXT PRIMARY KEY,
            study_uid  TEXT NOT NULL,
            state      TEXT NOT NULL,
            revision   BIGINT NOT NULL,
            reason     TEXT,
            files      BIGINT NOT NULL DEFAULT 0);
        CREATE TABLE IF NOT EXISTS origin (
            series_uid TEXT NOT NULL,
            ae_title   TEXT NOT NULL,
            PRIMARY KEY (series_uid, ae_title));
        CREATE TABLE IF NOT EXISTS identity (
            series_uid TEXT PRIMARY KEY,
            accession  TEXT,
            patient_id TEXT);
        CREATE TABLE IF NOT EXISTS request (
            series_uid TEXT PRIMARY KEY);
        CREATE TABLE IF NOT EXISTS resend (
            series_uid TEXT NOT NULL,
            peer       TEXT NOT NULL,
            PRIMARY KEY (series_uid, peer));
        CREATE TABLE IF NOT EXISTS delivery (
            series_uid TEXT NOT NULL,
            revision   BIGINT NOT NULL,
            peer       TEXT NOT NULL,
            state      TEXT NOT NULL,
            attempts   BIGINT NOT NULL,
            detail     TEXT,
            kinds      TEXT,
            commitment TEXT,
            PRIMARY KEY (series_uid, revision, peer));
        CREATE TABLE IF NOT EXISTS result (
            sop_instance_uid  TEXT PRIMARY KEY,
            sop_class_uid     TEXT NOT NULL,
            result_series_uid TEXT NOT NULL,
            series_uid        TEXT NOT NULL,
            revision          BIGINT NOT NULL,
            file              TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS result_of_series ON result (series_uid, revision);
        CREATE INDEX IF NOT EXISTS result_by_series ON result (result_series_uid);
        CREATE TABLE IF NOT EXISTS event (
            series_uid TEXT NOT NULL,
            number     BIGINT NOT NULL,
            time       TEXT NOT NULL,
            what       TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS event_of_series ON event (series_uid, number);
        CREATE TABLE IF NOT EXISTS migration (
            number BIGINT PRIMARY KEY);
        """;

    /// <summary>Each takes a database one step further, once; the table <c>migration</c> says which it has had. New ones go to the end, and none is ever changed.</summary>
    static readonly string[] Migrations =
    [
        "ALTER TABLE series ADD COLUMN missing TEXT",
        "ALTER TABLE delivery ADD COLUMN sent TEXT",
        "ALTER TABLE series ADD COLUMN step TEXT; ALTER TABLE series ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE delivery ADD COLUMN asked TEXT",
    ];

    static void MakeTables(System.Data.Common.DbConnection connection)
    {
        try
        {
            connection.Execute(Schema);
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateTable)
        {
            // PostgreSQL lets two that make one table at the same moment collide, IF NOT EXISTS or not; by now the other has made it.
            connection.Execute(Schema);
        }
    }

    /// <exception cref="IOException">A later version made the database.</exception>
    void BringUpToDate()
    {
        long had;
        using (var connection = Connect())
        {
            MakeTables(connection);
            had = connection.ExecuteScalar<long>("SELECT COALESCE(MAX(number), 0) FROM migration");
        }
        if (had > Migrations.Length)
            throw new IOException($"a later version of SoftSeg made the state (migration {had}, this one knows {Migrations.Length}): install that version again, or let this one make the state anew from the spool by taking the old one away");
        for (var number = had + 1; number <= Migrations.Length; number++)
        {
            // A node and a command may open the state at the same moment: the insert decides who takes the step.
            Transact((connection, transaction) =>
                connection.Execute("INSERT INTO migration (number) VALUES (@number) ON CONFLICT (number) DO NOTHING", new { number }, transaction) > 0
                && connection.Execute(Migrations[number - 1], transaction: transaction) >= -1);
        }
    }
}
