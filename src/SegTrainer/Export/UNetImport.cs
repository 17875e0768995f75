using System.Runtime.InteropServices;
using Google.Protobuf;
using SoftSeg.SegTrainer.Export.Onnx;
using SoftSeg.SegTrainer.Networks;
using SoftSeg.SegTrainer.Training;

namespace SoftSeg.SegTrainer.Export;

/// <summary>
/// Reads a U-Net back from what <see cref="UNetExport"/> wrote. The normalisations come back as nothing but their shifts (scale 1, mean 0,
/// variance 1): as exact as the export, but to be trained on they need the statistics of images (<see cref="UNet.Renormalise"/>).
/// </summary>
static class UNetImport
{
    /// <param name="onnx">The file's bytes.</param>
    /// <exception cref="TrainingException">It holds no such network; the message says what is missing.</exception>
    public static (UNetSpec Spec, float[] Parameters, float[] Statistics, bool BothPolarities) FromOnnx(ReadOnlyMemory<byte> onnx)
    {
        var graph = Read(onnx);
        var tensors = graph.Initializer.ToDictionary(tensor => tensor.Name);
        var encoder = Enumerable.Range(0, tensors.Count).Select(level => tensors.GetValueOrDefault($"encoder{level}.0.conv.weight")).TakeWhile(kernel => kernel is not null).ToArray();
        if (encoder.Length < 2)
            throw new TrainingException("It holds no U-Net of this program: the kernels 'encoder0.0.conv.weight' and 'encoder1.0.conv.weight' are not in it.");
        var spec = new UNetSpec(encoder[0]!.Dims.Count - 2, [.. encoder.Select(kernel => (int)kernel!.Dims[0])], tensors.ContainsKey("encoder0.pixel.weight"));
        var parameters = new float[spec.ParameterCount];
        var at = 0;
        foreach (var slot in spec.Kernels.Concat(spec.Vectors))
        {
            var values = parameters.AsSpan(at, (int)slot.Count);
            if (slot.Name.EndsWith(".norm.weight", StringComparison.Ordinal))
                values.Fill(1);
            else
                Values(slot.Name.Replace(".norm.bias", ".conv.bias", StringComparison.Ordinal), slot.Shape).CopyTo(values);
            at += values.Length;
        }
        var statistics = new float[spec.StatisticCount];
        statistics.AsSpan(statistics.Length / 2).Fill((float)(1 - UNet.Epsilon));
        return (spec, parameters, statistics, graph.Node.Any(node => node.Name == OnnxGraph.BothSignsName));

        ReadOnlySpan<float> Values(string name, long[] shape) =>
            tensors.TryGetValue(name, out var tensor) && tensor.Dims.SequenceEqual(shape) && tensor.RawData.Length == sizeof(float) * shape.Aggregate(1L, (a, b) => a * b)
                ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span)
                : throw new TrainingException($"It holds no U-Net of this program: '{name}' of {string.Join(" x ", shape)} is not in it.");
    }

    static GraphProto Read(ReadOnlyMemory<byte> onnx)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(onnx.Span).Graph ?? new GraphProto();
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new TrainingException($"It is no ONNX model: {error.Message}", error);
        }
    }
}
