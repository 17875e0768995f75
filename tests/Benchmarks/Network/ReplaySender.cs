using System.Buffers.Binary;
using System.CommandLine;
using System.Diagnostics;
using System.Net.Sockets;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Benchmarks.Network;

/// <summary>A sender that waits for every response and otherwise only writes prepared bytes.</summary>
static class ReplaySender
{
    /// <summary><c>replay</c>: the sender alone, against a receiver that runs under a profiler.</summary>
    public static Command Create()
    {
        var port = new Option<int>("--port") { Required = true };
        var called = new Option<string>("--called") { DefaultValueFactory = _ => "SOFTSEG" };
        var associations = new Option<int>("--associations") { DefaultValueFactory = _ => 1 };
        var instances = new Option<int>("--instances") { DefaultValueFactory = _ => 1000 };
        var command = new Command("replay", "The sender of the benchmark \"receive\", by itself.") { port, called, associations, instances };
        command.Hidden = true;
        command.SetAction(async (parsed, _) =>
        {
            var (count, seconds) = (parsed.GetValue(instances), await RunAsync(parsed.GetValue(port), parsed.GetRequiredValue(called), parsed.GetValue(associations), parsed.GetValue(instances), 256, 256, 1));
            ReceiveBenchmark.Line($"{seconds * 1000 / count:0.000} ms an instance");
        });
        return command;
    }

    /// <summary>Seconds that a number of instances take, divided between associations.</summary>
    /// <exception cref="InvalidDataException">The peer refused an instance.</exception>
    public static async Task<double> RunAsync(int port, string called, int associations, int instances, int rows, int columns, int frames)
    {
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, associations).Select(n => Task.Run(() => SendAsync(port, called, instances / associations, rows, columns, frames))));
        return clock.Elapsed.TotalSeconds;
    }

    static long lastSeries = DateTime.UtcNow.Ticks / TimeSpan.TicksPerSecond % 500_000;

    static async Task SendAsync(int port, string called, int instances, int rows, int columns, int frames)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        var contexts = new[] { new PresentationContext(1, DicomUID.MRImageStorage.Value, [DicomUID.ExplicitVRLittleEndian.Value]) };
        var request = new AssociateRqPdu(called, "BENCH", 1, DicomUID.DICOMApplicationContext.Value, contexts,
            new UserInformation { MaxPdu = 131072, ImplementationClassUid = DicomFile.ImplementationClassUID, ImplementationVersionName = "BENCH" });
        await socket.SendAsync(request.ToBytes());
        var (type, body) = await ReceiveAsync(socket);
        if (type != 2)
            throw new InvalidDataException($"The association was answered with PDU {type}.");
        var maximum = AssociateAcPdu.Parse(body, contexts).User.MaxPdu;
        var instance = new ReplayInstance(rows, columns, frames, maximum is 0 or > 131072 ? 131072 : (int)maximum);
        var series = Interlocked.Increment(ref lastSeries);
        for (var n = 0; n < instances; n++)
        {
            for (var rest = instance.Message(series, n); rest.Length > 0;)
                rest = rest[await socket.SendAsync(rest)..];
            (type, body) = await ReceiveAsync(socket);
            if (type != 4 || !DimseCommand.Parse(body.AsSpan(6)).Status.IsSuccess)
                throw new InvalidDataException($"Instance {n + 1} was answered with {(type == 4 ? DimseCommand.Parse(body.AsSpan(6)).Status : $"PDU {type}")}.");
        }
        await socket.SendAsync(new byte[] { 5, 0, 0, 0, 0, 4, 0, 0, 0, 0 });
        await ReceiveAsync(socket);
    }

    static async Task<(byte Type, byte[] Body)> ReceiveAsync(Socket socket)
    {
        QuickAck(socket);
        var head = await ReceiveAsync(socket, 6);
        return (head[0], await ReceiveAsync(socket, BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(2))));
    }

    static async Task<byte[]> ReceiveAsync(Socket socket, int length)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var read = await socket.ReceiveAsync(bytes.AsMemory(at));
            at += read > 0 ? read : throw new InvalidDataException("The peer closed.");
        }
        return bytes;
    }

    static void QuickAck(Socket socket)
    {
        if (OperatingSystem.IsLinux())
            socket.SetRawSocketOption(6, 12, [1, 0, 0, 0]);
    }
}
