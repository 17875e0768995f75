using System.Diagnostics;
using Npgsql;

namespace SoftSeg.DicomNode.Tests;

/// <summary>Debian's PostgreSQL with a data directory of its own, for tests. It listens at a socket in that directory and nowhere else.</summary>
public sealed class PostgreSqlServer : IDisposable
{
    const string Programs = "/usr/lib/postgresql/15/bin";

    readonly string folder = Directory.CreateTempSubdirectory("softseg-postgresql-").FullName;
    readonly string data;
    int databases;

    public PostgreSqlServer()
    {
        if (!File.Exists($"{Programs}/postgres"))
            throw new FileNotFoundException("PostgreSQL is not installed. Install it with: apt-get install postgresql-15");
        data = Path.Combine(folder, "data");
        // The server refuses to run as root.
        if (Environment.IsPrivilegedProcess)
            Run("chown", "postgres", folder);
        AsServer("initdb", "-D", data, "-A", "trust", "-U", "test", "--no-sync");
        Start();
    }

    public void Start() => AsServer("pg_ctl", "-D", data, "-w", "-t", "120", "-l", Path.Combine(folder, "log"), "-o", $"-k {folder} -c listen_addresses=", "start");

    /// <summary>At once: whoever is connected is cut off.</summary>
    public void Stop() => AsServer("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop");

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public string NewDatabase()
    {
        var name = $"state{Interlocked.Increment(ref databases)}";
        using var connection = new NpgsqlConnection($"Host={folder};Username=test;Database=postgres");
        connection.Open();
        using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        create.ExecuteNonQuery();
        return $"Host={folder};Username=test;Database={name}";
    }

    public void Dispose()
    {
        NpgsqlConnection.ClearAllPools();
        Stop();
        Directory.Delete(folder, recursive: true);
    }

    static void AsServer(string program, params string[] arguments)
    {
        if (Environment.IsPrivilegedProcess)
            Run("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", $"{Programs}/{program}", .. arguments]);
        else
            Run($"{Programs}/{program}", arguments);
    }

    /// <summary>Output is not read: the server inherits the streams and would hold them open.</summary>
    static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = "/" })!;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
