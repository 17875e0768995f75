using Microsoft.AspNetCore.Connections;
using SoftSeg.Dicom.Network;

namespace SoftSeg.DicomNode.Receive;

/// <summary>Binds the DICOM upper layer to Kestrel's connections (decision 2).</summary>
sealed class DicomConnectionHandler(DicomService service, IHostApplicationLifetime lifetime) : ConnectionHandler
{
    // Only the node's stop cancels: when the peer closes, the pipe ends by itself, after what had arrived was read.
    public override Task OnConnectedAsync(ConnectionContext connection) =>
        service.RunAsync(connection.Transport, connection.RemoteEndPoint, lifetime.ApplicationStopping);
}
