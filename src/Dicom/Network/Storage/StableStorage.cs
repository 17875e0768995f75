using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace SoftSeg.Dicom.Network;

/// <summary>The steps that make a file durable: write, flush, rename, flush the directory. Overridden only to watch their order.</summary>
public class StableStorage
{
    public virtual void Write(SafeFileHandle file, IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset) => RandomAccess.Write(file, pieces, offset);

    public virtual void FlushFile(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    /// <summary>One rename(2): without "overwrite" .NET links and unlinks. The caller holds the lock under which <paramref name="to"/> does not exist.</summary>
    public virtual void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>Puts the names in a directory on stable storage. NTFS journals them itself.</summary>
    public virtual void FlushDirectory(string path)
    {
        if (!OperatingSystem.IsWindows())
            UnixFile.FlushDirectory(path);
    }

    /// <summary>Starts writing back what was written, without waiting, so that the flush at the end has little left to do.</summary>
    public virtual void StartWriteBack(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
            UnixFile.StartWriteBack(file, offset, length);
    }

    /// <summary>Puts all that earlier runs left in the page cache on stable storage.</summary>
    public virtual void FlushFileSystem(string path)
    {
        if (OperatingSystem.IsLinux())
            UnixFile.FlushFileSystem(path);
    }
}

/// <summary>System calls that .NET does not offer.</summary>
[UnsupportedOSPlatform("windows")]
static partial class UnixFile
{
    const int ReadOnly = 0;
    const uint SyncFileRangeWrite = 2;

    public static void FlushDirectory(string path)
    {
        int descriptor = OpenDirectory(path);
        int result = FSync(descriptor);
        int error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (result != 0)
            throw new IOException($"The directory '{path}' can't be flushed: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [SupportedOSPlatform("linux")]
    public static void FlushFileSystem(string path)
    {
        int descriptor = OpenDirectory(path);
        _ = SyncFs(descriptor);
        _ = Close(descriptor);
    }

    // A hint: where the file system does not have it, the flush at the end does all the work.
    [SupportedOSPlatform("linux")]
    public static void StartWriteBack(SafeFileHandle file, long offset, long length) => _ = SyncFileRange(file, offset, length, SyncFileRangeWrite);

    static int OpenDirectory(string path)
    {
        int descriptor = Open(path, ReadOnly);
        return descriptor >= 0 ? descriptor
            : throw new DirectoryNotFoundException($"The directory '{path}' can't be opened: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "syncfs")]
    private static partial int SyncFs(int descriptor);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);
}
