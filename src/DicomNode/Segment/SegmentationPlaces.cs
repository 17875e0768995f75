using SoftSeg.DicomNode.Configuration;

namespace SoftSeg.DicomNode.Segment;

/// <summary>Lets segmentations run side by side as far as memory and device bear it. One alone always runs: it may need less than was estimated.</summary>
public sealed class SegmentationPlaces(NodeConfiguration configuration)
{
    /// <summary>What the networks take beside the volumes, once for each segmentation: the locator's slab and the batches of the fine network.</summary>
    internal const long Networks = 600L << 20;

    /// <summary>
    /// Bytes for each voxel of the series over that: image, canonical copy, fine grid, shares and masks. 17 to 27 were measured (docs/measurements.md); the rest is for
    /// the search of the whole field of view and for what is written.
    /// </summary>
    internal const long PerVoxel = 40;

    readonly Lock gate = new();
    readonly List<Place> taken = [];

    /// <summary>Estimate of the peak of a segmentation.</summary>
    public static long Estimate(long voxels) => Networks + (PerVoxel * voxels);

    /// <summary>Waits for a place; disposing the answer gives it back.</summary>
    /// <param name="bytes">What the segmentation takes, by <see cref="Estimate"/>.</param>
    /// <param name="onDevice">It runs on a GPU, whose memory serves one.</param>
    public IDisposable Take(long bytes, bool onDevice, CancellationToken cancellationToken)
    {
        var place = new Place(this, bytes, onDevice);
        while (!TryTake(place))
            cancellationToken.WaitHandle.WaitOne(100);
        cancellationToken.ThrowIfCancellationRequested();
        return place;

        bool TryTake(Place wanted)
        {
            lock (gate)
            {
                if (cancellationToken.IsCancellationRequested)
                    return true;
                if (taken.Count > 0 && (taken.Sum(other => other.Bytes) + wanted.Bytes > Budget || (wanted.OnDevice && taken.Exists(other => other.OnDevice))))
                    return false;
                taken.Add(wanted);
                return true;
            }
        }
    }

    long Budget => configuration.Jobs.MemoryMegabytes > 0 ? (long)configuration.Jobs.MemoryMegabytes << 20 : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3;

    sealed record Place(SegmentationPlaces Places, long Bytes, bool OnDevice) : IDisposable
    {
        public void Dispose()
        {
            lock (Places.gate)
                Places.taken.RemoveAll(other => ReferenceEquals(other, this));
        }
    }
}
