using System.CommandLine;
using System.Globalization;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Evaluation;

namespace SoftSeg.SegTrainer.Commands;

/// <summary><c>softseg-train calibrate</c>: gives a model package the interval that its areas come with.</summary>
static class CalibrateCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Required = true, Description = "Folder of the model package; its model.json receives the interval." };
        var manifest = new Option<string>("--manifest") { Required = true, Description = "Training manifest, for the outlines that slices are simulated with." };
        var data = new Option<string>("--data") { Required = true, Description = "The data folder that the manifest names files of." };
        var count = new Option<int>("--count") { Description = "Simulated slices to fit, and as many others to check.", DefaultValueFactory = _ => 3000 };
        var seed = new Option<int>("--seed") { Description = "Seed of the first slice.", DefaultValueFactory = _ => 700_000 };
        var command = new Command("calibrate", "Fit the 95 % interval of a model's areas on simulated slices.") { model, manifest, data, count, seed };
        command.SetAction(result => Outcome.Of(result, () =>
        {
            var folder = result.GetRequiredValue(model);
            Outcome.RequireFolder("--model", folder);
            Outcome.RequireFolder("--data", result.GetRequiredValue(data));
            var package = ModelPackage.Load(folder);
            var shapes = TrainingData.Load(result.GetRequiredValue(data), TrainingManifest.Load(result.GetRequiredValue(manifest)) with { Train = [], Unlabelled = [] });
            var onnx = Path.Combine(folder, package.Manifest.Networks.Single(network => network.Role == ModelNetwork.Fine).File);
            var (slices, first) = (result.GetValue(count), result.GetValue(seed));
            var interval = AreaCalibration.Fit(AreaCalibration.Simulate(onnx, shapes, slices, first));
            var others = AreaCalibration.Simulate(onnx, shapes, slices, first + 10_000_000);
            var coverage = AreaCalibration.CoverageOf(interval, others);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"half-width = ({interval.Offset:F4} + {interval.Slope:F4} x haze) x area; holds {coverage:P1} of {others.Count} other slices; half-width {Median(others.Select(slice => interval.Offset + (interval.Slope * slice.Haze))):P1} of the area, error {Median(others.Select(slice => slice.Error)):P1} (medians)"));
            ModelPackage.Write(folder, package.Manifest with
            {
                AreaInterval = new AreaInterval(Math.Round(interval.Offset, 5), Math.Round(interval.Slope, 5)),
                Figures = new Dictionary<string, double>(package.Manifest.Figures) { ["areaInterval.coverage"] = Math.Round(coverage, 4) },
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
