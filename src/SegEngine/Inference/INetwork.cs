namespace SoftSeg.SegEngine;

/// <summary>A network from an image to a share map of the same shape; safe for several threads at once.</summary>
public interface INetwork
{
    /// <param name="image">Normalised input in C order.</param>
    /// <param name="shape"><c>[N,1,H,W]</c> or <c>[N,1,D,H,W]</c>; spatial sides are multiples of 8.</param>
    /// <param name="pixel">The acquired pixel of every image; networks without an input for it do not look at it.</param>
    /// <returns>Shares 0..1, in the input's order.</returns>
    float[] Run(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default);

    /// <summary>The same for tiles whose border tells nothing, as it lacks its surroundings: a network that can does without it, which takes less time.</summary>
    /// <returns>Shares of the middle of each tile, which is as high as wide, or of all of it.</returns>
    float[] RunMiddle(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default) => Run(image, shape, pixel);
}
