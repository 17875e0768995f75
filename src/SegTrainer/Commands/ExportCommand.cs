using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Export;
using SoftSeg.SegTrainer.Networks;
using SoftSeg.SegTrainer.Training;
using Agreement = SoftSeg.SegTrainer.Export.Agreement;

namespace SoftSeg.SegTrainer.Commands;

/// <summary><c>softseg-train export</c>: writes the networks of a run, or of a package once more, as ONNX, each checked against the trained one.</summary>
static class ExportCommand
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static Command Create()
    {
        var run = new Option<string?>("--run") { Description = "The run folder of a training; without it, both networks of --others are written anew." };
        var to = new Option<string>("--to") { Required = true, Description = "Folder of the model package to write." };
        var manifest = new Option<string>("--manifest") { Required = true, Description = "What model.json says beside hashes and dates, for example conf/training/cord-0.1.0.model.json." };
        var best = new Option<bool>("--best") { Description = "Take the checkpoint that validated best instead of the last one." };
        var others = new Option<string>("--others") { Description = "Folder of a model package: a network that the run did not train is taken from there, and its graph written anew.", HelpName = "MODEL" };
        var command = new Command("export", "Write a run's networks as ONNX.") { run, to, manifest, best, others };
        command.SetAction(result => Outcome.Of(result, () => Export(result.GetValue(run), result.GetRequiredValue(to), result.GetRequiredValue(manifest), result.GetValue(best), result.GetValue(others))));
        return command;
    }

    static int Export(string? runFolder, string target, string manifestPath, bool best, string? othersFolder)
    {
        if (runFolder is null && othersFolder is null)
            throw new TrainingException("There is no network to write: --run names a training, --others a package.");
        if (runFolder is not null)
            Outcome.RequireFolder("--run", runFolder);
        var (config, run) = runFolder is null ? default : (TrainingConfig.Load(Path.Combine(runFolder, "config.json")), new RunFolder(runFolder));
        string? Trained(string name) => run?.Checkpoint(name) is { } path && File.Exists(path) ? path : null;
        var manifest = ReadManifest(manifestPath);
        var others = othersFolder is null ? null : ModelPackage.Load(othersFolder);
        manifest = config is null ? manifest with { Created = others!.Manifest.Created } : manifest with
        {
            Name = config.Name,
            Version = config.Version,
            Created = TrainCommand.NetworkNames.Select(Trained).OfType<string>().Select(File.GetLastWriteTimeUtc).Append(DateTime.MinValue).Max().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
        if (others is not null && Trained("fine") is null && others.Manifest.Preprocessing != manifest.Preprocessing)
            throw new TrainingException($"The fine network of {others.Name} {others.Version} is prepared for by version {others.Manifest.Preprocessing}, and '{manifestPath}' says {manifest.Preprocessing}: say {others.Manifest.Preprocessing} there.");
        LibTorch.Start(config?.Threads ?? 0);
        // Both are made and checked before either is written.
        var networks = new[] { Make("locator", "locator.onnx"), Make("fine", "model.onnx") };
        Directory.CreateDirectory(target);
        foreach (var (file, onnx, line) in networks)
        {
            DurableFile.Write(Path.Combine(target, file), onnx);
            Console.WriteLine(line);
        }

        var package = ModelPackage.Write(target, manifest);
        Console.WriteLine($"{ModelPackage.ManifestFile}: {package.Name} {package.Version}, sha256 {package.Sha256}");
        return 0;

        (string File, byte[] Onnx, string Line) Make(string name, string file)
        {
            UNet unet;
            float[] parameters, statistics;
            bool bothPolarities;
            string source;
            if (others is not null && Trained(name) is null)
            {
                (var spec, parameters, statistics, bothPolarities) = UNetImport.FromOnnx(others.Network(name));
                (unet, source) = (new UNet(spec), $"{others.Name} {others.Version}");
            }
            else
            {
                if (!config!.Networks.TryGetValue(name, out var network))
                    throw new TrainingException($"The run '{runFolder}' trains no {name} network: say with --others which package's goes with it.");
                var checkpoint = best && File.Exists(run!.BestCheckpoint(name)) ? run.BestCheckpoint(name) : run!.Checkpoint(name);
                (unet, parameters, statistics, var step) = NetworkTrainer.LoadWeights(network, checkpoint);
                (bothPolarities, source) = (network.BothPolarities, $"step {step}");
            }
            var onnx = UNetExport.ToOnnx(unet, parameters, statistics, $"{manifest.Name} {name}", manifest.Version, bothPolarities);
            var difference = Agreement.Check(onnx, unet, parameters, statistics, bothPolarities);
            return (file, onnx, $"{file}: {name} network of {source}, {onnx.Length / 1024.0:F0} KiB; ONNX Runtime and TorchSharp agree to {difference:G2}");
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
