using System.Numerics;

namespace SoftSeg.SegEngine;

/// <summary>For every sample of an axis, the source voxels that it is made of and their weights, which sum to 1.</summary>
sealed class AxisWeights
{
    readonly int[] _first;
    readonly float[][] _weights;

    AxisWeights(int[] first, float[][] weights) => (_first, _weights) = (first, weights);

    public static AxisWeights For(int count, AxisSampling sampling)
    {
        var first = new int[sampling.Count];
        var weights = new float[sampling.Count][];
        for (var k = 0; k < sampling.Count; k++)
        {
            var centre = sampling.ToSource(k);
            (first[k], weights[k]) = sampling.Step > 1 ? Area(count, centre, sampling.Step) : Linear(count, centre);
        }
        return new AxisWeights(first, weights);
    }

    /// <summary>The first source voxel of a sample, and the weights from there on.</summary>
    public (int First, float[] Weights) this[int sample] => (_first[sample], _weights[sample]);

    /// <summary>The first and last source voxel that any sample reads.</summary>
    public (int First, int Last) Reach()
    {
        var last = 0;
        for (var k = 0; k < _first.Length; k++)
            last = Math.Max(last, _first[k] + _weights[k].Length - 1);
        return (_first.Min(), last);
    }

    /// <summary>All samples along contiguous voxels.</summary>
    public void Dot(ReadOnlySpan<float> voxels, Span<float> samples)
    {
        for (var k = 0; k < samples.Length; k++)
        {
            var weights = _weights[k];
            var part = voxels.Slice(_first[k], weights.Length);
            var sum = 0f;
            for (var n = 0; n < weights.Length; n++)
                sum += weights[n] * part[n];
            samples[k] = sum;
        }
    }

    /// <summary>Sample <paramref name="k"/> for a whole line of <paramref name="inner"/> neighbours at once.</summary>
    public void Sum(float[] source, int offset, int inner, int k, Span<float> line)
    {
        var weights = _weights[k];
        for (var n = 0; n < weights.Length; n++)
        {
            var from = source.AsSpan((offset + _first[k] + n) * inner, inner);
            var weight = weights[n];
            var i = 0;
            for (; n > 0 && i <= inner - Vector<float>.Count; i += Vector<float>.Count)
                (new Vector<float>(line[i..]) + (new Vector<float>(from[i..]) * weight)).CopyTo(line[i..]);
            for (; i < inner; i++)
                line[i] = n == 0 ? from[i] * weight : line[i] + (from[i] * weight);
        }
    }

    static (int, float[]) Linear(int count, double centre)
    {
        var clamped = Math.Clamp(centre, 0, count - 1);
        var low = Math.Min((int)clamped, Math.Max(0, count - 2));
        var fraction = (float)(clamped - low);
        return fraction == 0 ? (low, [1f]) : (low, [1 - fraction, fraction]);
    }

    static (int, float[]) Area(int count, double centre, double width)
    {
        // Voxel i is the box [i - 0.5, i + 0.5]; what reaches over an end counts for the last voxel there.
        var (begin, end) = (centre - (width / 2) + 0.5, centre + (width / 2) + 0.5);
        var low = Math.Clamp((int)Math.Floor(begin), 0, count - 1);
        var high = Math.Clamp((int)Math.Ceiling(end) - 1, low, count - 1);
        var weights = new float[high - low + 1];
        for (var i = low; i <= high; i++)
        {
            var from = i == 0 ? begin : Math.Max(begin, i);
            var to = i == count - 1 ? end : Math.Min(end, i + 1);
            weights[i - low] = (float)(Math.Max(0, to - from) / width);
        }
        return (low, weights);
    }
}
