using SoftSeg.SegTrainer.Export;
using SoftSeg.SegTrainer.Networks;
using SoftSeg.SegTrainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace SoftSeg.SegTrainer.Tests;

[Collection("libtorch")]
public sealed class UNetTests
{
    static readonly UNetSpec Fine = new(2, [16, 32, 64, 128]);
    static readonly UNetSpec Locator = new(3, [8, 16, 32]);

    public UNetTests() => manual_seed(1);

    public static TheoryData<int[], long[]> Inputs => new()
    {
        { [16, 32, 64, 128], [2, 1, 96, 96] },
        { [16, 32, 64, 128], [1, 1, 8, 40] },
        { [8, 16, 32], [1, 1, 8, 16, 12] },
    };

    [Theory]
    [MemberData(nameof(Inputs))]
    public void A_share_for_every_voxel_whatever_the_sides(int[] features, long[] shape)
    {
        using var scope = NewDisposeScope();
        var network = new UNet(new UNetSpec(shape.Length - 2, features));
        var share = network.Predict(randn(shape), tensor(network.InitialParameters(1, 0.05)), tensor(network.InitialStatistics()));
        Assert.Equal(shape, share.shape);
        Assert.True(share.ge(0).all().item<bool>() && share.le(1).all().item<bool>());
    }

    [Fact]
    public void A_fresh_network_says_the_prior()
    {
        using var scope = NewDisposeScope();
        var network = new UNet(Fine);
        var share = network.Forward(randn(4, 1, 32, 32), tensor(network.InitialParameters(1, 0.05)), tensor(network.InitialStatistics()), training: true, ScalarType.Float32).sigmoid();
        Assert.InRange(share.mean().item<float>(), 0.03, 0.08);
    }

    [Fact]
    public void Bf16_and_fp32_convolutions_tell_the_same_gradient()
    {
        using var scope = NewDisposeScope();
        var network = new UNet(Fine);
        var image = randn(2, 1, 32, 32);
        Tensor Gradient(ScalarType precision)
        {
            var parameters = tensor(network.InitialParameters(3, 0.05)).requires_grad_();
            var logit = network.Forward(image, parameters, tensor(network.InitialStatistics()), training: true, precision);
            ShareLoss.Of(logit, image.gt(1).to(ScalarType.Float32), ones_like(image), new(1, 1, 0)).backward();
            return parameters.grad!;
        }

        var (full, half) = (Gradient(ScalarType.Float32), Gradient(ScalarType.BFloat16));
        var cosine = (full * half).sum() / (full.norm() * half.norm());
        Assert.InRange(cosine.item<float>(), 0.98, 1.001);
    }

    [Fact]
    public void Training_moves_the_running_statistics_and_prediction_does_not()
    {
        using var scope = NewDisposeScope();
        var network = new UNet(Fine);
        var (parameters, statistics) = (tensor(network.InitialParameters(1, 0.05)), tensor(network.InitialStatistics()));
        var before = TrainingState.Values(statistics);
        network.Predict(randn(1, 1, 16, 16), parameters, statistics);
        Assert.Equal(before, TrainingState.Values(statistics));
        network.Forward(randn(1, 1, 16, 16), parameters, statistics, training: true, ScalarType.BFloat16);
        // A channel whose inputs are all cut off keeps its mean of 0.
        var kept = TrainingState.Values(statistics).Zip(before).Count(pair => pair.First == pair.Second);
        Assert.InRange(kept, 0, before.Length / 50);
    }

    [Theory]
    [InlineData(2, false, false)]
    [InlineData(2, true, false)]
    [InlineData(2, true, true)]
    [InlineData(3, false, false)]
    [InlineData(3, false, true)]
    public void The_exported_network_agrees_with_the_trained_one(int dimensions, bool bothPolarities, bool pixel)
    {
        var network = new UNet(new UNetSpec(dimensions, (dimensions == 2 ? Fine : Locator).Features, pixel));
        var random = new Random(5);
        var parameters = network.InitialParameters(2, 0.3);
        // Normalisations as after a training: means, variances, scales and shifts of every size.
        var kernels = (int)network.Spec.KernelCount;
        for (var i = kernels; i < parameters.Length; i++)
            parameters[i] += (float)(random.NextDouble() - 0.5);
        var statistics = network.InitialStatistics().Select((value, _) => value + (float)(random.NextDouble() * 0.8) - 0.4f).ToArray();
        var onnx = UNetExport.ToOnnx(network, parameters, statistics, "test", "1", bothPolarities);
        Assert.InRange(Agreement.Check(onnx, network, parameters, statistics, bothPolarities), 0, Agreement.Tolerance);
        Assert.Equal(onnx, UNetExport.ToOnnx(network, parameters, statistics, "test", "1", bothPolarities));
        Assert.Throws<TrainingException>(() => Agreement.Check(onnx, network, parameters, statistics, !bothPolarities));

        parameters[0] += 0.5f;
        Assert.Throws<TrainingException>(() => Agreement.Check(onnx, network, parameters, statistics, bothPolarities));
    }

    /// <summary>The pixel decides which of two blurs of the same noise is cord: a network that is not told can do no better than chance.</summary>
    [Fact]
    public void A_network_that_is_told_of_the_pixel_answers_by_it()
    {
        using var scope = NewDisposeScope();
        var network = new UNet(new UNetSpec(2, [8, 8], pixel: true));
        using var state = new TrainingState(network, 1, 0.5);
        var (image, pixel) = (randn(8, 1, 16, 16), tensor(new float[] { 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0 }, [8, 2, 1, 1]));
        var share = pixel.narrow(1, 0, 1).gt(1).to(ScalarType.Float32).expand(8, 1, 16, 16);
        for (var step = 0; step < 60; step++)
        {
            using var one = NewDisposeScope();
            ShareLoss.Of(network.Forward(new(image, pixel), state.Parameters, state.Statistics, training: true, ScalarType.Float32), share, ones_like(share), new(0, 1, 0)).backward();
            state.Update(0.02, 0, 2, 0.5);
        }
        var told = network.Predict(new(image, pixel), state.AverageParameters, state.AverageStatistics);
        Assert.InRange((told - share).abs().max().item<float>(), 0, 0.2);
    }

    [Fact]
    public void Folding_a_normalisation_into_its_convolution_is_exact()
    {
        var spec = new UNetSpec(2, [1, 1]);
        var network = new UNet(spec);
        var weights = network.Unpack(network.InitialParameters(1, 0.5));
        weights["encoder0.1.norm.weight"].Values[0] = 3;
        weights["encoder0.1.norm.bias"].Values[0] = 0.25f;
        var statistics = network.InitialStatistics();
        (statistics[1], statistics[(statistics.Length / 2) + 1]) = (0.5f, 4);
        var (kernel, bias, gains) = UNetExport.Fold(spec, weights, statistics, "encoder0.1");
        var plain = weights["encoder0.1.conv.weight"].Values;
        for (var i = 0; i < plain.Length; i++)
            Assert.Equal(1.5f * plain[i], kernel[i], 4);
        Assert.Equal(0.25f - (0.5f * 1.5f), bias[0], 4);
        Assert.Equal(1.5f, gains[0], 4);
    }
}
