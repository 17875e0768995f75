using Microsoft.Extensions.Logging;

namespace SoftSeg.Dicom.Network;

/// <summary>How the spool uses its disk.</summary>
public sealed record SpoolOptions
{
    /// <summary>Free bytes below which instances are refused with A700 before they are received.</summary>
    public long MinFreeBytes { get; init; } = 1L << 30;

    /// <summary>Bytes after which the write-back of an instance begins while the rest still arrives (Linux).</summary>
    public long WriteBackBytes { get; init; } = 1L << 20;
}

/// <summary>
/// Received instances on stable storage: <c>&lt;directory&gt;/&lt;StudyInstanceUID&gt;/&lt;SeriesInstanceUID&gt;/&lt;SOPInstanceUID&gt;.dcm</c>, the data set byte for byte as it was sent.
/// The same instance with other bytes lies beside the first as <c>&lt;SOPInstanceUID&gt;.2.dcm</c> and so on. What is under way is in <c>incoming</c>, on the same
/// file system. One spool object owns its directory.
/// </summary>
public sealed class InstanceSpool
{
    readonly SpoolOptions _options;
    readonly ILogger _logger;
    readonly string _incoming;
    readonly Lock[] _pathLocks = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];
    readonly Lock _directoryLock = new();

    /// <summary>Opens the spool: makes its directory, and removes the part files of instances that an earlier run never answered.</summary>
    public InstanceSpool(string directory, DicomLimits limits, ILogger logger, SpoolOptions? options = null)
        : this(directory, limits, logger, options, new StableStorage()) { }

    internal InstanceSpool(string directory, DicomLimits limits, ILogger logger, SpoolOptions? options, StableStorage storage)
    {
        Directory = Path.GetFullPath(directory);
        Limits = limits;
        Storage = storage;
        _options = options ?? new SpoolOptions();
        _logger = logger;
        _incoming = Path.Combine(Directory, "incoming");
        System.IO.Directory.CreateDirectory(_incoming);
        RemovePartFiles();
        // A run that was killed may have left names in the page cache that it never flushed; from here on all that is here is durable.
        storage.FlushFileSystem(Directory);
    }

    /// <summary>Where the instances are; absolute.</summary>
    public string Directory { get; }

    internal DicomLimits Limits { get; }

    internal StableStorage Storage { get; }

    internal long WriteBackBytes => _options.WriteBackBytes;

    /// <summary>Every series that has a directory, in no order.</summary>
    public IEnumerable<(string StudyInstanceUid, string SeriesInstanceUid)> Series() =>
        from study in System.IO.Directory.EnumerateDirectories(Directory)
        where study != _incoming
        from series in System.IO.Directory.EnumerateDirectories(study)
        select (Path.GetFileName(study), Path.GetFileName(series));

    /// <summary>
    /// Answers a storage commitment request from what is here; all of that is on stable storage. Series are searched from the one written last, so a study that
    /// was just sent is found at once.
    /// </summary>
    public CommitmentResult Commit(CommitmentRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var wanted = request.Instances.Select(i => i.SopInstanceUid).ToHashSet(StringComparer.Ordinal);
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var series = Series().Select(s => Path.Combine(Directory, s.StudyInstanceUid, s.SeriesInstanceUid)).OrderByDescending(System.IO.Directory.GetLastWriteTimeUtc);
        foreach (string directory in series)
        {
            foreach (string path in System.IO.Directory.EnumerateFiles(directory, "*.dcm"))
            {
                string uid = Path.GetFileNameWithoutExtension(path);
                if (wanted.Remove(uid))
                    found[uid] = SopClassOf(path);
            }
            if (wanted.Count == 0)
                break;
        }

        var answers = request.Instances.ToLookup(i => !found.TryGetValue(i.SopInstanceUid, out string? sopClass) ? CommitmentFailure.NoSuchInstance
            : sopClass != i.SopClassUid ? CommitmentFailure.ClassInstanceConflict : 0);
        return new CommitmentResult(request.TransactionUid, [.. answers[0]],
            [.. answers.Where(a => a.Key != 0).SelectMany(a => a.Select(i => new CommitmentFailure(i, (ushort)a.Key)))]);
    }

    static string SopClassOf(string path)
    {
        using var file = File.OpenRead(path);
        return Part10Head.Read(file, path).SopClassUid;
    }

    /// <summary>Begins to receive an instance.</summary>
    /// <param name="context">The request.</param>
    /// <param name="stored">Called when the instance is on stable storage, before the peer hears of it; where it throws the peer is told of a failure and will send again.</param>
    /// <exception cref="DicomStatusException">A700: the disk is nearly full.</exception>
    public SpoolInstanceSink Begin(StoreContext context, Func<StoredInstance, CancellationToken, ValueTask>? stored = null)
    {
        long free = new DriveInfo(Directory).AvailableFreeSpace;
        if (free < _options.MinFreeBytes)
            throw new DicomStatusException(DicomStatus.OutOfResources.With("disk nearly full"));
        return new SpoolInstanceSink(this, Path.Combine(_incoming, $"{Guid.NewGuid():N}.part"), context, stored);
    }

    /// <summary>Gives a flushed part file its name. The instance is durable when this returns.</summary>
    internal (string Path, StoredOutcome Outcome) Place(SpoolInstanceSink sink, string study, string series)
    {
        string directory = Path.Combine(Directory, study, series);
        MakeDirectory(study, directory);
        string instance = Path.Combine(directory, sink.Context.SopInstanceUid);
        lock (_pathLocks[(uint)instance.GetHashCode(StringComparison.Ordinal) % _pathLocks.Length])
        {
            string path = instance + ".dcm";
            int copy = 1;
            for (; File.Exists(path); path = $"{instance}.{++copy}.dcm")
            {
                if (!sink.IsSameAs(path))
                    continue;
                Storage.FlushDirectory(directory);
                return (path, StoredOutcome.Identical);
            }
            Storage.Rename(sink.PartPath, path);
            Storage.FlushDirectory(directory);
            if (copy == 1)
                return (path, StoredOutcome.New);
            NetworkLog.InstanceDiffers(_logger, sink.Context.SopInstanceUid, sink.Context.SendingAeTitle, path);
            return (path, StoredOutcome.Different);
        }
    }

    /// <summary>New directories are flushed into their parents before a file in them is answered.</summary>
    void MakeDirectory(string study, string directory)
    {
        lock (_directoryLock)
        {
            if (System.IO.Directory.Exists(directory))
                return;
            System.IO.Directory.CreateDirectory(directory);
            Storage.FlushDirectory(Directory);
            Storage.FlushDirectory(Path.Combine(Directory, study));
        }
    }

    void RemovePartFiles()
    {
        int count = 0;
        foreach (string part in System.IO.Directory.EnumerateFiles(_incoming, "*.part"))
        {
            File.Delete(part);
            count++;
        }
        if (count > 0)
            NetworkLog.PartFilesRemoved(_logger, count, _incoming);
    }
}
