namespace SoftSeg.EndToEnd.Tests.Proof;

static class Differences
{
    /// <summary>Every voxel has the value that was written; the message counts those that have not and names the first.</summary>
    public static void AssertNone(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> found, string what)
    {
        Assert.True(expected.ContainsAnyExcept((byte)0), $"{what}: the mask is empty, so it proves nothing.");
        var first = expected.CommonPrefixLength(found);
        if (first == expected.Length && first == found.Length)
            return;
        var different = 0;
        for (var n = 0; n < Math.Min(expected.Length, found.Length); n++)
            different += expected[n] == found[n] ? 0 : 1;
        Assert.Fail($"{what}: {different} of {expected.Length} voxels differ; the first is voxel {first}, expected {expected[first]}, found {found[first]}.");
    }
}
