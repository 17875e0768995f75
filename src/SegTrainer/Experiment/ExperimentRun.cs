using System.Globalization;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Evaluation;
using SoftSeg.SegTrainer.Networks;
using SoftSeg.SegTrainer.Synthesis;
using SoftSeg.SegTrainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace SoftSeg.SegTrainer.Experiment;

/// <summary>Trains every arm and measures it on the test people. Both go on where they were stopped.</summary>
sealed class ExperimentRun(ExperimentConfig config, RunFolder folder, Action<string> log)
{
    /// <summary>Side of a tile, pixels: 38 mm, canal and all, at half the cost of the shipped network's.</summary>
    const int Side = 64;
    const int Batch = 32;
    const string Header = "arm,person,contrast,area_mm2,true_mm2,dice";

    /// <summary>Nothing of a cord lies farther from its middle, mm; what does is no matter of the label or the loss.</summary>
    const double Reach = 15;

    static readonly IReadOnlyList<SimulatedSequence> Protocol = SimulatedSequence.SpineGeneric;

    /// <returns>Every test image of every arm; null where it was stopped before the end.</returns>
    public IReadOnlyList<ExperimentRow>? Run(CancellationToken cancellation)
    {
        LibTorch.Start(config.Threads);
        return Train(cancellation) ? Measure(cancellation) : null;
    }

    bool Train(CancellationToken cancellation)
    {
        var open = config.Arms.SelectMany(Networks).Where(network => !File.Exists(folder.Checkpoint(network.Name) + ".done")).ToArray();
        if (open.Length == 0)
            return true;
        log($"drawing {config.TrainingPeople} people to train on");
        var volumes = ExperimentData.Training(config, _ => cancellation.ThrowIfCancellationRequested());
        foreach (var (arm, name, contrast, network) in open)
        {
            var chosen = volumes.Where(volume => contrast is null || volume.Hard.Contrast == contrast).Select(volume => arm.Labels == ArmLabels.Hard ? volume.Hard : volume.Soft);
            // The paper's augmentation: place, scale, bending, resolution, noise, shading; no change of the contrast itself.
            var source = new FineSamples(new TrainingData([.. chosen], []), Side) { RealShare = 1, RecontrastedShare = 0, ReplacedShare = 0, NegativeShare = 0.1 };
            var clock = System.Diagnostics.Stopwatch.StartNew();
            var (loss, waiting) = (double.NaN, 0.0);
            if (!new NetworkTrainer(name, network, config.Seed, 1, folder).Run(source, null, progress => (loss, waiting) = (progress.Loss, progress.WaitShare), cancellation))
                return false;
            CurvePicture.Draw(folder.Curve(name), Path.ChangeExtension(folder.Curve(name), ".png"));
            DurableFile.Write(folder.Checkpoint(name) + ".done", "");
            log(string.Create(CultureInfo.InvariantCulture, $"{name}: {network.Steps} steps in {clock.Elapsed.TotalMinutes:F1} min, loss {loss:F4}, {waiting:P0} waiting for samples"));
        }
        return true;
    }

    List<ExperimentRow>? Measure(CancellationToken cancellation)
    {
        var path = Path.Combine(folder.FolderPath, "areas.csv");
        var rows = File.Exists(path) ? [.. File.ReadLines(path).Skip(1).Select(ExperimentRow.Parse)] : new List<ExperimentRow>();
        var networks = config.Arms.SelectMany(Networks).Select(network => (network.Arm, network.Contrast, Weights: Weights.Load(network.Network, folder.Checkpoint(network.Name)))).ToArray();
        try
        {
            for (var person = rows.Count == 0 ? 0 : rows.Max(row => row.Person) + 1; person < config.TestPeople; person++)
            {
                if (cancellation.IsCancellationRequested)
                    return null;
                var scans = ExperimentData.TestScans(person);
                foreach (var arm in config.Arms)
                {
                    var masks = scans.Select(scan => Predict(arm, networks.First(network => network.Arm == arm && (network.Contrast ?? scan.Sequence.Name) == scan.Sequence.Name).Weights, scan)).ToArray();
                    var figures = SimulatedFigures.Of("", scans, masks);
                    rows.AddRange(figures.Contrasts.Select(contrast => new ExperimentRow(arm.Name, person, contrast.Name, contrast.Area, contrast.TrueArea, contrast.Dice)));
                }
                // Whole people only, so that a stopped run goes on with the next one.
                DurableFile.Write(path, string.Join('\n', rows.Select(row => row.ToCsv()).Prepend(Header)) + "\n");
                log($"test person {person + 1} of {config.TestPeople}");
            }
        }
        finally
        {
            foreach (var (_, _, weights) in networks)
                weights.Dispose();
        }
        return rows;
    }

    /// <summary>The networks of an arm: one, or one a contrast with its part of the steps.</summary>
    IEnumerable<(ExperimentArm Arm, string Name, string? Contrast, NetworkConfig Network)> Networks(ExperimentArm arm)
    {
        var network = config.Network with { Loss = arm.Loss, Output = arm.Output, Prior = arm.Prior ?? config.Network.Prior };
        var name = arm.Name.Replace(' ', '-');
        return arm.PerContrast
            ? Protocol.Select(sequence => (arm, $"{name}.{sequence.Name}", (string?)sequence.Name, network with { Steps = network.Steps / Protocol.Count }))
            : [(arm, name, null, network)];
    }

    /// <summary>The share around the cord's true place; of an arm that learnt hard masks the mask at 0.5, as such a network is used.</summary>
    static Volume Predict(ExperimentArm arm, Weights weights, SimulatedScan scan)
    {
        // As when the experiment's table was made.
        var input = new FineInput(scan.Image, preprocessing: 1);
        var fine = new Volume(new float[input.Slices * input.Rows * input.Columns], input.Slices, input.Rows, input.Columns, input.Sampling.Place(scan.Image.Affine));
        var tiles = Enumerable.Range(0, input.Slices).Select(slice => (Slice: slice, Centre: CentreOf(scan.Share, (int)Math.Clamp(Math.Round(input.Sampling.Slice.ToSource(slice)), 0, scan.Share.Slices - 1))))
            .Select(tile => (tile.Slice, Row: input.Sampling.Row.FromSource(tile.Centre.Row), Column: input.Sampling.Column.FromSource(tile.Centre.Column)));
        foreach (var chunk in tiles.Chunk(Batch))
        {
            var images = new float[chunk.Length * Side * Side];
            for (var n = 0; n < chunk.Length; n++)
                input.CutTile(chunk[n].Slice, FineInput.FirstOf(chunk[n].Row, Side), FineInput.FirstOf(chunk[n].Column, Side), Side, Side, images.AsSpan(n * Side * Side, Side * Side));
            var shares = weights.Predict(images, chunk.Length, arm.Output);
            for (var n = 0; n < chunk.Length; n++)
                Paste(shares.AsSpan(n * Side * Side, Side * Side), chunk[n], fine);
        }
        var mask = Resampler.Resample(fine, input.Sampling.Inverse(scan.Image));
        if (arm.Labels == ArmLabels.Hard)
        {
            for (var n = 0; n < mask.Voxels.Length; n++)
                mask.Voxels[n] = mask.Voxels[n] >= 0.5f ? 1 : 0;
        }
        return mask;
    }

    static void Paste(ReadOnlySpan<float> shares, (int Slice, double Row, double Column) tile, Volume fine)
    {
        var (top, left) = (FineInput.FirstOf(tile.Row, Side), FineInput.FirstOf(tile.Column, Side));
        for (var row = Math.Max(0, -top); row < Side && top + row < fine.Rows; row++)
        {
            for (var column = Math.Max(0, -left); column < Side && left + column < fine.Columns; column++)
            {
                var distance = Math.Sqrt(Math.Pow(top + row - tile.Row, 2) + Math.Pow(left + column - tile.Column, 2)) * FineInput.PixelSpacing;
                fine[tile.Slice, top + row, left + column] = distance <= Reach ? shares[(row * Side) + column] : 0;
            }
        }
    }

    static (double Row, double Column) CentreOf(Volume share, int slice)
    {
        var plane = share.Slice(slice);
        double sum = 0, row = 0, column = 0;
        for (var n = 0; n < plane.Length; n++)
            (sum, row, column) = (sum + plane[n], row + (plane[n] * (n / share.Columns)), column + (plane[n] * (n % share.Columns)));
        return (row / sum, column / sum);
    }

    sealed class Weights(UNet network, Tensor parameters, Tensor statistics) : IDisposable
    {
        public static Weights Load(NetworkConfig config, string checkpoint)
        {
            var (network, parameters, statistics, _) = NetworkTrainer.LoadWeights(config, checkpoint);
            return new(network, tensor(parameters), tensor(statistics));
        }

        public float[] Predict(float[] images, int count, ShareOutput output)
        {
            using var image = tensor(images, [count, 1, Side, Side]);
            using var share = network.Predict(image, parameters, statistics, output);
            return share.data<float>().ToArray();
        }

        public void Dispose()
        {
            parameters.Dispose();
            statistics.Dispose();
        }
    }
}

/// <summary>One test image as one arm measured it.</summary>
sealed record ExperimentRow(string Arm, int Person, string Contrast, double Area, double TrueArea, double Dice)
{
    public string ToCsv() => FormattableString.Invariant($"{Arm},{Person},{Contrast},{Area:F4},{TrueArea:F4},{Dice:F5}");

    public static ExperimentRow Parse(string line)
    {
        var parts = line.Split(',');
        return new(parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), parts[2], Number(3), Number(4), Number(5));

        double Number(int n) => double.Parse(parts[n], CultureInfo.InvariantCulture);
    }
}
