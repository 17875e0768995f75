using SoftSeg.Dicom.Network;
using static SoftSeg.Dicom.Tests.Network.ScriptedPeer;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>Bytes that no honest peer sends. Each ends in an abort with the right source and reason, a status, or a closed connection; nothing stays in the spool, and another association goes on storing.</summary>
public sealed class BadInputTests
{
    const byte User = 0;
    const byte Provider = 2;
    const byte NotSpecified = 0;
    const byte Unrecognized = 1;
    const byte Unexpected = 2;
    const byte Invalid = 6;

    sealed record Violation(byte Source, byte Reason, Func<ScriptedPeer, Task> Say);

    static readonly Dictionary<string, Violation> s_beforeAssociation = new()
    {
        ["a request of 7FFFFFF0 bytes"] = new(Provider, Invalid, p => p.SendAsync(0x01, 0, 0x7F, 0xFF, 0xFF, 0xF0)),
        ["a request of 300 MB"] = new(Provider, Invalid, p => p.SendAsync([0x01, 0, 0x11, 0xE1, 0xA3, 0x00, .. new byte[20000]])),
        ["HTTP"] = new(Provider, Unrecognized, p => p.SendAsync("GET / HTTP/1.1\r\nHost: pacs\r\n\r\n"u8.ToArray())),
        ["a TLS hello"] = new(Provider, Unrecognized, p => p.SendAsync([0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3, .. new byte[200]])),
        ["one byte that starts no PDU"] = new(Provider, Unrecognized, p => p.SendAsync(0x47)),
        ["random bytes"] = new(Provider, Unrecognized, p => p.SendAsync([0xE3, .. Random(1, 5000)])),
        ["P-DATA"] = new(Provider, Unexpected, p => p.SendAsync(Data(1, 3, Command(0x0030, 1, Verification)))),
        ["a release request"] = new(Provider, Unexpected, p => p.ReleaseAsync()),
        ["an A-ASSOCIATE-AC"] = new(Provider, Unexpected, p => p.SendAsync(Ac([(1, 0, TestInstance.ExplicitLittle)]))),
        ["an empty request"] = new(Provider, Invalid, p => p.SendAsync(Pdu(1, []))),
        ["a request of 10 bytes"] = new(Provider, Invalid, p => p.SendAsync(Pdu(1, new byte[10]))),
        ["an item beyond the request"] = new(Provider, Invalid, p => p.SendAsync(Pdu(1, [.. RqBody()[..68], 0x10, 0, 0xFF, 0xFF, 1, 2, 3]))),
        ["no presentation context"] = new(Provider, Invalid, p => p.SendAsync(Rq(contexts: []))),
        ["no user information"] = new(Provider, Invalid, p => p.SendAsync(Rq(user: []))),
        ["an even context id"] = new(Provider, Invalid, p => p.SendAsync(Rq(contexts: RqContext(2, Verification, TestInstance.ImplicitLittle)))),
        ["a context id twice"] = new(Provider, Invalid, p => p.SendAsync(Rq(contexts: [.. RqContext(1, Verification, TestInstance.ImplicitLittle), .. RqContext(1, Verification, TestInstance.ImplicitLittle)]))),
        ["400 contexts"] = new(Provider, Invalid, p => p.SendAsync(Rq(contexts: [.. Enumerable.Range(0, 400).SelectMany(i => RqContext((byte)(2 * i + 1), Verification, TestInstance.ImplicitLittle))]))),
        ["a context without transfer syntax"] = new(Provider, Invalid, p => p.SendAsync(Rq(contexts: RqContext(1, Verification)))),
        ["an abstract syntax of 300 bytes"] = new(Provider, Invalid, p => p.SendAsync(Rq(contexts: RqContext(1, new string('1', 300), TestInstance.ImplicitLittle)))),
        ["an abstract syntax that is a path"] = new(Provider, Invalid, p => p.SendAsync(Rq(contexts: RqContext(1, "../../x", TestInstance.ImplicitLittle)))),
        ["a title with a line feed"] = new(Provider, Invalid, p => p.SendAsync(Rq(called: "SOFT\nSEG"))),
        ["a maximum PDU of 8 bytes"] = new(Provider, Invalid, p => p.SendAsync(Rq(user: Item(0x50, Item(0x51, [0, 0, 0, 8]))))),
    };

    static readonly Dictionary<string, Violation> s_onAssociation = new()
    {
        ["a second request"] = new(Provider, Unexpected, p => p.SendAsync(Rq())),
        ["a PDU of an unknown type"] = new(Provider, Unrecognized, p => p.SendAsync(0x09, 0, 0, 0, 0, 4, 0, 0, 0, 0)),
        ["a release response"] = new(Provider, Unexpected, p => p.SendAsync(Pdu(6, [0, 0, 0, 0]))),
        ["a release request of 100 bytes"] = new(Provider, Invalid, p => p.SendAsync(Pdu(5, new byte[100]))),
        ["a PDU of 60 MB"] = new(Provider, Invalid, p => p.SendAsync([0x04, 0, 0x03, 0x93, 0x87, 0x00, .. new byte[5000]])),
        ["a PDU without a PDV"] = new(Provider, Invalid, p => p.SendAsync(Pdu(4, []))),
        ["a PDV of length 0"] = new(Provider, Invalid, p => p.SendAsync(Pdu(4, [0, 0, 0, 0, 1, 3]))),
        ["a PDV of length 1"] = new(Provider, Invalid, p => p.SendAsync(Pdu(4, [0, 0, 0, 1, 1, 3]))),
        ["a PDV longer than its PDU"] = new(Provider, Invalid, p => p.SendAsync(Pdu(4, [0, 0, 0, 200, 1, 3, 0, 0, 0, 0]))),
        ["bytes behind the last PDV"] = new(Provider, Invalid, p => p.SendAsync(Pdu(4, [0, 0, 0, 2, 1, 1, 0xAA, 0xAA]))),
        ["an unknown context id"] = new(User, NotSpecified, p => p.SendAsync(Data(99, 3, Command(0x0030, 1, Verification)))),
        ["no CommandField"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 3, new TestInstance(false).Add(0, 0x0110, "US", [1, 0]).Add(0, 0x0800, "US", [1, 1]).DataSet()))),
        ["no message id"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 3, new TestInstance(false).Add(0, 0x0100, "US", [0x30, 0]).Add(0, 0x0800, "US", [1, 1]).DataSet()))),
        ["a length of FFFFFFF0 in a command"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 3, new TestInstance(false).Add(0, 0x0002, "UI", [1, 2], announced: 0xFFFFFFF0).DataSet()))),
        ["a command of random bytes"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 3, Random(3, 200)))),
        ["a command of another group"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 3, new TestInstance(false).Add(8, 0x0016, "UI", "1.2").DataSet()))),
        ["an empty command"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 3, []))),
        ["a command above the limit"] = new(User, NotSpecified, async p => { for (int i = 0; i < 3; i++) await p.SendAsync(Data(1, 1, new byte[8000])); }),
        ["empty command fragments without end"] = new(User, NotSpecified, p => p.SendAsync([.. Enumerable.Range(0, 17000).SelectMany(_ => Data(1, 1, []))])),
        ["a data set without a command"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 2, new byte[100]))),
        ["a command inside a data set"] = new(User, NotSpecified, p => p.SendAsync([.. StoreRq("1.2.3"), .. Data(1, 0, TestInstance.MR().DataSet()[..64]), .. EchoRq()])),
        ["a data set on another context"] = new(User, NotSpecified, p => p.SendAsync([.. StoreRq("1.2.3"), .. Data(3, 2, TestInstance.MR().DataSet())])),
        ["a command on two contexts"] = new(User, NotSpecified, p => p.SendAsync([.. Data(1, 1, new byte[4]), .. Data(3, 3, new byte[4])])),
        ["a release request inside a data set"] = new(User, NotSpecified, p => p.SendAsync([.. StoreRq("1.2.3"), .. Data(1, 0, TestInstance.MR().DataSet()[..64]), .. Pdu(5, [0, 0, 0, 0])])),
        ["a release request inside a command"] = new(User, NotSpecified, p => p.SendAsync([.. Data(1, 1, new byte[4]), .. Pdu(5, [0, 0, 0, 0])])),
        ["a response without a request"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 3, Command(0x8001, 1, status: 0)))),
        ["no data set announced, then one"] = new(User, NotSpecified, async p =>
        {
            await p.SendAsync([.. StoreRq("1.2.3", hasDataSet: false), .. Data(1, 2, TestInstance.MR().DataSet())]);
            Assert.Equal(0xC000, await p.StatusAsync());
        }),
    };

    sealed record BadInstance(ushort Status, string SopInstanceUid, byte[] DataSet);

    static readonly Dictionary<string, Func<BadInstance>> s_instances = new()
    {
        ["empty"] = () => new(0xC000, Uid(1), []),
        ["random bytes"] = () => new(0xC000, Uid(1), Random(5, 4000)),
        ["cut off in the pixel data"] = () => new(0xC000, Uid(1), TestInstance.MR().DataSet()[..^100]),
        ["cut off in a header"] = () => new(0xC000, Uid(1), TestInstance.MR().DataSet()[..70]),
        ["an element of FFFFFFF0 bytes"] = () => new(0xC000, Uid(1), Head().Add(0x0028, 0x0006, "OB", [1, 2], announced: 0xFFFFFFF0).DataSet()),
        ["sequences nested 100 000 deep"] = () => new(0xC000, Uid(1), Head().Raw(Nested(100_000)).DataSet()),
        ["another instance UID than the command"] = () => new(0xA900, "1.2.3.4", TestInstance.MR().DataSet()),
        ["another SOP class than the command"] = () => new(0xA900, Uid(1), Other("1.2.840.10008.5.1.4.1.1.2")),
        ["implicit VR on an explicit context"] = () => new(0xC000, Uid(1), TestInstance.MR(isExplicit: false).DataSet()),
        ["65535 x 65535 pixels in 128 bytes"] = () => new(0xC000, Uid(1), Head().Add(0x0028, 0x0010, "US", [0xFF, 0xFF]).Add(0x0028, 0x0011, "US", [0xFF, 0xFF])
            .Add(0x0028, 0x0100, "US", [16, 0]).Add(0x7FE0, 0x0010, "OW", new byte[128]).DataSet()),
        ["no series UID"] = () => new(0xC000, Uid(1), new TestInstance().Add(8, 0x16, "UI", TestInstance.MRImageStorage).Add(8, 0x18, "UI", Uid(1)).Add(0x20, 0x0D, "UI", "1.2.3").DataSet()),
        ["no SOP instance UID"] = () => new(0xC000, Uid(1), new TestInstance().Add(8, 0x16, "UI", TestInstance.MRImageStorage).Add(0x20, 0x0D, "UI", "1.2.3").Add(0x20, 0x0E, "UI", "1.2.4").DataSet()),
        ["a study UID that is a path"] = () => new(0xC000, Uid(1), new TestInstance().Add(8, 0x16, "UI", TestInstance.MRImageStorage).Add(8, 0x18, "UI", Uid(1))
            .Add(0x20, 0x0D, "UI", "../../../x").Add(0x20, 0x0E, "UI", "1.2.4").DataSet()),
        ["a study UID that is two dots"] = () => new(0xC000, Uid(1), new TestInstance().Add(8, 0x16, "UI", TestInstance.MRImageStorage).Add(8, 0x18, "UI", Uid(1))
            .Add(0x20, 0x0D, "UI", "..").Add(0x20, 0x0E, "UI", "1.2.4").DataSet()),
        ["a study UID of 300 bytes"] = () => new(0xC000, Uid(1), new TestInstance().Add(8, 0x16, "UI", TestInstance.MRImageStorage).Add(8, 0x18, "UI", Uid(1))
            .Add(0x20, 0x0D, "UI", new string('1', 300)).Add(0x20, 0x0E, "UI", "1.2.4").DataSet()),
        ["a path as instance UID"] = () => new(0x0117, "../../x", TestInstance.MR().DataSet()),
        ["an absolute path as instance UID"] = () => new(0x0117, "/tmp/x", TestInstance.MR().DataSet()),
        ["an instance UID of 300 bytes"] = () => new(0x0117, new string('1', 300), TestInstance.MR().DataSet()),
        ["an empty instance UID"] = () => new(0x0117, "", TestInstance.MR().DataSet()),
    };

    public static TheoryData<string> BeforeAssociation => [.. s_beforeAssociation.Keys];

    public static TheoryData<string> OnAssociation => [.. s_onAssociation.Keys];

    public static TheoryData<string> Instances => [.. s_instances.Keys];

    static readonly DicomLimits s_limits = new() { Close = TimeSpan.FromSeconds(2) };

    [Theory, MemberData(nameof(BeforeAssociation))]
    public Task Instead_of_an_association_request(string what) => ViolateAsync(s_beforeAssociation[what], associate: false);

    [Theory, MemberData(nameof(OnAssociation))]
    public Task On_an_association(string what) => ViolateAsync(s_onAssociation[what], associate: true);

    static async Task ViolateAsync(Violation violation, bool associate)
    {
        await using var host = await StorageHost.StartAsync(s_limits);
        using var other = await ConnectAsync(host.Port);
        await other.AssociateAsync();

        using var peer = await ConnectAsync(host.Port);
        if (associate)
            await peer.AssociateAsync();
        await violation.Say(peer);
        await peer.ExpectAbortAsync(violation.Source, violation.Reason);

        var end = await host.WaitForEndAsync();
        Assert.Equal(AssociationEnd.ProtocolViolation, end.End);
        Assert.True(end.Bytes < 300_000, $"{end.Bytes} bytes were read");
        Assert.Empty(host.Files());
        Assert.Equal(0, await other.StoreAsync(TestInstance.MR(2)));
    }

    [Theory, MemberData(nameof(Instances))]
    public async Task A_bad_instance_is_refused_alone(string what)
    {
        var bad = s_instances[what]();
        await using var host = await StorageHost.StartAsync(s_limits);
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        Assert.Equal(bad.Status, await peer.StoreAsync(bad.SopInstanceUid, bad.DataSet));
        Assert.Empty(host.Files());
        Assert.Equal(0, await peer.StoreAsync(TestInstance.MR(2)));
        await peer.ReleaseAsync();
        await peer.ExpectAsync(6);

        var end = await host.WaitForEndAsync();
        Assert.Equal((AssociationEnd.Released, 1, 1), (end.End, end.Stored, end.Refused));
        Assert.Single(host.Files());
    }

    [Fact]
    public async Task An_instance_of_another_class_than_the_context_is_refused()
    {
        await using var host = await StorageHost.StartAsync(s_limits);
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        await peer.SendAsync([.. StoreRq(Uid(1), sopClass: "1.2.840.10008.5.1.4.1.1.2"), .. Data(1, 2, TestInstance.MR().DataSet())]);
        Assert.Equal(0x0122, await peer.StatusAsync());
        await peer.SendAsync([.. StoreRq(null), .. Data(1, 2, TestInstance.MR().DataSet())]);
        Assert.Equal(0x0117, await peer.StatusAsync());
        Assert.Equal(0, await peer.EchoAsync());
    }

    [Fact]
    public async Task An_instance_above_the_limit_is_refused_and_the_association_goes_on()
    {
        await using var host = await StorageHost.StartAsync(s_limits with { MaxInstance = 40_000 });
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        Assert.Equal(0xA700, await peer.StoreAsync(TestInstance.MR(1, rows: 150, columns: 150)));
        Assert.Equal(0, await peer.StoreAsync(TestInstance.MR(2, rows: 100, columns: 100)));
    }

    [Fact]
    public async Task An_unknown_command_is_answered_and_a_cancel_ignored()
    {
        await using var host = await StorageHost.StartAsync(s_limits);
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        await peer.SendAsync([.. Data(1, 3, Command(0x0020, 5, hasDataSet: true)), .. Data(1, 2, new byte[500])]);
        Assert.Equal(0x0211, await peer.StatusAsync());
        await peer.SendAsync(Data(1, 3, new TestInstance(false).Add(0, 0x0100, "US", [0xFF, 0x0F]).Add(0, 0x0120, "US", [1, 0]).Add(0, 0x0800, "US", [1, 1]).DataSet()));
        Assert.Equal(0, await peer.EchoAsync());
    }

    [Fact]
    public async Task A_reset_inside_a_data_set_leaves_nothing()
    {
        await using var host = await StorageHost.StartAsync(s_limits);
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        await peer.SendAsync([.. StoreRq(Uid(1)), .. Data(1, 0, TestInstance.MR().DataSet()[..64])]);
        await Until.TrueAsync(() => host.Files().Length == 1, "the instance is under way");
        peer.Reset();
        Assert.Equal(AssociationEnd.ConnectionLost, (await host.WaitForEndAsync()).End);
        Assert.Empty(host.Files());
    }

    [Fact]
    public async Task A_shutdown_inside_a_data_set_aborts_and_leaves_nothing()
    {
        await using var host = await StorageHost.StartAsync(s_limits);
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        await peer.SendAsync([.. StoreRq(Uid(1)), .. Data(1, 0, TestInstance.MR().DataSet()[..64])]);
        await Until.TrueAsync(() => host.Files().Length == 1, "the instance is under way");
        await host.StopServingAsync();
        await peer.ExpectAbortAsync(User, NotSpecified);
        Assert.Equal(AssociationEnd.Cancelled, (await host.WaitForEndAsync()).End);
        Assert.Empty(host.Files());
    }

    [Fact]
    public async Task A_data_set_in_pieces_of_one_byte_is_the_same_data_set()
    {
        await using var host = await StorageHost.StartAsync(s_limits);
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        var instance = TestInstance.MR(rows: 8, columns: 8);
        byte[] dataSet = instance.DataSet();
        byte[] pdvs = [.. dataSet.SelectMany((b, i) => new byte[] { 0, 0, 0, 3, 1, (byte)(i == dataSet.Length - 1 ? 2 : 0), b })];
        await peer.SendAsync([.. StoreRq(instance.SopInstanceUid), .. Pdu(4, pdvs)]);
        Assert.Equal(0, await peer.StatusAsync());
        Assert.Equal(dataSet, TestInstance.DataSetOf(host.Stored.Single().Path));
    }

    static string Uid(int number) => TestInstance.MR(number).SopInstanceUid;

    static TestInstance Head() => new TestInstance()
        .Add(8, 0x16, "UI", TestInstance.MRImageStorage).Add(8, 0x18, "UI", Uid(1)).Add(0x20, 0x0D, "UI", "1.2.3").Add(0x20, 0x0E, "UI", "1.2.4");

    static byte[] Other(string sopClass) => new TestInstance()
        .Add(8, 0x16, "UI", sopClass).Add(8, 0x18, "UI", Uid(1)).Add(0x20, 0x0D, "UI", "1.2.3").Add(0x20, 0x0E, "UI", "1.2.4").DataSet();

    /// <summary>(0040,A730) SQ of undefined length with an item of undefined length, again and again.</summary>
    static byte[] Nested(int depth)
    {
        byte[] level = [0x40, 0, 0x30, 0xA7, .. "SQ"u8, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF];
        return [.. Enumerable.Repeat(level, depth).SelectMany(b => b)];
    }

    static byte[] Random(int seed, int count)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
