using System.Text;

namespace SoftSeg.SegEngine.Tests.Models;

public sealed class ModelPackageTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("softseg-model").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_package_that_was_written_is_loaded_with_all_that_it_says()
    {
        var written = Write();
        var loaded = ModelPackage.Load(_folder);
        Assert.Equal(("cord-test", "0.1.0", "cord"), (loaded.Name, loaded.Version, loaded.Measurement));
        Assert.Equal(written.Sha256, loaded.Sha256);
        Assert.Equal(64, loaded.Sha256.Length);
        Assert.Equal("2748008", loaded.Segments[0].Type.Value);
        Assert.Equal([244, 214, 49], loaded.Segments[0].Colour);
        Assert.Equal(0.93, loaded.Manifest.Figures["dice.mean"]);
        Assert.Equal(0.25, loaded.Manifest.Presence.SlicePeak);
        Assert.Equal("not an ONNX graph (locator.onnx)"u8.ToArray(), loaded.Network(ModelNetwork.Locator).ToArray());
    }

    [Fact]
    public void A_changed_network_is_refused_by_its_name()
    {
        Write();
        File.AppendAllText(Path.Combine(_folder, "model.onnx"), "x");
        var message = Refused();
        Assert.Contains("model.onnx", message);
        Assert.Contains("sha256", message);
    }

    [Fact]
    public void Any_change_of_the_manifest_changes_the_package_sha256()
    {
        var before = Write().Sha256;
        Change("0.1.0", "0.1.1");
        Assert.NotEqual(before, ModelPackage.Load(_folder).Sha256);
    }

    [Fact]
    public void Missing_files_are_named()
    {
        Assert.Contains("no file 'model.json'", Refused());
        Assert.Contains("no model package", Assert.Throws<ModelPackageException>(() => ModelPackage.Load(Path.Combine(_folder, "none"))).Message);
        Write();
        File.Delete(Path.Combine(_folder, "locator.onnx"));
        Assert.Contains("no file 'locator.onnx'", Refused());
    }

    [Fact]
    public void Another_format_or_preprocessing_is_refused_with_both_numbers()
    {
        Write();
        Change("\"preprocessing\": 4", "\"preprocessing\": 7");
        Assert.Contains("preprocessing 7", Refused());
        Change("\"format\": 1", "\"format\": 2");
        Assert.Contains("has format 2, and this version reads format 1", Refused());
    }

    [Fact]
    public void A_neighbourhood_of_no_length_is_refused()
    {
        Write();
        Change("\"border\": null", "\"border\": { \"inside\": 0.06, \"neighbourhood\": 0 }");
        Assert.Contains("'border.neighbourhood' is 0; it is a length, mm, above 0.", Refused());
        Change("\"neighbourhood\": 0", "\"neighbourhood\": 12");
        Assert.Equal(12, ModelPackage.Load(_folder).Manifest.Border?.Neighbourhood);
        Change(", \"neighbourhood\": 12", "");
        Assert.Null(ModelPackage.Load(_folder).Manifest.Border?.Neighbourhood);
    }

    [Theory]
    [InlineData("{", "not a model manifest")]
    [InlineData("[]", "has format 0")]
    [InlineData("null", "has format 0")]
    [InlineData("{\"format\": 1}", "not a model manifest")]
    [InlineData("{\"format\": 1, \"name\": null, \"version\": \"1\", \"created\": \"\", \"networks\": [], \"segments\": []}", "not a model manifest")]
    [InlineData("{\"format\": 1, \"name\": \"a\", \"version\": \"1\", \"created\": \"\", \"networks\": [], \"segments\": []}", "names no segment")]
    public void A_damaged_manifest_is_refused(string json, string reason)
    {
        File.WriteAllText(Path.Combine(_folder, "model.json"), json);
        Assert.Contains(reason, Refused());
    }

    [Fact]
    public void What_a_manifest_leaves_out_keeps_its_default()
    {
        Write();
        Change("\"certainPeak\": 0.6,", "");
        Change("\"measurement\": \"cord\",", "");
        var package = ModelPackage.Load(_folder);
        Assert.Equal((0.25, 0.6), (package.Manifest.Presence.SlicePeak, package.Manifest.Presence.CertainPeak));
        Assert.Equal("cord", package.Measurement);
    }

    [Fact]
    public void A_network_outside_the_folder_is_refused()
    {
        Write();
        Change("locator.onnx", "../locator.onnx");
        Assert.Contains("plain name", Refused());
    }

    [Fact]
    public void Networks_that_are_no_ONNX_graphs_are_refused_with_what_was_tried()
    {
        var package = Write();
        var message = Assert.Throws<EngineException>(() => SoftSegmenter.Load(package)).Message;
        Assert.Contains("cord-test 0.1.0", message);
        Assert.Contains("cpu:", message);
    }

    [Fact]
    public void A_provider_that_this_build_does_not_have_is_refused_with_the_choices()
    {
        var package = Write();
        var message = Assert.Throws<EngineException>(() => SoftSegmenter.Load(package, new EngineOptions { Provider = ExecutionProvider.Cuda })).Message;
        Assert.Contains("cuda", message);
        Assert.Contains("auto, cuda, tensorrt or cpu", message);
    }

    [Fact]
    public void A_gate_counts_for_the_networks_that_passed_it_only()
    {
        var package = Write();
        Assert.Contains("never held against the frozen set", package.GateProblem);
        var gate = new ModelGate { Passed = true, Fingerprint = package.Manifest.Fingerprint(), FrozenSet = "f", Date = "2026-01-31" };
        package = ModelPackage.Write(_folder, package.Manifest with { Gate = gate, Figures = new Dictionary<string, double>() });
        Assert.Null(package.GateProblem);

        var refused = ModelPackage.Write(_folder, package.Manifest with { Gate = gate with { Passed = false, Reasons = ["areas drift by 2 %"] } });
        Assert.Contains("areas drift by 2 %", refused.GateProblem);

        ModelPackage.Write(_folder, package.Manifest);
        Change("\"slicePeak\": 0.25", "\"slicePeak\": 0.2");
        Assert.Contains("by other networks", ModelPackage.Load(_folder).GateProblem);
        File.AppendAllText(Path.Combine(_folder, "model.onnx"), "x");
        Assert.Contains("by other networks", ModelPackage.Write(_folder, package.Manifest).GateProblem);
    }

    ModelPackage Write()
    {
        foreach (var name in new[] { "model.onnx", "locator.onnx" })
            File.WriteAllText(Path.Combine(_folder, name), $"not an ONNX graph ({name})", new UTF8Encoding(false));
        return ModelPackage.Write(_folder, new ModelManifest
        {
            Name = "cord-test",
            Version = "0.1.0",
            Created = "2026-01-31",
            Networks = [new(ModelNetwork.Fine, "model.onnx", ""), new(ModelNetwork.Locator, "locator.onnx", "")],
            Segments = [new(1, "Spinal cord", new("91723000", "SCT", "Anatomical Structure"), new("2748008", "SCT", "Spinal cord"), [244, 214, 49])],
            Figures = new Dictionary<string, double> { ["dice.mean"] = 0.93 },
            Presence = new PresenceGate { SlicePeak = 0.25 },
        });
    }

    void Change(string from, string to)
    {
        var path = Path.Combine(_folder, "model.json");
        var text = File.ReadAllText(path);
        Assert.Contains(from, text);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
    }

    string Refused() => Assert.Throws<ModelPackageException>(() => ModelPackage.Load(_folder)).Message;
}
