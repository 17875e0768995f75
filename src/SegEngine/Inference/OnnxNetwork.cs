using Microsoft.ML.OnnxRuntime;

namespace SoftSeg.SegEngine;

/// <summary>
/// A network in ONNX Runtime: inputs "image" and, where it asks for it, "pixel" (<see cref="AcquiredPixel"/>); output "share"; float32. Where it has an input
/// "middle", int64 with a default, 1 there makes it leave out the border of the shares.
/// </summary>
public sealed class OnnxNetwork : INetwork, IDisposable
{
    static readonly string[] Outputs = ["share"];

    readonly InferenceSession _session;
    readonly string _role;
    readonly string[] _inputs;
    readonly long[] _pixelAxes;
    readonly bool _cuts;

    /// <param name="role">The network's role in a package, for messages.</param>
    /// <param name="model">An ONNX file's bytes.</param>
    /// <param name="options">Provider and threads.</param>
    /// <param name="spatialAxes">2 or 3.</param>
    /// <exception cref="ModelPackageException">The inputs and outputs are others.</exception>
    /// <exception cref="OnnxRuntimeException">The bytes are no ONNX model, or the provider cannot run it.</exception>
    public OnnxNetwork(string role, ReadOnlyMemory<byte> model, SessionOptions options, int spatialAxes)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_role, _pixelAxes) = (role, [1, AcquiredPixel.Numbers, .. Enumerable.Repeat(1L, spatialAxes)]);
        _session = new InferenceSession(model.ToArray(), options);
        var fits = _session.InputMetadata.TryGetValue("image", out var image) && image.Dimensions.Length == spatialAxes + 2
            && _session.OutputMetadata.TryGetValue("share", out var share) && share.Dimensions.Length == spatialAxes + 2;
        _cuts = _session.OverridableInitializerMetadata.ContainsKey("middle");
        _inputs = _session.InputMetadata.ContainsKey("pixel") ? ["image", "pixel"] : ["image"];
        if (!fits)
        {
            var inputs = string.Join(", ", _session.InputMetadata.Select(m => $"{m.Key}[{string.Join(',', m.Value.Dimensions)}]"));
            var outputs = string.Join(", ", _session.OutputMetadata.Select(m => $"{m.Key}[{string.Join(',', m.Value.Dimensions)}]"));
            _session.Dispose();
            throw new ModelPackageException($"The {role} network must have an input 'image' and an output 'share' of {spatialAxes + 2} axes; it has {inputs} -> {outputs}.");
        }
    }

    /// <inheritdoc/>
    public float[] Run(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default) => Run(image, shape, pixel, middle: false);

    /// <inheritdoc/>
    public float[] RunMiddle(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default) => Run(image, shape, pixel, _cuts);

    float[] Run(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel, bool middle)
    {
        ArgumentNullException.ThrowIfNull(image);
        var axes = new long[shape.Length];
        for (var a = 0; a < axes.Length; a++)
            axes[a] = shape[a];
        using var input = OrtValue.CreateTensorValueFromMemory(image, axes);
        var numbers = new float[AcquiredPixel.Numbers];
        pixel.Write(numbers);
        using var sides = OrtValue.CreateTensorValueFromMemory(numbers, _pixelAxes);
        using var one = OrtValue.CreateTensorValueFromMemory<long>([1], [1]);
        using var run = new RunOptions();
        List<string> names = [.. _inputs];
        List<OrtValue> values = names.Count == 1 ? [input] : [input, sides];
        if (middle)
        {
            names.Add("middle");
            values.Add(one);
        }
        using var outputs = _session.Run(run, names, values, Outputs);
        var share = outputs[0].GetTensorDataAsSpan<float>();
        return share.Length == image.Length || (middle && share.Length < image.Length)
            ? share.ToArray()
            : throw new ModelPackageException($"The {_role} network gave {share.Length} shares for {image.Length} pixels.");
    }

    public void Dispose() => _session.Dispose();
}
