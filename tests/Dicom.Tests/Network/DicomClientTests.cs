using System.Net;
using System.Net.Sockets;
using SoftSeg.Dicom.Network;
using static SoftSeg.Dicom.Tests.Network.ScriptedPeer;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>The SCU against an acceptor that does as the test says.</summary>
public sealed class DicomClientTests : IDisposable
{
    static readonly DicomLimits s_limits = new() { Close = TimeSpan.FromMilliseconds(300) };

    readonly string _folder = Directory.CreateTempSubdirectory("softseg-client-").FullName;
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public DicomClientTests() => _listener.Start();

    public void Dispose()
    {
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    DicomClientOptions Options(DicomLimits? limits = null) => new()
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        CalledAeTitle = "PACS",
        CallingAeTitle = "SOFTSEG",
        Limits = limits ?? s_limits
    };

    static AssociationProposal Proposal => new AssociationProposal().AddStorage(TestInstance.MRImageStorage, TestInstance.ExplicitLittle);

    /// <summary>Both ends of an association on which the peer accepts all that we propose.</summary>
    async Task<(DicomClient Client, ScriptedPeer Peer)> AssociateAsync(DicomLimits? limits = null, int maxPdu = 16384)
    {
        var connecting = DicomClient.ConnectAsync(Options(limits), Proposal);
        var peer = await AcceptAsync(_listener);
        await peer.ExpectAsync(1);
        await peer.SendAsync(Ac([(1, 0, TestInstance.ExplicitLittle), (3, 0, TestInstance.ImplicitLittle)], maxPdu));
        return (await connecting, peer);
    }

    static byte[] StoreRsp(ushort status, ushort messageId = 1) => Data(1, 3, Command(0x8001, messageId, status: status));

    [Fact]
    public async Task Nobody_there_is_said_with_what_to_check()
    {
        _listener.Stop();
        var options = Options() with { Port = DcmtkPeer.FreePort() };
        var e = await Assert.ThrowsAsync<DicomNetworkException>(() => DicomClient.ConnectAsync(options, Proposal));
        Assert.StartsWith($"no connection to 127.0.0.1:{options.Port}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rejected_title_is_said_with_where_to_change_it()
    {
        var connecting = DicomClient.ConnectAsync(Options(), Proposal);
        using var peer = await AcceptAsync(_listener);
        await peer.ReceiveAsync();
        await peer.SendAsync(Pdu(3, [0, 1, 1, 7]));
        var e = await Assert.ThrowsAsync<DicomAssociationRejectedException>(() => connecting);
        Assert.Equal($"called AE title PACS not recognized by 127.0.0.1:{Options().Port}: check the title in Peers", e.Message);
        await peer.ExpectClosedAsync();
    }

    [Fact]
    public async Task A_silent_acceptor_is_given_up()
    {
        var connecting = DicomClient.ConnectAsync(Options(s_limits with { Artim = TimeSpan.FromMilliseconds(300) }), Proposal);
        using var peer = await AcceptAsync(_listener);
        await peer.ReceiveAsync();
        await Assert.ThrowsAsync<DicomTimeoutException>(() => connecting);
        await peer.ExpectAbortAsync(0, 0);
    }

    [Fact]
    public async Task A_web_server_is_no_PACS()
    {
        var connecting = DicomClient.ConnectAsync(Options(), Proposal);
        using var peer = await AcceptAsync(_listener);
        await peer.ReceiveAsync();
        await peer.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
        var e = await Assert.ThrowsAsync<DicomProtocolException>(() => connecting);
        Assert.Contains("not a DICOM peer", e.Message, StringComparison.Ordinal);
        await peer.ExpectAbortAsync(2, 1);
    }

    [Fact]
    public async Task An_answer_to_what_was_not_proposed_is_a_violation()
    {
        var connecting = DicomClient.ConnectAsync(Options(), Proposal);
        using var peer = await AcceptAsync(_listener);
        await peer.ReceiveAsync();
        await peer.SendAsync(Ac([(77, 0, TestInstance.ExplicitLittle)]));
        await Assert.ThrowsAsync<DicomProtocolException>(() => connecting);
        await peer.ExpectAbortAsync(2, 6);
    }

    [Theory]
    [InlineData(0x0000, true)]
    [InlineData(0xB000, true)]
    [InlineData(0xB006, true)]
    [InlineData(0xB007, true)]
    [InlineData(0xA700, false)]
    [InlineData(0xC000, false)]
    [InlineData(0x0122, false)]
    public async Task A_warning_means_stored_and_a_failure_does_not_end_the_association(ushort status, bool isStored)
    {
        var (client, peer) = await AssociateAsync();
        await using var _ = client;
        using var __ = peer;
        string path = TestInstance.MR().Save(_folder);
        var storing = client.StoreAsync(path);
        await ReceiveDataSetAsync(peer);
        await peer.SendAsync(StoreRsp(status));
        var answer = await storing;
        Assert.Equal((status, isStored), (answer.Code, answer.IsStored));

        storing = client.StoreAsync(path);
        await ReceiveDataSetAsync(peer);
        await peer.SendAsync(StoreRsp(0, messageId: 2));
        Assert.True((await storing).IsSuccess);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(16384)]
    [InlineData(0)]
    public async Task No_PDU_is_longer_than_the_peer_takes_and_the_bytes_are_those_of_the_file(int maxPdu)
    {
        var (client, peer) = await AssociateAsync(maxPdu: maxPdu);
        await using var _ = client;
        using var __ = peer;
        var instance = TestInstance.MR(rows: 300, columns: 301);
        var storing = client.StoreAsync(instance.Save(_folder));
        byte[] received = await ReceiveDataSetAsync(peer, maxPdu == 0 ? s_limits.MaxPdu : maxPdu);
        await peer.SendAsync(StoreRsp(0));
        Assert.True((await storing).IsSuccess);
        Assert.Equal(instance.DataSet(), received);
    }

    [Fact]
    public async Task A_peer_that_aborts_is_an_exception_with_its_reason()
    {
        var (client, peer) = await AssociateAsync();
        await using var _ = client;
        using var __ = peer;
        var storing = client.StoreAsync(TestInstance.MR().Save(_folder));
        await ReceiveDataSetAsync(peer);
        await peer.SendAsync(Pdu(7, [0, 0, 2, 6]));
        var e = await Assert.ThrowsAsync<DicomAssociationAbortedException>(() => storing);
        Assert.Equal((AbortSource.ServiceProvider, AbortReason.InvalidPduParameter), (e.Source, e.Reason));
        await Assert.ThrowsAsync<DicomNetworkException>(() => client.StoreAsync(TestInstance.MR().Save(_folder)));
    }

    [Fact]
    public async Task A_peer_that_never_responds_is_aborted_and_nothing_more_is_sent()
    {
        var (client, peer) = await AssociateAsync(s_limits with { Response = TimeSpan.FromMilliseconds(300) });
        await using var _ = client;
        using var __ = peer;
        var storing = client.StoreAsync(TestInstance.MR().Save(_folder));
        await ReceiveDataSetAsync(peer);
        await Assert.ThrowsAsync<DicomTimeoutException>(() => storing);
        Assert.False(client.IsOpen);
        await client.DisposeAsync();
        await peer.ExpectAbortAsync(0, 0);
    }

    [Fact]
    public async Task A_response_to_another_message_is_a_violation()
    {
        var (client, peer) = await AssociateAsync();
        await using var _ = client;
        using var __ = peer;
        var storing = client.StoreAsync(TestInstance.MR().Save(_folder));
        await ReceiveDataSetAsync(peer);
        await peer.SendAsync(StoreRsp(0, messageId: 42));
        await Assert.ThrowsAsync<DicomProtocolException>(() => storing);
        await client.DisposeAsync();
        await peer.ExpectAbortAsync(0, 0);
    }

    [Fact]
    public async Task What_the_peer_does_not_accept_is_reported_and_the_rest_goes()
    {
        var connecting = DicomClient.ConnectAsync(Options(), new AssociationProposal()
            .AddStorage(TestInstance.MRImageStorage, TestInstance.ExplicitLittle).AddStorage("1.2.840.10008.5.1.4.1.1.66.4", TestInstance.ExplicitLittle));
        using var peer = await AcceptAsync(_listener);
        await peer.ReceiveAsync();
        await peer.SendAsync(Ac([(1, 0, TestInstance.ExplicitLittle), (3, 3, TestInstance.ExplicitLittle), (5, 0, TestInstance.ImplicitLittle), (7, 3, TestInstance.ImplicitLittle)]));
        await using var client = await connecting;

        var seg = new DicomFile(new DicomDataset().AddOrUpdate(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.66.4").AddOrUpdate(DicomTag.SOPInstanceUID, "1.2.3"));
        var e = await Assert.ThrowsAsync<DicomNotAcceptedException>(() => client.StoreAsync(seg));
        Assert.Contains("does not accept Segmentation Storage (1.2.840.10008.5.1.4.1.1.66.4)", e.Message, StringComparison.Ordinal);

        var storing = client.StoreAsync(TestInstance.MR().Save(_folder));
        await ReceiveDataSetAsync(peer);
        await peer.SendAsync(StoreRsp(0));
        Assert.True((await storing).IsSuccess);
    }

    [Fact]
    public async Task Colliding_releases_end_well()
    {
        var (client, peer) = await AssociateAsync();
        await using var _ = client;
        using var __ = peer;
        var releasing = client.ReleaseAsync();
        await peer.ExpectAsync(5);
        await peer.ReleaseAsync();
        await peer.ExpectAsync(6);
        await peer.SendAsync(Pdu(6, [0, 0, 0, 0]));
        await releasing;
    }

    [Theory]
    [InlineData("")]
    [InlineData("SEVENTEEN_LETTERS")]
    [InlineData("A\\B")]
    public async Task A_title_that_can_not_be_sent_is_refused_before_the_call(string title)
    {
        var e = await Assert.ThrowsAsync<ArgumentException>(() => DicomClient.ConnectAsync(Options() with { CalledAeTitle = title }, Proposal));
        Assert.Contains("is no AE title", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_request_aborts()
    {
        var (client, peer) = await AssociateAsync();
        await using var _ = client;
        using var __ = peer;
        using var cancellation = new CancellationTokenSource();
        var storing = client.StoreAsync(TestInstance.MR().Save(_folder), cancellation.Token);
        await ReceiveDataSetAsync(peer);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => storing);
        await client.DisposeAsync();
        await peer.ExpectAbortAsync(0, 0);
    }

    [Fact]
    public async Task A_data_set_in_memory_is_sent_too()
    {
        await using var host = await StorageHost.StartAsync();
        var file = DicomFile.Open(TestInstance.MR().Save(_folder));
        await using var client = await DicomClient.ConnectAsync(host.Client(), Proposal);
        Assert.True((await client.StoreAsync(file)).IsSuccess);
        await client.ReleaseAsync();
        Assert.Equal(TestInstance.MR().DataSet(), TestInstance.DataSetOf(host.Stored.Single().Path));
    }

    [Fact]
    public async Task A_file_that_is_not_DICOM_is_named()
    {
        string path = Path.Combine(_folder, "notes.txt");
        File.WriteAllText(path, "not DICOM");
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => DicomClient.ConnectAsync(Options(), [path]));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
    }

    /// <summary>The data set of the next message, put together from its PDVs.</summary>
    static async Task<byte[]> ReceiveDataSetAsync(ScriptedPeer peer, int maxPdu = 16384)
    {
        var dataSet = new List<byte>();
        while (true)
        {
            byte[] body = await peer.ExpectAsync(4);
            Assert.True(body.Length <= maxPdu, $"a PDU of {body.Length} bytes");
            if ((body[5] & 1) == 0)
                dataSet.AddRange(body[6..]);
            if (body[5] == 2)
                return [.. dataSet];
        }
    }
}
