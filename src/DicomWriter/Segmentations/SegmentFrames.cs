using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Segmentations;

/// <summary>The frames of one segmentation: 8-bit pixels of the source slices that are written, ascending.</summary>
/// <param name="Slices">Indices of the source slices.</param>
/// <param name="Pixels">Pixels <c>[frame, row, column]</c>.</param>
sealed record SegmentFrames(IReadOnlyList<int> Slices, byte[] Pixels)
{
    /// <summary>1 for a share of at least 0.5, else 0.</summary>
    public static byte Threshold(float share) => share >= 0.5f ? (byte)1 : (byte)0;

    /// <summary>The share in steps of 1/255, rounded to the nearest.</summary>
    public static byte Quantise(float share) => (byte)((share * 255f) + 0.5f);

    /// <summary>Leaves out the slices without a pixel, but never all of them.</summary>
    /// <param name="toPixel">Share to pixel: 0 to 0, and never falling.</param>
    /// <param name="keepEmpty">Keep the empty slices too.</param>
    /// <exception cref="ArgumentException">The mask has a value outside 0..1.</exception>
    public static SegmentFrames Of(Volume softMask, Func<float, byte> toPixel, bool keepEmpty)
    {
        var maxima = SliceMaxima.Of(softMask);
        var slices = Enumerable.Range(0, softMask.Slices).Where(s => keepEmpty || toPixel(maxima[s]) != 0).ToList();
        if (slices.Count == 0)
            slices.Add(softMask.Slices / 2);
        return Take(softMask, toPixel, slices);
    }

    /// <summary>The same frames and an empty one next to them; null where no slice is left.</summary>
    public SegmentFrames? WithNeighbour(Volume softMask, Func<float, byte> toPixel)
    {
        var slices = Slices.ToList();
        if (slices[^1] + 1 < softMask.Slices)
            slices.Add(slices[^1] + 1);
        else if (slices[0] > 0)
            slices.Insert(0, slices[0] - 1);
        else if (Enumerable.Range(0, softMask.Slices).Except(slices).Cast<int?>().FirstOrDefault() is int gap)
            slices.Insert(slices.FindIndex(s => s > gap), gap);
        else
            return null;
        return Take(softMask, toPixel, slices);
    }

    static SegmentFrames Take(Volume softMask, Func<float, byte> toPixel, List<int> slices)
    {
        var size = softMask.Rows * softMask.Columns;
        var pixels = new byte[checked(slices.Count * size)];
        for (var i = 0; i < slices.Count; i++)
        {
            var shares = softMask.Slice(slices[i]);
            var frame = pixels.AsSpan(i * size, size);
            for (var j = 0; j < shares.Length; j++)
                frame[j] = toPixel(shares[j]);
        }
        return new SegmentFrames(slices, pixels);
    }
}
