namespace SoftSeg.SegEngine;

/// <summary>The range of intensities that all but the few darkest and brightest voxels lie in.</summary>
/// <param name="Low">The 0.5 % quantile.</param>
/// <param name="High">The 99.5 % quantile.</param>
public readonly record struct RobustRange(float Low, float High)
{
    const double Share = 0.005;
    const int MostSamples = 1 << 18;

    /// <summary><c>High - Low</c>; 0 where (almost) all voxels are equal.</summary>
    public float Width => High - Low;

    /// <summary>
    /// The range of voxels in any order; of a large volume, of one voxel in each of as many equal stretches, at a place in it that follows no pattern: equal steps
    /// would walk along one column of a matrix whose size divides them.
    /// </summary>
    public static RobustRange Of(ReadOnlySpan<float> voxels)
    {
        if (voxels.IsEmpty)
            throw new ArgumentException("No voxels, no range.", nameof(voxels));
        float[] sample;
        if (voxels.Length <= MostSamples)
        {
            sample = voxels.ToArray();
        }
        else
        {
            sample = new float[MostSamples];
            var stretch = (uint)(voxels.Length / sample.Length);
            for (var n = 0; n < sample.Length; n++)
                sample[n] = voxels[(int)((long)n * voxels.Length / sample.Length) + (int)(Scattered((uint)n) % stretch)];
        }
        Array.Sort(sample);
        var last = sample.Length - 1;
        return new RobustRange(sample[(int)Math.Round(Share * last)], sample[(int)Math.Round((1 - Share) * last)]);
    }

    /// <summary>A number without a pattern for each number (MurmurHash3's finaliser), the same on every machine.</summary>
    static uint Scattered(uint n)
    {
        n = (n ^ (n >> 16)) * 0x85EBCA6B;
        n = (n ^ (n >> 13)) * 0xC2B2AE35;
        return n ^ (n >> 16);
    }
}
