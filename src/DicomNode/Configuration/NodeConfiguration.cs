using System.ComponentModel.DataAnnotations;

namespace SoftSeg.DicomNode.Configuration;

/// <summary>Every setting of the node, as in <c>conf/softseg.json</c>. The values here are the defaults that ship.</summary>
public sealed class NodeConfiguration
{
    public NodeSettings Node { get; set; } = new();

    public List<PeerSettings> Peers { get; set; } = [];

    public AssembleSettings Assemble { get; set; } = new();

    public RulesSettings Rules { get; set; } = new();

    [NeedsRestart]
    public EngineSettings Engine { get; set; } = new();

    public JobsSettings Jobs { get; set; } = new();

    public ResultsSettings Results { get; set; } = new();

    public ReturnSettings Return { get; set; } = new();

    public RetentionSettings Retention { get; set; } = new();

    public LogSettings Log { get; set; } = new();

    [NeedsRestart]
    public WebSettings Web { get; set; } = new();

    [NeedsRestart]
    public TlsSettings Tls { get; set; } = new();

    [NeedsRestart]
    public AuditSettings Audit { get; set; } = new();

    /// <summary>The peer that calls itself <paramref name="aeTitle"/>, or null.</summary>
    public PeerSettings? FindPeerByAeTitle(string aeTitle) =>
        Peers.Find(peer => string.Equals(peer.AeTitle, aeTitle.Trim(), StringComparison.Ordinal));

    /// <summary>Whether a peer is to get a kind of result, by the name of its setting in <see cref="ResultsSettings"/>.</summary>
    public bool Wants(PeerSettings peer, string kind) => kind == nameof(PeerSettings.Withdraw) ? peer.Withdraw : peer.Results.Count > 0 ? peer.Results.Contains(kind, StringComparer.OrdinalIgnoreCase) : Results.IsOn(kind);

    /// <summary>Whether a kind of result is made: it is on for all, or for one of the peers.</summary>
    public bool Makes(string kind) => Results.IsOn(kind) || Peers.Exists(peer => Wants(peer, kind));

    /// <summary>Whether a sender that calls <paramref name="aeTitle"/> means this node.</summary>
    public bool IsCalled(string aeTitle) => aeTitle.Trim() == Node.AeTitle.Trim() || Node.Aliases.Exists(alias => aeTitle.Trim() == alias.Trim());

    /// <summary>The peer with this <c>Name</c>, or null.</summary>
    public PeerSettings? FindPeer(string name) =>
        Peers.Find(peer => string.Equals(peer.Name, name, StringComparison.OrdinalIgnoreCase));
}

public sealed class NodeSettings
{
    /// <summary>This node's AE title, 1..16 characters (PS3.5 6.2, VR AE).</summary>
    [AeTitle]
    public string AeTitle { get; set; } = "SOFTSEG";

    /// <summary>Other AE titles by which senders may call this node; rules can tell them apart (<c>CalledAE</c>).</summary>
    public List<string> Aliases { get; set; } = [];

    /// <summary>TCP port of the C-STORE and C-ECHO SCP; 0 takes a free one.</summary>
    [Range(0, 65535), NeedsRestart]
    public int Port { get; set; } = 11112;

    /// <summary>Where the spool, the results, the state and the logs live; relative to the working directory.</summary>
    [Required, NeedsRestart]
    public string DataDirectory { get; set; } = "data";

    /// <summary>Connection string of a PostgreSQL database that holds the state of this node alone; empty: SQLite in the data directory.</summary>
    [NeedsRestart]
    public string PostgreSql { get; set; } = "";

    /// <summary>Whether a calling AE title that is not in <c>Peers</c> may send. Its results have nowhere to go.</summary>
    public bool AcceptUnknownPeers { get; set; }

    /// <summary>Free space on the disk below which instances are refused with A700 (out of resources): senders try again later.</summary>
    [Range(1, 1_000_000), NeedsRestart]
    public int MinFreeMegabytes { get; set; } = 1024;

    /// <summary>Free space below which new associations that would store are rejected for the time being: those under way still end well. One and a half times <see cref="MinFreeMegabytes"/>.</summary>
    internal long ShortBytes => (long)MinFreeMegabytes * (3L << 19);

    /// <summary>Associations served at once; more are refused with "local limit exceeded".</summary>
    [Range(1, 10000), NeedsRestart]
    public int MaxAssociations { get; set; } = 100;
}

public sealed class PeerSettings
{
    /// <summary>The name by which other settings and commands mean this peer.</summary>
    [Required]
    public string Name { get; set; } = "";

    [AeTitle]
    public string AeTitle { get; set; } = "";

    [Required]
    public string Host { get; set; } = "";

    [Range(1, 65535)]
    public int Port { get; set; } = 104;

    /// <summary>Whether it is called over TLS, with the certificate and the authorities of <c>Tls</c>.</summary>
    public bool Tls { get; set; }

    /// <summary>The user name that it must bring (PS3.7 D.3.3.7), with <see cref="Passcode"/>; none when empty.</summary>
    public string User { get; set; } = "";

    /// <summary>A passcode, or <c>file:PATH</c> of a file with it that others can't read.</summary>
    public string Passcode { get; set; } = "";

    /// <summary>The user name that we bring to it, with <see cref="LoginPasscode"/>; none when empty.</summary>
    public string LoginUser { get; set; } = "";

    /// <inheritdoc cref="Passcode"/>
    public string LoginPasscode { get; set; } = "";

    /// <summary>Addresses (192.0.2.7) and networks (192.0.2.0/24) that it may call from; any when empty.</summary>
    public List<string> From { get; set; } = [];

    /// <summary>Whether it may call from <paramref name="address"/>.</summary>
    public bool MayCallFrom(System.Net.IPAddress? address) =>
        From.Count == 0 || (address is not null && From.Exists(allowed => Network(allowed) is { } network && network.Contains(address)));

    internal static System.Net.IPNetwork? Network(string text) =>
        System.Net.IPNetwork.TryParse(text, out var network) ? network
        : System.Net.IPAddress.TryParse(text, out var address) ? new(address, address.GetAddressBytes().Length * 8)
        : null;

    /// <summary>Associations that it may have open at once; more are refused with "local limit exceeded". 0: no limit but that of the node.</summary>
    [Range(0, 10000)]
    public int MaxAssociations { get; set; }

    /// <summary>The peer that gets the results of what this one sends (a scanner names its PACS); itself when empty.</summary>
    public string ReturnTo { get; set; } = "";

    public const string ByFind = "find", ByMove = "move", ByGet = "get";

    /// <summary>
    /// Whether it is asked (C-FIND) how many instances of a series it has that it sent, and what did not come is fetched there by C-MOVE to this node or by C-GET; not asked when empty.
    /// </summary>
    [AllowedValues("", ByFind, ByMove, ByGet, ErrorMessage = "expected nothing, find, move or get")]
    public string Completion { get; set; } = "";

    /// <summary>Whether this peer is asked for storage commitment of what it stored.</summary>
    public bool Commitment { get; set; }

    /// <summary>Whether results that late instances made old are withdrawn from it by a rejection note (IHE RAD IOCM): a Key Object Selection, Rejected for Quality Reasons.</summary>
    public bool Withdraw { get; set; }

    /// <summary>The kinds of results that this peer gets, by their names in <c>Results</c>; those that are on there when empty.</summary>
    public List<string> Results { get; set; } = [];
}

public sealed class AssembleSettings
{
    /// <summary>A series is complete when nothing of it came for so long and no association that brought a part is open.</summary>
    [Range(0.1, 3600)]
    public double IdleSeconds { get; set; } = 10;

    /// <summary>How long, after something of it came last, a series waits for what is known to be missing: slices between others, and what its origin has.</summary>
    [Range(0, 86400)]
    public double MaxWaitSeconds { get; set; } = 120;
}

public sealed class EngineSettings
{
    /// <summary>Folder of the model package, relative to the working directory or to the program.</summary>
    [Required]
    public string Model { get; set; } = "models/cord-softseg-1.8.0";

    /// <summary>Whether a model that did not pass its gate may be used all the same.</summary>
    public bool AllowModelWithoutGate { get; set; }

    /// <summary>Where the network runs: auto tries the GPU and falls back to the CPU.</summary>
    [AllowedValues("auto", "tensorrt", "cuda", "cpu", ErrorMessage = "expected auto, tensorrt, cuda or cpu")]
    public string Provider { get; set; } = "auto";

    /// <summary>CPU threads of the network; 0 takes one per core.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }
}

/// <summary>What segmentations may take of the machine.</summary>
public sealed class JobsSettings
{
    /// <summary>Longest time of one segmentation, of the reading of the images to the writing of the results; then it fails.</summary>
    [Range(0.1, 604800)]
    public double TimeoutSeconds { get; set; } = 3600;

    /// <summary>Segmentations side by side, as far as memory goes. One takes all processors by itself; on a GPU there is one at a time.</summary>
    [Range(1, 64), NeedsRestart]
    public int Concurrent { get; set; } = 1;

    /// <summary>Memory for all segmentations together, by an estimate from the matrix of each series; 0: three quarters of what the machine or the container has. One alone always runs.</summary>
    [Range(0, 100_000_000)]
    public int MemoryMegabytes { get; set; }
}

public sealed class ResultsSettings
{
    /// <summary>The binary segmentation at a share of 0.5: what viewers show.</summary>
    public bool Binary { get; set; } = true;

    /// <summary>The soft mask itself, as fractional (occupancy) segmentation.</summary>
    public bool Soft { get; set; } = true;

    /// <summary>The measurements, as structured report (TID 1500).</summary>
    public bool Report { get; set; } = true;

    /// <summary>The source slices with the mask over them, as secondary captures. A peer that takes no segmentation gets them in any case.</summary>
    public bool Overlay { get; set; }

    /// <summary>The report page, as PDF.</summary>
    public bool Page { get; set; }

    /// <summary>The report page, as a secondary capture.</summary>
    public bool PagePicture { get; set; }

    /// <summary>A text report for a series that is skipped or refused, with the reason.</summary>
    public bool Refusal { get; set; }

    /// <summary>The measurements once more with a reference to the segment instead of contours, for research software; OHIF shows nothing of it.</summary>
    public bool SegmentReport { get; set; }

    /// <summary>The mask at a share of 0.5 as label map segmentation (PS3.3 A.51, 2023).</summary>
    public bool LabelMap { get; set; }

    /// <summary>The shares as 32-bit parametric map.</summary>
    public bool ParametricMap { get; set; }

    /// <summary>The names of the kinds of results, each the name of the setting that switches it.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        [nameof(Binary), nameof(Soft), nameof(Report), nameof(Overlay), nameof(Page), nameof(PagePicture), nameof(Refusal), nameof(SegmentReport), nameof(LabelMap), nameof(ParametricMap)];

    public bool IsOn(string kind) => Kinds.Contains(kind) && (bool)typeof(ResultsSettings).GetProperty(kind)!.GetValue(this)!;

    /// <summary>Whether the results carry "not for clinical use" where their reader sees it.</summary>
    public bool NotForClinicalUse { get; set; } = true;
}

public sealed class ReturnSettings
{
    /// <summary>The word in <see cref="To"/> that stands for the peer that sent the series, or its <c>ReturnTo</c>.</summary>
    public const string Origin = "origin";

    /// <summary>Where results go: <c>origin</c> and names of peers.</summary>
    [MinLength(1, ErrorMessage = "names no destination; expected origin or names of peers")]
    public List<string> To { get; set; } = [Origin];

    /// <summary>Seconds until the next attempt after a temporary failure, one per attempt; the last one repeats.</summary>
    [MinLength(1, ErrorMessage = "is empty; expected seconds, such as [ 10, 60, 600 ]")]
    public List<double> RetrySeconds { get; set; } = [10, 30, 60, 300, 900];

    /// <summary>Hours that a peer has to answer a request of storage commitment; then the results are sent, and it is asked, once more.</summary>
    [Range(0.001, 8760)]
    public double CommitmentHours { get; set; } = 24;

    /// <summary>The wait after attempt number <paramref name="attempt"/> (attempts count from 1), 10 % more or less: a peer that is back is not met by all at once.</summary>
    public TimeSpan RetryAfter(int attempt) => TimeSpan.FromSeconds(RetrySeconds[Math.Clamp(attempt - 1, 0, RetrySeconds.Count - 1)] * (0.9 + (Random.Shared.NextDouble() * 0.2)));
}

/// <summary>When instances and results are removed from this machine. Never before a peer that was asked has committed to them.</summary>
public sealed class RetentionSettings
{
    /// <summary>Days after the end of a series; 0 keeps everything.</summary>
    [Range(0, 36500)]
    public double Days { get; set; }

    /// <summary>Whether the oldest finished series go when the disk runs short.</summary>
    public bool PurgeWhenFull { get; set; } = true;

    [Range(1, 86400), NeedsRestart]
    public double CheckSeconds { get; set; } = 300;
}

public sealed class LogSettings
{
    [AllowedValues("Debug", "Information", "Warning", "Error", ErrorMessage = "expected Debug, Information, Warning or Error")]
    public string Level { get; set; } = "Information";

    /// <summary>Days that a log file is kept.</summary>
    [Range(1, 3650), NeedsRestart]
    public int KeepDays { get; set; } = 31;
}

/// <summary>Health and metrics over HTTP. There is no log-in: an address that others reach needs a proxy that has one.</summary>
public sealed class WebSettings
{
    public bool Enabled { get; set; } = true;

    /// <summary>The address to listen at: 127.0.0.1 is this machine alone.</summary>
    [IPAddress]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>TCP port of <c>/health/live</c>, <c>/health/ready</c> and <c>/metrics</c>; 0 takes a free one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 11180;
}

/// <summary>TLS by the BCP 195 profile (PS3.15 B.9): a port for senders beside the plain one, and calls to peers with <c>Tls</c>.</summary>
public sealed class TlsSettings
{
    /// <summary>TCP port for associations over TLS; none when 0. 2762 is the registered one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; }

    /// <summary>PEM file of our certificate, followed by those between it and its authority.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>PEM file of its private key, which others can't read.</summary>
    public string Key { get; set; } = "";

    /// <summary>PEM file of the authorities, or self-signed certificates, that we believe; those of the machine when empty.</summary>
    public string Authorities { get; set; } = "";

    /// <summary>Whether a sender must show a certificate that we believe.</summary>
    public bool RequirePeerCertificate { get; set; } = true;

    /// <summary>Whether the certificate of a peer must name the host that we call.</summary>
    public bool CheckHostName { get; set; } = true;

    /// <summary>Whether revoked certificates are looked for: NoCheck, Offline (in lists that the machine has) or Online.</summary>
    [AllowedValues("NoCheck", "Offline", "Online", ErrorMessage = "expected NoCheck, Offline or Online")]
    public string Revocation { get; set; } = "NoCheck";
}

/// <summary>Who called, what came and what went, in the audit messages of DICOM (PS3.15 A.5).</summary>
public sealed class AuditSettings
{
    /// <summary>Whether they are kept in <c>audit/</c> below the data directory, one message a line.</summary>
    public bool File { get; set; } = true;

    /// <summary>Where they are also sent (RFC 5424 over UDP, RFC 5426): <c>HOST</c> or <c>HOST:PORT</c>; nowhere when empty.</summary>
    [SyslogServer]
    public string Syslog { get; set; } = "";

    /// <summary>Whether the Patient ID is in them, as PS3.15 wants it. The name never is.</summary>
    public bool PatientId { get; set; } = true;
}

/// <summary>Empty, HOST or HOST:PORT.</summary>
[AttributeUsage(AttributeTargets.Property)]
sealed class SyslogServerAttribute() : ValidationAttribute("expected HOST or HOST:PORT, such as audit.example:514")
{
    public override bool IsValid(object? value) => value is string text && (text.Length == 0 || TryParse(text, out _, out _));

    public static bool TryParse(string text, out string host, out int port)
    {
        (host, port) = (text, 514);
        if (text.LastIndexOf(':') is var colon and > 0)
        {
            host = text[..colon];
            if (!int.TryParse(text.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
                return false;
        }
        return Uri.CheckHostName(host) != UriHostNameType.Unknown;
    }
}

/// <summary>The setting is read when the node starts; a change in the file waits for the next start. All others change while it runs.</summary>
[AttributeUsage(AttributeTargets.Property)]
sealed class NeedsRestartAttribute : Attribute;

/// <summary>An IPv4 or IPv6 address.</summary>
[AttributeUsage(AttributeTargets.Property)]
sealed class IPAddressAttribute() : ValidationAttribute("expected an IP address, such as 127.0.0.1")
{
    public override bool IsValid(object? value) => value is string text && System.Net.IPAddress.TryParse(text, out _);
}

/// <summary>1..16 characters of the default repertoire, no backslash, not only spaces (PS3.5 6.2, VR AE).</summary>
[AttributeUsage(AttributeTargets.Property)]
sealed class AeTitleAttribute() : ValidationAttribute("expected 1 to 16 printable ASCII characters without a backslash")
{
    public override bool IsValid(object? value) =>
        value is string { Length: >= 1 and <= 16 } title && title.Trim().Length > 0 && title.All(c => c is >= ' ' and < '\x7f' and not '\\');
}
