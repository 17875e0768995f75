namespace SoftSeg.DicomNode.State;

/// <summary>Room on the disk that holds the data directory.</summary>
public sealed class DiskSpace(DataDirectory data)
{
    /// <summary>Below this the node is not ready: about two large studies.</summary>
    public const long LeastBytes = 1L << 30;

    /// <summary>Bytes that this process may still write.</summary>
    public long Free => new DriveInfo(data.Root).AvailableFreeSpace;

    public long Total => new DriveInfo(data.Root).TotalSize;
}
