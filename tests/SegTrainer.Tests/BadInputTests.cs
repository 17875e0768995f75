using System.CommandLine;
using System.IO.Compression;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Commands;
using SoftSeg.SegTrainer.Synthesis;

namespace SoftSeg.SegTrainer.Tests;

/// <summary>Whatever is wrong with what a command is given, it says so in one line, exits with 1, and leaves nothing half-written.</summary>
public sealed class BadInputTests : IDisposable
{
    static readonly Affine Grid = new(Vector3.Zero, new(0, 0, 4), new(0, 1, 0), new(1, 0, 0));

    readonly string folder = Directory.CreateTempSubdirectory("softseg-bad").FullName;

    public BadInputTests()
    {
        foreach (var name in new[] { "anna", "bert" })
        {
            Write($"data/{name}.nii.gz", Filled(100));
            Write($"data/{name}_seg.nii.gz", Disc());
        }
        File.WriteAllText(At("data.json"), $$"""{ "train": [{{Entry("anna")}}], "validation": [], "frozen": [{{Entry("bert")}}], "shapes": [] }""");
        const string network = "\"features\": [2, 4], \"batch\": 2, \"steps\": 1";
        File.WriteAllText(At("recipe.json"), $$"""{ "name": "toy", "version": "1", "data": "data.json", "locator": { "dimensions": 3, {{network}} }, "fine": { "dimensions": 2, {{network}} } }""");
        Directory.CreateDirectory(At("model"));
        foreach (var name in new[] { "model.onnx", "locator.onnx" })
            File.WriteAllText(At($"model/{name}"), "not an ONNX graph");
        ModelPackage.Write(At("model"), new ModelManifest
        {
            Name = "cord-test",
            Version = "0.1.0",
            Created = "",
            Networks = [new(ModelNetwork.Fine, "model.onnx", ""), new(ModelNetwork.Locator, "locator.onnx", "")],
            Segments = [new(1, "Cord", new("1", "99X", "a"), new("2", "99X", "b"), [1, 2, 3])],
        });
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public static TheoryData<string, string> Faults => new()
    {
        { "missing image", "anna.nii.gz is listed in the training manifest but missing" },
        { "missing mask", "anna_seg.nii.gz is listed in the training manifest but missing" },
        { "mask of another size", "on another grid" },
        { "mask elsewhere", "on another grid" },
        { "empty mask", "The mask of anna.nii.gz is empty" },
        { "several volumes", "it holds several volumes" },
        { "not a number", "not finite" },
        { "wrong units", "1000 x 1000 x 4000 mm" },
        { "cut short", "too early" },
        { "not an image", "cannot be read as NIfTI" },
        { "frozen person", "errsm_11" },
    };

    /// <summary>The commands that read training data.</summary>
    [Theory]
    [MemberData(nameof(Faults))]
    public void Data_that_cannot_be_trained_on_is_named(string fault, string expected)
    {
        Spoil(fault);
        Refused(expected, TrainCommand.Create(), "--config", At("recipe.json"), "--data", At("data"), "--run", At("out"));
        Refused(expected, SynthesizeCommand.Create(), "--out", At("out"), "--data", At("data"), "--manifest", At("data.json"), "--real", "1");
    }

    public static TheoryData<string, string> ModelFaults => new()
    {
        { "no folder", "model" },
        { "changed network", "damaged or was exchanged" },
        { "no network file", "no file 'locator.onnx'" },
        { "no ONNX graph", "cord-test 0.1.0" },
        { "another format", "has format 2, and this version reads format 1" },
        { "another preprocessing", "asks for preprocessing 7" },
        { "no JSON", "not a model manifest" },
    };

    /// <summary>The commands that read a model.</summary>
    [Theory]
    [MemberData(nameof(ModelFaults))]
    public void A_model_that_cannot_be_used_is_named(string fault, string expected)
    {
        switch (fault)
        {
            case "no folder": Directory.Delete(At("model"), recursive: true); break;
            case "changed network": File.AppendAllText(At("model/model.onnx"), "x"); break;
            case "no network file": File.Delete(At("model/locator.onnx")); break;
            case "another format": Change("model/model.json", "\"format\": 1", "\"format\": 2"); break;
            case "another preprocessing": Change("model/model.json", "\"preprocessing\": 4", "\"preprocessing\": 7"); break;
            case "no JSON": File.WriteAllText(At("model/model.json"), "{"); break;
            default: break;
        }
        Refused(expected, EvaluateCommand.Create(), "--model", At("model"), "--manifest", At("data.json"), "--data", At("data"), "--out", At("out"), "--record");
        Refused(expected, CalibrateCommand.Create(), "--model", At("model"), "--people", "1");
        Refused(expected, GateCommand.Create(), At("model"), "--manifest", At("data.json"), "--data", At("data"));
        Refused(expected, GateCommand.Create(), At("model"), At("model"), "--manifest", At("data.json"), "--data", At("data"));
    }

    [Theory]
    [InlineData("nothing", "no checkpoint")]
    [InlineData("no checkpoint of this program", "is not a checkpoint of this program")]
    public void A_run_that_cannot_be_exported_is_named(string checkpoint, string expected)
    {
        Directory.CreateDirectory(At("run"));
        File.Copy(At("recipe.json"), At("run/config.json"));
        File.WriteAllText(At("manifest.json"), File.ReadAllText(At("model/model.json")));
        if (checkpoint != "nothing")
        {
            File.WriteAllText(At("run/locator.checkpoint"), checkpoint);
            File.WriteAllText(At("run/fine.checkpoint"), checkpoint);
        }
        Refused(expected, ExportCommand.Create(), "--run", At("run"), "--to", At("out"), "--manifest", At("manifest.json"));
    }

    void Spoil(string fault)
    {
        switch (fault)
        {
            case "missing image": File.Delete(At("data/anna.nii.gz")); break;
            case "missing mask": File.Delete(At("data/anna_seg.nii.gz")); break;
            case "mask of another size": Write("data/anna_seg.nii.gz", new Volume(new float[6 * 20 * 20], 6, 20, 20, Grid)); break;
            case "mask elsewhere": Write("data/anna_seg.nii.gz", new Volume(Disc().Voxels, 8, 40, 40, Grid with { Origin = new(0, 5, 0) })); break;
            case "empty mask": Write("data/anna_seg.nii.gz", Filled(0)); break;
            case "several volumes":
                Write("data/anna.nii.gz", new Volume(new float[16 * 1600], 16, 40, 40, Grid));
                Edit("data/anna.nii.gz", bytes => (bytes[40], bytes[46], bytes[48]) = (4, 8, 2)); // dim: four axes, 8 slices, 2 volumes
                break;
            case "not a number":
                var image = Filled(100);
                image.Voxels[7] = float.NaN;
                Write("data/anna.nii.gz", image);
                break;
            case "wrong units": // xyzt_units: metres, and the numbers are millimetres
                Edit("data/anna.nii.gz", bytes => bytes[123] = 1);
                Edit("data/anna_seg.nii.gz", bytes => bytes[123] = 1);
                break;
            case "cut short": Edit("data/anna.nii.gz", bytes => { }, keep: 4000); break;
            case "not an image": File.WriteAllText(At("data/anna.nii.gz"), new string('x', 1000)); break;
            default: Change("data.json", "\"person\": \"anna\"", "\"person\": \"errsm_11\""); break;
        }
    }

    void Refused(string expected, Command command, params string[] arguments)
    {
        var before = Content();
        var (error, output) = (new StringWriter(), new StringWriter());
        var code = new RootCommand { command }.Parse([command.Name, .. arguments]).Invoke(new InvocationConfiguration { Error = error, Output = output });
        Assert.True(code == 1, $"{command.Name} exits with {code}: {error}");
        var line = Assert.Single(error.ToString().Trim().Split('\n'));
        Assert.StartsWith("softseg-train: ", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.Equal(before, Content());
    }

    string Content() => string.Join('\n', Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(path => File.Exists(path) ? $"{path} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))}" : path));

    void Edit(string name, Action<byte[]> edit, int keep = int.MaxValue)
    {
        using var memory = new MemoryStream();
        using (var read = new GZipStream(File.OpenRead(At(name)), CompressionMode.Decompress))
            read.CopyTo(memory);
        var bytes = memory.ToArray();
        edit(bytes);
        using var write = new GZipStream(File.Create(At(name)), CompressionLevel.Fastest);
        write.Write(bytes.AsSpan(0, Math.Min(keep, bytes.Length)));
    }

    void Change(string name, string from, string to)
    {
        var text = File.ReadAllText(At(name));
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(At(name), text.Replace(from, to, StringComparison.Ordinal));
    }

    static string Entry(string name) => $$"""{ "image": "{{name}}.nii.gz", "mask": "{{name}}_seg.nii.gz", "person": "{{name}}", "contrast": "T2w" }""";

    static Volume Filled(float value) => new([.. Enumerable.Range(0, 8 * 1600).Select(n => value == 0 ? 0 : value + (n % 7))], 8, 40, 40, Grid);

    static Volume Disc()
    {
        var volume = Filled(0);
        for (var n = 0; n < volume.Voxels.Length; n++)
            volume.Voxels[n] = Math.Pow((n / 40 % 40) - 20, 2) + Math.Pow((n % 40) - 20, 2) <= 25 ? 1 : 0;
        return volume;
    }

    void Write(string name, Volume volume)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        NiftiFile.Write(At(name), volume);
    }

    string At(string name) => Path.Combine(folder, name);
}
