namespace SoftSeg.Dicom.Network;

/// <summary>
/// What peers may cost. Every length that arrives is compared with these before memory is taken for it, and every
/// wait ends by one of the times.
/// </summary>
public sealed record DicomLimits
{
    /// <summary>The limits that ship.</summary>
    public static DicomLimits Default { get; } = new();

    /// <summary>Largest P-DATA-TF body taken from a peer, in bytes; offered as the maximum length (PS3.8 D.1). A longer one aborts the association.</summary>
    public int MaxPdu { get; init; } = 128 * 1024;

    /// <summary>Largest body of an A-ASSOCIATE-RQ or -AC, in bytes. 128 presentation contexts of 10 syntaxes each need about 60 KiB.</summary>
    public int MaxAssociateRq { get; init; } = 64 * 1024;

    /// <summary>Largest command set, in bytes. A C-STORE-RQ needs about 300.</summary>
    public int MaxCommand { get; init; } = 16 * 1024;

    /// <summary>Largest data set that is no instance (query identifiers, storage commitment), in bytes. 100 000 references need about 12 MB.</summary>
    public int MaxIdentifier { get; init; } = 16 * 1024 * 1024;

    /// <summary>Largest data set of one instance, in bytes. A larger one is refused with A700 and the rest of it drained up to twice this size.</summary>
    public long MaxInstance { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>Deepest nesting of sequences in a data set; deeper is refused with C000.</summary>
    public int MaxSequenceDepth { get; init; } = 64;

    /// <summary>Largest frame that is decompressed, in bytes as it is without compression: a codec gives back any number of pixels for a few bytes.</summary>
    public long MaxFrame { get; init; } = 512L * 1024 * 1024;

    /// <summary>Longest time that the decompression of one frame may take. An MR slice of 512 x 512 takes at most a tenth of a second.</summary>
    public TimeSpan Decode { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Associations that may be open at once; one more is rejected as transient (local limit exceeded).</summary>
    public int MaxAssociations { get; init; } = 64;

    /// <summary>Associations that may be open at once from one address; one more is rejected as transient. Behind one address there may be a whole gateway.</summary>
    public int MaxAssociationsPerAddress { get; init; } = 32;

    /// <summary>Connections that may be open at once, those that have not asked for an association yet included; one more is closed without a word.</summary>
    public int MaxConnections { get; init; } = 256;

    /// <summary>ARTIM (PS3.8 9.1.5) before the association: a connection must bring its whole A-ASSOCIATE-RQ within this time. For the requestor: the wait for the answer.</summary>
    public TimeSpan Artim { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>ARTIM after an abort, a rejection or a release: how long the peer may take to close, before we do.</summary>
    public TimeSpan Close { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest silence on an open association, between messages and inside one.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest wait of the requestor for a response to a request that it has sent whole.</summary>
    public TimeSpan Response { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest silence of a peer that finds or retrieves for us: some say nothing until all is done.</summary>
    public TimeSpan Retrieve { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest wait of the requestor for the TCP connection, and for the TLS handshake of either side.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest time that a peer may take to accept bytes that we send.</summary>
    public TimeSpan Send { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Least bytes a second a peer may bring inside a message, counted over the time that we waited for it; 0 switches the guard off.</summary>
    public int MinRate { get; init; } = 1024;

    /// <summary>Time that the minimum rate grants a message before it counts.</summary>
    public TimeSpan MinRateGrace { get; init; } = TimeSpan.FromSeconds(10);
}
