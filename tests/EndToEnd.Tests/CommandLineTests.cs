using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Results;
using SoftSeg.EndToEnd.Tests.Sources;
using SoftSeg.SegEngine;
using SoftSeg.SegEngine.Phantoms;
using Xunit.Abstractions;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>The other commands of the built program, as a person runs them.</summary>
[Collection(SharedNode.Collection)]
public sealed class CommandLineTests(SharedNode shared, ITestOutputHelper output)
{
    [Fact]
    public async Task Segment_writes_for_a_DICOM_folder_the_very_instances_that_the_node_sends_back()
    {
        var source = shared.Sources[SourceLibrary.Sagittal];
        var folder = shared.Folder.Make("segment-dicom");

        (await SoftSeg("segment", source.Folder, "--out", folder, "--provider", "cpu")).Succeeded();

        var written = await Task.WhenAll(new[] { "seg-binary.dcm", "seg-soft.dcm", "sr.dcm" }.Select(name => ReceivedObject.ReadAsync(Path.Combine(folder, name))));
        Assert.Equal((await shared.ResultsOf(source)).SopInstanceUids, new ResultSet(written).SopInstanceUids);
        Assert.True(File.Exists(Path.Combine(folder, "softmask.nii.gz")));
        Assert.Contains("MEAN(area)", (await File.ReadAllLinesAsync(Path.Combine(folder, "measurements.csv")))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Segment_writes_for_a_NIfTI_file_a_soft_mask_on_its_grid()
    {
        var phantom = SpinePhantom.Generate(PhantomSeries.Small);
        var folder = shared.Folder.Make("segment-nifti");
        var input = Path.Combine(folder, "phantom.nii.gz");
        NiftiFile.Write(input, phantom.Image);

        var result = (await SoftSeg("segment", input, "--out", folder)).Succeeded();

        output.WriteLine(result.Output);
        var mask = NiftiFile.Read(Path.Combine(folder, "softmask.nii.gz"));
        var read = NiftiFile.Read(input);
        Assert.Equal((read.Slices, read.Rows, read.Columns), (mask.Slices, mask.Rows, mask.Columns));
        Assert.Equal(read.Affine, mask.Affine);
        Assert.True(File.Exists(Path.Combine(folder, "measurements.csv")));
    }

    [Fact]
    public async Task Demo_ends_with_success_and_leaves_a_picture_and_the_DICOM_files()
    {
        var folder = shared.Folder.Make("demo");

        var result = (await SoftSeg("demo", "--out", folder)).Succeeded();

        output.WriteLine(result.Output);
        Assert.Contains("Dice", result.Output, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetFiles(folder, "*.png", SearchOption.AllDirectories));
        Assert.NotEmpty(Directory.GetFiles(folder, "*.dcm", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Echo_tells_whether_a_peer_answers()
    {
        var absent = FreePort.Take();
        var configuration = new NodeSetup(new PeerEntry("pacs", shared.Pacs.AeTitle, shared.Pacs.Port), new PeerEntry("absent", "ABSENT", absent))
            .Write(shared.Folder.Make("echo"), FreePort.Take());

        var answered = await SoftSeg("echo", "pacs", "--config", configuration);
        var unanswered = await SoftSeg("echo", "absent", "--config", configuration);

        Assert.Equal(0, answered.ExitCode);
        Assert.Equal(1, unanswered.ExitCode);
        Assert.Contains($"{absent}", unanswered.Output + unanswered.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_config_prints_every_error_at_once_with_its_line()
    {
        var file = shared.Folder.File("wrong.json");
        await File.WriteAllTextAsync(file, """
            { "Node": { "AeTitle": "A TITLE THAT IS TOO LONG", "Port": 70000 },
              "Peers": [ { "Name": "pacs", "AeTitle": "PACS", "Host": "127.0.0.1", "Port": 11113 } ],
              "Assembel": { "IdleSeconds": 10 } }
            """);

        var result = await SoftSeg("check-config", "--config", file);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("wrong.json:1: Node:AeTitle", result.Error, StringComparison.Ordinal);
        Assert.Contains("wrong.json:1: Node:Port", result.Error, StringComparison.Ordinal);
        Assert.Contains("wrong.json:3: Assembel", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_does_not_start_with_a_damaged_model()
    {
        var model = shared.Folder.Make("damaged-model");
        await File.WriteAllTextAsync(Path.Combine(model, "model.json"), "{ \"format\": 1 }");
        var setup = new NodeSetup(new PeerEntry("pacs", shared.Pacs.AeTitle, shared.Pacs.Port)) { Model = model };

        var result = await SoftSeg("serve", "--config", setup.Write(shared.Folder.Make("damaged"), FreePort.Take()));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Engine:Model: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("model.json", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    internal static Task<ProgramResult> SoftSeg(params string[] arguments) =>
        new ExternalProgram("dotnet", "dotnet-sdk-10.0").RunAsync([SoftSegNode.Assembly, .. arguments], TimeSpan.FromMinutes(3));
}
