using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>
/// A DICOM peer that says what it is told to, right or wrong, byte by byte. It shares no code with the library: PDUs are put together here.
/// </summary>
sealed class ScriptedPeer : IDisposable
{
    public const byte Context = 1;
    public const string Verification = "1.2.840.10008.1.1";

    readonly Socket _socket;
    readonly NetworkStream _stream;

    ScriptedPeer(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _stream = new NetworkStream(socket);
    }

    public static async Task<ScriptedPeer> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new ScriptedPeer(socket);
    }

    public static async Task<ScriptedPeer> AcceptAsync(TcpListener listener) => new(await listener.AcceptSocketAsync());

    // ---- what it says ----

    public async Task SendAsync(params byte[] bytes)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _stream.WriteAsync(bytes, timeout.Token);
    }

    /// <summary>Says the same again and again, until it is enough or the other side takes no more.</summary>
    public async Task FloodAsync(byte[] chunk, long most, CancellationToken enough)
    {
        try
        {
            for (long sent = 0; sent < most && !enough.IsCancellationRequested; sent += chunk.Length)
                await _stream.WriteAsync(chunk, CancellationToken.None);
        }
        catch (IOException)
        {
            // Cut off: what the listener may do with a flood.
        }
    }

    /// <summary>Proposes MR image storage (context 1) and verification (context 3) and takes the answer.</summary>
    public async Task AssociateAsync(string called = "SOFTSEG")
    {
        await SendAsync(Rq(called));
        await ExpectAsync(2);
    }

    public static byte[] Rq(string called = "SOFTSEG", byte[]? contexts = null, ushort version = 1, string applicationContext = "1.2.840.10008.3.1.1.1", byte[]? user = null) =>
        Pdu(1, RqBody(called, contexts, version, applicationContext, user));

    public static byte[] RqBody(string called = "SOFTSEG", byte[]? contexts = null, ushort version = 1, string applicationContext = "1.2.840.10008.3.1.1.1", byte[]? user = null) =>
    [
        (byte)(version >> 8), (byte)version, 0, 0, .. Encoding.ASCII.GetBytes(called.PadRight(16)), .. "TESTER          "u8, .. new byte[32],
        .. Item(0x10, Encoding.ASCII.GetBytes(applicationContext)),
        .. contexts ?? [.. RqContext(1, TestInstance.MRImageStorage, TestInstance.ExplicitLittle), .. RqContext(3, Verification, TestInstance.ImplicitLittle)],
        .. user ?? Item(0x50, [.. Item(0x51, [0, 0, 0x40, 0]), .. Item(0x52, "1.2.826.0.1.3680043.2.1125"u8.ToArray())])
    ];

    public static byte[] RqContext(byte id, string sopClass, params string[] syntaxes) =>
        Item(0x20, [id, 0, 0, 0, .. Item(0x30, Encoding.ASCII.GetBytes(sopClass)), .. syntaxes.SelectMany(s => Item(0x40, Encoding.ASCII.GetBytes(s)))]);

    public static byte[] Ac(IEnumerable<(byte Id, byte Result, string Syntax)> contexts, int maxPdu = 16384) => Pdu(2,
    [
        0, 1, 0, 0, .. "PACS            "u8, .. "SOFTSEG         "u8, .. new byte[32], .. Item(0x10, "1.2.840.10008.3.1.1.1"u8.ToArray()),
        .. contexts.SelectMany(c => Item(0x21, [c.Id, 0, c.Result, 0, .. Item(0x40, Encoding.ASCII.GetBytes(c.Syntax))])),
        .. Item(0x50, [.. Item(0x51, BigEndian(maxPdu)), .. Item(0x52, "1.2.3"u8.ToArray()), .. Item(0x55, "SCRIPTED"u8.ToArray())])
    ]);

    public static byte[] Item(byte type, byte[] content) => [type, 0, (byte)(content.Length >> 8), (byte)content.Length, .. content];

    public static byte[] Pdu(byte type, byte[] body) => [type, 0, .. BigEndian(body.Length), .. body];

    /// <summary>One P-DATA-TF PDU with one PDV. Flags: 1 command, 2 last.</summary>
    public static byte[] Data(byte context, byte flags, byte[] content) => Pdu(4, [.. BigEndian(content.Length + 2), context, flags, .. content]);

    public static byte[] Command(ushort field, ushort messageId, string? sopClass = TestInstance.MRImageStorage, string? sopInstance = null, bool hasDataSet = false, ushort? status = null)
    {
        var set = new TestInstance(isExplicit: false);
        if (sopClass is not null)
            set.Add(0, 0x0002, "UI", sopClass);
        set.Add(0, 0x0100, "US", BitConverter.GetBytes(field)).Add(0, (ushort)((field & 0x8000) != 0 ? 0x0120 : 0x0110), "US", BitConverter.GetBytes(messageId));
        set.Add(0, 0x0800, "US", BitConverter.GetBytes((ushort)(hasDataSet ? 0 : 0x0101)));
        if (status is { } code)
            set.Add(0, 0x0900, "US", BitConverter.GetBytes(code));
        if (sopInstance is not null)
            set.Add(0, 0x1000, "UI", sopInstance);
        return set.DataSet();
    }

    public static byte[] StoreRq(string? sopInstance, bool hasDataSet = true, string? sopClass = TestInstance.MRImageStorage) =>
        Data(Context, 3, Command(0x0001, 7, sopClass, sopInstance, hasDataSet));

    public static byte[] EchoRq(ushort messageId = 9) => Data(3, 3, Command(0x0030, messageId, Verification));

    /// <summary>C-STORE of an instance in PDUs of at most 16 KiB; the status of the response.</summary>
    public async Task<ushort> StoreAsync(string sopInstance, byte[] dataSet)
    {
        await SendAsync(StoreRq(sopInstance));
        for (int at = 0; at == 0 || at < dataSet.Length; at += 16000)
        {
            byte[] piece = dataSet[at..Math.Min(at + 16000, dataSet.Length)];
            await SendAsync(Data(Context, (byte)(at + piece.Length == dataSet.Length ? 2 : 0), piece));
        }
        return await StatusAsync();
    }

    public async Task<ushort> StoreAsync(TestInstance instance) => await StoreAsync(instance.SopInstanceUid, instance.DataSet());

    public async Task<ushort> EchoAsync()
    {
        await SendAsync(EchoRq());
        return await StatusAsync();
    }

    public Task ReleaseAsync() => SendAsync(Pdu(5, [0, 0, 0, 0]));

    /// <summary>Cuts the connection with a RST.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    // ---- what it hears ----

    /// <summary>The next PDU; null when the other side closed.</summary>
    public async Task<(byte Type, byte[] Body)?> ReceiveAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        byte[] header = new byte[6];
        try
        {
            await _stream.ReadExactlyAsync(header, timeout.Token);
            byte[] body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(2))];
            await _stream.ReadExactlyAsync(body, timeout.Token);
            return (header[0], body);
        }
        catch (Exception e) when (e is EndOfStreamException or IOException)
        {
            return null;
        }
    }

    /// <summary>The body of the next PDU, which must be of this type.</summary>
    public async Task<byte[]> ExpectAsync(byte type)
    {
        if (await ReceiveAsync() is not var (received, body))
            throw new InvalidDataException($"the connection was closed where a PDU of type {type} should come");
        Assert.True(received == type, $"PDU {received} [{Convert.ToHexString(body)}] instead of {type}");
        return body;
    }

    /// <summary>The status of the response that comes next.</summary>
    public async Task<ushort> StatusAsync()
    {
        byte[] pdv = await ExpectAsync(4);
        var command = pdv.AsSpan(6);
        while (command.Length >= 8)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(command[4..]);
            if (BinaryPrimitives.ReadUInt16LittleEndian(command[2..]) == 0x0900)
                return BinaryPrimitives.ReadUInt16LittleEndian(command[8..]);
            command = command[(8 + length)..];
        }
        throw new InvalidDataException("a response without a status");
    }

    /// <summary>An A-ABORT and then the end.</summary>
    /// <param name="source">Of the abort.</param>
    /// <param name="reason">Of the abort.</param>
    /// <param name="heard">Done between the two.</param>
    public async Task ExpectAbortAsync(byte source, byte reason, Func<Task>? heard = null)
    {
        byte[] abort = await ExpectAsync(7);
        Assert.Equal((source, reason), (abort[2], abort[3]));
        if (heard is not null)
            await heard();
        _socket.Shutdown(SocketShutdown.Send);
        Assert.Null(await ReceiveAsync());
    }

    public async Task ExpectClosedAsync() => Assert.Null(await ReceiveAsync());

    static byte[] BigEndian(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }
}
