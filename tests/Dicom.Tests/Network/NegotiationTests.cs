using SoftSeg.Dicom.Network;
using static SoftSeg.Dicom.Tests.Network.ScriptedPeer;

namespace SoftSeg.Dicom.Tests.Network;

public sealed class NegotiationTests
{
    [Theory]
    [InlineData(1, "1.2.840.10008.3.1.1.1", "NOBODY", "1-1-7")]
    [InlineData(1, "1.2.840.10008.3.1.1.2", "SOFTSEG", "1-1-2")]
    [InlineData(2, "1.2.840.10008.3.1.1.1", "SOFTSEG", "1-2-2")]
    public async Task A_rejection_says_what_is_wrong_and_ends_the_connection(ushort version, string applicationContext, string called, string expected)
    {
        await using var host = await StorageHost.StartAsync(new DicomLimits { Close = TimeSpan.FromMilliseconds(300) });
        using var peer = await ConnectAsync(host.Port);
        await peer.SendAsync(Rq(called, version: version, applicationContext: applicationContext));
        byte[] rejection = await peer.ExpectAsync(3);
        Assert.Equal(expected, string.Join('-', rejection[1..]));

        // The known way around an allow list: go on as if nothing had been rejected.
        await peer.SendAsync([.. StoreRq(TestInstance.MR().SopInstanceUid), .. Data(1, 2, TestInstance.MR().DataSet())]);
        await peer.ExpectClosedAsync();
        Assert.Equal(AssociationEnd.Rejected, (await host.WaitForEndAsync()).End);
        Assert.Empty(host.Files());
    }

    [Fact]
    public async Task A_full_house_is_a_transient_rejection()
    {
        await using var host = await StorageHost.StartAsync(onAssociate: _ => AssociationAnswer.Reject(AssociationRejection.LocalLimitExceeded));
        var e = await Assert.ThrowsAsync<DicomAssociationRejectedException>(() => DicomClient.ConnectAsync(host.Client(), new AssociationProposal().AddVerification()));
        Assert.True(e.Rejection.IsTransient);
        Assert.Contains("try again later", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_caller_is_named_in_words_for_people()
    {
        await using var host = await StorageHost.StartAsync(onAssociate: _ => AssociationAnswer.Reject(AssociationRejection.CallingAeNotRecognized));
        var e = await Assert.ThrowsAsync<DicomAssociationRejectedException>(() => DicomClient.ConnectAsync(host.Client(), new AssociationProposal().AddVerification()));
        Assert.Equal($"calling AE title TESTER not recognized by 127.0.0.1:{host.Port}: it must be entered there as a known node", e.Message);
    }

    [Fact]
    public async Task The_acceptors_order_of_transfer_syntaxes_decides()
    {
        await using var host = await StorageHost.StartAsync(services: new AcceptedServices([TestInstance.ImplicitLittle, TestInstance.ExplicitLittle]));
        using var peer = await ConnectAsync(host.Port);
        await peer.SendAsync(Rq(contexts:
        [
            .. RqContext(1, TestInstance.MRImageStorage, TestInstance.ExplicitLittle, TestInstance.ImplicitLittle),
            .. RqContext(3, TestInstance.MRImageStorage, TestInstance.ExplicitLittle),
            .. RqContext(5, TestInstance.MRImageStorage, "1.2.840.10008.1.2.4.90"),
            .. RqContext(7, "1.2.840.10008.5.1.4.1.2.2.1", TestInstance.ImplicitLittle)
        ]));
        var contexts = Contexts(await peer.ExpectAsync(2));
        Assert.Equal((0, TestInstance.ImplicitLittle), contexts[1]);
        Assert.Equal((0, TestInstance.ExplicitLittle), contexts[3]);
        Assert.Equal(4, contexts[5].Result);
        Assert.Equal(3, contexts[7].Result);
    }

    [Fact]
    public async Task A_hundred_and_twenty_eight_contexts_are_answered()
    {
        await using var host = await StorageHost.StartAsync();
        using var peer = await ConnectAsync(host.Port);
        await peer.SendAsync(Rq(contexts: [.. Enumerable.Range(0, 128).SelectMany(i => RqContext((byte)(2 * i + 1), TestInstance.MRImageStorage, TestInstance.ExplicitLittle, TestInstance.ImplicitLittle))]));
        var contexts = Contexts(await peer.ExpectAsync(2));
        Assert.Equal(128, contexts.Count);
        Assert.All(contexts.Values, c => Assert.Equal(0, c.Result));
    }

    [Fact]
    public async Task Other_negotiation_items_are_tolerated_and_answered()
    {
        await using var host = await StorageHost.StartAsync();
        using var peer = await ConnectAsync(host.Port);
        byte[] uid = "1.2.840.10008.1.1"u8.ToArray();
        await peer.SendAsync(Rq(user: Item(0x50,
        [
            .. Item(0x51, [0, 0, 0x40, 0]), .. Item(0x52, "1.2.3"u8.ToArray()), .. Item(0x53, [0, 10, 0, 10]),
            .. Item(0x54, [0, (byte)uid.Length, .. uid, 1, 1]), .. Item(0x55, "SCRIPTED"u8.ToArray()), .. Item(0x56, [0, 3, 1, 2, 3, 9, 9]), .. Item(0x57, [1, 2, 3, 4]),
            .. Item(0x58, [2, 1, 0, 4, .. "user"u8, 0, 4, .. "pass"u8])
        ])));
        string hex = Convert.ToHexString(await peer.ExpectAsync(2));
        Assert.Contains("5300000400010001", hex, StringComparison.Ordinal);                                               // one operation at a time
        Assert.Contains(Convert.ToHexString([.. Item(0x54, [0, (byte)uid.Length, .. uid, 1, 0])]), hex, StringComparison.Ordinal);   // the requestor is SCU only
        Assert.Contains("59000002", hex, StringComparison.Ordinal);                                                       // the identity was heard
        Assert.Equal(0, await peer.EchoAsync());
    }

    [Theory]
    [InlineData("radiology", "secret", true)]
    [InlineData("radiology", "Secret", false)]
    [InlineData("radiology", null, false)]
    [InlineData("somebody", "secret", false)]
    [InlineData(null, null, false)]
    public async Task A_user_and_passcode_are_checked_where_they_are_wanted(string? user, string? passcode, bool isRight)
    {
        var known = new DicomCredential("radiology", "secret");
        await using var host = await StorageHost.StartAsync(onAssociate: request => request.UserIdentity is { } identity && identity.Is(known)
            ? AssociationAnswer.Accept(AcceptedServices.Default)
            : AssociationAnswer.Reject(AssociationRejection.NoReason, $"{request.UserIdentity?.ToString() ?? "no user"} is not who it must be"));
        var options = host.Client() with { User = user is null ? null : new DicomCredential(user, passcode) };
        if (isRight)
        {
            await using var client = await DicomClient.ConnectAsync(options, new AssociationProposal().AddVerification());
            Assert.True(client.IsUserAccepted);
            Assert.True((await client.EchoAsync()).IsSuccess);
            return;
        }
        var e = await Assert.ThrowsAsync<DicomAssociationRejectedException>(() => DicomClient.ConnectAsync(options, new AssociationProposal().AddVerification()));
        Assert.Equal(AssociationRejection.NoReason, e.Rejection);
        Assert.Contains(host.Log, line => line.Contains(user is null ? "no user" : $"user {user}", StringComparison.Ordinal));
        Assert.DoesNotContain(host.Log, line => line.Contains("ecret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_association_more_than_there_may_be_is_rejected_for_now()
    {
        await using var host = await StorageHost.StartAsync(new DicomLimits { MaxAssociations = 2 });
        await using (await DicomClient.ConnectAsync(host.Client(), new AssociationProposal().AddVerification()))
        await using (await DicomClient.ConnectAsync(host.Client(), new AssociationProposal().AddVerification()))
        {
            var e = await Assert.ThrowsAsync<DicomAssociationRejectedException>(() => DicomClient.ConnectAsync(host.Client(), new AssociationProposal().AddVerification()));
            Assert.Equal(AssociationRejection.LocalLimitExceeded, e.Rejection);
            Assert.Contains(host.Log, line => line.Contains("limit MaxAssociations", StringComparison.Ordinal));
        }
        await Until.TrueAsync(() => host.Ended.Count == 3, "all have ended");
        await using var again = await DicomClient.ConnectAsync(host.Client(), new AssociationProposal().AddVerification());
        Assert.True((await again.EchoAsync()).IsSuccess);
    }

    [Fact]
    public async Task A_released_association_has_given_its_place_back()
    {
        await using var host = await StorageHost.StartAsync(new DicomLimits { MaxAssociations = 1 });
        for (var n = 0; n < 300; n++)
        {
            await using var client = await DicomClient.ConnectAsync(host.Client(), new AssociationProposal().AddVerification());
            await client.ReleaseAsync();
        }
        Assert.Equal(300, host.Ended.Count(end => end.End == AssociationEnd.Released));
    }

    [Fact]
    public async Task One_address_does_not_take_all_places()
    {
        await using var host = await StorageHost.StartAsync(new DicomLimits { MaxAssociationsPerAddress = 1 });
        await using var first = await DicomClient.ConnectAsync(host.Client(), new AssociationProposal().AddVerification());
        var e = await Assert.ThrowsAsync<DicomAssociationRejectedException>(() => DicomClient.ConnectAsync(host.Client(), new AssociationProposal().AddVerification()));
        Assert.True(e.Rejection.IsTransient);
        Assert.Contains(host.Log, line => line.Contains("limit MaxAssociationsPerAddress", StringComparison.Ordinal));

        // The same machine under another address.
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Parse("127.0.0.2"), 0));
        await socket.ConnectAsync(System.Net.IPAddress.Loopback, host.Port);
        await socket.SendAsync(Rq());
        byte[] answer = new byte[1];
        await socket.ReceiveAsync(answer);
        Assert.Equal(2, answer[0]);
    }

    [Fact]
    public async Task Silent_connections_do_not_take_the_places_of_associations()
    {
        await using var host = await StorageHost.StartAsync(new DicomLimits { MaxAssociations = 1, MaxConnections = 4 });
        ScriptedPeer[] silent = [await ConnectAsync(host.Port), await ConnectAsync(host.Port), await ConnectAsync(host.Port)];
        await using (var client = await DicomClient.ConnectAsync(host.Client(), new AssociationProposal().AddVerification()))
        {
            Assert.True((await client.EchoAsync()).IsSuccess);
            using var fifth = await ConnectAsync(host.Port);
            await fifth.ExpectClosedAsync();
            await client.ReleaseAsync();
        }
        foreach (var peer in silent)
            peer.Dispose();
        Assert.Contains(host.Log, line => line.Contains("limit MaxConnections", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_summary_names_the_association()
    {
        await using var host = await StorageHost.StartAsync();
        await using (var client = await DicomClient.ConnectAsync(host.Client(), new AssociationProposal().AddVerification()))
        {
            await client.EchoAsync();
            await client.ReleaseAsync();
        }
        var end = await host.WaitForEndAsync();
        Assert.Equal(("TESTER", "SOFTSEG", DicomFile.ImplementationVersionName), (end.Association!.CallingAeTitle, end.Association.CalledAeTitle, end.Association.ImplementationVersionName));
        Assert.Equal((AssociationEnd.Released, 1, 0), (end.End, end.Echoes, end.Stored));
        Assert.True(end.Bytes > 100 && end.Duration > TimeSpan.Zero);
    }

    static Dictionary<byte, (int Result, string Syntax)> Contexts(byte[] body)
    {
        var contexts = new Dictionary<byte, (int, string)>();
        for (int at = 68; at < body.Length; at += 4 + (body[at + 2] << 8 | body[at + 3]))
        {
            if (body[at] == 0x21)
                contexts[body[at + 4]] = (body[at + 6], System.Text.Encoding.ASCII.GetString(body, at + 12, body[at + 10] << 8 | body[at + 11]));
        }
        return contexts;
    }
}
