using System.Net;
using Microsoft.Extensions.Logging;

namespace SoftSeg.Dicom.Network;

/// <summary>Log messages of the network side; event ids 2000..2099.</summary>
static partial class NetworkLog
{
    [LoggerMessage(2000, LogLevel.Information,
        "Association {CallingAe} -> {CalledAe} from {Remote} ({Implementation}) ended: {End} ({Reason}); contexts {Accepted}/{Proposed}, stored {Stored}, refused {Refused}, echoes {Echoes}, {Bytes} bytes, {Seconds:0.000} s")]
    public static partial void AssociationEnded(ILogger logger, string callingAe, string calledAe, EndPoint? remote, string implementation,
        AssociationEnd end, string reason, int accepted, int proposed, int stored, int refused, int echoes, long bytes, double seconds);

    [LoggerMessage(2001, LogLevel.Warning, "Association {CallingAe} -> {CalledAe} from {Remote} rejected ({Rejection}): {Why}")]
    public static partial void AssociationRejected(ILogger logger, string callingAe, string calledAe, EndPoint? remote, AssociationRejection rejection, string why);

    [LoggerMessage(2002, LogLevel.Information, "Connection from {Remote} ended without an association: {End} ({Reason}), {Bytes} bytes, {Seconds:0.000} s")]
    public static partial void ConnectionEnded(ILogger logger, EndPoint? remote, AssociationEnd end, string reason, long bytes, double seconds);

    [LoggerMessage(2003, LogLevel.Warning, "{CallingAe}: instance {SopInstanceUid} refused: {Status}")]
    public static partial void InstanceRefused(ILogger logger, string callingAe, string? sopInstanceUid, DicomStatus status);

    [LoggerMessage(2004, LogLevel.Error, "{CallingAe}: instance {SopInstanceUid} failed")]
    public static partial void InstanceFailed(ILogger logger, Exception exception, string callingAe, string? sopInstanceUid);

    [LoggerMessage(2005, LogLevel.Error, "Connection from {Remote} failed")]
    public static partial void ConnectionFailed(ILogger logger, Exception exception, EndPoint? remote);

    [LoggerMessage(2006, LogLevel.Debug, "{Remote} connected and closed without a byte, as monitors do")]
    public static partial void ConnectionProbed(ILogger logger, EndPoint? remote);

    [LoggerMessage(2007, LogLevel.Error, "{CallingAe}: request {CommandField:X4} failed")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string callingAe, ushort commandField);

    [LoggerMessage(2008, LogLevel.Warning, "Connection from {Remote} closed: {Most} connections are open (limit MaxConnections)")]
    public static partial void TooManyConnections(ILogger logger, EndPoint? remote, int most);

    [LoggerMessage(2009, LogLevel.Warning, "Connection from {Remote} closed: TLS handshake failed: {Reason}")]
    public static partial void HandshakeFailed(ILogger logger, EndPoint? remote, string reason);

    [LoggerMessage(2010, LogLevel.Information, "Removed {Count} part files of instances that were never stored from {Directory}")]
    public static partial void PartFilesRemoved(ILogger logger, int count, string directory);

    [LoggerMessage(2011, LogLevel.Warning, "Instance {SopInstanceUid} came again from {CallingAe} with other bytes: kept beside the first as {Path}")]
    public static partial void InstanceDiffers(ILogger logger, string sopInstanceUid, string callingAe, string path);
}
