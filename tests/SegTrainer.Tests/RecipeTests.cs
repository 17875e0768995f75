using System.CommandLine;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Commands;

namespace SoftSeg.SegTrainer.Tests;

/// <summary>A whole recipe on a made-up person: train, resume, export, measure.</summary>
[Collection("libtorch")]
public sealed class RecipeTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("softseg-train").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string At(string name) => Path.Combine(folder, name);

    static (int Code, string Error) Run(Command command, params string[] arguments)
    {
        var error = new StringWriter();
        var code = new RootCommand { command }.Parse([command.Name, .. arguments]).Invoke(new InvocationConfiguration { Error = error });
        return (code, error.ToString());
    }

    /// <summary>A grey body with a bright canal and a dark cord, 12 slices of 4 mm.</summary>
    void WritePerson(string name)
    {
        var affine = new Affine(Vector3.Zero, new(0, 0, 4), new(0, 1, 0), new(1, 0, 0));
        var image = new Volume(new float[12 * 64 * 64], 12, 64, 64, affine);
        var mask = image.LikeThis();
        var random = new Random(1);
        for (var slice = 0; slice < 12; slice++)
        {
            for (var row = 0; row < 64; row++)
            {
                for (var column = 0; column < 64; column++)
                {
                    var distance = Math.Sqrt(Math.Pow(row - 32, 2) + Math.Pow(column - 30, 2));
                    image[slice, row, column] = (distance < 5 ? 60 : distance < 8 ? 200 : 100) + random.Next(10);
                    mask[slice, row, column] = distance < 5 ? 1 : 0;
                }
            }
        }

        NiftiFile.Write(At($"data/{name}.nii.gz"), image);
        NiftiFile.Write(At($"data/{name}_seg.nii.gz"), mask);
    }

    [Fact]
    public void A_recipe_trains_resumes_exports_and_is_measured()
    {
        Directory.CreateDirectory(At("data"));
        WritePerson("anna");
        WritePerson("bert");
        static string Entry(string name) => $$"""{ "image": "{{name}}.nii.gz", "mask": "{{name}}_seg.nii.gz", "person": "{{name}}", "contrast": "T2w" }""";
        File.WriteAllText(At("data.json"), $$"""{ "train": [{{Entry("anna")}}], "validation": [{{Entry("bert")}}], "pairs": [{ "first": "bert.nii.gz", "second": "anna.nii.gz", "person": "bert", "kind": "scanRescan" }] }""");
        File.WriteAllText(At("recipe.json"), """
            {
              "name": "toy", "version": "1", "data": "data.json", "threads": 1,
              "locator": { "dimensions": 3, "features": [2, 4], "batch": 2, "steps": 2 },
              "fine": { "dimensions": 2, "features": [2, 4], "batch": 2, "steps": 3, "untouched": 0.5, "usual": 0.5, "negatives": 0.4, "bothPolarities": true }
            }
            """);
        File.WriteAllText(At("model.json"), """
            {
              "format": 1, "name": "", "version": "", "created": "",
              "networks": [{ "role": "locator", "file": "locator.onnx", "sha256": "" }, { "role": "fine", "file": "model.onnx", "sha256": "" }],
              "segments": [{ "number": 1, "label": "Disc", "category": { "value": "1", "scheme": "99X", "meaning": "Thing" }, "type": { "value": "2", "scheme": "99X", "meaning": "Disc" }, "colour": [1, 2, 3] }]
            }
            """);

        string[] train = ["--config", At("recipe.json"), "--data", At("data"), "--run", At("run")];
        Assert.Equal((0, ""), Run(TrainCommand.Create(), [.. train, "--network", "locator"]));
        Assert.Equal((0, ""), Run(TrainCommand.Create(), train));
        Assert.Equal(["config.json", "data.tsv", "fine.best.checkpoint", "fine.checkpoint", "fine.csv", "fine.png", "locator.best.checkpoint", "locator.checkpoint", "locator.csv", "locator.png", "revision.txt"],
            Directory.GetFiles(At("run")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Equal(5, File.ReadLines(At("run/data.tsv")).Count());

        Assert.Equal((0, ""), Run(ExportCommand.Create(), "--run", At("run"), "--to", At("package"), "--manifest", At("model.json")));
        var package = ModelPackage.Load(At("package"));
        Assert.Equal(("toy", "1"), (package.Name, package.Version));

        // What calibrate found stays.
        ModelPackage.Write(At("package"), package.Manifest with { Figures = new Dictionary<string, double> { ["areaInterval.coverage"] = 0.95 } });
        Assert.Equal((0, ""), Run(EvaluateCommand.Create(), "--model", At("package"), "--manifest", At("data.json"), "--data", At("data"), "--part", "validation", "--out", At("figures"), "--record"));
        Assert.Equal("bert.nii.gz", File.ReadLines(At("figures/volumes.csv")).ElementAt(1).Split(',')[0]);
        Assert.Equal(["contrasts.csv", "pairs.csv", "summary.json", "volumes.csv", "worst-1-bert.png"], Directory.GetFiles(At("figures")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.StartsWith("bert.nii.gz,anna.nii.gz,bert,ScanRescan,", File.ReadLines(At("figures/pairs.csv")).ElementAt(1), StringComparison.Ordinal);
        Assert.Contains("dice.mean", ModelPackage.Load(At("package")).Manifest.Figures.Keys);
        Assert.Equal(0.95, ModelPackage.Load(At("package")).Manifest.Figures["areaInterval.coverage"]);
        Assert.Contains("leave one out", Run(EvaluateCommand.Create(), "--model", At("package"), "--manifest", At("data.json"), "--data", At("data"), "--record", "--around-truth").Error, StringComparison.Ordinal);
        Assert.Equal((0, ""), Run(EvaluateCommand.Create(), "--model", At("package"), "--manifest", At("data.json"), "--data", At("data"), "--part", "validation", "--around-truth"));

        File.WriteAllText(At("recipe.json"), File.ReadAllText(At("recipe.json")).Replace("\"steps\": 3", "\"steps\": 4", StringComparison.Ordinal));
        var (code, error) = Run(TrainCommand.Create(), train);
        Assert.Equal(1, code);
        Assert.Contains("begun with another configuration", error, StringComparison.Ordinal);

        File.WriteAllText(At("recipe.json"), File.ReadAllText(At("recipe.json")).Replace("\"negatives\": 0.4", "\"negatives\": 1.4", StringComparison.Ordinal));
        Assert.Contains("'fine.negatives' is 1.4; it is a part above 0, at most 1", Run(TrainCommand.Create(), train).Error, StringComparison.Ordinal);

        File.WriteAllText(At("recipe.json"), File.ReadAllText(At("recipe.json")).Replace("\"steps\": 2 }", "\"steps\": 2, \"faint\": 0.1, \"bothPolarities\": true }", StringComparison.Ordinal));
        Assert.Contains("'locator' has 'bothPolarities', 'faint'; only the fine network knows what to do with that.", Run(TrainCommand.Create(), train).Error, StringComparison.Ordinal);
    }
}
