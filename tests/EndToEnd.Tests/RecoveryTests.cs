using SoftSeg.Dicom;
using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Results;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>A node that dies at any step, or loses its database, and instances that come late or corrected.</summary>
[Collection(SharedNode.Collection)]
public sealed class RecoveryTests(SharedNode shared)
{
    [Fact]
    public async Task Killed_while_a_series_is_coming_in_it_keeps_every_instance_that_it_acknowledged()
    {
        var source = shared.Sources.NewPhantom("killed while receiving");
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await Node(pacs, idleSeconds: 6);
        await using var sender = await ScriptedSender.ConnectAsync(node.Port);
        Assert.Equal(2, await sender.AssociateAsync(pacs.AeTitle, node.AeTitle, DicomUID.MRImageStorage.Value));
        var acknowledged = source.Slices.Take(source.Slices.Count / 2).ToArray();
        foreach (var slice in acknowledged)
        {
            await sender.SendInstanceAsync(DicomUID.MRImageStorage.Value, slice.SopInstanceUid, PartTen.DatasetOf(slice.File));
            Assert.Equal((ushort)0, await sender.ReadStatusAsync());
        }

        await node.KillAsync();
        await node.StartAsync();
        // The sender goes on with what had no answer, and never sends the others again.
        (await node.Send(pacs.AeTitle, source.Slices.Skip(acknowledged.Length).Select(slice => slice.File))).Succeeded();

        var results = await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        Assert.Equal((await shared.ResultsOf(source)).SopInstanceUids, results.SopInstanceUids);
    }

    [Fact]
    public async Task Killed_while_results_wait_for_their_origin_it_sends_them_after_its_restart()
    {
        var source = shared.Sources.NewPhantom("killed while returning");
        await using var pacs = new StorescpPeer("PACS");
        await using var node = await Node(pacs);
        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        await node.Logged(source.SeriesUid, "next attempt");

        await node.KillAsync();
        await pacs.StartAsync();
        await node.StartAsync();

        var results = await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        Assert.Equal((await shared.ResultsOf(source)).SopInstanceUids, results.SopInstanceUids);
        Assert.Equal(1, node.Log.Count(line => line.Contains(" segmented in ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_its_database_it_finds_its_series_in_the_spool_and_delivers_the_same_instances_once_more()
    {
        var source = shared.Sources.NewPhantom("the database is lost");
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await Node(pacs);
        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        var before = await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);

        Assert.Equal(0, await node.TerminateAsync());
        foreach (var file in Directory.GetFiles(node.DataDirectory, "state.db*"))
            File.Delete(file);
        await node.StartAsync();
        await Until.True(() => pacs.Receptions().Length == 6, "the results come once more", TimeSpan.FromMinutes(1), () => node.LogText);

        Assert.Equal(before.SopInstanceUids, (await pacs.ResultsOf(source.SeriesUid)).Select(o => o.SopInstanceUid).Order(StringComparer.Ordinal));
        foreach (var result in before.Objects)
            Assert.Equal(await File.ReadAllBytesAsync(result.Path), await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(Path.GetDirectoryName(result.Path)!, Path.GetFileName(result.Path) + ".~*"))));
    }

    [Fact]
    public async Task Slices_that_come_after_the_series_was_complete_bring_results_of_the_whole_series()
    {
        var source = shared.Sources.NewPhantom("late slices");
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await Node(pacs);
        var ascending = source.Slices.Select(slice => slice.File).ToArray();

        (await node.Send(pacs.AeTitle, ascending[..^3])).Succeeded();
        await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        (await node.Send(pacs.AeTitle, ascending[^3..])).Succeeded();
        await pacs.WaitForResults(source.SeriesUid, count: 6, evidence: () => node.LogText);

        var received = await pacs.ResultsOf(source.SeriesUid);
        var (whole, reports) = (await shared.ResultsOf(source), received.Where(o => o.Value("0008,0060") == "SR").ToArray());
        Assert.Subset(received.Select(o => o.SopInstanceUid).ToHashSet(), whole.SopInstanceUids.Except([whole.Report.SopInstanceUid]).ToHashSet());
        // The report of the whole names that of the part, and so is another one than where all came at once.
        var later = Assert.Single(reports, report => report.Replaced().Count > 0);
        Assert.Equal(reports.Except([later]).Select(report => report.SopInstanceUid), later.Replaced());
        Assert.Empty(await Dciodvfy.Errors(later.Path));
    }

    [Fact]
    public async Task Slices_that_come_after_a_kill_bring_new_results_and_a_note_that_withdraws_the_old_ones_from_Orthanc()
    {
        var source = shared.Sources.NewPhantom("late slices after a kill");
        await using var orthanc = new OrthancPeer("ORTHANC");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("orthanc", orthanc.AeTitle, orthanc.Port) { Withdraw = true }));
        await orthanc.StartAsync();
        var ascending = source.Slices.Select(slice => slice.File).ToArray();

        (await node.Send(orthanc.AeTitle, ascending[..^3])).Succeeded();
        var old = await ResultsIn(orthanc, source, 3);
        await node.KillAsync();
        await node.StartAsync();
        (await node.Send(orthanc.AeTitle, ascending[^3..])).Succeeded();
        var all = await ResultsIn(orthanc, source, 7);

        var (note, report) = (Assert.Single(all, o => o.Value("0008,0060") == "KO"), Assert.Single(all, o => o.Replaced().Count > 0));
        Assert.Equal(old.Where(o => o.Value("0008,0060") == "SR").Select(o => o.SopInstanceUid), report.Replaced());
        Assert.Equal(old.Select(o => o.SopInstanceUid).Order(StringComparer.Ordinal), note.ValuesAnywhere("0008,1155").Distinct().Order(StringComparer.Ordinal));
        Assert.Contains("113001", note.ValuesAnywhere("0008,0100"));
        Assert.Empty(await Dciodvfy.Errors(note.Path));
        Assert.Empty(await Dciodvfy.Errors(report.Path));
        Assert.Contains("3 earlier results are withdrawn from orthanc", (await node.Command("status", source.SeriesUid)).Succeeded().Output, StringComparison.Ordinal);

        async Task<List<ReceivedObject>> ResultsIn(OrthancPeer archive, SourceSeries of, int count)
        {
            IReadOnlyList<(string SeriesUid, string Modality)> series = [];
            await Until.True(async () => (series = await archive.SeriesOverDicomWeb(of.StudyUid)).Count == count, $"Orthanc has {count} results", TimeSpan.FromMinutes(2), () => $"{node.LogText}\n{archive.Log}");
            var results = new List<ReceivedObject>();
            foreach (var (seriesUid, _) in series)
                results.Add(await archive.Instance(OrthancPeer.Value(Assert.Single(await archive.MetadataOverDicomWeb(of.StudyUid, seriesUid)), "00080018")));
            return results;
        }
    }

    [Fact]
    public async Task A_gap_keeps_a_series_waiting_for_the_slices_that_fill_it()
    {
        var source = shared.Sources.NewPhantom("a gap that is filled");
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)) { MaxWaitSeconds = 600 });
        var ascending = source.Slices.Select(slice => slice.File).ToArray();

        (await node.Send(pacs.AeTitle, [.. ascending[..5], .. ascending[7..]])).Succeeded();
        await node.Logged(source.SeriesUid, "waits up to 600 s", "2 slices");
        (await node.Send(pacs.AeTitle, ascending[5..7])).Succeeded();

        var results = await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        Assert.Equal((await shared.ResultsOf(source)).SopInstanceUids, results.SopInstanceUids);
        Assert.Equal(3, pacs.Receptions().Length);
    }

    [Fact]
    public async Task Instances_sent_again_with_a_corrected_patient_name_bring_results_with_that_name()
    {
        var source = shared.Sources.NewPhantom("to be corrected");
        var corrected = SeriesEdit.Copy(source, shared.Folder.Make("corrected"), (dataset, _) => dataset.AddOrUpdate(DicomTag.PatientName, "Corrected^Name"));
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await Node(pacs);

        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        (await node.Send(pacs.AeTitle, corrected.Files)).Succeeded();
        await pacs.WaitForResults(source.SeriesUid, count: 6, evidence: () => node.LogText);

        await node.Logged(source.Slices[0].SopInstanceUid, "other bytes");
        var names = (await pacs.ResultsOf(source.SeriesUid)).Select(o => o.Value("0010,0010"));
        Assert.Equal(3, names.Count(name => name == "Corrected^Name"));
    }

    static Task<SoftSegNode> Node(StorescpPeer pacs, double idleSeconds = 0.5) =>
        SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)) { IdleSeconds = idleSeconds });
}
