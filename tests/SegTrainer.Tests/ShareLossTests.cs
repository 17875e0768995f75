using SoftSeg.SegTrainer.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace SoftSeg.SegTrainer.Tests;

[Collection("libtorch")]
public sealed class ShareLossTests
{
    /// <summary>Wang, Bo and Fuxin 2019, equations 3 to 5, written out for one voxel.</summary>
    static double AdaptiveWing(double predicted, double share)
    {
        const double theta = 0.5, omega = 8, alpha = 2.1, epsilon = 1;
        var distance = Math.Abs(share - predicted);
        var power = alpha - share;
        if (distance < theta)
            return omega * Math.Log(1 + Math.Pow(distance / epsilon, power));
        var a = omega * (1 / (1 + Math.Pow(theta / epsilon, power))) * power * Math.Pow(theta / epsilon, power - 1) / epsilon;
        var c = (theta * a) - (omega * Math.Log(1 + Math.Pow(theta / epsilon, power)));
        return (a * distance) - c;
    }

    [Theory]
    [InlineData(0.1, 0)]
    [InlineData(0.9, 0)]
    [InlineData(0.3, 1)]
    [InlineData(0.8, 1)]
    [InlineData(0.5, 0.4)]
    [InlineData(0.05, 0.7)]
    [InlineData(1, 0.5001)]
    public void Adaptive_wing_equals_its_formula_and_its_slope(double predicted, double share)
    {
        using var scope = NewDisposeScope();
        var p = tensor(predicted, ScalarType.Float64).requires_grad_();
        var loss = ShareLoss.AdaptiveWing(p, tensor(share, ScalarType.Float64));
        loss.backward();
        Assert.Equal(AdaptiveWing(predicted, share), loss.item<double>(), 9);
        const double h = 1e-6;
        var slope = (AdaptiveWing(predicted + h, share) - AdaptiveWing(predicted - h, share)) / (2 * h);
        Assert.Equal(slope, p.grad!.item<double>(), 4);
    }

    [Fact]
    public void Adaptive_wing_is_zero_with_a_finite_slope_where_the_share_is_right()
    {
        using var scope = NewDisposeScope();
        var p = tensor(new[] { 0f, 0.25f, 0.5f, 1f }).requires_grad_();
        var loss = ShareLoss.AdaptiveWing(p, tensor(new[] { 0f, 0.25f, 0.5f, 1f })).sum();
        loss.backward();
        Assert.Equal(0, loss.item<float>(), 5);
        Assert.All(p.grad!.data<float>().ToArray(), slope => Assert.True(Math.Abs(slope) < 2, $"{slope}"));
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(1, 1, 0.5)]
    public void The_share_itself_minimises_the_loss(double wing, double entropy, double dice)
    {
        using var scope = NewDisposeScope();
        var share = tensor(new[] { 0.02f, 0.3f, 0.5f, 0.8f, 0.98f });
        var logit = zeros(5).requires_grad_();
        for (var step = 0; step < 4000; step++)
        {
            using var inner = NewDisposeScope();
            ShareLoss.Of(logit, share, ones(5), new(wing, entropy, dice)).backward();
            using (no_grad())
                logit.sub_(logit.grad!.mul(step < 2000 ? 1.0 : 0.1));
            logit.grad!.zero_();
        }

        var found = logit.sigmoid().data<float>().ToArray();
        var truth = share.data<float>().ToArray();
        for (var i = 0; i < truth.Length; i++)
            Assert.True(Math.Abs(truth[i] - found[i]) < 0.02, $"{truth[i]} became {found[i]}");
    }

    [Fact]
    public void Voxels_of_weight_0_do_not_matter()
    {
        using var scope = NewDisposeScope();
        var weight = tensor(new[] { 1f, 0f });
        var parts = new LossWeights(1, 1, 1);
        var one = ShareLoss.Of(tensor(new[] { 0.4f, -3f }), tensor(new[] { 1f, 1f }), weight, parts).item<float>();
        var other = ShareLoss.Of(tensor(new[] { 0.4f, 5f }), tensor(new[] { 1f, 0f }), weight, parts).item<float>();
        Assert.Equal(one, other);
    }
}
