using Microsoft.ML.OnnxRuntime;

namespace SoftSeg.SegEngine;

/// <summary>A network in ONNX Runtime: inputs "image" and, where it asks for it, "pixel" (<see cref="AcquiredPixel"/>); output "share"; float32.</summary>
sealed class OnnxNetwork : INetwork, IDisposable
{
    static readonly string[] Outputs = ["share"];
    static readonly long[] PixelAxes = [1, AcquiredPixel.Numbers, 1, 1];

    readonly InferenceSession _session;
    readonly string _role;
    readonly string[] _inputs;

    /// <exception cref="OnnxRuntimeException">The bytes are no ONNX model, or the provider cannot run it.</exception>
    public OnnxNetwork(string role, ReadOnlyMemory<byte> model, SessionOptions options, int spatialAxes)
    {
        _role = role;
        _session = new InferenceSession(model.ToArray(), options);
        var fits = _session.InputMetadata.TryGetValue("image", out var image) && image.Dimensions.Length == spatialAxes + 2
            && _session.OutputMetadata.TryGetValue("share", out var share) && share.Dimensions.Length == spatialAxes + 2;
        _inputs = _session.InputMetadata.ContainsKey("pixel") ? ["image", "pixel"] : ["image"];
        if (!fits)
        {
            var inputs = string.Join(", ", _session.InputMetadata.Select(m => $"{m.Key}[{string.Join(',', m.Value.Dimensions)}]"));
            var outputs = string.Join(", ", _session.OutputMetadata.Select(m => $"{m.Key}[{string.Join(',', m.Value.Dimensions)}]"));
            _session.Dispose();
            throw new ModelPackageException($"The {role} network must have an input 'image' and an output 'share' of {spatialAxes + 2} axes; it has {inputs} -> {outputs}.");
        }
    }

    public float[] Run(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default)
    {
        var axes = new long[shape.Length];
        for (var a = 0; a < axes.Length; a++)
            axes[a] = shape[a];
        using var input = OrtValue.CreateTensorValueFromMemory(image, axes);
        var numbers = new float[AcquiredPixel.Numbers];
        pixel.Write(numbers);
        using var sides = OrtValue.CreateTensorValueFromMemory(numbers, PixelAxes);
        using var run = new RunOptions();
        using var outputs = _session.Run(run, _inputs, _inputs.Length == 1 ? [input] : [input, sides], Outputs);
        var share = outputs[0].GetTensorDataAsSpan<float>();
        return share.Length == image.Length
            ? share.ToArray()
            : throw new ModelPackageException($"The {_role} network gave {share.Length} shares for {image.Length} pixels.");
    }

    public void Dispose() => _session.Dispose();
}
