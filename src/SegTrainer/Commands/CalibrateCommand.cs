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
        var people = new Option<int>("--people") { Description = "Simulated people in each half: either is checked by an interval fitted on the other; six contrasts each.", DefaultValueFactory = _ => 12 };
        var seed = new Option<int>("--seed") { Description = "Seed of the first person.", DefaultValueFactory = _ => 6_000_000 };
        var command = new Command("calibrate", "Fit the 95 % interval of a model's areas on simulated people.") { model, people, seed };
        command.SetAction(result => Outcome.Of(result, () =>
        {
            var (folder, count, first) = (result.GetRequiredValue(model), result.GetValue(people), result.GetValue(seed));
            Outcome.RequireFolder("--model", folder);
            var package = ModelPackage.Load(folder);
            var output = result.InvocationConfiguration.Output;
            var (half, other) = (AreaCalibration.Simulate(package, count, first, output.WriteLine), AreaCalibration.Simulate(package, count, first + count, output.WriteLine));
            if (Math.Min(half.Count, other.Count) < LeastSlices)
                throw new TrainingException($"{package.Name} {package.Version} gave {half.Count} and {other.Count} valid cross-sections on {count} simulated people each, and {LeastSlices} are needed: raise --people.");
            // The shipped interval is fitted on everybody; how often one holds is counted on people it was not fitted on, both ways.
            AreaCalibration.Slice[] all = [.. half, .. other];
            var interval = AreaCalibration.Fit(all);
            var coverage = ((AreaCalibration.CoverageOf(AreaCalibration.Fit(half), other) * other.Count) + (AreaCalibration.CoverageOf(AreaCalibration.Fit(other), half) * half.Count)) / all.Length;
            var width = Median(all.Select(slice => interval.Offset + (interval.Slope * slice.Haze)));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"half-width = ({interval.Offset:F4} + {interval.Slope:F4} x haze) x area; holds {coverage:P1} of {all.Length} cross-sections of people it was not fitted on; half-width {width:P1} of the area, error {Median(all.Select(slice => slice.Error)):P1} (medians)"));
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
