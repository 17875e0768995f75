using System.Net;
using System.Net.Sockets;
using SoftSeg.Dicom.Network;
using static SoftSeg.Dicom.Tests.Network.ScriptedPeer;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>C-FIND, C-MOVE, C-GET and C-CANCEL against DCMTK's archive, Orthanc, and a peer that does as the test says.</summary>
public sealed class QueryRetrieveTests : IDisposable
{
    const string Study = "1.2.826.0.1.3680043.2.1125.7";
    const string Series = "1.2.826.0.1.3680043.2.1125.7.0";

    readonly string _folder = Directory.CreateTempSubdirectory("softseg-query-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static AssociationProposal Proposal => new AssociationProposal().AddFind().AddMove().AddGet([TestInstance.MRImageStorage]);

    string[] Save(int count) => [.. Enumerable.Range(1, count).Select(n => TestInstance.MR(n, rows: 64, columns: 64).Save(_folder))];

    async Task FillAsync(DicomClientOptions archive, int count)
    {
        string[] paths = Save(count);
        await using var client = await DicomClient.ConnectAsync(archive, paths);
        foreach (string path in paths)
            Assert.True((await client.StoreAsync(path)).IsSuccess);
        await client.ReleaseAsync();
    }

    [Fact]
    public async Task Dcmqrscp_finds_moves_and_gives_a_series()
    {
        await using var host = await StorageHost.StartAsync();
        await using var archive = await QueryRetrieveScp.StartAsync("SOFTSEG", host.Port);
        await FillAsync(archive.Client, 6);
        await RetrieveAsync(archive.Client, host, "SOFTSEG");
    }

    [Fact]
    public async Task Orthanc_finds_moves_and_gives_a_series()
    {
        await using var host = await StorageHost.StartAsync();
        await using var archive = await OrthancArchive.StartAsync(host.Port);
        foreach (string path in Save(6))
            await archive.ImportAsync(path);
        await RetrieveAsync(archive.Client, host, "SOFTSEG");
    }

    static async Task RetrieveAsync(DicomClientOptions archive, StorageHost host, string destination)
    {
        await using var client = await DicomClient.ConnectAsync(archive, Proposal);
        var found = await client.FindAsync(QueryRetrieve.InstancesOf(Study, Series)).ToListAsync();
        Assert.Equal(Enumerable.Range(1, 6).Select(Uid), found.Select(f => f.GetString(DicomTag.SOPInstanceUID)).Order(StringComparer.Ordinal));
        var series = Assert.Single(await client.FindAsync(QueryRetrieve.SeriesOf(Study)).ToListAsync());
        Assert.Equal((Series, "MR"), (series.GetString(DicomTag.SeriesInstanceUID), series.GetString(DicomTag.Modality)));
        Assert.Empty(await client.FindAsync(QueryRetrieve.SeriesOf("1.2.3")).ToListAsync());

        var moved = await client.MoveAsync(QueryRetrieve.Series(Study, Series), destination).LastAsync();
        Assert.True(moved.Status.IsSuccess, moved.Status.ToString());
        Assert.Equal((6, 0), (moved.Completed, moved.Failed));
        Assert.Equal(6, host.Stored.Count);

        using var spoolFolder = new Support.TemporaryDirectory();
        var spool = new InstanceSpool(spoolFolder.Path, DicomLimits.Default, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var got = await client.GetAsync(QueryRetrieve.Instances(Study, Series, Uid(2), Uid(5)), (context, _) => new(spool.Begin(context))).LastAsync();
        Assert.True(got.Status.IsSuccess, got.Status.ToString());
        Assert.Equal(2, got.Completed);
        string[] files = [.. Directory.EnumerateFiles(spoolFolder.Path, "*.dcm", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        Assert.Equal([Uid(2), Uid(5)], files.Select(Path.GetFileNameWithoutExtension));
        Assert.Equal(TestInstance.MR(2, rows: 64, columns: 64).DataSet(), TestInstance.DataSetOf(files[0]));
        Assert.Equal(archive.CalledAeTitle, DicomFile.Open(files[0]).FileMetaInfo.GetString(DicomTag.SendingApplicationEntityTitle));
        await client.ReleaseAsync();
    }

    [Fact]
    public async Task A_destination_that_the_archive_does_not_know_is_in_the_status()
    {
        await using var archive = await QueryRetrieveScp.StartAsync();
        await FillAsync(archive.Client, 1);
        await using var client = await DicomClient.ConnectAsync(archive.Client, Proposal);
        var moved = await client.MoveAsync(QueryRetrieve.Series(Study, Series), "STRANGER").LastAsync();
        Assert.Equal(0xA801, moved.Status.Code);
        Assert.NotEmpty(await client.FindAsync(QueryRetrieve.SeriesOf(Study)).ToListAsync());
    }

    [Fact]
    public async Task An_instance_that_we_can_not_keep_is_refused_alone()
    {
        await using var archive = await QueryRetrieveScp.StartAsync();
        await FillAsync(archive.Client, 3);
        await using var host = await StorageHost.StartAsync();
        await using var client = await DicomClient.ConnectAsync(archive.Client, Proposal);
        var got = await client.GetAsync(QueryRetrieve.Series(Study, Series), (context, _) => context.SopInstanceUid == Uid(2)
            ? throw new DicomStatusException(DicomStatus.OutOfResources)
            : new(host.Spool.Begin(context))).LastAsync();
        Assert.Equal((2, 1, 0xB000), (got.Completed, got.Failed, got.Status.Code));
        Assert.Equal(2, host.Files().Length);
    }

    [Fact]
    public async Task Leaving_the_loop_cancels_at_the_peer()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var options = new DicomClientOptions { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, CalledAeTitle = "PACS", CallingAeTitle = "SOFTSEG" };
        var connecting = DicomClient.ConnectAsync(options, new AssociationProposal().AddFind());
        using var peer = await AcceptAsync(listener);
        await peer.ExpectAsync(1);
        await peer.SendAsync(Ac([(1, 0, TestInstance.ImplicitLittle)]));
        await using var client = await connecting;

        var first = Task.Run(async () =>
        {
            await foreach (var study in client.FindAsync(QueryRetrieve.StudiesOf("*")))
                return study.GetString(DicomTag.StudyInstanceUID);
            return null;
        });
        await peer.ExpectAsync(4);
        await peer.ExpectAsync(4);
        byte[] match = new TestInstance(false).Add(0x20, 0x0D, "UI", "1.2.3").DataSet();
        byte[] pending = [.. Data(1, 3, Command(0x8020, 1, hasDataSet: true, status: 0xFF00)), .. Data(1, 2, match)];
        await peer.SendAsync([.. pending, .. pending]);

        byte[] cancel = await peer.ExpectAsync(4);
        string hex = Convert.ToHexString(cancel);
        Assert.Contains("00000001" + "02000000" + "FF0F", hex, StringComparison.Ordinal);   // (0000,0100) 0FFF
        Assert.Contains("00002001" + "02000000" + "0100", hex, StringComparison.Ordinal);   // about message 1
        await peer.SendAsync([.. pending, .. Data(1, 3, Command(0x8020, 1, status: 0xFE00))]);
        Assert.Equal("1.2.3", await first);
        Assert.True(client.IsOpen);
    }

    [Fact]
    public async Task A_failed_query_is_an_exception_and_the_association_goes_on()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var options = new DicomClientOptions { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, CalledAeTitle = "PACS", CallingAeTitle = "SOFTSEG" };
        var connecting = DicomClient.ConnectAsync(options, new AssociationProposal().AddFind());
        using var peer = await AcceptAsync(listener);
        await peer.ExpectAsync(1);
        await peer.SendAsync(Ac([(1, 0, TestInstance.ImplicitLittle)]));
        await using var client = await connecting;
        var finding = client.FindAsync(QueryRetrieve.StudiesOf("1")).ToListAsync();
        await peer.ExpectAsync(4);
        await peer.ExpectAsync(4);
        await peer.SendAsync(Data(1, 3, Command(0x8020, 1, status: 0xA700)));
        var e = await Assert.ThrowsAsync<DicomStatusException>(async () => await finding);
        Assert.Contains("answered C-FIND with A700", e.Message, StringComparison.Ordinal);
        Assert.True(client.IsOpen);
    }

    static string Uid(int number) => TestInstance.MR(number).SopInstanceUid;
}
