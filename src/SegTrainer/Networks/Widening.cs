namespace SoftSeg.SegTrainer.Networks;

/// <summary>
/// Brings the weights of a trained U-Net to one with more channels that answers the same: every further channel repeats one of the
/// trained ones, and what reads a repeated channel weighs its copies by random parts that sum up to the whole (after Chen,
/// Goodfellow and Shlens, "Net2Net", ICLR 2016, section 2.2). Copies get different gradients by these parts, and grow apart.
/// </summary>
static class Widening
{
    /// <param name="from">The trained network.</param>
    /// <param name="parameters">Its parameters, flat.</param>
    /// <param name="statistics">Its running means and variances, flat.</param>
    /// <param name="to">The wanted network: as many axes and levels, and at each level at least as many channels.</param>
    /// <param name="seed">Decides the parts.</param>
    /// <exception cref="ArgumentException">The networks do not fit.</exception>
    public static (float[] Parameters, float[] Statistics) Apply(UNetSpec from, ReadOnlySpan<float> parameters, ReadOnlySpan<float> statistics, UNetSpec to, int seed)
    {
        if (from.Dimensions != to.Dimensions || (from.Pixel && !to.Pixel) || from.Levels != to.Levels || from.Features.Zip(to.Features).Any(pair => pair.First > pair.Second))
            throw new ArgumentException($"A network of {from.Describe()} can't be widened to {to.Describe()}: that needs as many axes and levels, and at least as many channels at each level.");
        var random = new Random(seed);
        var wide = new float[to.ParameterCount];
        var (read, written) = (0, 0);
        var trained = new Dictionary<string, (ParameterSlot Slot, int At)>();
        foreach (var slot in from.Kernels.Concat(from.Vectors))
        {
            trained[slot.Name] = (slot, read);
            read += (int)slot.Count;
        }
        foreach (var slot in to.Kernels.Concat(to.Vectors))
        {
            // What a network was not told of so far has no weight at first.
            if (trained.TryGetValue(slot.Name, out var old))
                Repeat(old.Slot, parameters.Slice(old.At, (int)old.Slot.Count), slot, wide.AsSpan(written, (int)slot.Count), random);
            written += (int)slot.Count;
        }
        var wideStatistics = new float[to.StatisticCount];
        (read, written) = (0, 0);
        foreach (var (old, norm) in from.Norms.Concat(from.Norms).Zip(to.Norms.Concat(to.Norms)))
        {
            for (var channel = 0; channel < norm.Channels; channel++)
                wideStatistics[written + channel] = statistics[read + (channel % old.Channels)];
            (read, written) = (read + old.Channels, written + norm.Channels);
        }
        return (wide, wideStatistics);
    }

    static void Repeat(ParameterSlot old, ReadOnlySpan<float> values, ParameterSlot slot, Span<float> wide, Random random)
    {
        if (slot.FanIn == 0)
        {
            for (var n = 0; n < wide.Length; n++)
                wide[n] = values[n % values.Length];
            return;
        }
        // A transposed kernel names its input channels first.
        var transposed = slot.Name.StartsWith("up", StringComparison.Ordinal);
        var (oldInputs, oldOutputs) = transposed ? ((int)old.Shape[0], (int)old.Shape[1]) : ((int)old.Shape[1], (int)old.Shape[0]);
        var (inputs, outputs) = transposed ? ((int)slot.Shape[0], (int)slot.Shape[1]) : ((int)slot.Shape[1], (int)slot.Shape[0]);
        // A decoder's first kernel reads the skip's channels, then as many from below.
        var halves = slot.Name.StartsWith("decoder", StringComparison.Ordinal) && slot.Name.EndsWith(".0.conv.weight", StringComparison.Ordinal) ? 2 : 1;
        var (part, oldPart) = (inputs / halves, oldInputs / halves);
        var width = (int)(old.Count / (oldInputs * oldOutputs));
        for (var output = 0; output < outputs; output++)
        {
            var weights = Parts(part, oldPart, halves, random);
            for (var input = 0; input < inputs; input++)
            {
                var oldInput = (input / part * oldPart) + (input % part % oldPart);
                var source = values.Slice(At(oldInput, output % oldOutputs, oldInputs, oldOutputs), width);
                System.Numerics.Tensors.TensorPrimitives.Multiply(source, weights[input], wide.Slice(At(input, output, inputs, outputs), width));
            }
        }

        int At(int input, int output, int of, int outOf) => (transposed ? (input * outOf) + output : (output * of) + input) * width;
    }

    /// <summary>For every input channel its part of the channel that it repeats; the parts of one channel's copies sum up to 1.</summary>
    static float[] Parts(int part, int oldPart, int halves, Random random)
    {
        var parts = new float[part * halves];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = part == oldPart ? 1 : (float)(0.1 + random.NextDouble());
        for (var half = 0; half < halves; half++)
        {
            for (var channel = 0; channel < oldPart; channel++)
            {
                var sum = 0f;
                for (var copy = channel; copy < part; copy += oldPart)
                    sum += parts[(half * part) + copy];
                for (var copy = channel; copy < part; copy += oldPart)
                    parts[(half * part) + copy] /= sum;
            }
        }
        return parts;
    }
}
