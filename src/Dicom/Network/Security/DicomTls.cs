using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace SoftSeg.Dicom.Network;

/// <summary>
/// TLS for associations by the BCP 195 profile of PS3.15 (RFC 9325): 1.3 or 1.2, and of 1.2 only ECDHE with authenticated encryption. The same record serves
/// a port that listens (<see cref="DicomService.RunAsync"/>) and a client (<see cref="DicomClientOptions.Tls"/>). The certificates must live as long as it does.
/// </summary>
public sealed record DicomTls
{
    /// <summary>Our certificate with its private key. A server must have one; a client shows it where the peer wants mutual authentication.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Authorities between our certificate and one that peers know; sent with it.</summary>
    public X509Certificate2Collection? Intermediates { get; init; }

    /// <summary>Authorities whose peers we believe, or the peers' own self-signed certificates; null: those that the machine trusts.</summary>
    public X509Certificate2Collection? TrustedAuthorities { get; init; }

    /// <summary>Server: a peer must show a certificate that we trust (mutual authentication). Off, the connection is encrypted and anyone may call.</summary>
    public bool RequirePeerCertificate { get; init; } = true;

    /// <summary>Client: the peer's certificate must name the host that we call. Off for peers with a certificate of another name; it must be trusted all the same.</summary>
    public bool CheckHostName { get; init; } = true;

    /// <summary>
    /// Whether revoked certificates are looked for: not at all, in lists that the machine has (Offline), or at the authority's address (Online). With the last two a
    /// certificate whose authority publishes no list is refused; hospitals' own authorities often don't, so the default is not to look.
    /// </summary>
    public X509RevocationMode Revocation { get; init; } = X509RevocationMode.NoCheck;

    /// <summary>Versions that are spoken.</summary>
    public static IReadOnlyList<SslProtocols> Versions { get; } = [SslProtocols.Tls13, SslProtocols.Tls12];

    /// <summary>Cipher suites on Linux, best first; Windows and macOS have their own, by policy of the machine.</summary>
    public static IReadOnlyList<TlsCipherSuite> CipherSuites { get; } =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    ];

    static readonly CipherSuitesPolicy? s_suites = OperatingSystem.IsLinux() ? new CipherSuitesPolicy(CipherSuites) : null;

    static readonly SslProtocols s_versions = Versions.Aggregate((all, version) => all | version);

    /// <exception cref="InvalidOperationException">There is no certificate, or it lacks its private key.</exception>
    internal SslServerAuthenticationOptions ForServer() => new()
    {
        ServerCertificateContext = Own() ?? throw new InvalidOperationException("A TLS port needs a certificate with its private key."),
        ClientCertificateRequired = RequirePeerCertificate,
        CertificateChainPolicy = Policy(),
        EnabledSslProtocols = s_versions,
        CipherSuitesPolicy = s_suites,
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        AllowRenegotiation = false,
    };

    internal SslClientAuthenticationOptions ForClient(string host) => new()
    {
        TargetHost = host,
        ClientCertificateContext = Own(),
        CertificateChainPolicy = Policy(),
        EnabledSslProtocols = s_versions,
        CipherSuitesPolicy = s_suites,
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        RemoteCertificateValidationCallback = CheckHostName ? null : static (_, _, chain, errors) => IsTrusted(chain, errors & ~SslPolicyErrors.RemoteCertificateNameMismatch),
    };

    SslStreamCertificateContext? Own() => Certificate switch
    {
        null => null,
        { HasPrivateKey: false } => throw new InvalidOperationException($"The certificate {Certificate.Subject} comes without its private key."),
        _ => SslStreamCertificateContext.Create(Certificate, Intermediates, offline: true)
    };

    X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { RevocationMode = Revocation };
        if (TrustedAuthorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(TrustedAuthorities);
            // Nothing is fetched over the network to complete a chain to an authority that we were given.
            policy.DisableCertificateDownloads = true;
        }
        return policy;
    }

    /// <summary>As without a callback, but for the name; and like there the reason is in the exception.</summary>
    static bool IsTrusted(X509Chain? chain, SslPolicyErrors errors) => errors == SslPolicyErrors.None
        ? true
        : throw new AuthenticationException($"The remote certificate is invalid: {errors} {string.Join(", ", chain?.ChainStatus.Select(status => status.Status) ?? [])}");

    /// <summary>What to do about a fault that <see cref="Describe"/> put into words.</summary>
    internal static string Advise(string fault) => fault.Contains(nameof(X509ChainStatusFlags.Revoked), StringComparison.Ordinal)
        ? "its authority has revoked the certificate of the peer: the peer needs a new one"
        : fault.Contains(nameof(X509ChainStatusFlags.RevocationStatusUnknown), StringComparison.Ordinal)
            ? "the list of revoked certificates of the peer's authority can't be had: check its address, or set Revocation to NoCheck"
            : "check that the port speaks TLS and that each side trusts the other's certificate";

    /// <summary>What went wrong in a handshake, in one line.</summary>
    internal static string Describe(Exception fault) => fault.InnerException is { } inner && fault is AuthenticationException
        ? $"{fault.Message} {inner.Message}".ReplaceLineEndings(" ")
        : fault.Message.ReplaceLineEndings(" ");
}
