using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Networks;

namespace SoftSeg.SegTrainer.Tests;

/// <summary>A bright ball at a random place in noise; every fourth sample has none. The share is its soft edge.</summary>
sealed class ToySource(params int[] shape) : ISampleSource
{
    public int[] Shape => shape;

    public AcquiredPixel Draw(Random random, Span<float> image, Span<float> share, Span<float> weight)
    {
        var centre = shape.Select(side => side * (0.3 + (0.4 * random.NextDouble()))).ToArray();
        var radius = random.Next(4) == 0 ? -10 : shape.Min() * 0.2;
        for (var i = 0; i < image.Length; i++)
        {
            var (rest, squared) = (i, 0.0);
            for (var axis = shape.Length - 1; axis >= 0; axis--)
            {
                squared += Math.Pow((rest % shape[axis]) - centre[axis], 2);
                rest /= shape[axis];
            }

            share[i] = (float)Math.Clamp(radius - Math.Sqrt(squared) + 0.5, 0, 1);
            image[i] = (2 * share[i]) + (float)(random.NextDouble() - 0.5);
            weight[i] = 1;
        }
        return new(random.Next(1, 4), 1);
    }
}

/// <summary>libtorch is started once for all tests that need it, on one thread so that sums repeat exactly.</summary>
public sealed class LibTorchFixture
{
    public LibTorchFixture() => LibTorch.Start(1);
}

[CollectionDefinition("libtorch", DisableParallelization = true)]
public sealed class LibTorchCollection : ICollectionFixture<LibTorchFixture>;
