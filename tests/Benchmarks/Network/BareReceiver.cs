using System.Buffers.Binary;
using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Benchmarks.Network;

/// <summary>
/// <c>bare-scp</c>: the least that keeps an instance: PDUs to a part file, flush, rename, success. It looks at nothing. Without <c>--flush-folder</c> a power cut
/// may take the name of an instance that was answered; with it, it does all that the node does for durability.
/// </summary>
static class BareReceiver
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Required = true };
        var folder = new Option<string>("--folder") { Required = true };
        var flushFolder = new Option<bool>("--flush-folder");
        var command = new Command("bare-scp", "The receiver that others are measured against.") { port, folder, flushFolder };
        command.Hidden = true;
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(port), parsed.GetRequiredValue(folder), parsed.GetValue(flushFolder)));
        return command;
    }

    static async Task RunAsync(int port, string folder, bool flushFolder)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        while (true)
        {
            var socket = await listener.AcceptSocketAsync();
            socket.NoDelay = true;
            _ = Task.Run(() => ServeAsync(socket, folder, flushFolder));
        }
    }

    static async Task ServeAsync(Socket socket, string folder, bool flushFolder)
    {
        using var _ = socket;
        using var stream = new NetworkStream(socket);
        var body = new byte[131072];
        var head = new byte[6];
        var storage = new StableStorage();
        SafeFileHandle? file = null;
        var (part, final, at) = ("", "", 0L);
        DimseCommand? command = null;
        while (await stream.ReadAtLeastAsync(head, 6, throwOnEndOfStream: false) == 6)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(2));
            await stream.ReadExactlyAsync(body.AsMemory(0, length));
            switch (head[0])
            {
                case 1:
                    var request = AssociateRqPdu.Parse(body.AsSpan(0, length));
                    await stream.WriteAsync(new AssociateAcPdu(request.CalledAeTitle, request.CallingAeTitle,
                        [.. request.Contexts.Select(c => new NegotiatedContext(c.Id, c.AbstractSyntax, PresentationContextResult.Accepted, c.TransferSyntaxes[0]))],
                        new UserInformation { MaxPdu = 131072, ImplementationClassUid = DicomFile.ImplementationClassUID }).ToBytes());
                    break;
                case 4 when (body[5] & 1) != 0:
                    command = DimseCommand.Parse(body.AsSpan(6, length - 6));
                    (part, final, at) = (Path.Combine(folder, $"{Guid.NewGuid():N}.part"), Path.Combine(folder, $"{command.AffectedSopInstanceUid}.dcm"), 0);
                    file = File.OpenHandle(part, FileMode.CreateNew, FileAccess.Write);
                    break;
                case 4:
                    RandomAccess.Write(file!, body.AsSpan(6, length - 6), at);
                    at += length - 6;
                    if ((body[5] & 2) == 0)
                        break;
                    RandomAccess.FlushToDisk(file!);
                    file!.Dispose();
                    File.Move(part, final, overwrite: true);
                    if (flushFolder)
                        storage.FlushDirectory(folder);
                    var response = command!.Respond(DicomStatus.Success).ToBytes();
                    byte[] pdu = [4, 0, 0, 0, 0, (byte)(response.Length + 6), 0, 0, 0, (byte)(response.Length + 2), body[4], 3, .. response];
                    await stream.WriteAsync(pdu);
                    break;
                case 5:
                    await stream.WriteAsync(new byte[] { 6, 0, 0, 0, 0, 4, 0, 0, 0, 0 });
                    return;
                default:
                    return;
            }
        }
    }
}
