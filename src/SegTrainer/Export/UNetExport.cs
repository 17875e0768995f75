using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Networks;

namespace SoftSeg.SegTrainer.Export;

/// <summary>
/// Writes a trained U-Net as ONNX: input <c>image</c> <c>[batch, 1, (slice,) row, column]</c>, output <c>share</c> of the same shape,
/// batch and sides dynamic; a network that is told of the acquired pixel has an input <c>pixel</c> <c>[1, number, 1, 1]</c> for the whole batch. Each batch normalisation is folded into the convolution in front of it.
/// </summary>
static class UNetExport
{
    /// <summary>How far a level's two convolutions see, pixels: that near to where something was cut off they see nothing instead of it.</summary>
    const long Reach = 2;

    /// <param name="network">The network.</param>
    /// <param name="parameters">All parameters, flat.</param>
    /// <param name="statistics">Running means and variances, flat.</param>
    /// <param name="name">Name of the graph.</param>
    /// <param name="version">Version of the model.</param>
    /// <param name="bothPolarities">
    /// Exports the mean of the shares of the image and of the image upside down: it is the same, to the last bit, for an image and its negative.
    /// </param>
    public static byte[] ToOnnx(UNet network, float[] parameters, float[] statistics, string name, string version, bool bothPolarities = false)
    {
        var spec = network.Spec;
        var weights = network.Unpack(parameters);
        var graph = new OnnxGraph(name);
        (string, long?)[] axes = spec.Dimensions == 3
            ? [("batch", null), ("channel", 1), ("slice", null), ("row", null), ("column", null)]
            : [("batch", null), ("channel", 1), ("row", null), ("column", null)];

        string Block(string input, string block, string? told = null)
        {
            var (kernel, bias, gains) = Fold(spec, weights, statistics, block);
            var features = graph.Convolution(input, $"{block}.conv", kernel, weights[$"{block}.conv.weight"].Shape, bias);
            if (told is not null)
            {
                var (shape, weight) = weights[$"{told}.weight"];
                var added = graph.Convolution("pixel", told, [.. weight.Select((w, n) => w * gains[n / AcquiredPixel.Numbers])], shape);
                features = graph.Add(features, added, $"{told}.added");
            }
            return graph.Relu(features, block);
        }

        var features = graph.Input("image", axes);
        if (spec.Pixel)
            graph.Input("pixel", [("one", 1), ("number", AcquiredPixel.Numbers), .. axes[2..].Select(axis => (axis.Item1, (long?)1))]);
        if (bothPolarities)
            features = graph.BothSigns(features);
        var middle = spec.Dimensions == 2 ? graph.Option("middle", 0) : null;
        string Cut(string input, string name, long pixels) => middle is null ? input : graph.Cut(input, name, pixels, spec.Dimensions, middle);
        var skips = new Stack<string>();
        for (var level = 0; level < spec.Levels; level++)
        {
            if (level > 0)
            {
                skips.Push(features);
                features = graph.MaxPool(features, $"down{level}", spec.Dimensions);
            }

            features = Block(Block(features, $"encoder{level}.0", spec.Pixel ? $"encoder{level}.pixel" : null), $"encoder{level}.1");
        }

        var cut = 0L;
        for (var level = spec.Levels - 2; level >= 0; level--)
        {
            var (shape, kernel) = weights[$"up{level}.weight"];
            cut = 2 * (cut + Reach);
            features = Cut(features, $"cut{level}", Reach);
            features = graph.Concat(Cut(skips.Pop(), $"skip{level}", cut), graph.Transposed(features, $"up{level}", kernel, shape), $"join{level}");
            features = Block(Block(features, $"decoder{level}.0"), $"decoder{level}.1");
        }

        features = Cut(features, "cut", Reach);
        var head = weights["head.weight"];
        var share = graph.Sigmoid(graph.Convolution(features, "head", head.Values, head.Shape, weights["head.bias"].Values), "share");
        if (bothPolarities)
            graph.MeanOfHalves(share);
        graph.Output("share", axes);
        return graph.ToModel(version, $"{name}: share of each voxel that is spinal cord; sides must be multiples of {spec.Divisor}");
    }

    /// <summary>
    /// The kernel and bias that do a convolution and its normalisation in one:
    /// <c>w' = w g / sqrt(v + e)</c>, <c>b' = b - m g / sqrt(v + e)</c> per output channel; and the gains <c>g / sqrt(v + e)</c>, for what else is added in front of the normalisation.
    /// </summary>
    internal static (float[] Kernel, float[] Bias, float[] Gains) Fold(UNetSpec spec, Dictionary<string, (long[] Shape, float[] Values)> weights, float[] statistics, string block)
    {
        var at = 0;
        foreach (var (name, count) in spec.Norms)
        {
            if (name == $"{block}.norm")
                break;
            at += count;
        }

        var (shape, kernel) = weights[$"{block}.conv.weight"];
        var (scales, shifts) = (weights[$"{block}.norm.weight"].Values, weights[$"{block}.norm.bias"].Values);
        var channels = (int)shape[0];
        var inputs = kernel.Length / channels;
        var (folded, bias, gains) = (new float[kernel.Length], new float[channels], new float[channels]);
        for (var channel = 0; channel < channels; channel++)
        {
            var mean = statistics[at + channel];
            var variance = statistics[(statistics.Length / 2) + at + channel];
            var gain = scales[channel] / Math.Sqrt(variance + UNet.Epsilon);
            bias[channel] = (float)(shifts[channel] - (mean * gain));
            gains[channel] = (float)gain;
            for (var i = 0; i < inputs; i++)
                folded[(channel * inputs) + i] = (float)(kernel[(channel * inputs) + i] * gain);
        }

        return (folded, bias, gains);
    }
}
