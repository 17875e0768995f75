using System.CommandLine;
using System.Globalization;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Evaluation;
using SoftSeg.SegTrainer.Synthesis;
using SoftSeg.SegTrainer.Training;

namespace SoftSeg.SegTrainer.Commands;

/// <summary><c>softseg-train gate</c>: judges a model on the frozen set, beside the one before it, and writes the verdict into its model.json.</summary>
static class GateCommand
{
    /// <summary>The exit code of a model that did not pass; 1 says that it could not be judged.</summary>
    public const int NotPassed = 3;

    public static Command Create()
    {
        var models = new Argument<string[]>("MODELS") { Arity = new ArgumentArity(1, 2), Description = "Folders of model packages: OLD NEW, or NEW alone where it is the first." };
        var manifest = new Option<string>("--manifest") { Required = true, Description = "Manifest with the frozen set, for example conf/training/data.json." };
        var data = new Option<string>("--data") { Required = true, Description = "The data folder that the manifest names files of." };
        var command = new Command("gate", "Judge a model on the frozen set: not worse than the one before it, no drift of the area.") { models, manifest, data };
        command.SetAction(result => Outcome.Of(result, () =>
            Gate(result.GetRequiredValue(models), TrainingManifest.Load(result.GetRequiredValue(manifest)), result.GetRequiredValue(data), result.InvocationConfiguration)));
        return command;
    }

    static int Gate(string[] folders, TrainingManifest manifest, string dataFolder, InvocationConfiguration console)
    {
        Outcome.RequireFolder("--data", dataFolder);
        var model = ModelPackage.Load(folders[^1]);
        var old = folders.Length > 1 ? ModelPackage.Load(folders[0]) : null;
        var frozenSet = FrozenSet.Hash(manifest, dataFolder);
        if (old?.Manifest.Gate is { } before && before.FrozenSet != frozenSet)
            throw new TrainingException($"{old.Name} {old.Version} was judged on another frozen set ({before.FrozenSet[..12]}..., and this one is {frozenSet[..12]}...). Bring back the files of that set, or judge the old model on this one first: softseg-train gate {folders[0]}.");

        console.Output.WriteLine($"frozen set {frozenSet}");
        var judged = DriftGate.Judge(
            model,
            Measure(model, "new"),
            old is null ? null : (old, Measure(old, "old")),
            frozenSet,
            DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        ModelPackage.Write(folders[^1], model.Manifest with { Gate = judged });
        foreach (var (name, value) in judged.Figures)
            console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} = {value:0.#####}"));
        if (judged.Passed)
        {
            console.Output.WriteLine($"{model.Name} {model.Version} passed{(old is null ? "" : $" against {judged.Against}")}.");
            return 0;
        }

        foreach (var reason in judged.Reasons)
            console.Error.WriteLine($"{model.Name} {model.Version} did not pass: {reason}.");
        return NotPassed;

        EvaluationReport Measure(ModelPackage package, string role)
        {
            console.Output.WriteLine($"measuring {package.Name} {package.Version} ({role})");
            using var segmenter = SoftSegmenter.Load(package);
            var report = ModelMeasurement.Of(segmenter, manifest, dataFolder, [FrozenSet.Part]);
            ModelMeasurement.AddSimulated(report, segmenter, SimulatedProtocol.SpineGeneric, FrozenSet.SimulatedPeople);
            return report;
        }
    }
}
