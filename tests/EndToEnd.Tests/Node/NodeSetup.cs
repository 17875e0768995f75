using System.Text.Json;
using System.Text.Json.Nodes;

namespace SoftSeg.EndToEnd.Tests.Node;

/// <summary>A peer of the node, as its configuration names it.</summary>
sealed record PeerEntry(string Name, string AeTitle, int Port, string? ReturnTo = null)
{
    /// <summary>The kinds of results that it gets; those that ship as on when empty.</summary>
    public IReadOnlyList<string> Results { get; init; } = [];

    public bool Tls { get; init; }

    /// <summary>What it must bring, and what it gets from the node.</summary>
    public (string User, string Passcode) Brings { get; init; } = ("", "");

    public (string User, string Passcode) Gets { get; init; } = ("", "");

    /// <summary>Where it may call from; anywhere when empty.</summary>
    public IReadOnlyList<string> From { get; init; } = [];

    /// <summary>Whether it is asked for storage commitment.</summary>
    public bool Commitment { get; init; }

    /// <summary>How many associations it may have open; no limit of its own when 0.</summary>
    public int MaxAssociations { get; init; }

    /// <summary>Whether old results are withdrawn from it.</summary>
    public bool Withdraw { get; init; }

    /// <summary>Whether it is asked what it has of a series, and how what is missing is fetched.</summary>
    public string Completion { get; init; } = "";
}

/// <summary>The TLS port of the node and its files.</summary>
sealed record TlsEntry(int Port = 0, string Certificate = "", string Key = "", string Authorities = "");

/// <summary>The configuration of a node under test: as shipped, but for what a test needs otherwise.</summary>
sealed record NodeSetup(params IReadOnlyList<PeerEntry> Peers)
{
    public string AeTitle { get; init; } = "SOFTSEG";

    public bool AcceptUnknownPeers { get; init; }

    public string Model { get; init; } = "models/cord-softseg-1.8.0";

    /// <summary>Short: a test sends a series on one association, and an open association keeps it open.</summary>
    public double IdleSeconds { get; init; } = 0.5;

    /// <summary>Short as well: series with gaps are sent to see them refused.</summary>
    public double MaxWaitSeconds { get; init; } = 2;

    public double[] RetrySeconds { get; init; } = [1];

    /// <summary>Of a segmentation.</summary>
    public double TimeoutSeconds { get; init; } = 3600;

    /// <summary>Segmentations side by side.</summary>
    public int Concurrent { get; init; } = 1;

    public TlsEntry Tls { get; init; } = new();

    /// <summary>Where audit messages go by syslog; nowhere when empty.</summary>
    public string Syslog { get; init; } = "";

    public string LogLevel { get; init; } = "Information";

    /// <summary>Port of health and metrics; none when null.</summary>
    public int? WebPort { get; init; }

    /// <summary>Where results go.</summary>
    public string[] To { get; init; } = ["origin"];

    /// <summary>Where the node keeps its data; a folder of its own when null.</summary>
    public string? DataDirectory { get; init; }

    public int MinFreeMegabytes { get; init; } = 1024;

    /// <summary>Connection string of the database that holds the state; SQLite in the data directory when empty.</summary>
    public string PostgreSql { get; init; } = "";

    /// <summary>How long a peer has to answer a request of storage commitment.</summary>
    public double CommitmentHours { get; init; } = 24;

    /// <summary>Days after which what was returned goes; 0 keeps it.</summary>
    public double RetentionDays { get; init; }

    /// <summary><c>NAME=value</c>, for the node's process.</summary>
    public string[] Environment { get; init; } = [];

    public string[] Aliases { get; init; } = [];

    /// <summary>The rules, as the file has them; none when null.</summary>
    public JsonNode? Rules { get; init; }

    /// <summary>Writes the configuration file.</summary>
    /// <returns>Its path.</returns>
    public string Write(string folder, int port)
    {
        var configuration = new
        {
            Node = new { AeTitle, Port = port, DataDirectory = DataDirectory ?? Path.Combine(folder, "data"), AcceptUnknownPeers, Aliases, MinFreeMegabytes, PostgreSql },
            Peers = Peers.Select(peer => new { peer.Name, peer.AeTitle, Host = "127.0.0.1", peer.Port, ReturnTo = peer.ReturnTo ?? "", peer.Results, peer.Commitment, peer.Completion, peer.Withdraw, peer.MaxAssociations, peer.From, peer.Tls, peer.Brings.User, peer.Brings.Passcode, LoginUser = peer.Gets.User, LoginPasscode = peer.Gets.Passcode }),
            Assemble = new { IdleSeconds, MaxWaitSeconds },
            Rules = Rules ?? new JsonObject(),
            Engine = new { Model, Provider = "cpu" },
            Jobs = new { TimeoutSeconds, Concurrent },
            Return = new { To, RetrySeconds, CommitmentHours },
            Retention = new { Days = RetentionDays, CheckSeconds = 1 },
            Tls = new { Tls.Port, Tls.Certificate, Tls.Key, Tls.Authorities },
            Log = new { Level = LogLevel },
            Audit = new { Syslog },
            Web = new { Enabled = WebPort is not null, Port = WebPort ?? 0 },
        };
        var file = Path.Combine(folder, "softseg.json");
        File.WriteAllText(file, JsonSerializer.Serialize(configuration));
        return file;
    }
}
