using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SoftSeg.Dicom.Network;

/// <summary>
/// The acceptor: hands the requests of peers to a handler, over any transport that a server accepts. One service counts the associations of all its ports, plain and
/// TLS side by side. On Kestrel: <c>listen.Run(c => service.RunAsync(c.Transport, c.RemoteEndPoint, stopping))</c>.
/// </summary>
/// <param name="handler">What to do with requests.</param>
/// <param name="limits">What peers may cost; null: those that ship.</param>
/// <param name="logger">One line per association.</param>
public sealed class DicomService(IDicomServiceHandler handler, DicomLimits? limits = null, ILogger<DicomService>? logger = null)
{
    readonly DicomLimits _limits = limits ?? DicomLimits.Default;
    readonly ILogger _logger = logger ?? NullLogger<DicomService>.Instance;
    readonly ConditionalWeakTable<DicomTls, SslServerAuthenticationOptions> _serverOptions = [];
    readonly Places _places = new(limits ?? DicomLimits.Default);

    /// <summary>Serves a connection to its end, and completes its pipes. Faults of the peer do not throw: they are in the summary and in the log.</summary>
    /// <param name="transport">The bytes, both ways.</param>
    /// <param name="remote">The peer's address, for the log, the handler and the limit per address.</param>
    /// <param name="cancellation">Shuts down: the association is aborted.</param>
    /// <param name="tls">For a TLS port: the handshake comes first, within <see cref="DicomLimits.Handshake"/>.</param>
    /// <exception cref="InvalidOperationException"><paramref name="tls"/> lacks a certificate with its private key.</exception>
    public async Task RunAsync(IDuplexPipe transport, EndPoint? remote, CancellationToken cancellation, DicomTls? tls = null)
    {
        ArgumentNullException.ThrowIfNull(transport);
        if (!_places.TryConnect())
        {
            NetworkLog.TooManyConnections(_logger, remote, _limits.MaxConnections);
            await CompleteAsync(transport);
            return;
        }
        try
        {
            if (tls is null)
                await ServeAsync(transport, remote, certificate: null, cancellation);
            else
                await ServeTlsAsync(transport, remote, tls, cancellation);
        }
        finally
        {
            _places.Disconnect();
        }
    }

    async Task ServeAsync(IDuplexPipe transport, EndPoint? remote, X509Certificate2? certificate, CancellationToken cancellation)
    {
        await using var upperLayer = new UpperLayer(transport, _limits, isRequestor: false);
        await new DicomServiceConnection(upperLayer, remote, certificate, handler, _limits, _places, _logger).RunAsync(cancellation);
    }

    async Task ServeTlsAsync(IDuplexPipe transport, EndPoint? remote, DicomTls tls, CancellationToken cancellation)
    {
        await using var stream = new SslStream(new DuplexPipeStream(transport));
        try
        {
            if (!await HandshakeAsync(stream, remote, tls, cancellation))
                return;
            using var certificate = stream.RemoteCertificate is { } shown ? X509CertificateLoader.LoadCertificate(shown.Export(X509ContentType.Cert)) : null;
            await ServeAsync(new StreamDuplexPipe(stream), remote, certificate, cancellation);
        }
        finally
        {
            await CompleteAsync(transport);
        }
    }

    async Task<bool> HandshakeAsync(SslStream stream, EndPoint? remote, DicomTls tls, CancellationToken cancellation)
    {
        var options = _serverOptions.GetValue(tls, static t => t.ForServer());
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_limits.Handshake);
        try
        {
            await stream.AuthenticateAsServerAsync(options, timeout.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            if (!cancellation.IsCancellationRequested)
                NetworkLog.HandshakeFailed(_logger, remote, $"not done within {_limits.Handshake.TotalSeconds:0.#} s (limit Handshake)");
        }
        // SslStream throws more than it says: ArgumentOutOfRangeException on a ClientHello whose lengths don't add up.
        catch (Exception e)
        {
            NetworkLog.HandshakeFailed(_logger, remote, DicomTls.Describe(e));
        }
        return false;
    }

    static async Task CompleteAsync(IDuplexPipe transport)
    {
        await transport.Output.CompleteAsync();
        await transport.Input.CompleteAsync();
    }
}
