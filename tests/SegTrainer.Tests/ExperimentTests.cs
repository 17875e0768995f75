using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.GroundTruth;
using SoftSeg.SegTrainer.Experiment;
using SoftSeg.SegTrainer.Networks;
using SoftSeg.SegTrainer.Training;
using TorchSharp;

namespace SoftSeg.SegTrainer.Tests;

[Collection("libtorch")]
public sealed class ExperimentTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("softseg-experiment").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Wilcoxon_gives_the_published_probabilities()
    {
        // Hollander and Wolfe's depression data: 0.039 two-sided, exact.
        double[] first = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30], second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
        Assert.Equal(0.0390625, Wilcoxon.TwoSided(first.Zip(second, (a, b) => a - b)), 1e-9);
        Assert.Equal(1, Wilcoxon.TwoSided([1, -1, 2, -2]), 1e-9);
        Assert.Equal(2 / 1024.0, Wilcoxon.TwoSided(Enumerable.Range(1, 10).Select(n => (double)n)), 1e-12);
        // With ties the normal approximation: 20 equal differences of one sign, z = (210 - 105 - 0.5) / sqrt(717.5 - 166.25).
        Assert.Equal(8.6e-6, Wilcoxon.TwoSided(Enumerable.Repeat(1.0, 20)), 1e-6);
    }

    [Fact]
    public void Raters_draw_inside_or_outside_the_border_by_contrast_and_their_average_lies_between()
    {
        var config = Config();
        var scans = ExperimentData.TestScans(0);
        var rater = new SimulatedRater(config.RaterOffsets, 0);
        var masks = scans.Select(scan => rater.Draw(scan, new Random(1))).ToArray();
        double Relative(int n, Volume of) => (of.Voxels.Sum() / scans[n].Share.Voxels.Sum()) - 1;
        Assert.InRange(Relative(0, masks[0]), 0.03, 0.09);
        Assert.InRange(Relative(1, masks[1]), -0.09, -0.03);

        var soft = ExperimentData.Average(scans, masks);
        for (var n = 0; n < scans.Count; n++)
        {
            Assert.InRange(soft[n].Share.Voxels.Max(), 0.9f, 1f);
            var inner = Enumerable.Range(0, scans[n].Share.Slices).Where(slice => soft[n].Known[slice] > 0.99).ToArray();
            Assert.True(inner.Length >= scans[n].Share.Slices - 4);
            double truth = 0, got = 0, drawn = 0;
            foreach (var slice in inner)
            {
                truth += Sum(scans[n].Share, slice);
                got += Sum(soft[n].Share, slice);
                drawn += Sum(masks[n], slice);
            }
            Assert.InRange((got / truth) - 1, -0.02, 0.04);
            if (Math.Abs((drawn / truth) - 1) > 0.03)
                Assert.True(Math.Abs(got - truth) < Math.Abs(drawn - truth));
        }

        static double Sum(Volume volume, int slice)
        {
            var sum = 0.0;
            foreach (var value in volume.Slice(slice))
                sum += value;
            return sum;
        }
    }

    [Fact]
    public void An_average_counts_only_who_looked()
    {
        var affine = new Affine(Vector3.Zero, new(0, 0, 1), new(0, 1, 0), new(1, 0, 0));
        Volume Filled(int slices, double from, float value) => new(Enumerable.Repeat(value, slices * 16).ToArray(), slices, 4, 4, affine with { Origin = new(0, 0, from) });
        var (share, coverage) = SoftAverage.Of([new(Filled(4, 0, 1), point => point), new(Filled(6, 2, 0), point => point)], Filled(12, 0, 0));
        Assert.Equal((1f, 1f), (share[1, 1, 1], coverage[0, 1, 1]));
        Assert.Equal((0.5f, 2f), (share[3, 1, 1], coverage[3, 1, 1]));
        Assert.Equal((0f, 1f), (share[6, 1, 1], coverage[6, 1, 1]));
        Assert.Equal(0f, coverage[9, 1, 1]);
        // A slice that is not believed counts as not seen.
        var (without, _) = SoftAverage.Of([new(Filled(4, 0, 1), point => point, [true, true, false, false]), new(Filled(6, 2, 0), point => point)], Filled(12, 0, 0));
        Assert.Equal(0f, without[3, 1, 1]);
        var (_, known) = SoftAverage.Back((share, coverage), new Volume(new float[2 * 16], 2, 4, 4, new Affine(new(0, 0, -2), new(0, 0, 4), new(0, 1, 0), new(1, 0, 0))), point => point);
        Assert.Equal(0.25, known[0], 6); // its uppermost quarter lies within the reference's lowest voxel
        Assert.Equal(1, known[1], 6);
    }

    [Fact]
    public void Upstreams_output_peaks_at_one_in_every_tile()
    {
        using var logit = torch.tensor(new float[] { -1, 2, 4, 0, -3, -2, -1, 0.25f }, [2, 1, 2, 2]);
        using var share = ShareLoss.Activate(logit, ShareOutput.ReluOverMax);
        Assert.Equal([0, 0.5f, 1, 0, 0, 0, 0, 1], share.data<float>().ToArray());
    }

    [Fact]
    public void An_experiment_runs_goes_on_and_reports()
    {
        var config = Config();
        var run = new RunFolder(folder);
        run.Begin(config.ToJson());
        var stopped = new CancellationTokenSource();
        Assert.Null(new ExperimentRun(config, run, line => { if (line.StartsWith("soft", StringComparison.Ordinal)) stopped.Cancel(); }).Run(stopped.Token));
        var lines = new List<string>();
        var rows = new ExperimentRun(config, run, lines.Add).Run(CancellationToken.None)!;
        Assert.DoesNotContain(lines, line => line.Contains("steps", StringComparison.Ordinal));
        Assert.Equal(config.Arms.Length * 2 * 6, rows.Count);
        Assert.All(rows, row => Assert.InRange(row.TrueArea, 30, 140));
        // Again: everything is there already.
        Assert.Equal(rows.Count, new ExperimentRun(config, run, _ => Assert.Fail("nothing is left to do")).Run(CancellationToken.None)!.Count);

        var known = rows.Select(row => row with { Area = row.TrueArea + (row.Arm == "soft" ? 0 : row.Contrast == "T1w" ? 5 : -1), Dice = 0.9 }).ToArray();
        var table = ExperimentReport.Table(config, known).Split('\n');
        Assert.Contains("| hard | 2.4", table[2], StringComparison.Ordinal);
        Assert.StartsWith("| **soft** | 0.", table[3], StringComparison.Ordinal);
        Assert.Contains("| 1.67 (0.00) |", table[2], StringComparison.Ordinal);
        var svg = System.Xml.Linq.XDocument.Parse(ExperimentReport.Violins(config, known));
        Assert.Equal(2, svg.Descendants().Count(element => element.Name.LocalName == "polygon"));
    }

    [Theory]
    [InlineData("\"trainingPeople\": 1", "\"trainingPeople\": 0", "'trainingPeople' is 0")]
    [InlineData("\"ours\": \"soft\"", "\"ours\": \"softer\"", "'ours' is \"softer\"")]
    [InlineData("\"steps\": 2", "\"minutes\": 2", "'network.steps'")]
    [InlineData("\"name\": \"hard\"", "\"name\": \"soft\"", "two arms are named")]
    [InlineData("\"seed\": 1", "\"sed\": 1", "sed")]
    public void A_broken_experiment_is_named(string from, string to, string expected)
    {
        Assert.Contains(from, Text, StringComparison.Ordinal);
        var path = Path.Combine(folder, "broken.json");
        File.WriteAllText(path, Text.Replace(from, to, StringComparison.Ordinal));
        Assert.Contains(expected, Assert.Throws<TrainingException>(() => ExperimentConfig.Load(path)).Message, StringComparison.Ordinal);
    }

    const string Text = """
        {
          "seed": 1, "threads": 1, "trainingPeople": 1, "testPeople": 2,
          "raterOffsets": { "T1w": 0.15, "T2w": -0.15 },
          "network": { "dimensions": 2, "features": [2, 4], "batch": 2, "steps": 2 },
          "ours": "soft",
          "arms": [
            { "name": "hard", "labels": "hard", "perContrast": false, "loss": { "adaptiveWing": 0, "crossEntropy": 0, "dice": 1 } },
            { "name": "soft", "labels": "soft", "perContrast": false, "loss": { "adaptiveWing": 1, "crossEntropy": 0, "dice": 0 } }
          ]
        }
        """;

    ExperimentConfig Config()
    {
        var path = Path.Combine(folder, "experiment.json");
        File.WriteAllText(path, Text);
        return ExperimentConfig.Load(path);
    }
}
