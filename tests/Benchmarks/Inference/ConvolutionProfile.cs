using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using SoftSeg.SegEngine;

namespace SoftSeg.Benchmarks.Inference;

/// <summary>Arithmetic and time of a network's convolutions, from ONNX Runtime's own profile.</summary>
static class ConvolutionProfile
{
    const int Side = 128;
    const int Batch = 8;
    const int Batches = 6;

    /// <param name="network">A network with an input "image" of <c>[N,1,H,W]</c>, and perhaps one "pixel" of <c>[1,2,1,1]</c>.</param>
    /// <param name="lanes">Batches side by side, each on one thread, as the segmenter runs them.</param>
    /// <param name="runs">Repetitions; the median of their rates is taken.</param>
    /// <returns>GFLOP a tile; GFLOP/s of all lanes together within convolutions; their part of the network's time.</returns>
    public static (double PerTile, double Rate, double Part) Of(ReadOnlyMemory<byte> network, int lanes, int runs)
    {
        var profiles = new List<(double Operations, double Convolutions, double All)>();
        for (var run = 0; run < runs; run++)
        {
            var sums = new (double Operations, double Convolutions, double All)[lanes];
            Parallel.For(0, lanes, new ParallelOptions { MaxDegreeOfParallelism = lanes }, lane => sums[lane] = Profile(network));
            profiles.Add((sums.Sum(s => s.Operations), sums.Sum(s => s.Convolutions), sums.Sum(s => s.All)));
        }
        var rate = InferenceBenchmark.Median([.. profiles.Select(p => p.Operations / (p.Convolutions / lanes) / 1e9)]);
        return (profiles[0].Operations / (lanes * Batch * Batches) / 1e9, rate, InferenceBenchmark.Median([.. profiles.Select(p => p.Convolutions / p.All)]));
    }

    static (double Operations, double Convolutions, double All) Profile(ReadOnlyMemory<byte> network)
    {
        // The prefix is taken when profiling is switched on.
        var prefix = Path.Combine(Path.GetTempPath(), $"softseg-profile-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}");
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, IntraOpNumThreads = 1, ProfileOutputPathPrefix = prefix, EnableProfiling = true };
        using var session = new InferenceSession(network.ToArray(), options);
        using var image = OrtValue.CreateTensorValueFromMemory(new float[Batch * Side * Side], [Batch, 1, Side, Side]);
        using var pixel = OrtValue.CreateTensorValueFromMemory(new float[AcquiredPixel.Numbers], [1, AcquiredPixel.Numbers, 1, 1]);
        var inputs = new Dictionary<string, OrtValue> { ["image"] = image, ["pixel"] = pixel };
        using var runOptions = new RunOptions();
        // The first one warms up and is taken out of the sums again below.
        for (var batch = 0; batch <= Batches; batch++)
            session.Run(runOptions, session.InputNames, [.. session.InputNames.Select(name => inputs[name])], ["share"]).Dispose();
        var path = session.EndProfiling();
        try
        {
            using var profile = JsonDocument.Parse(File.ReadAllBytes(path));
            return Sum([.. profile.RootElement.EnumerateArray().Where(e => e.GetProperty("cat").GetString() == "Node" && e.GetProperty("name").GetString()!.EndsWith("_kernel_time", StringComparison.Ordinal))]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    static (double Operations, double Convolutions, double All) Sum(JsonElement[] events)
    {
        (double Operations, double Convolutions, double All) sum = default;
        foreach (var node in events.Skip(events.Length / (Batches + 1)))
        {
            var seconds = node.GetProperty("dur").GetDouble() / 1e6;
            sum.All += seconds;
            var arguments = node.GetProperty("args");
            if (arguments.GetProperty("op_name").GetString() is not ("Conv" or "FusedConv"))
                continue;
            sum.Convolutions += seconds;
            var (weights, output) = (Shape(arguments.GetProperty("input_type_shape")[1]), Shape(arguments.GetProperty("output_type_shape")[0]));
            // Each output takes a multiplication and an addition for each weight of its channel.
            sum.Operations += 2.0 * output.Aggregate(1L, (product, side) => product * side) * weights.Skip(1).Aggregate(1L, (product, side) => product * side);
        }
        return sum.Convolutions > 0 ? sum : throw new UnreachableException("The profile names no convolution.");
    }

    static long[] Shape(JsonElement typed) => [.. typed.EnumerateObject().Single().Value.EnumerateArray().Select(side => side.GetInt64())];
}
