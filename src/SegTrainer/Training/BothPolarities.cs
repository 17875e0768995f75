using System.Numerics.Tensors;

namespace SoftSeg.SegTrainer.Training;

/// <summary>Turns the sign of every second image at random: normalised images have their local mean at 0, so bright becomes dark and what is beyond the field of view stays 0.</summary>
sealed class BothPolarities(ISampleSource source) : ISampleSource
{
    public int[] Shape => source.Shape;

    public void Draw(Random random, Span<float> image, Span<float> share, Span<float> weight)
    {
        source.Draw(random, image, share, weight);
        if (random.Next(2) == 1)
            TensorPrimitives.Negate(image, image);
    }
}
