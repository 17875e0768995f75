using System.Diagnostics;
using SoftSeg.SegTrainer.Export;
using SoftSeg.SegTrainer.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace SoftSeg.SegTrainer.Training;

/// <summary>Where a training stands, for a progress bar.</summary>
/// <param name="Fraction">Done, 0..1.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">Running mean of the loss.</param>
/// <param name="LearningRate">Of the next step.</param>
/// <param name="WaitShare">Share of the time spent waiting for samples; high when drawing them is the bottleneck.</param>
/// <param name="Validation">The last validation, if there was one.</param>
sealed record TrainingProgress(double Fraction, int Step, double Loss, double LearningRate, double WaitShare, ValidationFigures? Validation);

/// <summary>Averages over the fixed validation samples.</summary>
/// <param name="Loss">The training loss.</param>
/// <param name="SoftDice">2 sum(p t) / (sum(p^2) + sum(t^2)) over all samples.</param>
/// <param name="Dice">Dice at share 0.5 over all samples.</param>
/// <param name="AreaBias">Sum of predicted shares over sum of true shares, minus 1.</param>
/// <param name="FalseVoxels">Mean number of voxels at share 0.5 or more in a sample without cord.</param>
sealed record ValidationFigures(double Loss, double SoftDice, double Dice, double AreaBias, double FalseVoxels);

/// <summary>Trains one network from its checkpoint, or from the start where there is none.</summary>
sealed class NetworkTrainer
{
    const double CheckpointSeconds = 120;
    const int ValidationSamples = 128;
    const int ValidationSeed = 20_000_003;

    /// <summary>Samples whose statistics a network that starts from another one is normalised by.</summary>
    const int StartSamples = 64;

    readonly string name;
    readonly NetworkConfig config;
    readonly int seed;
    readonly int producers;
    readonly RunFolder run;
    readonly UNet network;
    readonly List<Batch> validation = [];

    public NetworkTrainer(string name, NetworkConfig config, int seed, int producers, RunFolder run)
    {
        (this.name, this.config, this.seed, this.producers, this.run) = (name, config, seed, producers, run);
        network = new UNet(config.Spec);
    }

    /// <summary>Type of the convolutions in training.</summary>
    public ScalarType Precision { get; init; } = LibTorch.Precision;

    /// <summary>Starts from this ONNX file, of the recipe's network or of a narrower one (<see cref="Widening"/>), where the run has no checkpoint yet; else from random weights.</summary>
    public string? Start { get; init; }

    /// <param name="source">Training samples.</param>
    /// <param name="validationSource">Samples of people held out, or null.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellation">Stops after the current step, with a checkpoint.</param>
    /// <returns>Whether the training came to its end.</returns>
    public bool Run(ISampleSource source, ISampleSource? validationSource, Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        CheckShape(source);
        var checkpoint = run.Checkpoint(name);
        using var state = File.Exists(checkpoint) || Start is null ? new TrainingState(network, seed, config.Prior) : Started(Start, source);
        if (File.Exists(checkpoint))
            state.Load(checkpoint);
        if (validationSource is not null)
            DrawValidation(validationSource);
        using var curve = run.OpenCurve(name, state.Step);
        using var queue = new BatchQueue(source, config.Batch, seed, state.Step, producers);
        var (clock, started, waiting) = (Stopwatch.StartNew(), state.Seconds, Stopwatch.StartNew());
        waiting.Reset();
        var (lastCheckpoint, meanLoss) = (0.0, double.NaN);
        ValidationFigures? figures = null;
        try
        {
            while (Fraction(state) < 1 && !cancellation.IsCancellationRequested)
            {
                waiting.Start();
                var batch = queue.Take(cancellation);
                waiting.Stop();
                var rate = LearningRate(Fraction(state));
                var (loss, norm) = Step(state, batch, rate);
                state.Seconds = started + clock.Elapsed.TotalSeconds;
                meanLoss = double.IsNaN(meanLoss) ? loss : meanLoss + (0.02 * (loss - meanLoss));
                var due = clock.Elapsed.TotalSeconds - lastCheckpoint >= CheckpointSeconds || Fraction(state) >= 1;
                if (due)
                {
                    figures = Validate(state);
                    Keep(state, figures, checkpoint);
                    lastCheckpoint = clock.Elapsed.TotalSeconds;
                }

                curve.Add(state.Step, state.Seconds, loss, norm, rate, due ? figures : null);
                progress(new(Fraction(state), state.Step, meanLoss, rate, waiting.Elapsed.TotalSeconds / clock.Elapsed.TotalSeconds, figures));
            }
        }
        catch (OperationCanceledException)
        {
            // Falls through to the last checkpoint.
        }

        state.Save(checkpoint);
        return Fraction(state) >= 1;
    }

    /// <summary>Weights and statistics to export: the average at the checkpoint.</summary>
    /// <exception cref="TrainingException">There is no checkpoint yet.</exception>
    public static (UNet Network, float[] Parameters, float[] Statistics, int Step) LoadWeights(NetworkConfig config, string checkpoint)
    {
        if (!File.Exists(checkpoint))
            throw new TrainingException($"There is no checkpoint at '{checkpoint}': train first.");
        var network = new UNet(config.Spec);
        using var state = new TrainingState(network, 0, config.Prior);
        state.Load(checkpoint);
        return (network, TrainingState.Values(state.AverageParameters), TrainingState.Values(state.AverageStatistics), state.Step);
    }

    TrainingState Started(string onnx, ISampleSource source)
    {
        try
        {
            var (trained, parameters, statistics, _) = UNetImport.FromOnnx(File.ReadAllBytes(onnx));
            (parameters, statistics) = Widening.Apply(trained, parameters, statistics, network.Spec, seed);
            run.NoteStart(name, onnx);
            using var scope = NewDisposeScope();
            var (input, _, _) = new Batch(StartSamples, source.Shape).Draw(source, seed, 0).ToTensors();
            (parameters, statistics) = network.Renormalise(input, parameters, statistics);
            return new TrainingState(network.Spec, parameters, statistics);
        }
        catch (Exception error) when (error is ArgumentException or TrainingException)
        {
            throw new TrainingException($"The {name} network can't start from '{onnx}'. {error.Message}", error);
        }
    }

    /// <summary>Share of the training that is done: by steps or by minutes, whichever is further.</summary>
    double Fraction(TrainingState state)
    {
        var bySteps = config.Steps > 0 ? (double)state.Step / config.Steps : 0;
        var byTime = config.Minutes > 0 ? state.Seconds / (60 * config.Minutes) : 0;
        return Math.Min(1, Math.Max(bySteps, byTime));
    }

    /// <summary>Linear warm-up, then a cosine down to a hundredth.</summary>
    double LearningRate(double fraction) => fraction < config.WarmUp
        ? config.LearningRate * Math.Max(fraction / config.WarmUp, 0.01)
        : config.LearningRate * (0.01 + (0.99 * 0.5 * (1 + Math.Cos(Math.PI * (fraction - config.WarmUp) / (1 - config.WarmUp)))));

    (double Loss, double Norm) Step(TrainingState state, Batch batch, double rate)
    {
        using var scope = NewDisposeScope();
        var (input, share, weight) = batch.ToTensors();
        var logit = network.Forward(input, state.Parameters, state.Statistics, training: true, Precision);
        var loss = ShareLoss.Of(logit, share, weight, config.Loss, config.Output);
        loss.backward();
        var norm = state.Update(rate, config.WeightDecay, config.ClipNorm, config.AverageDecay);
        return (loss.item<float>(), norm);
    }

    void DrawValidation(ISampleSource source)
    {
        CheckShape(source);
        var count = Math.Max(1, ValidationSamples / (config.Dimensions == 3 ? 8 : 1) / config.Batch);
        for (var i = 0; i < count; i++)
            validation.Add(new Batch(config.Batch, source.Shape).Draw(source, ValidationSeed, (long)i * config.Batch));
    }

    ValidationFigures? Validate(TrainingState state)
    {
        if (validation.Count == 0)
            return null;
        var (loss, overlap, sizes, hard, hardSizes, predicted, truth, falseVoxels, empty) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0);
        using var noGradient = no_grad();
        foreach (var batch in validation)
        {
            using var scope = NewDisposeScope();
            var (input, share, weight) = batch.ToTensors();
            var logit = network.Forward(input, state.AverageParameters, state.AverageStatistics, training: false, Precision);
            loss += ShareLoss.Of(logit, share, weight, config.Loss, config.Output).item<float>() / validation.Count;
            var (p, t) = (ShareLoss.Activate(logit, config.Output) * weight, share * weight);
            overlap += 2 * (p * t).sum().item<float>();
            sizes += (p.square() + t.square()).sum().item<float>();
            var (ph, th) = (p.ge(0.5).to(ScalarType.Float32), t.ge(0.5).to(ScalarType.Float32));
            hard += 2 * (ph * th).sum().item<float>();
            hardSizes += (ph + th).sum().item<float>();
            predicted += p.sum().item<float>();
            truth += t.sum().item<float>();
            var none = t.flatten(1).sum(1).le(0).to(ScalarType.Float32);
            falseVoxels += (ph.flatten(1).sum(1) * none).sum().item<float>();
            empty += (int)none.sum().item<float>();
        }

        return new(loss, overlap / Math.Max(sizes, 1), hard / Math.Max(hardSizes, 1), truth > 0 ? (predicted / truth) - 1 : 0, empty > 0 ? falseVoxels / empty : 0);
    }

    void Keep(TrainingState state, ValidationFigures? figures, string checkpoint)
    {
        if (figures is not null && figures.SoftDice > state.BestScore)
        {
            (state.BestScore, state.BestStep) = (figures.SoftDice, state.Step);
            state.Save(run.BestCheckpoint(name));
        }

        state.Save(checkpoint);
    }

    void CheckShape(ISampleSource source)
    {
        if (source.Shape.Length != config.Dimensions || source.Shape.Any(side => side % network.Spec.Divisor != 0))
            throw new TrainingException($"Samples of {string.Join(" x ", source.Shape)} do not fit the {name} network: it takes {config.Dimensions} sides divisible by {network.Spec.Divisor}.");
    }
}
