using SoftSeg.Dicom.Network;
using static SoftSeg.Dicom.Tests.Network.ScriptedPeer;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>
/// Bytes that no honest peer sends, and what we answer. A number in front of a name is the row of the table of bad inputs that real receivers were held against
/// (27 to 29, silence, are in <see cref="Silences"/>); the others are further ones.
/// </summary>
static class BadInput
{
    const byte User = 0;
    const byte Provider = 2;
    const byte NotSpecified = 0;
    const byte Unrecognized = 1;
    const byte Unexpected = 2;
    const byte Invalid = 6;

    /// <param name="Source">Of the A-ABORT that must come.</param>
    /// <param name="Reason">Of the A-ABORT that must come.</param>
    /// <param name="Say">What the peer says.</param>
    /// <param name="Flood">What it goes on to say, up to 300 MB, until it is cut off.</param>
    public sealed record Violation(byte Source, byte Reason, Func<ScriptedPeer, Task> Say, byte[]? Flood = null);

    public sealed record BadInstance(ushort Status, string SopInstanceUid, byte[] DataSet);

    /// <summary>Instead of an association request, or in it.</summary>
    public static readonly Dictionary<string, Violation> BeforeAssociation = new()
    {
        ["1: a request of 7FFFFFF0 bytes"] = new(Provider, Invalid, p => p.SendAsync(0x01, 0, 0x7F, 0xFF, 0xFF, 0xF0)),
        ["2: a request of 300 MB"] = new(Provider, Invalid, p => p.SendAsync([0x01, 0, 0x11, 0xE1, 0xA3, 0x00]), Flood: new byte[64 << 10]),
        ["3: HTTP"] = new(Provider, Unrecognized, p => p.SendAsync("GET / HTTP/1.1\r\nHost: pacs\r\n\r\n"u8.ToArray())),
        ["3: a TLS hello"] = new(Provider, Unrecognized, p => p.SendAsync([0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3, .. new byte[200]])),
        ["one byte that starts no PDU"] = new(Provider, Unrecognized, p => p.SendAsync(0x47)),
        ["random bytes"] = new(Provider, Unrecognized, p => p.SendAsync([0xE3, .. Random(1, 5000)])),
        ["4: P-DATA"] = new(Provider, Unexpected, p => p.SendAsync(Data(1, 3, Command(0x0030, 1, Verification)))),
        ["a release request"] = new(Provider, Unexpected, p => p.ReleaseAsync()),
        ["an A-ASSOCIATE-AC"] = new(Provider, Unexpected, p => p.SendAsync(Ac([(1, 0, TestInstance.ExplicitLittle)]))),
        ["an empty request"] = new(Provider, Invalid, p => p.SendAsync(Pdu(1, []))),
        ["a request of 10 bytes"] = new(Provider, Invalid, p => p.SendAsync(Pdu(1, new byte[10]))),
        ["5: an item beyond the request"] = new(Provider, Invalid, p => p.SendAsync(Pdu(1, [.. RqBody()[..68], 0x10, 0, 0xFF, 0xFF, 1, 2, 3]))),
        ["6: no presentation context"] = new(Provider, Invalid, p => p.SendAsync(Rq(contexts: []))),
        ["no user information"] = new(Provider, Invalid, p => p.SendAsync(Rq(user: []))),
        ["7: an even context id"] = new(Provider, Invalid, p => p.SendAsync(Rq(contexts: RqContext(2, Verification, TestInstance.ImplicitLittle)))),
        ["7: a context id twice"] = new(Provider, Invalid, p => p.SendAsync(Rq(contexts: [.. RqContext(1, Verification, TestInstance.ImplicitLittle), .. RqContext(1, Verification, TestInstance.ImplicitLittle)]))),
        ["400 contexts"] = new(Provider, Invalid, p => p.SendAsync(Rq(contexts: [.. Enumerable.Range(0, 400).SelectMany(i => RqContext((byte)(2 * i + 1), Verification, TestInstance.ImplicitLittle))]))),
        ["a context without transfer syntax"] = new(Provider, Invalid, p => p.SendAsync(Rq(contexts: RqContext(1, Verification)))),
        ["an abstract syntax of 300 bytes"] = new(Provider, Invalid, p => p.SendAsync(Rq(contexts: RqContext(1, new string('1', 300), TestInstance.ImplicitLittle)))),
        ["an abstract syntax that is a path"] = new(Provider, Invalid, p => p.SendAsync(Rq(contexts: RqContext(1, "../../x", TestInstance.ImplicitLittle)))),
        ["a title with a line feed"] = new(Provider, Invalid, p => p.SendAsync(Rq(called: "SOFT\nSEG"))),
        ["a maximum PDU of 8 bytes"] = new(Provider, Invalid, p => p.SendAsync(Rq(user: Item(0x50, Item(0x51, [0, 0, 0, 8]))))),
    };

    /// <summary>On an association of MR image storage (context 1) and verification (context 3).</summary>
    public static readonly Dictionary<string, Violation> OnAssociation = new()
    {
        ["8: a second request"] = new(Provider, Unexpected, p => p.SendAsync(Rq())),
        ["a PDU of an unknown type"] = new(Provider, Unrecognized, p => p.SendAsync(0x09, 0, 0, 0, 0, 4, 0, 0, 0, 0)),
        ["a release response"] = new(Provider, Unexpected, p => p.SendAsync(Pdu(6, [0, 0, 0, 0]))),
        ["a release request of 100 bytes"] = new(Provider, Invalid, p => p.SendAsync(Pdu(5, new byte[100]))),
        ["10: a PDU of 60 MB"] = new(Provider, Invalid, p => p.SendAsync([0x04, 0, 0x03, 0x93, 0x87, 0x00]), Flood: new byte[64 << 10]),
        ["a PDU without a PDV"] = new(Provider, Invalid, p => p.SendAsync(Pdu(4, []))),
        ["9: a PDV of length 0"] = new(Provider, Invalid, p => p.SendAsync(Pdu(4, [0, 0, 0, 0, 1, 3]))),
        ["a PDV of length 1"] = new(Provider, Invalid, p => p.SendAsync(Pdu(4, [0, 0, 0, 1, 1, 3]))),
        ["9: a PDV longer than its PDU"] = new(Provider, Invalid, p => p.SendAsync(Pdu(4, [0, 0, 0, 200, 1, 3, 0, 0, 0, 0]))),
        ["bytes behind the last PDV"] = new(Provider, Invalid, p => p.SendAsync(Pdu(4, [0, 0, 0, 2, 1, 1, 0xAA, 0xAA]))),
        ["11: an unknown context id"] = new(User, NotSpecified, p => p.SendAsync(Data(99, 3, Command(0x0030, 1, Verification)))),
        ["12: no CommandField"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 3, new TestInstance(false).Add(0, 0x0110, "US", [1, 0]).Add(0, 0x0800, "US", [1, 1]).DataSet()))),
        ["no message id"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 3, new TestInstance(false).Add(0, 0x0100, "US", [0x30, 0]).Add(0, 0x0800, "US", [1, 1]).DataSet()))),
        ["12: a length of FFFFFFF0 in a command"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 3, new TestInstance(false).Add(0, 0x0002, "UI", [1, 2], announced: 0xFFFFFFF0).DataSet()))),
        ["a command of random bytes"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 3, Random(3, 200)))),
        ["a command of another group"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 3, new TestInstance(false).Add(8, 0x0016, "UI", "1.2").DataSet()))),
        ["an empty command"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 3, []))),
        ["a command above the limit"] = new(User, NotSpecified, async p => { for (int i = 0; i < 3; i++) await p.SendAsync(Data(1, 1, new byte[8000])); }),
        ["14: command fragments without end"] = new(User, NotSpecified, p => Task.CompletedTask, Flood: Data(1, 1, new byte[8000])),
        ["empty command fragments without end"] = new(User, NotSpecified, p => p.SendAsync([.. Enumerable.Range(0, 17000).SelectMany(_ => Data(1, 1, []))])),
        ["a data set without a command"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 2, new byte[100]))),
        ["a command inside a data set"] = new(User, NotSpecified, p => p.SendAsync([.. StoreRq("1.2.3"), .. Data(1, 0, TestInstance.MR().DataSet()[..64]), .. EchoRq()])),
        ["a data set on another context"] = new(User, NotSpecified, p => p.SendAsync([.. StoreRq("1.2.3"), .. Data(3, 2, TestInstance.MR().DataSet())])),
        ["a command on two contexts"] = new(User, NotSpecified, p => p.SendAsync([.. Data(1, 1, new byte[4]), .. Data(3, 3, new byte[4])])),
        ["17: a release request inside a data set"] = new(User, NotSpecified, p => p.SendAsync([.. StoreRq("1.2.3"), .. Data(1, 0, TestInstance.MR().DataSet()[..64]), .. Pdu(5, [0, 0, 0, 0])])),
        ["a release request inside a command"] = new(User, NotSpecified, p => p.SendAsync([.. Data(1, 1, new byte[4]), .. Pdu(5, [0, 0, 0, 0])])),
        ["a response without a request"] = new(User, NotSpecified, p => p.SendAsync(Data(1, 3, Command(0x8001, 1, status: 0)))),
        ["18: no data set announced, then one"] = new(User, NotSpecified, async p =>
        {
            await p.SendAsync([.. StoreRq("1.2.3", hasDataSet: false), .. Data(1, 2, TestInstance.MR().DataSet())]);
            Assert.Equal(0xC000, await p.StatusAsync());
        }),
    };

    /// <summary>Instances that are refused alone: the association goes on.</summary>
    public static readonly Dictionary<string, Func<BadInstance>> Instances = new()
    {
        ["19: empty"] = () => new(0xC000, Uid(1), []),
        ["25: random bytes"] = () => new(0xC000, Uid(1), Random(5, 4000)),
        ["20: cut off in the pixel data"] = () => new(0xC000, Uid(1), TestInstance.MR().DataSet()[..^100]),
        ["cut off in a header"] = () => new(0xC000, Uid(1), TestInstance.MR().DataSet()[..70]),
        ["21: an element of FFFFFFF0 bytes"] = () => new(0xC000, Uid(1), Head().Add(0x0028, 0x0006, "OB", [1, 2], announced: 0xFFFFFFF0).DataSet()),
        ["22: sequences nested 100 000 deep"] = () => new(0xC000, Uid(1), Head().Raw(Nested(100_000)).DataSet()),
        ["23: another instance UID than the command"] = () => new(0xA900, "1.2.3.4", TestInstance.MR().DataSet()),
        ["another SOP class than the command"] = () => new(0xA900, Uid(1), Other("1.2.840.10008.5.1.4.1.1.2")),
        ["24: implicit VR on an explicit context"] = () => new(0xC000, Uid(1), TestInstance.MR(isExplicit: false).DataSet()),
        ["26: 65535 x 65535 pixels in 128 bytes"] = () => new(0xC000, Uid(1), Head().Add(0x0028, 0x0010, "US", [0xFF, 0xFF]).Add(0x0028, 0x0011, "US", [0xFF, 0xFF])
            .Add(0x0028, 0x0100, "US", [16, 0]).Add(0x7FE0, 0x0010, "OW", new byte[128]).DataSet()),
        ["26: 2^31 frames of 16 x 16 in 128 bytes"] = () => new(0xC000, Uid(1), Head().Add(0x0028, 0x0008, "IS", "2147483648").Add(0x0028, 0x0010, "US", [16, 0]).Add(0x0028, 0x0011, "US", [16, 0])
            .Add(0x0028, 0x0100, "US", [16, 0]).Add(0x7FE0, 0x0010, "OW", new byte[128]).DataSet()),
        ["a sequence of a defined length of FFFFFFF0"] = () => new(0xC000, Uid(1), Head().Add(0x0040, 0xA730, "SQ", [1, 2], announced: 0xFFFFFFF0).DataSet()),
        ["an item longer than its sequence"] = () => new(0xC000, Uid(1), Head().Add(0x0040, 0xA730, "SQ", [0xFE, 0xFF, 0, 0xE0, 0, 1, 0, 0]).DataSet()),
        ["no series UID"] = () => new(0xC000, Uid(1), new TestInstance().Add(8, 0x16, "UI", TestInstance.MRImageStorage).Add(8, 0x18, "UI", Uid(1)).Add(0x20, 0x0D, "UI", "1.2.3").DataSet()),
        ["no SOP instance UID"] = () => new(0xC000, Uid(1), new TestInstance().Add(8, 0x16, "UI", TestInstance.MRImageStorage).Add(0x20, 0x0D, "UI", "1.2.3").Add(0x20, 0x0E, "UI", "1.2.4").DataSet()),
        ["a study UID that is a path"] = () => new(0xC000, Uid(1), new TestInstance().Add(8, 0x16, "UI", TestInstance.MRImageStorage).Add(8, 0x18, "UI", Uid(1))
            .Add(0x20, 0x0D, "UI", "../../../x").Add(0x20, 0x0E, "UI", "1.2.4").DataSet()),
        ["a study UID that is two dots"] = () => new(0xC000, Uid(1), new TestInstance().Add(8, 0x16, "UI", TestInstance.MRImageStorage).Add(8, 0x18, "UI", Uid(1))
            .Add(0x20, 0x0D, "UI", "..").Add(0x20, 0x0E, "UI", "1.2.4").DataSet()),
        ["a study UID of 300 bytes"] = () => new(0xC000, Uid(1), new TestInstance().Add(8, 0x16, "UI", TestInstance.MRImageStorage).Add(8, 0x18, "UI", Uid(1))
            .Add(0x20, 0x0D, "UI", new string('1', 300)).Add(0x20, 0x0E, "UI", "1.2.4").DataSet()),
        ["15: a path as instance UID"] = () => new(0x0117, "../../x", TestInstance.MR().DataSet()),
        ["15: an absolute path as instance UID"] = () => new(0x0117, "/tmp/x", TestInstance.MR().DataSet()),
        ["16: an instance UID of 300 bytes"] = () => new(0x0117, new string('1', 300), TestInstance.MR().DataSet()),
        ["13: an empty instance UID"] = () => new(0x0117, "", TestInstance.MR().DataSet()),
    };

    /// <summary>Peers that fall silent: aborted when their time is over. True: on an association.</summary>
    public static readonly Dictionary<string, (bool OnAssociation, Func<ScriptedPeer, Task> Say)> Silences = new()
    {
        ["27: connected and silent"] = (false, p => Task.CompletedTask),
        ["28: half a request"] = (false, p => p.SendAsync(Rq()[..80])),
        ["29: silent in the middle of a data set"] = (true, p => p.SendAsync([.. StoreRq(Uid(1)), .. Data(1, 0, TestInstance.MR().DataSet()[..64])])),
        ["silent on an association"] = (true, p => Task.CompletedTask),
        ["silent in the middle of a PDU"] = (true, p => p.SendAsync(EchoRq()[..20])),
        ["silent in the middle of a command"] = (true, p => p.SendAsync(Data(1, 1, new byte[8]))),
    };

    public static string Uid(int number) => TestInstance.MR(number).SopInstanceUid;

    public static TestInstance Head() => new TestInstance()
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
