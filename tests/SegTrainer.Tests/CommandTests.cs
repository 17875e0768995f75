using System.CommandLine;
using SoftSeg.SegTrainer.Commands;

namespace SoftSeg.SegTrainer.Tests;

public sealed class CommandTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("softseg-train").FullName;

    const string Network = """{ "dimensions": 2, "features": [4, 8], "batch": 2, "steps": 3 }""";

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static (int Code, string Error) Run(Command command, params string[] arguments)
    {
        var error = new StringWriter();
        var code = new RootCommand { command }.Parse([command.Name, .. arguments]).Invoke(new InvocationConfiguration { Error = error, Output = new StringWriter() });
        return (code, error.ToString().Trim());
    }

    string File(string name, string content)
    {
        var path = Path.Combine(folder, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    string Recipe(string locator, string fine) =>
        File("recipe.json", $$"""{ "name": "toy", "version": "1", "data": "data.json", "locator": {{locator}}, "fine": {{fine}} }""");

    [Fact]
    public void Training_without_its_data_folder_says_so_in_one_line_and_leaves_no_run_folder()
    {
        var recipe = Recipe(Network.Replace("\"dimensions\": 2", "\"dimensions\": 3", StringComparison.Ordinal), Network);
        var run = Path.Combine(folder, "run");
        var (code, error) = Run(TrainCommand.Create(), "--config", recipe, "--data", Path.Combine(folder, "nowhere"), "--run", run);
        Assert.Equal(1, code);
        Assert.Equal($"softseg-train: The folder '{Path.Combine(folder, "nowhere")}' that --data names does not exist.", error);
        Assert.False(Directory.Exists(run));
    }

    [Theory]
    [InlineData("not json", "can't be read")]
    [InlineData("""{ "name": "toy" }""", "can't be read")]
    [InlineData("""{ "name": "toy", "version": "1", "data": "d.json", "sed": 1, "fine": null }""", "sed")]
    [InlineData("""{ "name": "toy", "version": "1", "data": "d.json" }""", "trains nothing: it needs 'locator', 'fine' or both.")]
    public void A_broken_recipe_is_named(string content, string expected)
    {
        var (code, error) = Run(TrainCommand.Create(), "--config", File("broken.json", content), "--data", folder, "--run", Path.Combine(folder, "run"));
        Assert.Equal(1, code);
        Assert.Contains("broken.json", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void A_recipe_whose_locator_is_flat_is_refused()
    {
        var (code, error) = Run(TrainCommand.Create(), "--config", Recipe(Network, Network), "--data", folder, "--run", Path.Combine(folder, "run"));
        Assert.Equal((1, "softseg-train: 'locator.dimensions' is 2; the locator network has 3."), (code, error));
    }

    [Fact]
    public void A_network_that_the_recipe_does_not_train_is_refused()
    {
        var recipe = File("recipe.json", $$"""{ "name": "toy", "version": "1", "data": "data.json", "fine": {{Network}} }""");
        var run = Path.Combine(folder, "run");
        var (code, error) = Run(TrainCommand.Create(), "--config", recipe, "--data", folder, "--run", run, "--network", "locator");
        Assert.Equal((1, $"softseg-train: The recipe '{recipe}' has no 'locator': it trains fine."), (code, error));
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void A_recipe_without_its_manifest_is_refused()
    {
        var recipe = Recipe(Network.Replace("\"dimensions\": 2", "\"dimensions\": 3", StringComparison.Ordinal), Network);
        var (code, error) = Run(TrainCommand.Create(), "--config", recipe, "--data", folder, "--run", Path.Combine(folder, "run"));
        Assert.Equal(1, code);
        Assert.Contains("data.json does not exist", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Exporting_from_a_folder_that_is_no_run_says_what_is_missing()
    {
        var (code, error) = Run(ExportCommand.Create(), "--run", folder, "--to", Path.Combine(folder, "package"), "--manifest", File("model.json", "{}"));
        Assert.Equal(1, code);
        Assert.Contains("config.json", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder, "package")));
    }

    [Fact]
    public void Evaluating_a_model_that_is_not_there_says_so()
    {
        var (code, error) = Run(EvaluateCommand.Create(), "--model", Path.Combine(folder, "model"), "--data", folder, "--manifest", "none.json");
        Assert.Equal(1, code);
        Assert.Contains("--model names does not exist", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is nothing to measure on: give --manifest and --data for labelled volumes, or --simulated N for simulated people.")]
    [InlineData("--manifest is given without --data", "--manifest", "data.json", "--simulated", "1")]
    [InlineData("--record keeps the figures of --protocol spine-generic", "--simulated", "1", "--protocol", "routine", "--record")]
    public void Evaluating_on_nothing_or_half_of_it_is_refused(string expected, params string[] options)
    {
        var (code, error) = Run(EvaluateCommand.Create(), ["--model", folder, .. options]);
        Assert.Equal(1, code);
        Assert.StartsWith($"softseg-train: {expected}", error, StringComparison.Ordinal);
    }
}
