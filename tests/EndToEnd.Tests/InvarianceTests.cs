using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Results;
using SoftSeg.EndToEnd.Tests.Sources;
using Xunit.Abstractions;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>How a series arrives changes nothing of what comes back.</summary>
[Collection(SharedNode.Collection)]
public sealed class InvarianceTests(SharedNode shared, ITestOutputHelper output)
{
    SourceSeries Source => shared.Sources[SourceLibrary.Sagittal];

    [Fact]
    public async Task Shuffled_it_gives_identical_voxels()
    {
        var files = Source.Files.ToArray();
        new Random(1).Shuffle(files);

        await AssertIdentical(files);
    }

    [Fact]
    public Task Reversed_it_gives_identical_voxels() => AssertIdentical([.. Source.Files.Reverse()]);

    [Fact]
    public async Task As_Implicit_VR_it_gives_identical_voxels()
    {
        var folder = shared.Folder.Make("implicit");
        foreach (var file in Source.Files)
            await Dcmtk.ToImplicitVR(file, Path.Combine(folder, Path.GetFileName(file)));

        await AssertIdentical([.. SourceSeries.Read(folder).Files], "-xi");
    }

    [Theory]
    [InlineData("dcmcjpls", "+el", "-xt")]
    [InlineData("gdcmconv", "--j2k", "-xv")]
    public async Task Compressed_without_loss_it_gives_identical_voxels(string encoder, string form, string proposed)
    {
        var program = encoder == "gdcmconv" ? ExternalProgram.Gdcmconv : ExternalProgram.Dcmcjpls;
        var folder = shared.Folder.Make(encoder);
        foreach (var file in Source.Files)
            (await program.RunAsync([form, file, Path.Combine(folder, Path.GetFileName(file))])).Succeeded();

        await AssertIdentical([.. SourceSeries.Read(folder).Files], proposed);
    }

    [Fact]
    public async Task Cropped_to_half_its_field_of_view_along_the_cord_it_agrees_where_the_two_overlap()
    {
        var (first, count) = (Source.Rows / 4, Source.Rows / 2);
        var cropped = SeriesEdit.CropRows(Source, shared.Folder.Make("cropped"), first, count);

        var whole = Rows((await shared.ResultsOf(Source)).Visible.OnGridOf(Source), first, count);
        var half = (await shared.ResultsOf(cropped)).Visible.OnGridOf(cropped);

        var dice = MaskComparison.Dice(whole, half);
        output.WriteLine($"Dice of the cropped and the whole series where they overlap: {dice:0.000}");
        Assert.True(dice >= 0.95, $"Dice {dice:0.000}");
    }

    /// <summary>On a node that has never seen the series.</summary>
    async Task AssertIdentical(string[] files, params string[] options)
    {
        var expected = await shared.ResultsOf(Source);
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)));

        (await node.Send(pacs.AeTitle, files, options)).Succeeded();
        var actual = await pacs.WaitForResults(Source.SeriesUid, evidence: () => node.LogText);

        Assert.Equal(expected.Visible.OnGridOf(Source), actual.Visible.OnGridOf(Source));
        Assert.Equal(expected.Soft.OnGridOf(Source), actual.Soft.OnGridOf(Source));
        Assert.Equal(expected.SopInstanceUids, actual.SopInstanceUids);
    }

    float[] Rows(float[] volume, int first, int count)
    {
        var (rows, columns) = (Source.Rows, Source.Columns);
        var part = new float[Source.Slices.Count * count * columns];
        for (var slice = 0; slice < Source.Slices.Count; slice++)
            volume.AsSpan(((slice * rows) + first) * columns, count * columns).CopyTo(part.AsSpan(slice * count * columns));
        return part;
    }
}
