using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SoftSeg.Dicom.Network;
using SoftSeg.Dicom.Tests.Support;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>An authority of OpenSSL's that publishes a list of what it revoked.</summary>
public sealed class RevocationTests(RevocationTests.Authority authority) : IClassFixture<RevocationTests.Authority>
{
    DicomTls Node(string name, X509RevocationMode revocation = X509RevocationMode.Online) =>
        new() { Certificate = authority.Certificate(name), TrustedAuthorities = authority.Root, Revocation = revocation };

    static async Task EchoAsync(StorageHost host, DicomTls tls)
    {
        await using var client = await DicomClient.ConnectAsync(host.Client() with { Host = "localhost", Port = host.TlsPort, Tls = tls }, new AssociationProposal().AddVerification());
        Assert.True((await client.EchoAsync()).IsSuccess);
        await client.ReleaseAsync();
    }

    [Fact]
    public async Task A_revoked_client_is_refused_and_the_log_says_why()
    {
        await using var host = await StorageHost.StartAsync(tls: Node("node"));
        await EchoAsync(host, Node("peer"));
        await Assert.ThrowsAnyAsync<DicomNetworkException>(() => EchoAsync(host, Node("revoked")));
        Assert.Single(host.Log, line => line.Contains("TLS handshake failed", StringComparison.Ordinal) && line.Contains("Revoked", StringComparison.Ordinal));
        await EchoAsync(host, Node("peer"));
        Assert.Equal(2, host.Ended.Count);
    }

    [Fact]
    public async Task Storescu_with_a_revoked_certificate_is_refused()
    {
        await using var host = await StorageHost.StartAsync(tls: Node("node"));
        using var folder = new TemporaryDirectory();
        string path = TestInstance.MR().Save(folder.Path);
        foreach (var (name, isTaken) in ((string, bool)[])[("peer", true), ("revoked", false)])
        {
            var (exitCode, output) = await DcmtkPeer.RunAsync("storescu",
                "+tls", authority.File($"{name}.key"), authority.File($"{name}.pem"), "+cf", authority.File("root.pem"), "-xe", "-aec", "SOFTSEG", "localhost", $"{host.TlsPort}", path);
            Assert.True(exitCode == 0 == isTaken, $"{name}: {output}");
        }
        Assert.Single(host.Stored);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_revoked_server_is_not_talked_to(bool checkHostName)
    {
        await using var host = await StorageHost.StartAsync(tls: Node("revoked"));
        var e = await Assert.ThrowsAnyAsync<DicomNetworkException>(() => EchoAsync(host, Node("peer") with { CheckHostName = checkHostName }));
        Assert.Contains("Revoked", e.Message, StringComparison.Ordinal);
        Assert.Contains("its authority has revoked the certificate of the peer", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Storescp_with_a_revoked_certificate_is_not_talked_to()
    {
        await using var scp = await StoreScp.StartAsync("+tls", authority.File("revoked.key"), authority.File("revoked.pem"), "+cf", authority.File("root.pem"));
        var options = new DicomClientOptions { Host = "localhost", Port = scp.Port, CalledAeTitle = "STORESCP", CallingAeTitle = "SOFTSEG", Tls = Node("peer") };
        var e = await Assert.ThrowsAnyAsync<DicomNetworkException>(() => DicomClient.ConnectAsync(options, new AssociationProposal().AddVerification()));
        Assert.Contains("has revoked the certificate", e.Message, StringComparison.Ordinal);
        await using var client = await DicomClient.ConnectAsync(options with { Tls = Node("peer", X509RevocationMode.NoCheck) }, new AssociationProposal().AddVerification());
        Assert.True((await client.EchoAsync()).IsSuccess);
    }

    [Fact]
    public async Task Where_lists_are_not_looked_at_a_revoked_certificate_is_as_good_as_any()
    {
        await using var host = await StorageHost.StartAsync(tls: Node("node", X509RevocationMode.NoCheck));
        await EchoAsync(host, Node("revoked", X509RevocationMode.NoCheck));
    }

    public sealed class Authority : IAsyncLifetime, IDisposable
    {
        readonly TemporaryDirectory _folder = new();
        readonly List<X509Certificate2> _open = [];
        WebApplication? _web;

        public X509Certificate2Collection Root { get; } = [];

        public string File(string name) => _folder.File(name);

        public X509Certificate2 Certificate(string name)
        {
            var certificate = X509Certificate2.CreateFromPemFile(File(name + ".pem"), File(name + ".key"));
            _open.Add(certificate);
            return certificate;
        }

        public async Task InitializeAsync()
        {
            // A name of its own: what the system has kept of another run's list is for another authority.
            string name = $"Test hospital {Guid.NewGuid():N}";
            int port = DcmtkPeer.FreePort();
            _folder.Write("index.txt", []);
            System.IO.File.WriteAllText(File("openssl.cnf"), $"""
                [ca]
                default_ca = own
                [own]
                database = {File("index.txt")}
                new_certs_dir = {_folder.Path}
                certificate = {File("root.pem")}
                private_key = {File("root.key")}
                rand_serial = yes
                default_md = sha256
                default_days = 10
                default_crl_days = 5
                policy = any
                x509_extensions = leaf
                [any]
                commonName = supplied
                [leaf]
                basicConstraints = CA:FALSE
                subjectAltName = DNS:localhost,IP:127.0.0.1
                extendedKeyUsage = serverAuth,clientAuth
                crlDistributionPoints = URI:http://127.0.0.1:{port}/revoked.crl
                [req]
                distinguished_name = names
                [names]
                [root]
                basicConstraints = critical,CA:TRUE
                keyUsage = critical,keyCertSign,cRLSign
                subjectKeyIdentifier = hash

                """);
            Run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "20", "-subj", $"/CN={name}", "-extensions", "root", "-keyout", File("root.key"), "-out", File("root.pem"));
            foreach (string leaf in (string[])["node", "peer", "revoked"])
            {
                Run("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", $"/CN={leaf}", "-keyout", File(leaf + ".key"), "-out", File(leaf + ".csr"));
                Run("ca", "-batch", "-notext", "-in", File(leaf + ".csr"), "-out", File(leaf + ".pem"));
            }
            Run("ca", "-revoke", File("revoked.pem"));
            Run("ca", "-gencrl", "-out", File("list.pem"));
            Run("crl", "-in", File("list.pem"), "-outform", "DER", "-out", File("list.der"));
            Root.Add(X509CertificateLoader.LoadCertificateFromFile(File("root.pem")));

            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
            _web = builder.Build();
            _web.MapGet("/revoked.crl", () => Results.File(File("list.der"), "application/pkix-crl"));
            await _web.StartAsync();
        }

        void Run(string command, params string[] arguments) => Dcmtk.Run("openssl", [command, .. command == "crl" ? [] : (string[])["-config", File("openssl.cnf")], .. arguments]);

        public async Task DisposeAsync()
        {
            await _web!.DisposeAsync();
            Dispose();
        }

        public void Dispose()
        {
            foreach (var certificate in _open.Concat(Root))
                certificate.Dispose();
            if (Directory.Exists(_folder.Path))
                _folder.Dispose();
        }
    }
}
