using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>Orthanc as a PACS that commits to what it stored, on an association of its own.</summary>
[Collection(SharedNode.Collection)]
public sealed class CommitmentTests(SharedNode shared)
{
    [Fact]
    public async Task The_PACS_commits_to_the_results_and_they_are_sent_once_more_on_request()
    {
        var source = shared.Sources.NewPhantom("to be committed");
        await using var orthanc = new OrthancPeer("ORTHANC");
        var setup = new NodeSetup(new PeerEntry("archive", orthanc.AeTitle, orthanc.Port) { Commitment = true }) { DataDirectory = shared.Folder.Make("commitment-data") };
        await using var node = await SoftSegNode.StartAsync(setup);
        await orthanc.StartAsync(node.AeTitle, node.Port);

        (await node.Send(orthanc.AeTitle, source.Files)).Succeeded();
        await node.Logged([source.SeriesUid, "archive has committed to 3 results"], timeout: TimeSpan.FromMinutes(2));

        var mark = node.Log.Count;
        var configuration = setup.Write(shared.Folder.Make("resend"), node.Port);
        (await CommandLineTests.SoftSeg("resend", source.SeriesUid, "--to", "archive", "--config", configuration)).Succeeded();
        await node.Logged([source.SeriesUid, "archive has committed to 3 results"], after: mark, timeout: TimeSpan.FromMinutes(2));

        var status = (await CommandLineTests.SoftSeg("status", source.SeriesUid, "--config", configuration)).Succeeded().Output;
        Assert.Contains("storage commitment requested", status, StringComparison.Ordinal);
        Assert.Contains("resend asked for, to archive", status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_nobody_answers_is_made_again_until_the_PACS_can()
    {
        var source = shared.Sources.NewPhantom("not answered");
        await using var orthanc = new OrthancPeer("ORTHANC");
        var setup = new NodeSetup(new PeerEntry("archive", orthanc.AeTitle, orthanc.Port) { Commitment = true }) { DataDirectory = shared.Folder.Make("unanswered-data"), CommitmentHours = 0.002 };
        await using var node = await SoftSegNode.StartAsync(setup);
        // It reports to a port where nobody is.
        await orthanc.StartAsync(node.AeTitle, FreePort.Take());

        (await node.Send(orthanc.AeTitle, source.Files)).Succeeded();
        await node.Logged([source.SeriesUid, "archive has not answered the request of storage commitment for 0.002 hours", "sent once more"], timeout: TimeSpan.FromMinutes(2));

        await orthanc.StopAsync();
        await orthanc.StartAsync(node.AeTitle, node.Port);
        await node.Logged([source.SeriesUid, "archive has committed to 3 results"], timeout: TimeSpan.FromMinutes(2));
    }
}
