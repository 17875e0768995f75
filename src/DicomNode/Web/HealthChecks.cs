using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Web;

/// <summary>
/// Whether the DICOM port is served. The kernel takes connections also for a listener that hangs, so this one connects, says nothing more, and
/// waits until the node has closed its side: accept loop and connection handler are alive. (Monitors do the same; the log has it at Debug.)
/// </summary>
sealed class DicomPortCheck(DicomPort port) : IHealthCheck
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port.Number, deadline.Token);
            client.Client.Shutdown(SocketShutdown.Send);
            return await client.Client.ReceiveAsync(new byte[1], deadline.Token) == 0
                ? HealthCheckResult.Healthy($"port {port.Number} is served")
                : HealthCheckResult.Unhealthy($"port {port.Number} is not a DICOM node's");
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy($"port {port.Number} is not served: {error.Message}");
        }
    }
}

/// <summary>The port that the node listens on, known once it has started.</summary>
sealed class DicomPort(Microsoft.AspNetCore.Hosting.Server.IServer server)
{
    // The DICOM endpoint is the first that is configured.
    public int Number => new Uri(Microsoft.AspNetCore.Http.Features.FeatureCollectionExtensions
        .GetRequiredFeature<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>(server.Features).Addresses.First()).Port;
}

/// <summary>Whether the state can be written.</summary>
sealed class StateCheck(NodeState state, DataDirectory data, NodeConfiguration configuration) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // A file that was deleted can be written as long as it is open, and is gone with the node.
        if (configuration.Node.PostgreSql.Length == 0 && !File.Exists(data.StateFile))
            return Task.FromResult(HealthCheckResult.Unhealthy($"{data.StateFile} is gone; restart the node, and it is made anew from the spool"));
        try
        {
            state.CheckWritable();
            return Task.FromResult(HealthCheckResult.Healthy("the state can be written"));
        }
        catch (System.Data.Common.DbException error)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy($"the state can't be written: {error.Message}"));
        }
    }
}

/// <summary>Whether there is room for what comes.</summary>
sealed class DiskCheck(DiskSpace disk) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var words = System.FormattableString.Invariant($"{disk.Free / 1e9:0.00} of {disk.Total / 1e9:0.00} GB are free");
        return Task.FromResult(disk.Free < disk.Least
            ? HealthCheckResult.Unhealthy($"{words}; below {disk.Least >> 20} MB (Node:MinFreeMegabytes) instances are refused") : HealthCheckResult.Healthy(words));
    }
}
