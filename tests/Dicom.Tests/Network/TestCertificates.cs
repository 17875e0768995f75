using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>An authority of our own with a certificate for each side, in memory and as the PEM files that other programs read.</summary>
public sealed class TestCertificates : IDisposable
{
    readonly X509Certificate2 _authority;
    readonly string _folder = Directory.CreateTempSubdirectory("softseg-pki-").FullName;

    public TestCertificates()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=Test hospital", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        AuthorityFile = File("authority.pem");
        System.IO.File.WriteAllText(AuthorityFile, _authority.ExportCertificatePem());
        Node = Issue("node", "localhost");
        Peer = Issue("peer", "localhost");
        Elsewhere = Issue("elsewhere", "elsewhere.example");
    }

    public X509Certificate2 Node { get; }

    public X509Certificate2 Peer { get; }

    /// <summary>Of the same authority, for another host.</summary>
    public X509Certificate2 Elsewhere { get; }

    public X509Certificate2Collection Authorities => [_authority];

    public string AuthorityFile { get; }

    public string PeerFile => File("peer.pem");

    public string PeerKeyFile => File("peer.key");

    public DicomTls Server => new() { Certificate = Node, TrustedAuthorities = Authorities };

    public DicomTls Client => new() { Certificate = Peer, TrustedAuthorities = Authorities };

    /// <summary>Signed by nobody.</summary>
    public static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        return new CertificateRequest("CN=stranger", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    X509Certificate2 Issue(string name, string host)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        if (host == "localhost")
            names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var bare = request.Create(_authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(20), RandomNumberGenerator.GetBytes(8));
        System.IO.File.WriteAllText(File(name + ".pem"), bare.ExportCertificatePem());
        System.IO.File.WriteAllText(File(name + ".key"), key.ExportPkcs8PrivateKeyPem());
        return bare.CopyWithPrivateKey(key);
    }

    string File(string name) => Path.Combine(_folder, name);

    public void Dispose()
    {
        foreach (var certificate in (X509Certificate2[])[_authority, Node, Peer, Elsewhere])
            certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
