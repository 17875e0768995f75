using SoftSeg.DicomNode.Configuration;

namespace SoftSeg.DicomNode.State;

/// <summary>Room on the disk that holds the data directory.</summary>
public sealed class DiskSpace(DataDirectory data, NodeConfiguration configuration)
{
    /// <summary>Below this instances are refused, and the node is not ready.</summary>
    public long Least => (long)configuration.Node.MinFreeMegabytes << 20;

    /// <summary>Bytes that this process may still write.</summary>
    public long Free => new DriveInfo(data.Root).AvailableFreeSpace;

    public long Total => new DriveInfo(data.Root).TotalSize;
}
