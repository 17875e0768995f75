namespace SoftSeg.DicomNode.State;

/// <summary>Where the node keeps things, below <c>Node:DataDirectory</c>.</summary>
public sealed partial class DataDirectory
{
    public DataDirectory(string path)
    {
        // Images and results of patients: files 0600, folders 0700, whatever the caller's umask.
        if (!OperatingSystem.IsWindows())
            _ = SetUmask(0x3F);
        Root = Path.GetFullPath(path);
        if (OperatingSystem.IsLinux())
            BecomeOwner();
        foreach (var folder in (ReadOnlySpan<string>)[Root, Spool, Results, Removing, Logs, Audit])
            Directory.CreateDirectory(folder);
    }

    public string Root { get; }

    /// <summary>Received instances, as sent (decision 3).</summary>
    public string Spool => Path.Combine(Root, "spool");

    /// <summary>Result objects: written once, sent as often as needed.</summary>
    public string Results => Path.Combine(Root, "results");

    /// <summary>What is being deleted: a series comes here at once, and goes from here file by file.</summary>
    public string Removing => Path.Combine(Root, "removing");

    public string Logs => Path.Combine(Root, "logs");

    /// <summary>The audit trail, a file for each day; never deleted by the node.</summary>
    public string Audit => Path.Combine(Root, "audit");

    public const string StateFileName = "state.db";

    public string StateFile => Path.Combine(Root, StateFileName);

    /// <summary>The folder of the results of one revision of a series. It exists only once it is whole.</summary>
    public string ResultsOf(SeriesRow series) => Path.Combine(Results, series.SeriesUid, series.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Forgets the results of a series of which the state knows nothing any more: nobody can tell which of its instances they were made from.</summary>
    /// <returns>Whether there were any.</returns>
    public bool RemoveResultsOf(string seriesUid)
    {
        var folder = Path.Combine(Results, seriesUid);
        if (!Directory.Exists(folder))
            return false;
        Directory.Delete(folder, recursive: true);
        return true;
    }

    /// <summary>
    /// Holds the directory for this process alone: two nodes on one spool would segment and send everything twice.
    /// </summary>
    /// <exception cref="IOException">Another node holds it.</exception>
    public IDisposable Lock()
    {
        var file = Path.Combine(Root, "lock");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new IOException($"{Root} is in use by another softseg node ({error.Message}). Stop it, or give this one its own Node:DataDirectory.", error);
        }
    }

    /// <summary>
    /// root, in the directory of the service's user, goes on as that user: what a command of root makes here the node could not write, and what the node
    /// can't do a check should not pass.
    /// </summary>
    void BecomeOwner()
    {
        if (EffectiveUser() != 0 || !Directory.Exists(Root))
            return;
        // struct statx: the same on every architecture.
        const int WorkingDirectory = -100, OwnerAndGroup = 0x18, Uid = 5, Gid = 6;
        Span<uint> statx = stackalloc uint[64];
        if (StatX(WorkingDirectory, Root, 0, OwnerAndGroup, ref statx[0]) != 0 || statx[Uid] == 0)
            return;
        var (uid, gid) = (statx[Uid], statx[Gid]);
        if (SetGroups(1, in gid) != 0 || SetGid(gid) != 0 || SetUid(uid) != 0)
            throw new UnauthorizedAccessException($"{Root} belongs to another user, and this process can't become it. Run the command as that user.");
    }

    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "statx", StringMarshalling = System.Runtime.InteropServices.StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, ref uint statx);

    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "setgroups")]
    private static partial int SetGroups(nint count, in uint groups);

    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "setgid")]
    private static partial int SetGid(uint group);

    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "setuid")]
    private static partial int SetUid(uint user);

    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetUmask(uint mask);
}
