namespace SoftSeg.SegTrainer.Data;

/// <summary>Changes the contrast of a real image, from a little gamma to another sequence altogether.</summary>
public static class ContrastChange
{
    /// <summary>Applies a random change.</summary>
    /// <param name="image">About 0..1 (the volume's robust range); stays about there.</param>
    /// <param name="faint">Part of the recoloured cords that become as bright as what surrounds them.</param>
    public static void Apply(Random random, Span<float> image, ReadOnlySpan<float> share, ReadOnlySpan<float> distance, double faint = 0)
    {
        if (random.Chance(0.45))
            Recolour(random, image, share, distance, faint);
        switch (random.NextDouble())
        {
            case < 0.35:
                IntensityTransforms.Gamma(image, random.LogUniform(0.5, 2));
                break;
            case < 0.6:
                IntensityTransforms.Remap(image, random, monotone: true);
                break;
            case < 0.75:
                IntensityTransforms.Remap(image, random, monotone: false);
                break;
            default:
                break;
        }
        if (random.Chance(0.12))
            IntensityTransforms.Invert(image);
    }

    /// <summary>Gives cord and ring new intensities: apart, nearly equal, or the ring gone into what surrounds it.</summary>
    static void Recolour(Random random, Span<float> image, ReadOnlySpan<float> share, ReadOnlySpan<float> distance, double faint)
    {
        var cord = random.Uniform(0.05, 0.95);
        if (faint > 0 && random.Chance(faint))
        {
            // What is left of the cord is its own texture: grey matter.
            IntensityTransforms.Recolour(image, share, distance, cord, random.Uniform(0.8, 2), cord + random.Normal(0.05), random.Uniform(0.8, 5), random.Uniform(0.8, 1));
            return;
        }
        var ring = random.Uniform(0, 1);
        if (random.Chance(0.5))
            ring = cord + ((random.Chance(0.5) ? 1 : -1) * random.Uniform(0.06, 0.2));
        else if (Math.Abs(ring - cord) < 0.08f)
            ring += ring > cord ? 0.1f : -0.1f;
        var width = random.Chance(0.65) ? random.Uniform(0.8, 5) : 0;
        IntensityTransforms.Recolour(image, share, distance, cord, random.Uniform(0.3, 1.5), ring, width, random.Uniform(0.4, 1));
    }
}
