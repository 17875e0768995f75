using System.Net;
using System.Net.Sockets;
using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>What goes wrong around a node: its disk, its clock, its database, a second node. The disks are small memory file systems, so the tests run as root.</summary>
[Collection(SharedNode.Collection)]
public sealed class BadDayTests(SharedNode shared)
{
    const string LibFakeTime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

    [Fact]
    public async Task A_full_disk_refuses_for_the_time_being_and_what_is_sent_again_later_comes_back_segmented()
    {
        var source = shared.Sources.NewPhantom("the disk is full");
        using var disk = await SmallDisk.MountAsync(shared.Folder.Make("full-disk"), megabytes: 64);
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(Setup(pacs) with { DataDirectory = disk.Folder, MinFreeMegabytes = 16 });
        var ballast = Path.Combine(disk.Folder, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[52 << 20]);

        Assert.Empty(await AcknowledgedSend.RunAsync(node.Port, node.AeTitle, pacs.AeTitle, source.Files));
        Assert.True(await node.AnswersEcho());
        File.Delete(ballast);
        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();

        var results = await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        Assert.Equal((await shared.ResultsOf(source)).SopInstanceUids, results.SopInstanceUids);
    }

    [Fact]
    public async Task A_disk_that_runs_short_keeps_new_senders_out_before_it_refuses_an_instance()
    {
        var source = shared.Sources.NewPhantom("the disk runs short");
        using var disk = await SmallDisk.MountAsync(shared.Folder.Make("short-disk"), megabytes: 128);
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(Setup(pacs) with { DataDirectory = disk.Folder, MinFreeMegabytes = 64 });
        await using var sender = await ScriptedSender.ConnectAsync(node.Port);
        Assert.Equal(2, await sender.AssociateAsync(pacs.AeTitle, node.AeTitle, Dicom.DicomUID.MRImageStorage.Value));
        var ballast = Path.Combine(disk.Folder, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[48 << 20]);

        var refused = await node.Send(pacs.AeTitle, source.Files);
        Assert.Contains("Rejected Transient", refused.Output + refused.Error, StringComparison.Ordinal);
        Assert.Contains("Local Limit Exceeded", refused.Output + refused.Error, StringComparison.Ordinal);
        await node.Logged("the disk is short");
        Assert.True(await node.AnswersEcho());
        await sender.SendInstanceAsync(Dicom.DicomUID.MRImageStorage.Value, source.Slices[0].SopInstanceUid, PartTen.DatasetOf(source.Slices[0].File));
        Assert.Equal((ushort)0, await sender.ReadStatusAsync());
        await sender.ReleaseAsync();

        File.Delete(ballast);
        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
    }

    [Fact]
    public async Task A_read_only_disk_keeps_the_node_from_starting_until_it_can_be_written_again()
    {
        var source = shared.Sources.NewPhantom("the disk is read-only");
        using var disk = await SmallDisk.MountAsync(shared.Folder.Make("read-only-disk"), megabytes: 64);
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(Setup(pacs) with { DataDirectory = Path.Combine(disk.Folder, "data"), MinFreeMegabytes = 1 });
        await node.TerminateAsync();

        await disk.RemountAsync("ro");
        await Assert.ThrowsAsync<InvalidOperationException>(node.StartAsync);
        await disk.RemountAsync("rw");
        await node.StartAsync();
        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();

        var results = await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        Assert.Equal((await shared.ResultsOf(source)).SopInstanceUids, results.SopInstanceUids);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_an_hour_changes_nothing()
    {
        if (!File.Exists(LibFakeTime))
            throw new FileNotFoundException("libfaketime is not installed. Install it with: apt-get install faketime");
        var source = shared.Sources.NewPhantom("the clock is set back");
        var clock = shared.Folder.File("clock");
        await File.WriteAllTextAsync(clock, "+0");
        await using var pacs = new StorescpPeer("PACS");
        await using var node = await SoftSegNode.StartAsync(Setup(pacs) with
        {
            IdleSeconds = 3,
            Environment = [$"LD_PRELOAD={LibFakeTime}", $"FAKETIME_TIMESTAMP_FILE={clock}", "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_FORCE_MONOTONIC_FIX=0"],
        });

        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        await File.WriteAllTextAsync(clock, "-1h");
        await node.Logged(source.SeriesUid, "next attempt");
        await File.WriteAllTextAsync(clock, "-2h");
        await pacs.StartAsync();

        var results = await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        Assert.Equal((await shared.ResultsOf(source)).SopInstanceUids, results.SopInstanceUids);
    }

    [Fact]
    public async Task A_second_node_on_one_data_directory_refuses_to_start_and_says_why()
    {
        var setup = new NodeSetup(new PeerEntry("pacs", shared.Pacs.AeTitle, shared.Pacs.Port)) { DataDirectory = shared.Node.DataDirectory };

        var second = await CommandLineTests.SoftSeg("serve", "--config", setup.Write(shared.Folder.Make("second"), FreePort.Take()));

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("is in use by another softseg node", second.Error, StringComparison.Ordinal);
        Assert.True(await shared.Node.AnswersEcho());
    }

    [Fact]
    public async Task Ports_that_others_hold_are_named_all_at_once_and_nothing_is_started()
    {
        using TcpListener dicom = new(IPAddress.Any, 0), web = new(IPAddress.Loopback, 0);
        dicom.Start();
        web.Start();
        var setup = new NodeSetup(new PeerEntry("pacs", "PACS", FreePort.Take())) with { WebPort = Port(web) };

        var node = await CommandLineTests.SoftSeg("serve", "--config", setup.Write(shared.Folder.Make("taken"), Port(dicom)));

        Assert.Equal(1, node.ExitCode);
        Assert.Equal(2, node.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains($"Node:Port: another program listens on {Port(dicom)}", node.Error, StringComparison.Ordinal);
        Assert.Contains($"Web:Port: another program listens on {Port(web)}", node.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", node.Output, StringComparison.Ordinal);

        static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [Fact]
    public async Task A_damaged_database_is_put_aside_and_made_anew_from_the_spool()
    {
        var source = shared.Sources.NewPhantom("the database is damaged");
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var node = await SoftSegNode.StartAsync(Setup(pacs));
        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        var before = await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        Assert.Equal(0, await node.TerminateAsync());
        await File.WriteAllTextAsync(Path.Combine(node.DataDirectory, "state.db"), new string('x', 8192));

        await node.StartAsync();
        await Until.True(() => pacs.Receptions().Length == 6, "the results come once more", TimeSpan.FromMinutes(1), () => node.LogText);

        Assert.NotEmpty(Directory.GetFiles(node.DataDirectory, "state.db.damaged-*"));
        Assert.Equal(before.SopInstanceUids, (await pacs.ResultsOf(source.SeriesUid)).Select(o => o.SopInstanceUid).Order(StringComparer.Ordinal));
    }

    static NodeSetup Setup(StorescpPeer pacs) => new(new PeerEntry("pacs", pacs.AeTitle, pacs.Port));
}
