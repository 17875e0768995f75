using SoftSeg.Dicom.Network;
using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Results;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>Where results go, and what a destination takes.</summary>
[Collection(SharedNode.Collection)]
public sealed class DestinationTests(SharedNode shared)
{
    [Fact]
    public async Task What_a_scanner_sends_comes_back_to_the_PACS_that_it_names()
    {
        var source = shared.Sources.NewPhantom("from a scanner");
        await using var scanner = await StorescpPeer.StartAsync("SCANNER");
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(
            new PeerEntry("scanner", scanner.AeTitle, scanner.Port, ReturnTo: "pacs"), new PeerEntry("pacs", pacs.AeTitle, pacs.Port)));

        (await node.Send(scanner.AeTitle, source.Files)).Succeeded();

        await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        Assert.Empty(scanner.Receptions());
    }

    [Fact]
    public async Task A_PACS_that_takes_no_reports_gets_the_segmentations_and_the_log_names_what_it_does_not_take()
    {
        var source = shared.Sources.NewPhantom("no reports");
        await using var pacs = new StorescpPeer("PACS");
        await pacs.StartAsync([ReceivedObject.SegmentationStorage]);
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)));

        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();

        var results = await pacs.WaitForResults(source.SeriesUid, count: 2, evidence: () => node.LogText);
        Assert.All(results.Objects, o => Assert.Equal(ReceivedObject.SegmentationStorage, o.SopClassUid));
        await node.Logged(source.SeriesUid, "2 of 3", "report not sent", "Comprehensive 3D SR", "Comprehensive SR");
        Assert.True(await node.AnswersEcho());
    }

    [Fact]
    public async Task A_PACS_that_takes_only_the_older_report_class_gets_the_report_in_it_and_the_log_says_so_once()
    {
        await using var pacs = new StorescpPeer("PACS");
        await pacs.StartAsync([ReceivedObject.SegmentationStorage, ReceivedObject.ComprehensiveSRStorage]);
        var setup = new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port));
        await using var node = await SoftSegNode.StartAsync(setup);

        foreach (var source in (SourceSeries[])[shared.Sources.NewPhantom("older report 1"), shared.Sources.NewPhantom("older report 2")])
        {
            (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
            var results = await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
            Assert.Equal(ReceivedObject.ComprehensiveSRStorage, results.Report.SopClassUid);
            Assert.NotNull(results.Soft);
            await node.Logged(source.SeriesUid, "3 of 3", "report stored as Comprehensive SR");
        }
        Assert.Single(node.Log, line => line.Contains("told once", StringComparison.Ordinal));

        var probe = (await CommandLineTests.SoftSeg("probe", "pacs", "--config", setup.Write(shared.Folder.Make("probe"), FreePort.Take()))).Succeeded();
        Assert.Contains("pacs: visible segmentation: would be sent as binary SEG", probe.Output, StringComparison.Ordinal);
        Assert.Contains("pacs: soft segmentation: would be sent as fractional SEG", probe.Output, StringComparison.Ordinal);
        Assert.Contains("pacs: report: would be sent as Comprehensive SR", probe.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probe_names_the_classes_that_a_peer_lacks()
    {
        await using var pacs = new StorescpPeer("PACS");
        await pacs.StartAsync([ReceivedObject.Comprehensive3DSRStorage]);
        var configuration = new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port), new PeerEntry("absent", "ABSENT", FreePort.Take())).Write(shared.Folder.Make("probe-lacking"), FreePort.Take());

        var probe = (await CommandLineTests.SoftSeg("probe", "pacs", "--config", configuration)).Succeeded();
        Assert.Contains("pacs: report: would be sent as Comprehensive 3D SR", probe.Output, StringComparison.Ordinal);
        Assert.Contains("pacs: visible segmentation: would not be sent: the peer accepts none of Segmentation Storage", probe.Output, StringComparison.Ordinal);

        var absent = await CommandLineTests.SoftSeg("probe", "absent", "--config", configuration);
        Assert.Equal(1, absent.ExitCode);
        Assert.Contains("no connection", absent.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_PACS_that_refuses_bits_gets_the_same_voxels_as_bytes()
    {
        var source = shared.Sources.NewPhantom("no bits");
        await using var pacs = new PickyPacs(dataSet => dataSet.AsSpan().IndexOf("BINARY"u8) >= 0 ? DicomStatus.CannotUnderstand : DicomStatus.Success);
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", "PACS", pacs.Port)));

        (await node.Send("PACS", source.Files)).Succeeded();

        var line = await node.Logged(source.SeriesUid, "3 of 3", "visible segmentation stored as SEG of 0 and 255");
        Assert.Contains("C000", line, StringComparison.Ordinal);
        var received = await Task.WhenAll(pacs.Received.Select(ReceivedObject.ReadAsync));
        Assert.Equal(3, received.Length);
        var results = new ResultSet(received);
        Assert.Equal("FRACTIONAL", results.Visible.Type);
        var (visible, soft) = (results.Visible.OnGridOf(source), results.Soft.OnGridOf(source));
        Assert.Contains(1f, visible);
        for (var n = 0; n < visible.Length; n++)
            Assert.True(visible[n] == 1 ? soft[n] > 0.498f : visible[n] == 0 && soft[n] < 0.502f, $"voxel {n}: visible {visible[n]}, share {soft[n]}");
    }

    [Fact]
    public async Task A_PACS_that_takes_pictures_only_gets_the_slices_with_the_mask_over_them()
    {
        var source = shared.Sources.NewPhantom("pictures only");
        await using var pacs = new StorescpPeer("PACS");
        await pacs.StartAsync([ReceivedObject.SecondaryCaptureStorage]);
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)));

        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();

        await node.Logged(source.SeriesUid, "1 of 3", "visible segmentation stored as secondary captures");
        var pictures = await Task.WhenAll(pacs.Receptions().Select(ReceivedObject.ReadAsync));
        Assert.InRange(pictures.Length, 3, source.Files.Count);
        Assert.All(pictures, picture => Assert.Equal(ReceivedObject.SecondaryCaptureStorage, picture.SopClassUid));
        Assert.Single(pictures.Select(picture => picture.SeriesUid).Distinct());
        Assert.Equal(source.StudyUid, pictures[0].StudyUid);
        Assert.Subset(source.Slices.Select(slice => slice.SopInstanceUid).ToHashSet(), pictures.SelectMany(picture => picture.ValuesAnywhere("0008,1155")).ToHashSet());
    }

    [Fact]
    public async Task Each_destination_gets_the_kinds_of_results_that_it_is_configured_for()
    {
        var source = shared.Sources.NewPhantom("every kind");
        string[] classes =
        [
            ReceivedObject.SecondaryCaptureStorage, ReceivedObject.EncapsulatedPdfStorage, ReceivedObject.Comprehensive3DSRStorage,
            ReceivedObject.ParametricMapStorage, ReceivedObject.LabelMapSegmentationStorage, ReceivedObject.SegmentationStorage,
        ];
        await using var pacs = new StorescpPeer("PACS");
        await pacs.StartAsync(classes);
        await using var page = await StorescpPeer.StartAsync("READER");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(
            new PeerEntry("pacs", pacs.AeTitle, pacs.Port) { Results = ["PagePicture", "SegmentReport", "LabelMap", "ParametricMap", "Page"] },
            new PeerEntry("reader", page.AeTitle, page.Port, ReturnTo: "reader") { Results = ["page"] }) { To = ["origin", "reader"] });

        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();

        await node.Logged(source.SeriesUid, "5 of 5 results stored by pacs");
        await node.Logged(source.SeriesUid, "1 of 1 results stored by reader");
        var received = await Task.WhenAll(pacs.Receptions().Select(ReceivedObject.ReadAsync));
        Assert.Equal(classes[..5].Order(), received.Select(o => o.SopClassUid).Order());
        Assert.Equal(ReceivedObject.EncapsulatedPdfStorage, (await ReceivedObject.ReadAsync(Assert.Single(page.Receptions()))).SopClassUid);
    }

    [Fact]
    public async Task A_PACS_that_wants_to_know_is_told_why_there_is_no_result()
    {
        var source = SeriesEdit.AsNewSeries(shared.Sources.WithoutCord, shared.Folder.Make("refusal"), "refusal");
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port) { Results = ["Binary", "Refusal"] }));

        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();

        var reason = Assert.Single((await pacs.WaitForResults(source.SeriesUid, count: 1, evidence: () => node.LogText)).Objects);
        Assert.Equal(ReceivedObject.BasicTextSRStorage, reason.SopClassUid);
        Assert.Contains(reason.ValuesAnywhere("0040,a160"), text => text.Contains("no cord", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Four_senders_at_once_each_get_their_results()
    {
        var sources = Enumerable.Range(1, 4).Select(n => shared.Sources.NewPhantom($"at once {n}")).ToArray();

        var sent = await Task.WhenAll(sources.Select(source => shared.Node.Send(shared.Pacs.AeTitle, source.Files)));

        Assert.All(sent, result => result.Succeeded());
        foreach (var source in sources)
            Assert.Equal(3, (await shared.Pacs.WaitForResults(source.SeriesUid, evidence: () => shared.Node.LogText)).Objects.Count);
    }
}
