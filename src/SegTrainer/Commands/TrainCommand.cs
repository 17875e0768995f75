using System.CommandLine;
using System.Globalization;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Networks;
using SoftSeg.SegTrainer.Training;
using Spectre.Console;

namespace SoftSeg.SegTrainer.Commands;

/// <summary><c>softseg-train train</c>: trains the networks of a recipe, going on from the run folder's checkpoints.</summary>
static class TrainCommand
{
    public static readonly string[] NetworkNames = ["locator", "fine"];

    public static Command Create()
    {
        var config = new Option<string>("--config") { Required = true, Description = "The recipe, for example conf/training/cord-0.1.0.json." };
        var data = new Option<string>("--data") { Required = true, Description = "The data folder that the recipe's manifest names files of." };
        var run = new Option<string>("--run") { Required = true, Description = "Folder for checkpoints and curves. An existing one is resumed." };
        var network = new Option<string[]>("--network") { Description = "locator or fine; all that the recipe has, one after the other, when left out." };
        network.AcceptOnlyFromAmong(NetworkNames);
        var start = new Option<string>("--start") { Description = "Folder of a model package: a network without a checkpoint in --run starts from its weights, widened where the recipe's has more channels.", HelpName = "MODEL" };
        var teacher = new Option<string>("--teacher") { Description = "Folder of the model package that says what the images without a mask show, instead of the recipe's.", HelpName = "MODEL" };
        var holdOut = HoldOutOption();
        var command = new Command("train", "Train the networks of a recipe.") { config, data, run, network, start, teacher, holdOut };
        command.SetAction((result, cancellation) => Task.Run(() => Outcome.Of(result, () => Train(
            result.GetRequiredValue(config),
            result.GetRequiredValue(data),
            result.GetRequiredValue(run),
            result.GetValue(network) ?? [],
            result.GetValue(start),
            result.GetValue(teacher),
            result.GetValue(holdOut) ?? [],
            cancellation))));
        return command;
    }

    public static Option<string[]> HoldOutOption() =>
        new("--hold-out") { Description = "People who are measured instead of trained on.", HelpName = "PERSON", AllowMultipleArgumentsPerToken = true };

    static int Train(string configPath, string dataFolder, string runFolder, string[] networks, string? startFolder, string? teacher, string[] holdOut, CancellationToken cancellation)
    {
        var config = TrainingConfig.Load(configPath);
        config = config with { HoldOut = [.. config.HoldOut.Union(holdOut)], Teacher = teacher is null ? config.Teacher : Path.GetFullPath(teacher) };
        if (networks.Except(config.Networks.Keys).ToArray() is { Length: > 0 } missing)
            throw new TrainingException($"The recipe '{configPath}' has no '{missing[0]}': it trains {string.Join(" and ", config.Networks.Keys)}.");
        Outcome.RequireFolder("--data", dataFolder);
        var start = startFolder is null ? null : ModelPackage.Load(startFolder);
        var samples = SampleSources.Load(SampleSources.Manifest(config, configPath), dataFolder, SampleSources.Teacher(config, configPath), cancellation, config.Halfway);
        var run = new RunFolder(runFolder);
        run.Begin(config, dataFolder);
        LibTorch.Start(config.Threads);
        foreach (var (name, network) in config.Networks.Where(network => networks.Length == 0 || networks.Contains(network.Key)))
        {
            var trainer = new NetworkTrainer(name, network, config.Seed, config.Producers, run) { Start = start?.NetworkFile(name) };
            var (source, validation) = name == "locator" ? samples.Locator(network) : samples.Fine(network);
            var finished = Console.IsOutputRedirected
                ? trainer.Run(source, validation, LogLines(name), cancellation)
                : WithBar(name, report => trainer.Run(source, validation, report, cancellation));
            CurvePicture.Draw(run.Curve(name), Path.ChangeExtension(run.Curve(name), ".png"));
            if (!finished)
            {
                Console.WriteLine($"Stopped; the same command goes on from {run.Checkpoint(name)}.");
                return 2;
            }
        }

        return 0;
    }

    static bool WithBar(string name, Func<Action<TrainingProgress>, bool> work) => AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .Start(context =>
        {
            var task = context.AddTask(name, maxValue: 1);
            return work(progress =>
            {
                task.Value = progress.Fraction;
                task.Description = Markup.Escape(Line(name, progress));
            });
        });

    /// <summary>A line every 100 steps where the output is a file.</summary>
    static Action<TrainingProgress> LogLines(string name)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        double? first = null;
        return progress =>
        {
            first ??= progress.Fraction;
            if (progress.Step % 100 != 0 && progress.Fraction < 1)
                return;
            var pace = (progress.Fraction - first.Value) / clock.Elapsed.TotalMinutes;
            var left = pace > 0 ? (1 - progress.Fraction) / pace : double.NaN;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Line(name, progress)}  {progress.Fraction:P1} done, {left:F1} min left, {progress.WaitShare:P0} waiting for samples"));
        };
    }

    static string Line(string name, TrainingProgress progress) => string.Create(
        CultureInfo.InvariantCulture,
        $"{name} step {progress.Step} loss {progress.Loss:F4}{(progress.Validation is { } v ? $" soft Dice {v.SoftDice:F4} Dice {v.Dice:F4} area {v.AreaBias:+0.0%;-0.0%;0.0%}" : "")}");
}
