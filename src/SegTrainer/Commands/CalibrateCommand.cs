using System.CommandLine;
using System.Globalization;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Evaluation;
using SoftSeg.SegTrainer.Training;

namespace SoftSeg.SegTrainer.Commands;

/// <summary><c>softseg-train calibrate</c>: gives a model package the interval that its areas come with.</summary>
static class CalibrateCommand
{
    /// <summary>Fewer cross-sections tell nothing about the last 5 %.</summary>
    const int LeastSlices = 100;

    public static Command Create()
    {
        var model = new Option<string>("--model") { Required = true, Description = "Folder of the model package; its model.json receives the interval." };
        var people = new Option<int>("--people") { Description = "Simulated people to fit, and as many others to check; six contrasts each.", DefaultValueFactory = _ => 12 };
        var seed = new Option<int>("--seed") { Description = "Seed of the first person.", DefaultValueFactory = _ => 6_000_000 };
        var command = new Command("calibrate", "Fit the 95 % interval of a model's areas on simulated people.") { model, people, seed };
        command.SetAction(result => Outcome.Of(result, () =>
        {
            var (folder, count, first) = (result.GetRequiredValue(model), result.GetValue(people), result.GetValue(seed));
            Outcome.RequireFolder("--model", folder);
            var package = ModelPackage.Load(folder);
            var output = result.InvocationConfiguration.Output;
            var fitted = AreaCalibration.Simulate(package, count, first, output.WriteLine);
            var others = AreaCalibration.Simulate(package, count, first + count, output.WriteLine);
            if (Math.Min(fitted.Count, others.Count) < LeastSlices)
                throw new TrainingException($"{package.Name} {package.Version} gave {fitted.Count} and {others.Count} valid cross-sections on {count} simulated people each, and {LeastSlices} are needed: raise --people.");
            var interval = AreaCalibration.Fit(fitted);
            var coverage = AreaCalibration.CoverageOf(interval, others);
            var width = Median(others.Select(slice => interval.Offset + (interval.Slope * slice.Haze)));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"half-width = ({interval.Offset:F4} + {interval.Slope:F4} x haze) x area; holds {coverage:P1} of {others.Count} cross-sections of other people; half-width {width:P1} of the area, error {Median(others.Select(slice => slice.Error)):P1} (medians)"));
            ModelPackage.Write(folder, package.Manifest with
            {
                AreaInterval = new AreaInterval(Math.Round(interval.Offset, 5), Math.Round(interval.Slope, 5)),
                Figures = new Dictionary<string, double>(package.Manifest.Figures)
                {
                    ["areaInterval.coverage"] = Math.Round(coverage, 4),
                    ["areaInterval.halfWidth"] = Math.Round(width, 4),
                },
            });
            return 0;
        }));
        return command;
    }

    static double Median(IEnumerable<double> values)
    {
        var ordered = values.Order().ToArray();
        return ordered[ordered.Length / 2];
    }
}
