using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Export;
using SoftSeg.SegTrainer.Networks;
using SoftSeg.SegTrainer.Training;
using Agreement = SoftSeg.SegTrainer.Export.Agreement;

namespace SoftSeg.SegTrainer.Commands;

/// <summary><c>softseg-train export</c>: writes the networks of a run as ONNX, each checked against the trained one.</summary>
static class ExportCommand
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static Command Create()
    {
        var run = new Option<string>("--run") { Required = true, Description = "The run folder of a training." };
        var to = new Option<string>("--to") { Required = true, Description = "Folder of the model package to write." };
        var manifest = new Option<string>("--manifest") { Required = true, Description = "What model.json says beside hashes and dates, for example conf/training/cord-0.1.0.model.json." };
        var best = new Option<bool>("--best") { Description = "Take the checkpoint that validated best instead of the last one." };
        var others = new Option<string>("--others") { Description = "Folder of a model package: a network that the run did not train is taken from there as it is.", HelpName = "MODEL" };
        var command = new Command("export", "Write a run's networks as ONNX.") { run, to, manifest, best, others };
        command.SetAction(result => Outcome.Of(result, () => Export(result.GetRequiredValue(run), result.GetRequiredValue(to), result.GetRequiredValue(manifest), result.GetValue(best), result.GetValue(others))));
        return command;
    }

    static int Export(string runFolder, string target, string manifestPath, bool best, string? othersFolder)
    {
        Outcome.RequireFolder("--run", runFolder);
        var config = TrainingConfig.Load(Path.Combine(runFolder, "config.json"));
        var run = new RunFolder(runFolder);
        var manifest = ReadManifest(manifestPath) with
        {
            Name = config.Name,
            Version = config.Version,
            Created = TrainCommand.NetworkNames.Select(run.Checkpoint).Where(File.Exists).Select(File.GetLastWriteTimeUtc).Append(DateTime.MinValue).Max().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
        var others = othersFolder is null ? null : ModelPackage.Load(othersFolder);
        if (others is not null && !File.Exists(run.Checkpoint("fine")) && others.Manifest.Preprocessing != manifest.Preprocessing)
            throw new TrainingException($"The fine network of {others.Name} {others.Version} is prepared for by version {others.Manifest.Preprocessing}, and '{manifestPath}' says {manifest.Preprocessing}: say {others.Manifest.Preprocessing} there.");
        LibTorch.Start(config.Threads);
        // Both are made and checked before either is written.
        var networks = new[] { Make("locator", config.Locator, "locator.onnx"), Make("fine", config.Fine, "model.onnx") };
        Directory.CreateDirectory(target);
        foreach (var (file, onnx, line) in networks)
        {
            DurableFile.Write(Path.Combine(target, file), onnx);
            Console.WriteLine(line);
        }

        var package = ModelPackage.Write(target, manifest);
        Console.WriteLine($"{ModelPackage.ManifestFile}: {package.Name} {package.Version}, sha256 {package.Sha256}");
        return 0;

        (string File, byte[] Onnx, string Line) Make(string name, NetworkConfig network, string file)
        {
            if (others is not null && !File.Exists(run.Checkpoint(name)))
                return (file, others.Network(name).ToArray(), $"{file}: {name} network of {others.Name} {others.Version}, as it is");
            var checkpoint = best && File.Exists(run.BestCheckpoint(name)) ? run.BestCheckpoint(name) : run.Checkpoint(name);
            var (unet, parameters, statistics, step) = NetworkTrainer.LoadWeights(network, checkpoint);
            var onnx = UNetExport.ToOnnx(unet, parameters, statistics, $"{config.Name} {name}", config.Version, network.BothPolarities);
            var difference = Agreement.Check(onnx, unet, parameters, statistics, network.BothPolarities);
            return (file, onnx, $"{file}: {name} network of step {step}, {onnx.Length / 1024.0:F0} KiB; ONNX Runtime and TorchSharp agree to {difference:G2}");
        }
    }

    static ModelManifest ReadManifest(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ModelManifest>(File.ReadAllText(path), Json)
                ?? throw new TrainingException($"The model manifest '{path}' is empty.");
        }
        catch (Exception error) when (error is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TrainingException($"The model manifest '{path}' can't be read: {error.Message}", error);
        }
    }
}
