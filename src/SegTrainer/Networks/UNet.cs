using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SoftSeg.SegTrainer.Networks;

/// <summary>A batch as a network takes it.</summary>
/// <param name="Image"><c>[sample, 1, (slice,) row, column]</c>, fp32.</param>
/// <param name="Pixel"><c>[sample or 1, number, (1,) 1, 1]</c>, fp32 (<see cref="SegEngine.AcquiredPixel.Write"/>); needed by networks that are told of it.</param>
readonly record struct NetworkInput(Tensor Image, Tensor? Pixel = null)
{
    public static implicit operator NetworkInput(Tensor image) => new(image);
}

/// <summary>
/// A U-Net whose parameters are one flat fp32 vector (kernels first, then vectors) and whose running statistics are another, so
/// that the optimizer, the average of the weights and a checkpoint are each a few operations on a vector.
/// Channels come first in memory: libtorch's bf16 convolutions take three times as long backwards with channels last. Where the processor
/// multiplies matrices (AMX) it is the other way round: channels last take a quarter off a step.
/// </summary>
sealed class UNet
{
    const double Momentum = 0.05;
    public const double Epsilon = 1e-5;

    readonly long[] kernelSizes;
    readonly long[] vectorSizes;
    readonly long[] statisticSizes;
    readonly long[] pool;
    readonly long[] one;

    public UNet(UNetSpec spec)
    {
        Spec = spec;
        kernelSizes = [.. spec.Kernels.Select(slot => slot.Count)];
        vectorSizes = [.. spec.Vectors.Select(slot => slot.Count)];
        statisticSizes = [.. spec.Norms.Select(norm => (long)norm.Channels), .. spec.Norms.Select(norm => (long)norm.Channels)];
        pool = [.. Enumerable.Repeat(2L, spec.Dimensions)];
        one = [.. Enumerable.Repeat(1L, spec.Dimensions)];
    }

    public UNetSpec Spec { get; }

    /// <summary>He initialisation of the kernels, scales 1, shifts 0, and the head's bias at the prior's logit.</summary>
    /// <param name="seed">Seed of the initial kernels.</param>
    /// <param name="prior">Expected mean share of a sample, so that the first steps need not learn it.</param>
    public float[] InitialParameters(int seed, double prior)
    {
        var random = new Random(seed);
        var parameters = new float[Spec.ParameterCount];
        var at = 0;
        foreach (var slot in Spec.Kernels)
        {
            // The head starts small: its input has unit scale, and the prior should speak first.
            var deviation = slot.Name == "head.weight" ? 0.1 / Math.Sqrt(slot.FanIn) : Math.Sqrt(2.0 / slot.FanIn);
            for (var i = 0; i < slot.Count; i++)
                parameters[at++] = (float)(deviation * Normal(random));
        }

        foreach (var slot in Spec.Vectors)
        {
            var value = slot.Name.EndsWith("norm.weight", StringComparison.Ordinal) ? 1 : slot.Name == "head.bias" ? Math.Log(prior / (1 - prior)) : 0;
            parameters.AsSpan(at, (int)slot.Count).Fill((float)value);
            at += (int)slot.Count;
        }

        return parameters;
    }

    /// <summary>Running means 0 and variances 1.</summary>
    public float[] InitialStatistics()
    {
        var statistics = new float[Spec.StatisticCount];
        statistics.AsSpan(statistics.Length / 2).Fill(1);
        return statistics;
    }

    /// <summary>The share's logit, fp32, of a batch of images; the share is its sigmoid.</summary>
    /// <param name="input">Images with sides divisible by <see cref="UNetSpec.Divisor"/>.</param>
    /// <param name="parameters">All parameters, fp32, flat.</param>
    /// <param name="statistics">Running means and variances, fp32, flat; updated in place while training.</param>
    /// <param name="training">Normalise with the batch's own statistics.</param>
    /// <param name="precision">Type of the convolutions: BFloat16 or Float32.</param>
    /// <param name="observe">Told what each normalisation receives: its number in <see cref="UNetSpec.Norms"/>, and <c>[sample, channel, ...]</c>.</param>
    public Tensor Forward(NetworkInput input, Tensor parameters, Tensor statistics, bool training, ScalarType precision, Action<int, Tensor>? observe = null)
    {
        var halves = parameters.split([Spec.KernelCount, Spec.VectorCount]);
        var kernels = Views(halves[0].to(precision), kernelSizes, Spec.Kernels);
        var vectors = Views(halves[1], vectorSizes, Spec.Vectors);
        var running = statistics.split(statisticSizes);
        var (kernel, norm) = (0, 0);
        // What the first convolution gives decides the order of all that follows.
        var channelsLast = Spec.Dimensions == 2 && precision == ScalarType.BFloat16 && LibTorch.HasMatrixUnit;

        Tensor Convolve(Tensor x, Tensor? pixel = null)
        {
            x = Convolution(x, kernels[kernel++], one);
            if (pixel is not null)
                x = x + Convolution(input.Pixel!, pixel, null).to(precision);
            if (norm == 0 && channelsLast)
                x = x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
            observe?.Invoke(norm, x);
            x = F.batch_norm(x, running[norm], running[norm + Spec.Norms.Count], vectors[2 * norm], vectors[(2 * norm) + 1], training, Momentum, Epsilon);
            norm++;
            return x.relu_();
        }

        var skips = new Stack<Tensor>();
        var features = input.Image.to(precision);
        for (var level = 0; level < Spec.Levels; level++)
        {
            if (level > 0)
            {
                skips.Push(features);
                features = Spec.Dimensions == 2 ? F.max_pool2d(features, pool) : F.max_pool3d(features, pool);
            }

            features = Convolve(Convolve(features, Spec.Pixel ? vectors[(2 * Spec.Norms.Count) + level] : null));
        }

        var up = Spec.Norms.Count;
        while (skips.TryPop(out var skip))
        {
            features = Transposed(features, kernels[up++]);
            features = Convolve(Convolve(cat([skip, features], 1)));
        }

        return Convolution(features.to(ScalarType.Float32), kernels[up].to(ScalarType.Float32), null, vectors[^1]);
    }

    /// <summary>The share of a batch, 0..1, computed in fp32 as the exported network does.</summary>
    public Tensor Predict(NetworkInput input, Tensor parameters, Tensor statistics, ShareOutput output = ShareOutput.Sigmoid)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return ShareLoss.Activate(Forward(input, parameters, statistics, training: false, ScalarType.Float32), output).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The same function with the running statistics that these images give it: scales and shifts take up the difference, so that training,
    /// which normalises by its batches, begins where the network is.
    /// </summary>
    /// <param name="input">As <see cref="Forward"/> takes it; enough samples for their statistics to stand for all.</param>
    /// <param name="parameters">All parameters, flat.</param>
    /// <param name="statistics">Running means and variances, flat.</param>
    public (float[] Parameters, float[] Statistics) Renormalise(NetworkInput input, float[] parameters, float[] statistics)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var (renormed, observed) = ((float[])parameters.Clone(), (float[])statistics.Clone());
        var (vector, mean, variance) = ((int)Spec.KernelCount, 0, statistics.Length / 2);
        Forward(input, tensor(parameters), tensor(statistics), training: false, ScalarType.Float32, (norm, x) =>
        {
            using var values = NewDisposeScope();
            var others = Enumerable.Range(0, (int)x.dim()).Where(axis => axis != 1).Select(axis => (long)axis).ToArray();
            var (means, variances) = (x.mean(others).data<float>().ToArray(), x.var(others, unbiased: false).data<float>().ToArray());
            var channels = Spec.Norms[norm].Channels;
            for (var channel = 0; channel < channels; channel++)
            {
                ref var scale = ref renormed[vector + channel];
                ref var shift = ref renormed[vector + channels + channel];
                var gain = scale / Math.Sqrt(statistics[variance + channel] + Epsilon);
                shift += (float)((means[channel] - statistics[mean + channel]) * gain);
                scale = (float)(gain * Math.Sqrt(variances[channel] + Epsilon));
                (observed[mean + channel], observed[variance + channel]) = (means[channel], variances[channel]);
            }
            (vector, mean, variance) = (vector + (2 * channels), mean + channels, variance + channels);
        });
        return (renormed, observed);
    }

    /// <summary>The values of every kernel and vector by name.</summary>
    /// <param name="parameters">All parameters, flat, as <see cref="Forward"/> takes them.</param>
    public Dictionary<string, (long[] Shape, float[] Values)> Unpack(ReadOnlySpan<float> parameters)
    {
        var unpacked = new Dictionary<string, (long[], float[])>();
        var at = 0;
        foreach (var slot in Spec.Kernels.Concat(Spec.Vectors))
        {
            unpacked[slot.Name] = (slot.Shape, parameters.Slice(at, (int)slot.Count).ToArray());
            at += (int)slot.Count;
        }

        return unpacked;
    }

    Tensor Convolution(Tensor x, Tensor kernel, long[]? padding, Tensor? bias = null) => Spec.Dimensions == 2
        ? F.conv2d(x, kernel, bias, padding: padding)
        : F.conv3d(x, kernel, bias, padding: padding);

    Tensor Transposed(Tensor x, Tensor kernel) => Spec.Dimensions == 2
        ? F.conv_transpose2d(x, kernel, strides: pool)
        : F.conv_transpose3d(x, kernel, strides: pool);

    static Tensor[] Views(Tensor flat, long[] sizes, IReadOnlyList<ParameterSlot> slots)
    {
        var parts = flat.split(sizes);
        for (var i = 0; i < parts.Length; i++)
            parts[i] = parts[i].view(slots[i].Shape);
        return parts;
    }

    static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
