using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Segmentations;

/// <summary>The frames of one segmentation: 8-bit pixels of the source slices that are written, ascending.</summary>
/// <param name="Slices">Indices of the source slices.</param>
/// <param name="Pixels">Pixels <c>[frame, row, column]</c>: 0 or 1 for hard masks, 0..255 for the soft one.</param>
sealed record SegmentFrames(IReadOnlyList<int> Slices, byte[] Pixels)
{
    /// <summary>The voxels with a share of at least 0.5, as 0 and 1.</summary>
    public static byte[] Threshold(Volume share)
    {
        var voxels = Checked(share);
        var pixels = new byte[voxels.Length];
        for (var i = 0; i < voxels.Length; i++)
            pixels[i] = voxels[i] >= 0.5f ? (byte)1 : (byte)0;
        return pixels;
    }

    /// <summary>The shares in steps of 1/255, rounded to the nearest.</summary>
    public static byte[] Quantise(Volume share)
    {
        var voxels = Checked(share);
        var pixels = new byte[voxels.Length];
        for (var i = 0; i < voxels.Length; i++)
            pixels[i] = (byte)((voxels[i] * 255f) + 0.5f);
        return pixels;
    }

    /// <summary>Leaves out the slices without a pixel, but never all of them.</summary>
    /// <param name="pixels">Pixels <c>[slice, row, column]</c> of all slices.</param>
    /// <param name="keepEmpty">Keep the empty slices too.</param>
    /// <param name="evenNumber">Add an empty slice next to the others where that makes the number even.</param>
    public static SegmentFrames Select(byte[] pixels, Volume grid, bool keepEmpty, bool evenNumber)
    {
        var size = grid.Rows * grid.Columns;
        var slices = new List<int>();
        for (var slice = 0; slice < grid.Slices; slice++)
        {
            if (keepEmpty || pixels.AsSpan(slice * size, size).ContainsAnyExcept((byte)0))
                slices.Add(slice);
        }
        if (slices.Count == 0)
            slices.Add(grid.Slices / 2);
        if (evenNumber && slices.Count % 2 == 1)
            AddNeighbour(slices, grid.Slices);

        if (slices.Count == grid.Slices)
            return new SegmentFrames(slices, pixels);
        var kept = new byte[slices.Count * size];
        for (var i = 0; i < slices.Count; i++)
            pixels.AsSpan(slices[i] * size, size).CopyTo(kept.AsSpan(i * size));
        return new SegmentFrames(slices, kept);
    }

    static void AddNeighbour(List<int> slices, int total)
    {
        if (slices[^1] + 1 < total)
            slices.Add(slices[^1] + 1);
        else if (slices[0] > 0)
            slices.Insert(0, slices[0] - 1);
        else if (Enumerable.Range(0, total).Except(slices).Cast<int?>().FirstOrDefault() is int gap)
            slices.Insert(slices.FindIndex(s => s > gap), gap);
    }

    static ReadOnlySpan<float> Checked(Volume share)
    {
        foreach (var value in share.Voxels)
        {
            // NaN fails both comparisons.
            if (!(value >= 0f && value <= 1f))
                throw new ArgumentException($"A share lies in 0..1; the mask has a voxel of {value}.", nameof(share));
        }
        return share.Voxels;
    }
}
