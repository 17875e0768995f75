using Microsoft.ML.OnnxRuntime;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Networks;
using SoftSeg.SegTrainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace SoftSeg.SegTrainer.Export;

/// <summary>Holds an exported network against the one that was trained.</summary>
static class Agreement
{
    /// <summary>Largest difference of a share that an export may show.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>Runs both on the same random images, of two sizes, and returns the largest difference of a share.</summary>
    public static double LargestDifference(byte[] onnx, UNet network, float[] parameters, float[] statistics, bool bothPolarities = false, int seed = 7)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var exportedNetwork = new OnnxNetwork("exported", onnx, options, network.Spec.Dimensions);
        using var scope = NewDisposeScope();
        var (theta, running) = (tensor(parameters), tensor(statistics));
        var random = new Random(seed);
        var largest = 0.0;
        foreach (var blocks in new[] { 4, 6 })
        {
            int[] shape = [2, 1, .. Enumerable.Range(0, network.Spec.Dimensions).Select(axis => network.Spec.Divisor * (blocks + axis))];
            var image = Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(_ => (float)((random.NextDouble() * 4) - 2)).ToArray();
            var input = tensor(image, [.. shape.Select(side => (long)side)]);
            var acquired = new AcquiredPixel(4 * random.NextDouble(), 4 * random.NextDouble());
            var numbers = new float[AcquiredPixel.Numbers];
            acquired.Write(numbers);
            var pixel = tensor(numbers, [1, numbers.Length, .. Enumerable.Repeat(1L, network.Spec.Dimensions)]);
            var exported = exportedNetwork.Run(image, shape, acquired);
            var share = network.Predict(new(input, pixel), theta, running);
            if (bothPolarities)
                share = (share + network.Predict(new(-input, pixel), theta, running)) / 2;
            var trained = TrainingState.Values(share);
            for (var i = 0; i < trained.Length; i++)
                largest = Math.Max(largest, double.IsNaN(exported[i]) ? double.PositiveInfinity : Math.Abs(exported[i] - trained[i]));
        }

        return largest;
    }

    /// <exception cref="TrainingException">The two differ by more than <see cref="Tolerance"/>.</exception>
    public static double Check(byte[] onnx, UNet network, float[] parameters, float[] statistics, bool bothPolarities = false)
    {
        var difference = LargestDifference(onnx, network, parameters, statistics, bothPolarities);
        return difference <= Tolerance
            ? difference
            : throw new TrainingException($"ONNX Runtime and TorchSharp differ by {difference:G3} in a share; at most {Tolerance:G1} is allowed. The export is wrong.");
    }
}
