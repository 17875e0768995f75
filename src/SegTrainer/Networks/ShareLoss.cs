using TorchSharp;
using static TorchSharp.torch;

namespace SoftSeg.SegTrainer.Networks;

/// <summary>What turns a network's last layer into a share.</summary>
enum ShareOutput
{
    /// <summary>What ships: a voxel's share depends on its surroundings alone.</summary>
    Sigmoid,

    /// <summary>
    /// The rectified output over the tile's maximum, as the published pipeline has it: a tile without a cord peaks at 1 as well, and a share depends on
    /// where the tile was cut. For comparison only.
    /// </summary>
    ReluOverMax,
}

/// <summary>Weights of the parts of the loss.</summary>
/// <param name="AdaptiveWing">Adaptive Wing regression of the share.</param>
/// <param name="CrossEntropy">Cross-entropy with the share as target: its minimiser is the expected share, so areas stay unbiased where the truth is uncertain.</param>
/// <param name="Dice">Soft Dice over the batch (squared denominator).</param>
/// <param name="Area">Error of each sample's area, which is what the shares are summed up to in the end.</param>
sealed record LossWeights(double AdaptiveWing, double CrossEntropy, double Dice, double Area = 0);

/// <summary>Losses that compare a predicted share with the true one.</summary>
static class ShareLoss
{
    /// <summary>
    /// Adaptive Wing loss per voxel (Wang, Bo and Fuxin, ICCV 2019, equation 3), with d = |share - predicted|:
    /// <c>omega ln(1 + (d / epsilon)^(alpha - share))</c> where d is below theta and <c>A d - C</c> above, A and C such that value and
    /// slope join. Steep for small errors where the share is high, flat where it is background.
    /// </summary>
    /// <param name="predicted">Predicted share, 0..1, any shape.</param>
    /// <param name="share">True share, 0..1, the same shape.</param>
    public static Tensor AdaptiveWing(Tensor predicted, Tensor share, double theta = 0.5, double omega = 8, double alpha = 2.1, double epsilon = 1)
    {
        var power = alpha - share;
        // The exponent's slope is infinite at d = 0 for powers below 1; powers are at least alpha - 1 = 1.1, the floor only keeps log(0) away.
        var distance = (predicted - share).abs().clamp_min(1e-7);
        var ratio = Math.Log(theta / epsilon);
        var atTheta = (power * ratio).exp();
        var slope = omega / (1 + atTheta) * power * ((power - 1) * ratio).exp() / epsilon;
        var offset = (theta * slope) - (omega * atTheta.log1p());
        var curved = omega * (power * (distance / epsilon).log()).exp().log1p();
        return where(distance < theta, curved, (slope * distance) - offset);
    }

    /// <summary>The share, 0..1, of the network's last layer <c>[sample, ...]</c>.</summary>
    public static Tensor Activate(Tensor logit, ShareOutput output)
    {
        if (output == ShareOutput.Sigmoid)
            return logit.sigmoid();
        var rectified = logit.relu();
        var most = rectified.flatten(1).max(1).values.clamp_min(1e-6);
        return rectified / most.view([-1, .. Enumerable.Repeat(1L, (int)logit.dim() - 1)]);
    }

    /// <summary>The weighted mean over the voxels of a batch, and a scalar to minimise.</summary>
    /// <param name="logit">The network's output, fp32.</param>
    /// <param name="share">True share, 0..1.</param>
    /// <param name="weight">Weight of each voxel, at least 0.</param>
    /// <param name="parts">Weights of the parts.</param>
    /// <param name="output">How the share comes from the logit; cross-entropy takes the sigmoid always.</param>
    public static Tensor Of(Tensor logit, Tensor share, Tensor weight, LossWeights parts, ShareOutput output = ShareOutput.Sigmoid)
    {
        var total = weight.sum().clamp_min(1);
        var predicted = Activate(logit, output);
        var loss = zeros(1);
        if (parts.AdaptiveWing > 0)
            loss += parts.AdaptiveWing * ((AdaptiveWing(predicted, share) * weight).sum() / total);
        if (parts.CrossEntropy > 0)
            loss += parts.CrossEntropy * (nn.functional.binary_cross_entropy_with_logits(logit, share, weight, nn.Reduction.Sum) / total);
        if (parts.Dice > 0)
        {
            var overlap = (predicted * share * weight).sum();
            var sizes = ((predicted.square() + share.square()) * weight).sum();
            loss += parts.Dice * (1 - (((2 * overlap) + 1) / (sizes + 1)));
        }

        if (parts.Area > 0)
            loss += parts.Area * Area(predicted, share, weight);
        return loss;
    }

    /// <summary>Mean over the samples that show cord of the Huber loss of the relative error of their area, quadratic up to 10 %.</summary>
    /// <param name="predicted">Predicted share, <c>[sample, ...]</c>.</param>
    /// <param name="share">True share, the same shape.</param>
    /// <param name="weight">Weight of each voxel.</param>
    public static Tensor Area(Tensor predicted, Tensor share, Tensor weight)
    {
        const double LeastArea = 20; // voxels; of less, a relative error says little
        const double Quadratic = 0.1;
        var truth = (share * weight).flatten(1).sum(1);
        var error = (((predicted * weight).flatten(1).sum(1) - truth) / truth.clamp_min(LeastArea)).abs();
        var huber = where(error < Quadratic, error.square() / (2 * Quadratic), error - (Quadratic / 2));
        var shown = truth.ge(LeastArea).to(ScalarType.Float32);
        return (huber * shown).sum() / shown.sum().clamp_min(1);
    }
}
