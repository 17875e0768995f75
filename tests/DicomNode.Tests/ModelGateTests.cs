using Microsoft.Extensions.Logging.Abstractions;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Segment;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomNode.Tests;

public sealed class ModelGateTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("softseg-model-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_model_without_a_passed_gate_is_refused_unless_the_operator_allows_it()
    {
        foreach (var part in Directory.GetFiles(Directory.GetDirectories(Path.Combine(Repository.Root, "models"))[0]))
            File.Copy(part, Path.Combine(folder, Path.GetFileName(part)));
        var manifest = ModelPackage.Load(folder).Manifest;
        ModelPackage.Write(folder, manifest with { Gate = null });

        var refusal = Assert.Throws<ModelPackageException>(() => Load(allow: false));
        Assert.Contains("never held against the frozen set", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Engine:AllowModelWithoutGate to true (softseg segment: --without-gate)", refusal.Message, StringComparison.Ordinal);
        Load(allow: true).Dispose();

        // The configuration says so before anything starts, with its line.
        var file = Path.Combine(folder, "softseg.json");
        File.WriteAllText(file, $$"""
            { "Engine": {
                "Model": "{{folder}}" } }
            """);
        var error = Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load(file)).Errors);
        Assert.Contains($":2: Engine:Model: {refusal.Message}", error, StringComparison.Ordinal);
        File.WriteAllText(file, $$"""{ "Engine": { "Model": "{{folder}}", "AllowModelWithoutGate": true } }""");
        Assert.Equal(folder, ConfigurationFile.Load(file).Engine.Model);

        ModelPackage.Write(folder, manifest with { Gate = new ModelGate { Passed = true, Fingerprint = manifest.Fingerprint(), FrozenSet = "", Date = "" } });
        Load(allow: false).Dispose();
    }

    [Fact]
    public void The_model_that_ships_passed_its_gate_and_no_other_is_used_unless_allowed()
    {
        var settings = new EngineSettings();
        Assert.False(settings.AllowModelWithoutGate);
        Assert.Null(ModelPackage.Load(Path.Combine(Repository.Root, settings.Model)).GateProblem);
    }

    CordSegmenter Load(bool allow) => new(
        new NodeConfiguration { Engine = new EngineSettings { Model = folder, Provider = "cpu", AllowModelWithoutGate = allow } }, NullLogger<CordSegmenter>.Instance);
}
