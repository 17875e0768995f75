using System.Numerics;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter;

/// <summary>The greatest share of each slice: most slices have none, and are done with after this.</summary>
static class SliceMaxima
{
    /// <exception cref="ArgumentException">The mask has a value outside 0..1.</exception>
    public static float[] Of(Volume softMask)
    {
        var maxima = new float[softMask.Slices];
        for (var slice = 0; slice < maxima.Length; slice++)
            maxima[slice] = Of(softMask.Slice(slice));
        return maxima;
    }

    static float Of(ReadOnlySpan<float> shares)
    {
        var greatest = Vector<float>.Zero;
        var i = 0;
        for (; i + Vector<float>.Count <= shares.Length; i += Vector<float>.Count)
        {
            var share = new Vector<float>(shares[i..]);
            // NaN fails both comparisons.
            if (!Vector.GreaterThanOrEqualAll(share, Vector<float>.Zero) || !Vector.LessThanOrEqualAll(share, Vector<float>.One))
                break;
            greatest = Vector.Max(greatest, share);
        }
        var maximum = 0f;
        for (var lane = 0; lane < Vector<float>.Count; lane++)
            maximum = Math.Max(maximum, greatest[lane]);
        for (; i < shares.Length; i++)
        {
            if (!(shares[i] >= 0f && shares[i] <= 1f))
                throw new ArgumentException($"A share lies in 0..1; the mask has a voxel of {shares[i]}.", nameof(shares));
            maximum = Math.Max(maximum, shares[i]);
        }
        return maximum;
    }
}
