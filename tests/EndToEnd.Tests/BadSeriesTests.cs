using SoftSeg.Dicom;
using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Results;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>Series and instances that can't or must not be segmented: the log says which and why, nothing is sent back, the node goes on.</summary>
[Collection(BadInputNode.Collection)]
public sealed class BadSeriesTests(BadInputNode bad)
{
    [Fact]
    public async Task A_CT_series_is_skipped_because_of_its_modality()
    {
        var phantom = bad.Sources.NewPhantom("to be CT");
        var ct = SeriesEdit.AsNewSeries(phantom, bad.Folder.Make("ct"), "ct", (dataset, _) => dataset
            .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.CTImageStorage.Value)
            .AddOrUpdate(DicomTag.Modality, "CT"));

        await bad.SendForNothing(ct, "skipped", "CT");
    }

    [Fact]
    public async Task A_series_with_a_missing_slice_is_refused_with_the_gap_in_numbers()
    {
        var folder = bad.Folder.Make("gap");
        var whole = SeriesEdit.AsNewSeries(bad.Sources.NewPhantom("to have a gap"), folder, "gap");
        File.Delete(whole.Slices[whole.Slices.Count / 2].File);

        var line = await bad.SendForNothing(SourceSeries.Read(folder), "refused");

        Assert.Contains("mm", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_with_empty_pixel_data_is_refused_with_the_bytes_that_it_needs()
    {
        var phantom = bad.Sources.NewPhantom("to be empty");
        var series = SeriesEdit.AsNewSeries(phantom, bad.Folder.Make("empty"), "empty",
            (dataset, _) => dataset.AddOrUpdate(DicomTag.PixelData, Array.Empty<byte>()));

        var sent = await bad.Node.Send(bad.Pacs.AeTitle, series.Files);

        Assert.NotEqual(0, sent.ExitCode);
        await bad.Node.Logged("refused", "PixelData", "0 bytes", $"{phantom.Rows * phantom.Columns * 2}");
        await bad.AssertStillServing("empty pixel data");
    }

    [Fact]
    public async Task A_series_without_pixel_data_is_refused()
    {
        var series = SeriesEdit.AsNewSeries(bad.Sources.NewPhantom("to have no pixels"), bad.Folder.Make("no-pixels"), "no pixels",
            (dataset, _) => dataset.Remove(DicomTag.PixelData));

        await bad.SendForNothing(series, "refused", "pixel");
    }

    [Fact]
    public Task A_series_without_a_cord_is_skipped_and_no_segmentation_is_sent() =>
        bad.SendForNothing(bad.Sources.WithoutCord, "skipped", "no cord");

    [Fact]
    public async Task A_truncated_instance_is_refused_while_its_association_goes_on()
    {
        var series = bad.Sources.NewPhantom("to be truncated");
        var (first, second) = (series.Slices[0], series.Slices[1]);
        await using var sender = await ScriptedSender.ConnectAsync(bad.Node.Port);
        Assert.Equal(2, await sender.AssociateAsync(bad.Pacs.AeTitle, bad.Node.AeTitle, DicomUID.MRImageStorage.Value));

        await sender.SendInstanceAsync(DicomUID.MRImageStorage.Value, first.SopInstanceUid, PartTen.DatasetOf(first.File)[..^2000]);
        var refused = await sender.ReadStatusAsync();
        await sender.SendInstanceAsync(DicomUID.MRImageStorage.Value, second.SopInstanceUid, PartTen.DatasetOf(second.File));
        var stored = await sender.ReadStatusAsync();
        await sender.ReleaseAsync();

        Assert.True(refused is >= 0xA000, $"status {refused:X4}");
        Assert.Equal((ushort)0, stored);
        await bad.Node.Logged("refused", first.SopInstanceUid);
        await bad.AssertStillServing("a truncated instance");
    }

    [Fact]
    public async Task A_connection_reset_in_the_middle_of_an_instance_leaves_nothing_behind()
    {
        var slice = bad.Sources.NewPhantom("to be cut").Slices[0];
        await using var sender = await ScriptedSender.ConnectAsync(bad.Node.Port);
        var port = sender.LocalEndPoint[(sender.LocalEndPoint.LastIndexOf(':') + 1)..];
        Assert.Equal(2, await sender.AssociateAsync(bad.Pacs.AeTitle, bad.Node.AeTitle, DicomUID.MRImageStorage.Value));

        await sender.SendInstanceAsync(DicomUID.MRImageStorage.Value, slice.SopInstanceUid, PartTen.DatasetOf(slice.File)[..2000], isWhole: false);
        sender.Reset();

        await bad.Node.Logged(port);
        await bad.AssertStillServing("a reset");
        Assert.DoesNotContain(Directory.EnumerateFiles(bad.Node.DataDirectory, "*", SearchOption.AllDirectories),
            file => file.EndsWith(".part", StringComparison.Ordinal) || file.Contains(slice.SopInstanceUid, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_nodes_own_results_sent_to_it_are_never_processed()
    {
        var results = await bad.AssertStillServing("own results are made");
        var segmented = Segmented();

        (await bad.Node.Send(bad.Pacs.AeTitle, results.Objects.Select(o => o.Path), "-R")).Succeeded();

        foreach (var result in results.Objects)
            await bad.Node.Logged(result.SeriesUid, "skipped");
        await bad.AssertStillServing("own results came back");
        Assert.Equal(segmented + 1, Segmented());
        foreach (var result in results.Objects)
            Assert.Empty(await bad.Pacs.ResultsOf(result.SeriesUid));

        int Segmented() => bad.Node.Log.Count(line => line.Contains(" segmented in ", StringComparison.Ordinal));
    }
}
