using Microsoft.AspNetCore.Connections;
using SoftSeg.Dicom.Network;

namespace SoftSeg.DicomNode.Receive;

/// <summary>Binds the DICOM upper layer to Kestrel's connections (decision 2).</summary>
sealed class DicomConnectionHandler(IDicomServiceHandler handler, DicomLimits limits, IHostApplicationLifetime lifetime, ILogger<DicomConnectionHandler> logger)
    : ConnectionHandler
{
    // Only the node's stop cancels: when the peer closes, the pipe ends by itself, after what had arrived was read.
    public override Task OnConnectedAsync(ConnectionContext connection) =>
        DicomServiceConnection.RunAsync(connection.Transport, connection.RemoteEndPoint, handler, limits, logger, lifetime.ApplicationStopping);
}
