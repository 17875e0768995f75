using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Networks;

/// <summary>One tensor of a network inside the flat vector of all its parameters.</summary>
/// <param name="Name">For example <c>encoder0.conv1.weight</c>.</param>
/// <param name="Shape">Shape in libtorch's order (output channel, input channel, kernel).</param>
/// <param name="FanIn">Inputs of one output value, for He initialisation; 0 for what is not a convolution's kernel.</param>
sealed record ParameterSlot(string Name, long[] Shape, int FanIn)
{
    public long Count => Shape.Aggregate(1L, (product, side) => product * side);
}

/// <summary>
/// The shape of a U-Net: per level two 3-wide convolutions, each with batch normalisation and ReLU; levels joined by max-pooling
/// on the way down and 2-wide transposed convolutions (without bias: a normalisation follows) on the way up; a 1-wide convolution and a sigmoid as head.
/// One input channel (the normalised image), one output channel (the share).
/// </summary>
/// <param name="dimensions">2 or 3 spatial axes.</param>
/// <param name="features">Channels of each level, finest first.</param>
/// <param name="pixel">
/// The network is told how large the acquired pixels are (<see cref="AcquiredPixel"/>): each level's first convolution gets a linear function of it added to
/// its channels. It is the same for all of an image, so that no share comes to depend on where a tile ends.
/// </param>
sealed class UNetSpec(int dimensions, int[] features, bool pixel = false)
{
    /// <summary>2 or 3 spatial axes.</summary>
    public int Dimensions { get; } = dimensions;

    /// <summary>Channels of each level, finest first.</summary>
    public int[] Features { get; } = features;

    /// <summary>Whether the network is told how large the acquired pixels are.</summary>
    public bool Pixel { get; } = pixel;

    /// <summary>Every side of the input must be a multiple of this.</summary>
    public int Divisor => 1 << (Features.Length - 1);

    public int Levels => Features.Length;

    /// <summary>For example <c>2D 16-32-64-128</c>, with <c> pixel</c> behind it where it is told of that.</summary>
    public string Describe() => $"{Dimensions}D {string.Join('-', Features)}{(Pixel ? " pixel" : "")}";

    /// <summary>Kernels, which are used in bf16 and decay.</summary>
    public IReadOnlyList<ParameterSlot> Kernels { get; } = [.. ListKernels(dimensions, features)];

    /// <summary>Scales, shifts, weights of the acquired pixel and biases, which stay in fp32 and do not decay.</summary>
    public IReadOnlyList<ParameterSlot> Vectors { get; } = [.. ListVectors(dimensions, features, pixel)];

    /// <summary>Batch normalisations in the order of the forward pass, with their channels.</summary>
    public IReadOnlyList<(string Name, int Channels)> Norms { get; } = [.. ListNorms(features)];

    public long KernelCount => Kernels.Sum(slot => slot.Count);

    public long VectorCount => Vectors.Sum(slot => slot.Count);

    public long ParameterCount => KernelCount + VectorCount;

    /// <summary>Running means, then running variances, of all normalisations.</summary>
    public long StatisticCount => 2 * Norms.Sum(norm => (long)norm.Channels);

    static IEnumerable<(string Name, int In, int Out)> Blocks(int[] features)
    {
        for (var level = 0; level < features.Length; level++)
        {
            yield return ($"encoder{level}.0", level == 0 ? 1 : features[level - 1], features[level]);
            yield return ($"encoder{level}.1", features[level], features[level]);
        }

        for (var level = features.Length - 2; level >= 0; level--)
        {
            yield return ($"decoder{level}.0", 2 * features[level], features[level]);
            yield return ($"decoder{level}.1", features[level], features[level]);
        }
    }

    static IEnumerable<ParameterSlot> ListKernels(int dimensions, int[] features)
    {
        foreach (var (name, input, output) in Blocks(features))
            yield return Kernel($"{name}.conv", output, input, 3, dimensions, input * (int)Math.Pow(3, dimensions));
        // A transposed kernel is [input, output, ...]; with stride 2 and width 2 each output sees one position of each input channel.
        for (var level = features.Length - 2; level >= 0; level--)
            yield return Kernel($"up{level}", features[level + 1], features[level], 2, dimensions, features[level + 1]);
        yield return Kernel("head", 1, features[0], 1, dimensions, features[0]);
    }

    static ParameterSlot Kernel(string name, int first, int second, int width, int dimensions, int fanIn) =>
        new($"{name}.weight", [first, second, .. Enumerable.Repeat((long)width, dimensions)], fanIn);

    static IEnumerable<ParameterSlot> ListVectors(int dimensions, int[] features, bool pixel)
    {
        foreach (var (name, _, output) in Blocks(features))
        {
            yield return new($"{name}.norm.weight", [output], 0);
            yield return new($"{name}.norm.bias", [output], 0);
        }

        for (var level = 0; pixel && level < features.Length; level++)
            yield return new($"encoder{level}.pixel.weight", [features[level], AcquiredPixel.Numbers, .. Enumerable.Repeat(1L, dimensions)], 0);
        yield return new("head.bias", [1], 0);
    }

    static IEnumerable<(string Name, int Channels)> ListNorms(int[] features) =>
        Blocks(features).Select(block => ($"{block.Name}.norm", block.Out));
}
