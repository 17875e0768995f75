using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>A sender that can say anything, at any byte: no DICOM library stands between the test and the wire.</summary>
sealed class ScriptedSender : IAsyncDisposable
{
    const string ApplicationContext = "1.2.840.10008.3.1.1.1";
    const string ExplicitVRLittleEndian = "1.2.840.10008.1.2.1";
    const byte ContextId = 1;

    readonly TcpClient client = new();

    public static async Task<ScriptedSender> ConnectAsync(int port)
    {
        var sender = new ScriptedSender();
        await sender.client.ConnectAsync(IPAddress.Loopback, port);
        return sender;
    }

    /// <summary>This side's address, as the other side's log names it.</summary>
    public string LocalEndPoint => client.Client.LocalEndPoint!.ToString()!;

    NetworkStream Stream => client.GetStream();

    public Task SendAsync(byte[] bytes) => Stream.WriteAsync(bytes).AsTask();

    /// <summary>Negotiates an association for one SOP class in Explicit VR Little Endian (PS3.8 9.3.2).</summary>
    /// <returns>The type of the PDU that answers: 2 accepts, 3 rejects.</returns>
    public async Task<byte> AssociateAsync(string calling, string called, string sopClassUid)
    {
        byte[] context = [ContextId, 0, 0, 0, .. Item(0x30, sopClassUid), .. Item(0x40, ExplicitVRLittleEndian)];
        byte[] user = [.. Item(0x51, [0, 0, 0x40, 0]), .. Item(0x52, "2.25.1")];
        byte[] body = [0, 1, 0, 0, .. Title(called), .. Title(calling), .. new byte[32], .. Item(0x10, ApplicationContext), .. Item(0x20, context), .. Item(0x50, user)];
        await SendAsync(Pdu(1, body));
        return (await ReadPduAsync()).Type;
    }

    /// <summary>Sends a C-STORE-RQ (PS3.7 9.3.1) and as much of a data set as is given, marked as the whole of it or not.</summary>
    public async Task SendInstanceAsync(string sopClassUid, string sopInstanceUid, byte[] dataset, bool isWhole = true)
    {
        byte[] elements =
        [
            .. Element(0x0002, Padded(sopClassUid, 0)), .. Element(0x0100, [1, 0]), .. Element(0x0110, [1, 0]), .. Element(0x0700, [0, 0]),
            .. Element(0x0800, [0, 0]), .. Element(0x1000, Padded(sopInstanceUid, 0)),
        ];
        await SendAsync(PData([.. Element(0x0000, BitConverter.GetBytes(elements.Length)), .. elements], control: 3));
        const int Fragment = 16000;
        for (var at = 0; at < dataset.Length; at += Fragment)
        {
            var isLast = at + Fragment >= dataset.Length;
            await SendAsync(PData(dataset.AsSpan(at, Math.Min(Fragment, dataset.Length - at)), control: (byte)(isLast && isWhole ? 2 : 0)));
        }
    }

    /// <returns>The Status (0000,0900) of the C-STORE-RSP, or null when the association was aborted instead.</returns>
    public async Task<ushort?> ReadStatusAsync()
    {
        var (type, body) = await ReadPduAsync();
        if (type != 4)
            return null;
        for (var at = 6; at + 8 <= body.Length; at += 8 + BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(at + 4)))
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(body.AsSpan(at + 2)) == 0x0900)
                return BinaryPrimitives.ReadUInt16LittleEndian(body.AsSpan(at + 8));
        }
        throw new InvalidDataException("The response has no Status (0000,0900).");
    }

    public async Task ReleaseAsync()
    {
        await SendAsync(Pdu(5, new byte[4]));
        await ReadPduAsync();
    }

    /// <summary>Ends the connection with a TCP reset.</summary>
    public void Reset()
    {
        client.LingerState = new LingerOption(true, 0);
        client.Close();
    }

    /// <summary>Waits until the other side closes the connection.</summary>
    public async Task WaitForCloseAsync(TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout);
        var buffer = new byte[1024];
        try
        {
            while (await Stream.ReadAsync(buffer, deadline.Token) > 0) { }
        }
        catch (IOException)
        {
            // A reset is an end, too.
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The node did not close the connection within {timeout.TotalSeconds:0} s.");
        }
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    async Task<(byte Type, byte[] Body)> ReadPduAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var header = new byte[6];
        await Stream.ReadExactlyAsync(header, deadline.Token);
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(2))];
        await Stream.ReadExactlyAsync(body, deadline.Token);
        return (header[0], body);
    }

    static byte[] PData(ReadOnlySpan<byte> bytes, byte control) =>
        Pdu(4, [.. BigEndian32(bytes.Length + 2), ContextId, control, .. bytes]);

    static byte[] Pdu(byte type, byte[] body) => [type, 0, .. BigEndian32(body.Length), .. body];

    static byte[] Item(byte type, byte[] body) => [type, 0, (byte)(body.Length >> 8), (byte)body.Length, .. body];

    static byte[] Item(byte type, string text) => Item(type, Encoding.ASCII.GetBytes(text));

    static byte[] Element(ushort element, byte[] value) =>
        [0, 0, (byte)element, (byte)(element >> 8), .. BitConverter.GetBytes(value.Length), .. value];

    static byte[] Title(string title) => Encoding.ASCII.GetBytes(title.PadRight(16));

    static byte[] Padded(string text, byte padding) => [.. Encoding.ASCII.GetBytes(text), .. text.Length % 2 == 1 ? [padding] : Array.Empty<byte>()];

    static byte[] BigEndian32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
