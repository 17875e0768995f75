using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Fuzz.Targets;

/// <summary>The first flight of a client to the TLS port. Only our side of the handshake counts its branches; what OpenSSL makes of the bytes must come out as a refusal.</summary>
sealed class TlsServerTarget : Target
{
    readonly DicomService service = new(new ConnectionTarget.Handler(), DicomLimits.Default);

    public override string Name => "tls-server";

    public override IReadOnlyList<byte[]> Words => TlsSeeds.Words;

    public override IEnumerable<byte[]> Seeds() => [TlsSeeds.ClientFlight(SslProtocols.Tls13), TlsSeeds.ClientFlight(SslProtocols.Tls12), ConnectionTarget.Request().ToBytes()];

    public override void Run(byte[] input)
    {
        var toPeer = PipeWriter.Create(Stream.Null);
        PeerStream.Wait(service.RunAsync(new ConnectionTarget.Ends(PipeReader.Create(new PeerStream(input)), toPeer), null, CancellationToken.None, TlsSeeds.Tls));
    }

    public override bool IsExpected(Exception e) => false;
}

/// <summary>The answer of a server to our first flight.</summary>
sealed class TlsClientTarget : Target
{
    public override string Name => "tls-client";

    public override IReadOnlyList<byte[]> Words => TlsSeeds.Words;

    public override IEnumerable<byte[]> Seeds() => [TlsSeeds.ServerFlight(SslProtocols.Tls13), TlsSeeds.ServerFlight(SslProtocols.Tls12), [0x15, 3, 3, 0, 2, 2, 40]];

    public override void Run(byte[] input) => PeerStream.Wait(CallAsync(input));

    static async Task CallAsync(byte[] input)
    {
        await using var stream = await DicomClient.EncryptAsync(new PeerStream(input), ClientTarget.Options with { Tls = TlsSeeds.Tls }, CancellationToken.None);
        throw new InvalidOperationException("A server without a key was believed.");
    }

    public override bool IsExpected(Exception e) => e is DicomNetworkException;
}

/// <summary>Handshakes to begin with, made between two ends here.</summary>
static class TlsSeeds
{
    static readonly X509Certificate2 certificate = Certificate();

    public static DicomTls Tls { get; } = new() { Certificate = certificate, TrustedAuthorities = [certificate] };

    /// <summary>Heads of records and handshake messages, versions, groups and extensions (RFC 8446).</summary>
    public static IReadOnlyList<byte[]> Words { get; } =
    [
        [0x16, 3, 1], [0x16, 3, 3], [0x14, 3, 3, 0, 1, 1], [0x15, 3, 3, 0, 2], [0x17, 3, 3], [1, 0], [2, 0], [11, 0], [12, 0], [13, 0], [14, 0, 0, 0], [16, 0], [3, 3], [3, 4], [0, 29], [0, 23], [0x13, 1], [0x13, 2],
        [0, 0], [0, 10], [0, 13], [0, 16], [0, 43], [0, 45], [0, 51], [0, 41], [0, 42], [0xFF, 1],
    ];

    public static byte[] ClientFlight(SslProtocols version)
    {
        var client = new Recorder();
        using var stream = new SslStream(client);
        Run(stream.AuthenticateAsClientAsync(Client(version)));
        return client.Written.ToArray();
    }

    public static byte[] ServerFlight(SslProtocols version)
    {
        var server = new Recorder(ClientFlight(version));
        using var stream = new SslStream(server);
        Run(stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = version }));
        return server.Written.ToArray();
    }

    static SslClientAuthenticationOptions Client(SslProtocols version) => new() { TargetHost = "fuzz", EnabledSslProtocols = version, ClientCertificates = [certificate] };

    /// <summary>The other end falls silent after its flight: the handshake fails, and what was said until then is recorded.</summary>
    static void Run(Task handshake)
    {
        try
        {
            handshake.Wait();
        }
        catch (AggregateException)
        {
        }
    }

    static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=fuzz", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10));
    }

    sealed class Recorder(byte[]? said = null) : Stream
    {
        readonly MemoryStream from = new(said ?? []);

        public MemoryStream Written { get; } = new();

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => from.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) => Written.Write(buffer, offset, count);

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
