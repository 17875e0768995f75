using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Networks;
using SoftSeg.SegTrainer.Training;
using TorchSharp;

namespace SoftSeg.SegTrainer.Tests;

[Collection("libtorch")]
public sealed class NetworkTrainerTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("softseg-train").FullName;

    static NetworkConfig Small(int steps) => new() { Dimensions = 2, Features = [4, 8], Batch = 4, Steps = steps, LearningRate = 1e-2, AverageDecay = 0.9 };

    static NetworkTrainer Trainer(NetworkConfig config, RunFolder run, int producers = 1) => new("toy", config, seed: 11, producers, run);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_small_network_learns_a_ball_and_says_nothing_where_there_is_none()
    {
        var config = Small(250) with { Features = [8, 16], Batch = 8 };
        ValidationFigures? last = null;
        Assert.True(Trainer(config, new RunFolder(folder)).Run(new ToySource(24, 24), new ToySource(24, 24), progress => last = progress.Validation, default));
        Assert.NotNull(last);
        Assert.True(last.Dice > 0.95, $"{last}");
        Assert.True(last.SoftDice > 0.95, $"{last}");
        Assert.InRange(last.AreaBias, -0.05, 0.05);
        Assert.Equal(0, last.FalseVoxels);
    }

    [Fact]
    public void A_3D_network_trains_too()
    {
        var config = Small(60) with { Dimensions = 3, Batch = 2 };
        var losses = new List<double>();
        Trainer(config, new RunFolder(folder)).Run(new ToySource(8, 12, 12), null, progress => losses.Add(progress.Loss), default);
        Assert.True(losses[^1] < 0.7 * losses[0], $"{losses[0]} -> {losses[^1]}");
    }

    [Fact]
    public void A_training_interrupted_and_resumed_ends_in_the_same_weights()
    {
        var config = Small(12);
        var whole = new RunFolder(Path.Combine(folder, "whole"));
        Assert.True(Trainer(config, whole).Run(new ToySource(16, 16), null, _ => { }, default));

        var parts = new RunFolder(Path.Combine(folder, "parts"));
        using (var stop = new CancellationTokenSource())
            Assert.False(Trainer(config, parts).Run(new ToySource(16, 16), null, progress => { if (progress.Step == 5) stop.Cancel(); }, stop.Token));
        Assert.True(Trainer(config, parts, producers: 3).Run(new ToySource(16, 16), null, _ => { }, default));

        var (_, expected, expectedStatistics, _) = NetworkTrainer.LoadWeights(config, whole.Checkpoint("toy"));
        var (_, found, foundStatistics, step) = NetworkTrainer.LoadWeights(config, parts.Checkpoint("toy"));
        Assert.Equal(12, step);
        Assert.Equal(expected, found);
        Assert.Equal(expectedStatistics, foundStatistics);
        Assert.Equal(Enumerable.Range(1, 12).Select(i => $"{i}"), File.ReadLines(parts.Curve("toy")).Skip(1).Select(line => line.Split(',')[0]));
    }

    [Fact]
    public void A_checkpoint_comes_back_bit_for_bit()
    {
        var network = new UNet(new UNetSpec(2, [4, 8]));
        using var state = new TrainingState(network, 3, 0.1);
        using (var gradient = torch.randn(network.Spec.ParameterCount))
        {
            using var product = (state.Parameters * gradient).sum();
            product.backward();
        }

        state.Update(0.01, 0.1, 1, 0.5);
        state.Seconds = 12.5;
        var path = Path.Combine(folder, "a.checkpoint");
        state.Save(path);
        using var other = new TrainingState(network, 4, 0.1);
        other.Load(path);
        var again = Path.Combine(folder, "b.checkpoint");
        other.Save(again);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(again));
        Assert.Equal((1, 12.5), (other.Step, other.Seconds));
    }

    [Fact]
    public void A_checkpoint_that_is_cut_short_or_of_another_network_is_refused_with_its_name()
    {
        var path = Path.Combine(folder, "a.checkpoint");
        using (var state = new TrainingState(new UNet(new UNetSpec(2, [4, 8])), 3, 0.1))
            state.Save(path);
        using var wider = new TrainingState(new UNet(new UNetSpec(2, [8, 16])), 3, 0.1);
        Assert.Contains("2D 4-8", Assert.Throws<TrainingException>(() => wider.Load(path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^100]);
        using var same = new TrainingState(new UNet(new UNetSpec(2, [4, 8])), 3, 0.1);
        Assert.Contains(path, Assert.Throws<TrainingException>(() => same.Load(path)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "no checkpoint at all");
        Assert.Contains("not a checkpoint", Assert.Throws<TrainingException>(() => same.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sample_that_fails_ends_the_training_with_its_reason()
    {
        var error = Assert.Throws<TrainingException>(() => Trainer(Small(5), new RunFolder(folder)).Run(new FailingSource(), null, _ => { }, default));
        Assert.Contains("the disk is gone", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_that_do_not_fit_the_network_are_refused()
    {
        var error = Assert.Throws<TrainingException>(() => Trainer(Small(5), new RunFolder(folder)).Run(new ToySource(15, 16), null, _ => { }, default));
        Assert.Contains("15 x 16", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_curve_is_drawn()
    {
        var run = new RunFolder(folder);
        Trainer(Small(12), run).Run(new ToySource(16, 16), new ToySource(16, 16), _ => { }, default);
        var png = Path.Combine(folder, "toy.png");
        CurvePicture.Draw(run.Curve("toy"), png);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(png)[..4]);
    }

    sealed class FailingSource : ISampleSource
    {
        public int[] Shape => [16, 16];

        public AcquiredPixel Draw(Random random, Span<float> image, Span<float> share, Span<float> weight) => throw new IOException("the disk is gone");
    }
}
