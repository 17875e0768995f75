using Microsoft.ML.OnnxRuntime;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Export;
using SoftSeg.SegTrainer.Networks;
using SoftSeg.SegTrainer.Training;
using static TorchSharp.torch;

namespace SoftSeg.SegTrainer.Tests;

[Collection("libtorch")]
public sealed class WideningTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("softseg-train").FullName;

    public WideningTests() => manual_seed(1);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(new[] { 4, 6, 8 }, new[] { 4, 6, 8 }, new long[] { 2, 1, 24, 24 })]
    [InlineData(new[] { 4, 6, 8 }, new[] { 4, 9, 19 }, new long[] { 2, 1, 24, 24 })]
    [InlineData(new[] { 6, 8 }, new[] { 9, 12 }, new long[] { 1, 1, 6, 8, 8 })]
    public void A_wider_network_answers_the_same(int[] narrow, int[] wide, long[] shape)
    {
        using var scope = NewDisposeScope();
        var (small, large) = (new UNet(new UNetSpec(shape.Length - 2, narrow)), new UNet(new UNetSpec(shape.Length - 2, wide)));
        var random = new Random(5);
        float[] parameters = [.. small.InitialParameters(3, 0.3).Select(value => value + (0.2f * (random.NextSingle() - 0.5f)))];
        float[] statistics = [.. small.InitialStatistics().Select(value => value + (0.3f * random.NextSingle()))];
        var (wideParameters, wideStatistics) = Widening.Apply(small.Spec, parameters, statistics, large.Spec, seed: 7);
        var image = randn(shape);
        var expected = small.Predict(image, tensor(parameters), tensor(statistics));
        Assert.InRange(expected.std().item<float>(), 0.003, 1);
        Assert.InRange((expected - large.Predict(image, tensor(wideParameters), tensor(wideStatistics))).abs().max().item<float>(), 0, 1e-4);
    }

    [Fact]
    public void Copies_of_a_channel_get_different_gradients()
    {
        using var scope = NewDisposeScope();
        var (small, large) = (new UNet(new UNetSpec(2, [2, 4])), new UNet(new UNetSpec(2, [4, 4])));
        var (parameters, statistics) = Widening.Apply(small.Spec, small.InitialParameters(3, 0.3), small.InitialStatistics(), large.Spec, seed: 7);
        var leaf = tensor(parameters).requires_grad_();
        large.Forward(randn(2, 1, 16, 16), leaf, tensor(statistics), training: true, ScalarType.Float32).sigmoid().square().sum().backward();
        // The first kernel: 4 channels of 9 weights, of which the third repeats the first.
        var (first, copy) = (leaf.grad!.narrow(0, 0, 9), leaf.grad!.narrow(0, 18, 9));
        Assert.Equal(parameters[..9], parameters[18..27]);
        Assert.InRange(((first * copy).sum() / (first.norm() * copy.norm())).abs().item<float>(), 0, 0.999);
    }

    [Fact]
    public void A_training_starts_from_the_weights_of_a_narrower_one()
    {
        var narrow = new NetworkConfig { Dimensions = 2, Features = [4, 8], Batch = 4, Steps = 30, LearningRate = 1e-2, AverageDecay = 0.9 };
        var (earlier, run) = (new RunFolder(Path.Combine(folder, "earlier")), new RunFolder(Path.Combine(folder, "run")));
        new NetworkTrainer("toy", narrow, 11, 1, earlier).Run(new ToySource(16, 16), null, _ => { }, default);
        var onnx = Export(narrow, earlier, bothPolarities: true);
        var wide = narrow with { Features = [6, 12], Steps = 1, LearningRate = 1e-9 };
        Assert.True(new NetworkTrainer("toy", wide, 11, 1, run) { Start = onnx }.Run(new ToySource(16, 16), null, _ => { }, default));

        var started = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(onnx)));
        Assert.Equal($"{started}  {onnx}\n", File.ReadAllText(Path.Combine(run.FolderPath, "toy.start.txt")));

        // Not only by the running statistics, as it is used, but also by a batch's own, as it is trained.
        using var scope = NewDisposeScope();
        var image = new Batch(64, [16, 16]).Draw(new ToySource(16, 16), 5, 0).ToTensors().Input;
        var (small, parameters, statistics, _) = NetworkTrainer.LoadWeights(narrow, earlier.Checkpoint("toy"));
        var (large, wideParameters, wideStatistics, step) = NetworkTrainer.LoadWeights(wide, run.Checkpoint("toy"));
        Assert.Equal(1, step);
        var expected = small.Predict(image, tensor(parameters), tensor(statistics));
        Assert.InRange((expected - large.Predict(image, tensor(wideParameters), tensor(wideStatistics))).abs().max().item<float>(), 0, 0.02);
        var trained = large.Forward(image, tensor(wideParameters), tensor(wideStatistics), training: true, ScalarType.Float32).sigmoid();
        Assert.InRange((expected - trained).abs().mean().item<float>(), 0, 0.01);
    }

    [Fact]
    public void A_network_that_is_told_of_the_pixel_starts_from_one_that_was_not()
    {
        using var scope = NewDisposeScope();
        var (untold, told) = (new UNet(new UNetSpec(2, [4, 6])), new UNet(new UNetSpec(2, [4, 8], pixel: true)));
        var parameters = untold.InitialParameters(3, 0.3);
        var (started, statistics) = Widening.Apply(untold.Spec, parameters, untold.InitialStatistics(), told.Spec, seed: 7);
        var (image, pixel) = (randn(2, 1, 16, 16), rand(2, 2, 1, 1));
        var expected = untold.Predict(image, tensor(parameters), tensor(untold.InitialStatistics()));
        Assert.InRange((expected - told.Predict(new(image, pixel), tensor(started), tensor(statistics))).abs().max().item<float>(), 0, 1e-4);
        Assert.Contains("2D 4-8 pixel can't be widened to 2D 4-8:", Assert.Throws<ArgumentException>(() => Widening.Apply(told.Spec, started, statistics, new UNetSpec(2, [4, 8]), 7)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exported_network_that_is_told_of_the_pixel_comes_back()
    {
        using var scope = NewDisposeScope();
        var network = new UNet(new UNetSpec(2, [4, 6], pixel: true));
        var random = new Random(5);
        float[] parameters = [.. network.InitialParameters(3, 0.3).Select(value => value + (0.2f * (random.NextSingle() - 0.5f)))];
        float[] statistics = [.. network.InitialStatistics().Select(value => value + (0.3f * random.NextSingle()))];
        var (spec, read, readStatistics, _) = UNetImport.FromOnnx(UNetExport.ToOnnx(network, parameters, statistics, "toy", "1"));
        Assert.True(spec.Pixel);
        var (image, pixel) = (randn(2, 1, 16, 16), 3 * rand(2, 2, 1, 1));
        var expected = network.Predict(new(image, pixel), tensor(parameters), tensor(statistics));
        Assert.InRange((expected - network.Predict(new(image, pixel), tensor(read), tensor(readStatistics))).abs().max().item<float>(), 0, 1e-5);
        Assert.InRange((expected - network.Predict(new(image, zeros_like(pixel)), tensor(read), tensor(readStatistics))).abs().max().item<float>(), 1e-3, 1);
    }

    [Theory]
    [InlineData(false, new[] { 4, 6, 8, 8 }, 30)]
    [InlineData(true, new[] { 4, 6, 8, 8 }, 30)]
    [InlineData(true, new[] { 4, 6 }, 6)]
    public void The_middle_of_a_tile_is_what_it_is_with_its_border(bool bothPolarities, int[] features, int border)
    {
        const int Side = 128;
        var network = new UNet(new UNetSpec(2, features, pixel: true));
        var onnx = UNetExport.ToOnnx(network, network.InitialParameters(3, 0.3), network.InitialStatistics(), "toy", "1", bothPolarities);
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var exported = new OnnxNetwork("toy", onnx, options, 2);
        var random = new Random(5);
        float[] image = [.. Enumerable.Range(0, 2 * Side * Side).Select(_ => (float)random.NextDouble() - 0.5f)];
        var (whole, middle) = (exported.Run(image, [2, 1, Side, Side], new(1, 2)), exported.RunMiddle(image, [2, 1, Side, Side], new(1, 2)));
        var left = Side - (2 * border);
        Assert.Equal((whole.Length, 2 * left * left), (image.Length, middle.Length));
        Assert.InRange(middle.Max() - middle.Min(), 0.01, 1);
        for (var n = 0; n < middle.Length; n++)
            Assert.Equal(whole[(((n / (left * left) * Side) + border + (n / left % left)) * Side) + border + (n % left)], middle[n], 1e-5f);
    }

    [Theory]
    [InlineData(false, new[] { 4, 6, 8 }, new long[] { 2, 1, 24, 24 })]
    [InlineData(true, new[] { 4, 6, 8 }, new long[] { 2, 1, 24, 24 })]
    [InlineData(false, new[] { 6, 8 }, new long[] { 1, 1, 6, 8, 8 })]
    public void An_exported_network_comes_back(bool bothPolarities, int[] features, long[] shape)
    {
        using var scope = NewDisposeScope();
        var network = new UNet(new UNetSpec(shape.Length - 2, features));
        var random = new Random(5);
        float[] parameters = [.. network.InitialParameters(3, 0.3).Select(value => value + (0.2f * (random.NextSingle() - 0.5f)))];
        float[] statistics = [.. network.InitialStatistics().Select(value => value + (0.3f * random.NextSingle()))];
        var (spec, read, readStatistics, both) = UNetImport.FromOnnx(UNetExport.ToOnnx(network, parameters, statistics, "toy", "1", bothPolarities));
        Assert.Equal((network.Spec.Describe(), bothPolarities), (spec.Describe(), both));
        var image = randn(shape);
        var expected = network.Predict(image, tensor(parameters), tensor(statistics));
        Assert.InRange(expected.std().item<float>(), 0.003, 1);
        Assert.InRange((expected - network.Predict(image, tensor(read), tensor(readStatistics))).abs().max().item<float>(), 0, 1e-5);

        // By these images' own statistics it is the same, and so are training and use.
        var (renormed, observed) = network.Renormalise(image, read, readStatistics);
        Assert.InRange((expected - network.Predict(image, tensor(renormed), tensor(observed))).abs().max().item<float>(), 0, 1e-4);
        var trained = network.Forward(image, tensor(renormed), tensor(observed), training: true, ScalarType.Float32).sigmoid();
        Assert.InRange((expected - trained).abs().max().item<float>(), 0, 1e-4);
    }

    [Fact]
    public void A_training_that_cannot_start_from_another_says_why()
    {
        var narrow = new NetworkConfig { Dimensions = 2, Features = [4, 8], Batch = 4, Steps = 1 };
        var earlier = new RunFolder(Path.Combine(folder, "earlier"));
        new NetworkTrainer("toy", narrow, 11, 1, earlier).Run(new ToySource(16, 16), null, _ => { }, default);
        var onnx = Export(narrow, earlier);
        Assert.EndsWith("A network of 2D 4-8 can't be widened to 2D 3-8: that needs as many axes and levels, and at least as many channels at each level.", Refusal(narrow with { Features = [3, 8] }), StringComparison.Ordinal);
        Assert.Contains("2D 4-8-8", Refusal(narrow with { Features = [4, 8, 8] }), StringComparison.Ordinal);
        var bytes = File.ReadAllBytes(onnx);
        File.WriteAllText(onnx, "no network at all");
        Assert.Contains($"The toy network can't start from '{onnx}'. It is no ONNX model", Refusal(narrow), StringComparison.Ordinal);
        File.WriteAllBytes(onnx, []);
        Assert.Contains("It holds no U-Net of this program: the kernels", Refusal(narrow), StringComparison.Ordinal);
        // Another name in the place of a kernel's.
        var at = bytes.AsSpan().IndexOf("decoder0.0.conv.weight"u8);
        bytes[at] = (byte)'D';
        bytes[at + 1 + bytes.AsSpan(at + 1).IndexOf("decoder0.0.conv.weight"u8)] = (byte)'D';
        File.WriteAllBytes(onnx, bytes);
        Assert.Contains("'decoder0.0.conv.weight' of 4 x 8 x 3 x 3 is not in it", Refusal(narrow), StringComparison.Ordinal);

        string Refusal(NetworkConfig config) => Assert.Throws<TrainingException>(() =>
            new NetworkTrainer("toy", config, 11, 1, new RunFolder(Path.Combine(folder, "run"))) { Start = onnx }
                .Run(new ToySource(16, 16), null, _ => { }, default)).Message;
    }

    [Fact]
    public void An_export_takes_the_network_that_the_run_did_not_train_from_another_package()
    {
        const string Recipe = """{ "name": "toy", "version": "2", "data": "data.json", "fine": { "dimensions": 2, "features": [4, 8], "batch": 2, "steps": 1 } }""";
        var path = Path.Combine(folder, "recipe.json");
        File.WriteAllText(path, Recipe);
        var (config, run) = (TrainingConfig.Load(path), new RunFolder(Path.Combine(folder, "run")));
        run.Begin(config.ToJson());
        new NetworkTrainer("fine", config.Fine!, 11, 1, run).Run(new ToySource(16, 16), null, _ => { }, default);
        var other = Directory.CreateDirectory(Path.Combine(folder, "other")).FullName;
        var locator = new UNet(new UNetSpec(3, [4, 8]));
        File.WriteAllBytes(Path.Combine(other, "locator.onnx"), UNetExport.ToOnnx(locator, locator.InitialParameters(4, 0.1), locator.InitialStatistics(), "toy", "1"));
        File.WriteAllText(Path.Combine(other, "model.onnx"), "not asked for");
        var manifest = ModelPackage.Write(other, new ModelManifest
        {
            Name = "toy",
            Version = "1",
            Created = "",
            Networks = [new(ModelNetwork.Locator, "locator.onnx", ""), new(ModelNetwork.Fine, "model.onnx", "")],
            Segments = [new(1, "Cord", new("1", "99X", "a"), new("2", "99X", "b"), [1, 2, 3])],
        }).Manifest;
        File.WriteAllText(path, System.Text.Json.JsonSerializer.Serialize(manifest, System.Text.Json.JsonSerializerOptions.Web));

        string[] export = ["--run", run.FolderPath, "--manifest", path, "--to", Path.Combine(folder, "made")];
        var (code, error) = Run(export);
        Assert.Equal(1, code);
        Assert.Contains("trains no locator network: say with --others which package's goes with it.", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder, "made")));
        Assert.Equal((0, ""), Run([.. export, "--others", other]));
        var made = ModelPackage.Load(Path.Combine(folder, "made"));
        Assert.Equal("2", made.Version);
        Assert.Equal(UNetImport.FromOnnx(File.ReadAllBytes(Path.Combine(other, "locator.onnx"))).Parameters, UNetImport.FromOnnx(made.Network(ModelNetwork.Locator)).Parameters);
        Assert.Equal("2D 4-8", UNetImport.FromOnnx(made.Network(ModelNetwork.Fine)).Spec.Describe());

        // Without a run both come from the package, and name and version from the manifest.
        Assert.Equal((1, "softseg-train: There is no network to write: --run names a training, --others a package."), Run(["--manifest", path, "--to", Path.Combine(folder, "again")]));
        Assert.Equal((0, ""), Run(["--manifest", path, "--to", Path.Combine(folder, "again"), "--others", Path.Combine(folder, "made")]));
        var again = ModelPackage.Load(Path.Combine(folder, "again"));
        Assert.Equal(("1", made.Manifest.Created), (again.Version, again.Manifest.Created));
        Assert.Equal(UNetImport.FromOnnx(made.Network(ModelNetwork.Fine)).Parameters, UNetImport.FromOnnx(again.Network(ModelNetwork.Fine)).Parameters);

        static (int, string) Run(string[] arguments)
        {
            var written = new StringWriter();
            var code = new System.CommandLine.RootCommand { Commands.ExportCommand.Create() }.Parse(["export", .. arguments]).Invoke(new() { Error = written, Output = TextWriter.Null });
            return (code, written.ToString().Trim());
        }
    }

    string Export(NetworkConfig config, RunFolder run, bool bothPolarities = false)
    {
        var (network, parameters, statistics, _) = NetworkTrainer.LoadWeights(config, run.Checkpoint("toy"));
        var path = Path.Combine(folder, "toy.onnx");
        File.WriteAllBytes(path, UNetExport.ToOnnx(network, parameters, statistics, "toy", "1", bothPolarities));
        return path;
    }
}
