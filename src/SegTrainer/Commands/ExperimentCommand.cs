using System.CommandLine;
using SoftSeg.SegTrainer.Experiment;
using SoftSeg.SegTrainer.Training;

namespace SoftSeg.SegTrainer.Commands;

/// <summary><c>softseg-train experiment</c>: hard against soft labels, one network a contrast against one for all, losses and outputs, on simulated people.</summary>
static class ExperimentCommand
{
    public static Command Create()
    {
        var config = new Option<string>("--config") { Required = true, Description = "The experiment, for example conf/training/experiment.json." };
        var run = new Option<string>("--run") { Required = true, Description = "Folder for checkpoints and figures. An existing one is resumed." };
        var report = new Option<string?>("--report") { Description = "Also copy table.md, bias.md and violins.svg into this folder." };
        var command = new Command("experiment", "Run the comparison of labels, losses and outputs on simulated people.") { config, run, report };
        command.SetAction((result, cancellation) => Task.Run(() => Outcome.Of(result, () =>
        {
            var experiment = ExperimentConfig.Load(result.GetRequiredValue(config));
            var folder = new RunFolder(result.GetRequiredValue(run));
            folder.Begin(experiment.ToJson());
            var output = result.InvocationConfiguration.Output;
            var rows = new ExperimentRun(experiment, folder, line => output.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {line}")).Run(cancellation);
            if (rows is null)
            {
                output.WriteLine("Stopped; the same command goes on.");
                return 2;
            }

            var table = ExperimentReport.Table(experiment, rows);
            output.WriteLine(table);
            foreach (var target in new[] { folder.FolderPath, result.GetValue(report) }.OfType<string>())
            {
                Directory.CreateDirectory(target);
                DurableFile.Write(Path.Combine(target, "table.md"), table);
                DurableFile.Write(Path.Combine(target, "bias.md"), ExperimentReport.BiasTable(experiment, rows));
                DurableFile.Write(Path.Combine(target, "violins.svg"), ExperimentReport.Violins(experiment, rows));
            }

            return 0;
        })));
        return command;
    }
}
