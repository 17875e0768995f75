using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>Finds the interval that holds 95 % of the area errors of simulated slices, and how often it holds others.</summary>
static class AreaCalibration
{
    const double Coverage = 0.95;
    const int Side = 128;
    const int Batch = 16;

    /// <summary>Least true area of a slice that counts, mm2.</summary>
    const double LeastArea = 15;

    static readonly double FaintPeak = new MorphometryOptions().FaintPeak;

    /// <summary>One simulated slice.</summary>
    /// <param name="Error">|predicted area - true area| over the predicted area.</param>
    /// <param name="Haze"><see cref="AreaInterval.HazeOf"/> of the predicted shares.</param>
    internal readonly record struct Slice(double Error, double Haze);

    /// <summary>Draws slices whose cord lies wholly in view and is seen, and has the fine network predict them.</summary>
    /// <param name="onnx">The fine network.</param>
    /// <param name="data">Outlines for the synthesis.</param>
    /// <param name="count">How many slices.</param>
    /// <param name="seed">Seed of the first.</param>
    public static List<Slice> Simulate(string onnx, TrainingData data, int count, int seed)
    {
        using var session = new InferenceSession(onnx);
        var source = new FineSamples(data, Side) { RealShare = 0, NegativeShare = 0.01 };
        var slices = new List<Slice>(count);
        float[] image = new float[Batch * Side * Side], truth = new float[Batch * Side * Side], weight = new float[Side * Side];
        while (slices.Count < count)
        {
            for (var n = 0; n < Batch; n++)
            {
                // Until one comes that counts.
                do
                    source.Draw(new Random(seed++), image.AsSpan(n * Side * Side, Side * Side), truth.AsSpan(n * Side * Side, Side * Side), weight);
                while (!Counts(truth.AsSpan(n * Side * Side, Side * Side), weight));
            }
            using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("image", new DenseTensor<float>(image, [Batch, 1, Side, Side]))]);
            var shares = outputs[0].AsTensor<float>().ToArray();
            for (var n = 0; n < Batch && slices.Count < count; n++)
            {
                var share = shares.AsSpan(n * Side * Side, Side * Side);
                // The measurement withholds such slices itself.
                if (TensorPrimitives.Max<float>(share) < FaintPeak)
                    continue;
                var (area, known) = (Sum(share), Sum(truth.AsSpan(n * Side * Side, Side * Side)));
                slices.Add(new Slice(Math.Abs(area - known) / Math.Max(area, 1e-6), AreaInterval.HazeOf(share)));
            }
        }
        return slices;
    }

    /// <summary>Of the intervals that hold 95 % of the slices the one that is narrowest on average.</summary>
    public static AreaInterval Fit(IReadOnlyList<Slice> slices)
    {
        var best = new AreaInterval(1, 0);
        var least = double.PositiveInfinity;
        for (var ratio = 0.005; ratio < 2; ratio *= 1.15)
        {
            var scaled = slices.Select(slice => slice.Error / (ratio + slice.Haze)).Order().ToArray();
            var scale = scaled[Math.Min(scaled.Length - 1, (int)Math.Ceiling(Coverage * scaled.Length) - 1)];
            var width = slices.Average(slice => scale * (ratio + slice.Haze));
            if (width < least)
                (best, least) = (new AreaInterval(scale * ratio, scale), width);
        }
        return best;
    }

    /// <summary>Part of the slices whose error lies within the interval.</summary>
    public static double CoverageOf(AreaInterval interval, IReadOnlyList<Slice> slices) =>
        slices.Average(slice => slice.Error <= interval.Offset + (interval.Slope * slice.Haze) ? 1.0 : 0.0);

    static bool Counts(ReadOnlySpan<float> truth, float[] weight)
    {
        if (Sum(truth) * FineInput.PixelSpacing * FineInput.PixelSpacing < LeastArea)
            return false;
        for (var n = 0; n < truth.Length; n++)
        {
            var (row, column) = (n / Side, n % Side);
            // Far enough from the tile's border and from the field of view's.
            if (truth[n] > 0 && (weight[n] == 0 || row < 24 || column < 24 || row >= Side - 24 || column >= Side - 24))
                return false;
        }
        return true;
    }

    static double Sum(ReadOnlySpan<float> shares)
    {
        double sum = 0;
        foreach (var share in shares)
            sum += share;
        return sum;
    }
}
