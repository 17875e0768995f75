using System.CommandLine;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Commands;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Evaluation;

namespace SoftSeg.SegTrainer.Tests;

public sealed class GateTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("softseg-gate").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_first_model_that_meets_the_bars_passes()
    {
        var gate = Judge(Report(dice: 0.95, bias: 0.02));
        Assert.True(gate.Passed, string.Join("; ", gate.Reasons));
        Assert.Null(gate.Against);
        Assert.Equal(0.95, gate.Figures["dice.mean"], 0.005);
    }

    [Theory]
    [InlineData(0.93, 0.02, 0, "mean Dice is 0.93")]
    [InlineData(0.95, -0.06, 0, "area bias is -0.06")]
    [InlineData(0.95, 0.02, 0.3, "where there is no cord is 0.3")]
    public void A_model_below_a_bar_is_refused_with_the_figure(double dice, double bias, double elsewhere, string reason)
    {
        var gate = Judge(Report(dice, bias, elsewhere));
        Assert.False(gate.Passed);
        Assert.Contains(reason, Assert.Single(gate.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public void A_like_model_passes_against_the_one_before()
    {
        var gate = Judge(Report(0.951, 0.022), Report(0.95, 0.02));
        Assert.True(gate.Passed, string.Join("; ", gate.Reasons));
        Assert.Equal("cord-test 0.1.0", gate.Against);
        Assert.InRange(gate.Figures["areaDrift"], 0.0015, 0.0025);
        Assert.True(gate.Figures["dice.mean.low"] <= gate.Figures["dice.mean.difference"] && gate.Figures["dice.mean.difference"] <= gate.Figures["dice.mean.high"]);
    }

    [Theory]
    [InlineData(0.945, 0.02, "mean Dice is worse than before by 0.0")]
    [InlineData(0.955, 0.005, "areas drift by -1.5%")]
    [InlineData(0.955, 0.026, "absolute area bias is worse")]
    public void A_worse_or_drifting_model_is_refused(double dice, double bias, string reason)
    {
        var gate = Judge(Report(dice, bias), Report(0.955, 0.02));
        Assert.False(gate.Passed);
        Assert.Contains(gate.Reasons, text => text.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void The_worst_volume_may_not_pay_for_the_mean()
    {
        var (before, after) = (Report(0.95, 0, volumes: 3), Report(0.97, 0, volumes: 3, worst: 0.92));
        Assert.Contains("worst volume", Assert.Single(Judge(after, before).Reasons, reason => reason.Contains("volume", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_person_whose_area_moves_with_the_contrast_is_a_reason()
    {
        static EvaluationReport With(EvaluationReport report, double spread)
        {
            for (var person = 0; person < 6; person++)
                report.Add(new SimulatedFigures($"person {person}", [new("T1w", 70 + (spread * 70), 70, 0.95), new("T2w", 70 - (spread * 70), 70, 0.95)]));
            return report;
        }

        Assert.True(Judge(With(Report(0.95, 0.02), 0.005)).Passed);
        Assert.Contains("deviation of a simulated person's area between contrasts is 0.02", Assert.Single(Judge(With(Report(0.95, 0.02), 0.02)).Reasons), StringComparison.Ordinal);
        Assert.Contains("deviation of the area between contrasts is worse", Assert.Single(Judge(With(Report(0.95, 0.02), 0.008), With(Report(0.95, 0.02), 0.005)).Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public void Opposite_drifts_of_people_and_simulated_people_do_not_cancel()
    {
        static EvaluationReport With(EvaluationReport report, double bias)
        {
            for (var person = 0; person < 6; person++)
                report.Add(new SimulatedFigures($"person {person}", [new("T1w", 70 * (1 + bias), 70, 0.95), new("T2w", 70 * (1 + bias), 70, 0.95)]));
            return report;
        }

        var gate = Judge(With(Report(0.95, 0.02), -0.02), With(Report(0.95, 0), 0));
        Assert.InRange(gate.Figures["areaDrift"], 0.015, 0.025);
        Assert.Equal(-0.02, gate.Figures["simulated.areaDrift"], 6);
        Assert.Contains(gate.Reasons, reason => reason.StartsWith("areas drift by +2", StringComparison.Ordinal));
        Assert.Contains(gate.Reasons, reason => reason.StartsWith("simulated people's areas drift by -2.0%", StringComparison.Ordinal));
    }

    [Fact]
    public void A_paired_interval_cancels_what_is_hard_for_both()
    {
        var random = new Random(1);
        var hard = Enumerable.Range(0, 60).Select(_ => random.NextDouble()).ToArray();
        var (low, high) = PairedBootstrap.Interval([60], 0, resample => resample.Slices[0].Average(slice => (hard[slice] + 0.01) - hard[slice]));
        Assert.Equal(0.01, low, 6);
        Assert.Equal(0.01, high, 6);
        (low, high) = PairedBootstrap.Interval([60], 0, resample => resample.Slices[0].Average(slice => hard[slice]));
        Assert.InRange(high - low, 0.08, 0.35);
        Assert.InRange(hard.Average(), low, high);
    }

    [Fact]
    public void The_frozen_set_is_known_by_its_content()
    {
        Directory.CreateDirectory(Path.Combine(folder, "data"));
        var volume = new Volume(new float[8], 2, 2, 2, new Affine(Vector3.Zero, new(0, 0, 1), new(0, 1, 0), new(1, 0, 0)));
        NiftiFile.Write(Path.Combine(folder, "data/a.nii.gz"), volume);
        NiftiFile.Write(Path.Combine(folder, "data/a_seg.nii"), volume);
        var manifest = new TrainingManifest { Train = [], Frozen = [new("a.nii.gz", "a_seg.nii", "a", "T2w")] };
        var hash = FrozenSet.Hash(manifest, Path.Combine(folder, "data"));
        Assert.Equal(hash, FrozenSet.Hash(manifest, Path.Combine(folder, "data")));
        volume.Voxels[3] = 1;
        NiftiFile.Write(Path.Combine(folder, "data/a.nii.gz"), volume);
        Assert.NotEqual(hash, FrozenSet.Hash(manifest, Path.Combine(folder, "data")));
        File.Delete(Path.Combine(folder, "data/a.nii.gz"));
        Assert.Contains("a.nii.gz belongs to the frozen set but is missing", Assert.Throws<InvalidDataException>(() => FrozenSet.Hash(manifest, Path.Combine(folder, "data"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_judged_on_another_set_is_not_compared()
    {
        Directory.CreateDirectory(Path.Combine(folder, "data"));
        var (model, _) = Package();
        ModelPackage.Write(Path.Combine(folder, "model"), model.Manifest with { Gate = new() { Passed = true, Fingerprint = model.Manifest.Fingerprint(), FrozenSet = "0123456789abcdef", Date = "" } });
        File.WriteAllText(Path.Combine(folder, "data.json"), """{ "train": [] }""");
        var (error, output) = (new StringWriter(), new StringWriter());
        var command = GateCommand.Create();
        var code = new RootCommand { command }.Parse(["gate", Path.Combine(folder, "model"), Path.Combine(folder, "model"), "--manifest", Path.Combine(folder, "data.json"), "--data", Path.Combine(folder, "data")])
            .Invoke(new InvocationConfiguration { Error = error, Output = output });
        Assert.Equal(1, code);
        Assert.Contains("was judged on another frozen set (0123456789ab", error.ToString(), StringComparison.Ordinal);
    }

    ModelGate Judge(EvaluationReport report, EvaluationReport? before = null)
    {
        var (model, _) = Package();
        return DriftGate.Judge(model, report, before is null ? null : (model, before), "set", "2026-01-31");
    }

    (ModelPackage Model, string Folder) Package()
    {
        var path = Directory.CreateDirectory(Path.Combine(folder, "model")).FullName;
        foreach (var name in new[] { "model.onnx", "locator.onnx" })
            File.WriteAllText(Path.Combine(path, name), name);
        return (ModelPackage.Write(path, new ModelManifest
        {
            Name = "cord-test",
            Version = "0.1.0",
            Created = "",
            Networks = [new(ModelNetwork.Fine, "model.onnx", ""), new(ModelNetwork.Locator, "locator.onnx", "")],
            Segments = [new(1, "Cord", new("1", "99X", "a"), new("2", "99X", "b"), [1, 2, 3])],
        }), path);
    }

    /// <summary>Volumes of 40 slices whose Dice and bias vary a little from slice to slice, the same for every model.</summary>
    static EvaluationReport Report(double dice, double bias, double elsewhere = 0, int volumes = 2, double? worst = null)
    {
        var report = new EvaluationReport();
        var random = new Random(7);
        for (var n = 0; n < volumes; n++)
        {
            var of = n == 0 && worst is { } lowest ? lowest : dice;
            var slices = Enumerable.Range(0, 40).Select(_ => new SliceFigures((of + (0.004 * (random.NextDouble() - 0.5))) * 200, 200, 70 * (1 + bias + (0.01 * (random.NextDouble() - 0.5))), 70)).ToArray();
            var (area, truth) = (slices.Average(slice => slice.Area), slices.Average(slice => slice.TrueArea));
            report.Add(new MeasuredVolume(new VolumeFigures($"volume {n}", "T2w", slices.Sum(slice => slice.Overlap) / slices.Sum(slice => slice.Sizes), of, (area / truth) - 1, 0, 0, 0, 0) { Slices = slices, Area = area, TrueArea = truth }, default, [], []));
        }

        var empty = new Volume(new float[1000], 10, 10, 10, new Affine(Vector3.Zero, new(0, 0, 1), new(0, 1, 0), new(1, 0, 0)));
        empty.Voxels.AsSpan(0, (int)(elsewhere * 1000)).Fill(1);
        report.AddNegative("noise", new Segmentation(empty, elsewhere > 0, [], "cpu", []));
        return report;
    }
}
