using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Training;

/// <summary>Draws from one source, and from another with a given chance.</summary>
/// <param name="first">The usual source.</param>
/// <param name="second">The other; of the same shape.</param>
/// <param name="chance">Chance of a sample from <paramref name="second"/>, 0..1.</param>
sealed class MixedSamples(ISampleSource first, ISampleSource second, double chance) : ISampleSource
{
    public int[] Shape => first.Shape;

    public AcquiredPixel Draw(Random random, Span<float> image, Span<float> share, Span<float> weight) =>
        (random.NextDouble() < chance ? second : first).Draw(random, image, share, weight);
}
