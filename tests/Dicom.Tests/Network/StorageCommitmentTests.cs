using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using SoftSeg.Dicom.Network;
using static SoftSeg.Dicom.Tests.Network.ScriptedPeer;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>Storage commitment in both roles, with Orthanc at the other end, and the answer on the same association.</summary>
public sealed class StorageCommitmentTests : IDisposable
{
    const string CommitmentClass = "1.2.840.10008.1.20.1";
    static readonly AcceptedServices s_services = new() { CommitmentRequests = true, CommitmentResults = true };

    readonly string _folder = Directory.CreateTempSubdirectory("softseg-commit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static SopReference Reference(int number) => new(TestInstance.MRImageStorage, TestInstance.MR(number).SopInstanceUid);

    [Fact]
    public async Task Orthanc_commits_to_what_it_has_on_an_association_of_its_own()
    {
        await using var host = await StorageHost.StartAsync(services: s_services);
        await using var archive = await OrthancArchive.StartAsync(host.Port);
        await archive.ImportAsync(TestInstance.MR(1).Save(_folder));
        var request = CommitmentRequest.For([Reference(1), Reference(2)]);
        await using (var client = await DicomClient.ConnectAsync(archive.Client, new AssociationProposal().AddCommitmentRequest()))
        {
            Assert.True((await client.RequestCommitmentAsync(request)).IsSuccess);
            await client.ReleaseAsync();
        }
        await Until.TrueAsync(() => !host.CommitmentResults.IsEmpty, "Orthanc reports");
        var result = host.CommitmentResults.Single();
        Assert.Equal(request.TransactionUid, result.TransactionUid);
        Assert.Equal([Reference(1)], result.Committed);
        Assert.Equal([new CommitmentFailure(Reference(2), CommitmentFailure.NoSuchInstance)], result.Failed);
    }

    [Fact]
    public async Task Orthanc_asks_and_hears_what_the_spool_has()
    {
        await using var host = await StorageHost.StartAsync(services: s_services);
        await using var archive = await OrthancArchive.StartAsync(host.Port);
        string path = TestInstance.MR(1).Save(_folder);
        await using (var sender = await DicomClient.ConnectAsync(host.Client(), [path]))
            Assert.True((await sender.StoreAsync(path)).IsSuccess);

        var asked = await archive.PostAsync("modalities/us/storage-commitment", new JsonObject
        {
            ["DicomInstances"] = new JsonArray(new JsonArray(Reference(1).SopClassUid, Reference(1).SopInstanceUid), new JsonArray(Reference(3).SopClassUid, Reference(3).SopInstanceUid))
        });
        var request = Assert.Single(host.CommitmentRequests);
        await using (var client = await DicomClient.ConnectAsync(archive.Client, new AssociationProposal().AddCommitmentReport()))
        {
            Assert.True((await client.ReportCommitmentAsync(host.Spool.Commit(request))).IsSuccess);
            await client.ReleaseAsync();
        }
        var report = await archive.GetAsync($"storage-commitment/{asked.GetProperty("ID").GetString()}");
        Assert.Equal("Failure", report.GetProperty("Status").GetString());
        Assert.Equal(Reference(1).SopInstanceUid, report.GetProperty("Success")[0].GetProperty("SOPInstanceUID").GetString());
        Assert.Equal(Reference(3).SopInstanceUid, report.GetProperty("Failures")[0].GetProperty("SOPInstanceUID").GetString());
        Assert.Equal(CommitmentFailure.NoSuchInstance, report.GetProperty("Failures")[0].GetProperty("FailureReason").GetInt32());
    }

    [Fact]
    public async Task The_result_may_come_on_the_same_association()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var options = new DicomClientOptions { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, CalledAeTitle = "PACS", CallingAeTitle = "SOFTSEG" };
        var connecting = DicomClient.ConnectAsync(options, new AssociationProposal().AddCommitmentRequest());
        using var peer = await AcceptAsync(listener);
        await peer.ExpectAsync(1);
        await peer.SendAsync(Ac([(1, 0, TestInstance.ImplicitLittle)]));
        await using var client = await connecting;
        var asking = client.RequestCommitmentAsync(CommitmentRequest.For([Reference(1)]));
        await peer.ExpectAsync(4);
        await peer.ExpectAsync(4);
        // The report overtakes the response: nothing forbids it.
        byte[] report =
        [
            .. Data(1, 3, new TestInstance(false).Add(0, 0x0002, "UI", CommitmentClass).Add(0, 0x0100, "US", [0x00, 0x01]).Add(0, 0x0110, "US", [5, 0])
                .Add(0, 0x0800, "US", [0, 0]).Add(0, 0x1000, "UI", CommitmentClass + ".1").Add(0, 0x1002, "US", [1, 0]).DataSet()),
            .. Data(1, 2, new TestInstance(false).Add(8, 0x1195, "UI", "1.2.9").Add(8, 0x1199, "SQ", [0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF,
                .. new TestInstance(false).Add(8, 0x1150, "UI", Reference(1).SopClassUid).Add(8, 0x1155, "UI", Reference(1).SopInstanceUid).DataSet(), 0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0]).DataSet())
        ];
        await peer.SendAsync(report);
        Assert.Equal(0, await peer.StatusAsync());
        await peer.SendAsync(Data(1, 3, Command(0x8130, 1, CommitmentClass, status: 0)));
        Assert.True((await asking).IsSuccess);
        var first = await client.WaitForCommitmentAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(("1.2.9", true), (first!.TransactionUid, first.IsComplete));
        Assert.Equal([Reference(1)], first.Committed);

        var waiting = client.WaitForCommitmentAsync(TimeSpan.FromSeconds(20));
        await peer.SendAsync(report);
        Assert.Equal(0, await peer.StatusAsync());
        Assert.Equal("1.2.9", (await waiting)!.TransactionUid);

        var none = client.WaitForCommitmentAsync(TimeSpan.FromMilliseconds(200));
        await peer.ExpectAsync(5);
        await peer.SendAsync(Pdu(6, [0, 0, 0, 0]));
        Assert.Null(await none);
    }

    [Fact]
    public async Task The_spool_commits_to_the_class_and_instance_that_it_holds_and_to_no_path()
    {
        await using var host = await StorageHost.StartAsync();
        string path = TestInstance.MR(1).Save(_folder);
        await using (var sender = await DicomClient.ConnectAsync(host.Client(), [path]))
            Assert.True((await sender.StoreAsync(path)).IsSuccess);
        var other = new SopReference("1.2.840.10008.5.1.4.1.1.2", Reference(1).SopInstanceUid);
        var result = host.Spool.Commit(CommitmentRequest.For([Reference(1), other, new(TestInstance.MRImageStorage, "../../x")]));
        Assert.Equal([Reference(1)], result.Committed);
        Assert.Equal([CommitmentFailure.NoSuchInstance, CommitmentFailure.ClassInstanceConflict], result.Failed.Select(f => f.Reason).Order());
    }

    [Fact]
    public async Task Where_it_is_not_switched_on_nothing_of_it_is_accepted()
    {
        await using var host = await StorageHost.StartAsync();
        await using var client = await DicomClient.ConnectAsync(host.Client(), new AssociationProposal().AddVerification().AddCommitmentRequest());
        await Assert.ThrowsAsync<DicomNotAcceptedException>(() => client.RequestCommitmentAsync(CommitmentRequest.For([Reference(1)])));
        Assert.True((await client.EchoAsync()).IsSuccess);

        await using var requestsOnly = await StorageHost.StartAsync(services: new AcceptedServices { CommitmentRequests = true });
        await using var reporter = await DicomClient.ConnectAsync(requestsOnly.Client(), new AssociationProposal().AddCommitmentReport());
        await Assert.ThrowsAsync<DicomNotAcceptedException>(() => reporter.ReportCommitmentAsync(new CommitmentResult("1.2.3", [Reference(1)], [])));
    }

    [Theory]
    [InlineData(2, "1.2.840.10008.1.20.1.1", 0x0123)]
    [InlineData(1, "1.2.3", 0x0112)]
    [InlineData(1, "1.2.840.10008.1.20.1.1", 0x0115)]
    public async Task A_request_that_makes_no_sense_is_answered(byte action, string instance, ushort status)
    {
        await using var host = await StorageHost.StartAsync(services: s_services);
        using var peer = await ConnectAsync(host.Port);
        await peer.SendAsync(Rq(contexts: RqContext(1, CommitmentClass, TestInstance.ImplicitLittle)));
        await peer.ExpectAsync(2);
        await peer.SendAsync([
            .. Data(1, 3, new TestInstance(false).Add(0, 0x0003, "UI", CommitmentClass).Add(0, 0x0100, "US", [0x30, 0x01]).Add(0, 0x0110, "US", [5, 0])
                .Add(0, 0x0800, "US", [0, 0]).Add(0, 0x1001, "UI", instance).Add(0, 0x1008, "US", [action, 0]).DataSet()),
            .. Data(1, 2, new TestInstance(false).Add(8, 0x1195, "UI", "1.2.9").DataSet())]);
        Assert.Equal(status, await peer.StatusAsync());
        Assert.Empty(host.CommitmentRequests);
    }
}
