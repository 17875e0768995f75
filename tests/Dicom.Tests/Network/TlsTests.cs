using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using SoftSeg.Dicom.Network;
using static SoftSeg.Dicom.Tests.Network.ScriptedPeer;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>A TLS port beside a plain one, with DCMTK, Orthanc, and peers that do it wrong.</summary>
public sealed class TlsTests(TestCertificates pki) : IClassFixture<TestCertificates>, IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("softseg-tls-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    Task<StorageHost> StartAsync(DicomLimits? limits = null, DicomTls? tls = null, Func<AssociationRequest, AssociationAnswer>? onAssociate = null) =>
        StorageHost.StartAsync(limits, tls: tls ?? pki.Server, onAssociate: onAssociate);

    static async Task EchoAsync(DicomClientOptions options)
    {
        await using var client = await DicomClient.ConnectAsync(options, new AssociationProposal().AddVerification());
        Assert.True((await client.EchoAsync()).IsSuccess);
        await client.ReleaseAsync();
    }

    DicomClientOptions Options(StorageHost host, DicomTls? tls = null) => host.Client() with { Port = host.TlsPort, Tls = tls ?? pki.Client };

    [Fact]
    public async Task Plain_and_TLS_ports_serve_side_by_side()
    {
        string? shown = null;
        await using var host = await StartAsync(onAssociate: request =>
        {
            shown = request.PeerCertificate?.Subject;
            return AssociationAnswer.Accept(AcceptedServices.Default);
        });
        await EchoAsync(host.Client());
        Assert.Null(shown);
        var instance = TestInstance.MR(1, rows: 500, columns: 500);
        string path = instance.Save(_folder);
        await using (var client = await DicomClient.ConnectAsync(Options(host), [path]))
        {
            Assert.True((await client.StoreAsync(path)).IsSuccess);
            await client.ReleaseAsync();
        }
        Assert.Equal("CN=peer", shown);
        Assert.Equal(instance.DataSet(), TestInstance.DataSetOf(host.Stored.Single().Path));
    }

    [Fact]
    public async Task Without_a_certificate_that_we_trust_nobody_comes_in()
    {
        await using var host = await StartAsync();
        await Assert.ThrowsAnyAsync<DicomNetworkException>(() => EchoAsync(Options(host, pki.Client with { Certificate = null })));
        using var stranger = TestCertificates.SelfSigned();
        await Assert.ThrowsAnyAsync<DicomNetworkException>(() => EchoAsync(Options(host, pki.Client with { Certificate = stranger })));
        Assert.Equal(2, host.Log.Count(line => line.Contains("TLS handshake failed", StringComparison.Ordinal)));
        Assert.Empty(host.Ended);
        await EchoAsync(Options(host));
    }

    [Fact]
    public async Task Where_no_certificate_is_asked_for_anyone_may_call()
    {
        await using var host = await StartAsync(tls: pki.Server with { RequirePeerCertificate = false });
        await EchoAsync(Options(host, pki.Client with { Certificate = null }));
    }

    [Fact]
    public async Task A_server_that_we_do_not_trust_is_not_talked_to()
    {
        using var stranger = TestCertificates.SelfSigned();
        await using var host = await StartAsync(tls: pki.Server with { Certificate = stranger });
        var e = await Assert.ThrowsAsync<DicomNetworkException>(() => EchoAsync(Options(host)));
        Assert.Contains("check that the port speaks TLS and that each side trusts the other's certificate", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_certificate_must_name_the_host_unless_that_is_switched_off()
    {
        await using var host = await StartAsync(tls: pki.Server with { Certificate = pki.Elsewhere });
        await Assert.ThrowsAsync<DicomNetworkException>(() => EchoAsync(Options(host)));
        await EchoAsync(Options(host, pki.Client with { CheckHostName = false }));
    }

    [Fact]
    public async Task Where_revocation_is_checked_a_certificate_without_a_list_is_refused()
    {
        await using var host = await StartAsync(tls: pki.Server with { Revocation = X509RevocationMode.Online });
        await Assert.ThrowsAnyAsync<DicomNetworkException>(() => EchoAsync(Options(host)));
        Assert.Contains(host.Log, line => line.Contains("RevocationStatusUnknown", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_frozen_handshake_times_out_alone()
    {
        await using var host = await StartAsync(new DicomLimits { Handshake = TimeSpan.FromSeconds(1) });
        using var silent = await ConnectAsync(host.TlsPort);
        using var frozen = await ConnectAsync(host.TlsPort);
        await frozen.SendAsync(0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3, 1, 2, 3);   // The head of a ClientHello of 512 bytes.
        await EchoAsync(Options(host));
        await silent.ExpectClosedAsync();
        await frozen.ExpectClosedAsync();
        Assert.Equal(2, host.Log.Count(line => line.Contains("limit Handshake", StringComparison.Ordinal)));
        await EchoAsync(Options(host));
    }

    [Fact]
    public async Task Plain_text_to_the_TLS_port_is_closed()
    {
        await using var host = await StartAsync(new DicomLimits { Handshake = TimeSpan.FromSeconds(1) });
        using var dicom = await ConnectAsync(host.TlsPort);
        await dicom.SendAsync(Rq());
        using var http = await ConnectAsync(host.TlsPort);
        await http.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        await Until.TrueAsync(() => host.Log.Count(line => line.Contains("TLS handshake failed", StringComparison.Ordinal)) == 2, "both are refused");
        await EchoAsync(Options(host));
        Assert.Empty(host.Files());
    }

    [Fact]
    public async Task TLS_to_a_plain_port_says_what_to_check()
    {
        await using var host = await StartAsync();
        var e = await Assert.ThrowsAnyAsync<DicomNetworkException>(() => EchoAsync(host.Client() with { Tls = pki.Client }));
        Assert.Contains("the port speaks TLS", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls13, true)]
    [InlineData(SslProtocols.Tls12, true)]
#pragma warning disable CA5397, SYSLIB0039 // What must be refused.
    [InlineData(SslProtocols.Tls11, false)]
#pragma warning restore CA5397, SYSLIB0039
    public async Task Only_TLS_12_and_13_are_spoken(SslProtocols protocol, bool isSpoken)
    {
        await using var host = await StartAsync(tls: pki.Server with { RequirePeerCertificate = false });
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", host.TlsPort);
        await using var stream = new SslStream(socket.GetStream());
#pragma warning disable CA5359 // The protocol is what is tested.
        var handshake = stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = protocol, RemoteCertificateValidationCallback = (_, _, _, _) => true });
#pragma warning restore CA5359
        if (!isSpoken)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => handshake);
            return;
        }
        await handshake;
        Assert.Equal(protocol, stream.SslProtocol);
    }

    [Fact]
    public async Task Storescu_sends_over_TLS()
    {
        await using var host = await StartAsync();
        var instance = TestInstance.MR(1, rows: 300, columns: 300);
        var (exitCode, output) = await DcmtkPeer.RunAsync("storescu", "+tls", pki.PeerKeyFile, pki.PeerFile, "+cf", pki.AuthorityFile, "-xe", "-aec", "SOFTSEG", "localhost", $"{host.TlsPort}", instance.Save(_folder));
        Assert.True(exitCode == 0, output);
        Assert.Equal(instance.DataSet(), TestInstance.DataSetOf(host.Stored.Single().Path));
        (exitCode, output) = await DcmtkPeer.RunAsync("echoscu", "-aec", "SOFTSEG", "localhost", $"{host.TlsPort}");
        Assert.NotEqual(0, exitCode);
    }

    [Fact]
    public async Task Storescp_receives_over_TLS()
    {
        await using var scp = await StoreScp.StartAsync("+tls", pki.PeerKeyFile, pki.PeerFile, "+cf", pki.AuthorityFile, "-rc", "+B", "+xa");
        var instance = TestInstance.MR(1, rows: 300, columns: 300);
        string path = instance.Save(_folder);
        var options = new DicomClientOptions { Host = "localhost", Port = scp.Port, CalledAeTitle = "STORESCP", CallingAeTitle = "SOFTSEG", Tls = pki.Client };
        await using (var client = await DicomClient.ConnectAsync(options, [path]))
        {
            Assert.True((await client.StoreAsync(path)).IsSuccess);
            await client.ReleaseAsync();
        }
        Assert.Equal(instance.DataSet(), TestInstance.DataSetOf(Path.Combine(scp.Folder, $"MR.{instance.SopInstanceUid}")));
        await Assert.ThrowsAnyAsync<DicomNetworkException>(() => DicomClient.ConnectAsync(options with { Tls = pki.Client with { Certificate = null } }, [path]));
    }

    [Fact]
    public async Task Orthanc_sends_and_receives_over_TLS()
    {
        await using var host = await StartAsync();
        await using var archive = await OrthancArchive.StartAsync(host.TlsPort, new JsonObject
        {
            ["DicomTlsEnabled"] = true,
            ["DicomTlsCertificate"] = pki.PeerFile,
            ["DicomTlsPrivateKey"] = pki.PeerKeyFile,
            ["DicomTlsTrustedCertificates"] = pki.AuthorityFile,
            ["DicomModalities"] = new JsonObject { ["us"] = new JsonObject { ["AET"] = "SOFTSEG", ["Host"] = "localhost", ["Port"] = host.TlsPort, ["UseDicomTls"] = true } },
        });
        var instance = TestInstance.MR(1, rows: 300, columns: 300);
        string path = instance.Save(_folder);
        await using (var client = await DicomClient.ConnectAsync(archive.Client with { Host = "localhost", Tls = pki.Client }, [path]))
        {
            Assert.True((await client.StoreAsync(path)).IsSuccess);
            await client.ReleaseAsync();
        }
        string id = (await archive.GetAsync("instances"))[0].GetString()!;
        await archive.PostAsync("modalities/us/store", new JsonObject { ["Resources"] = new JsonArray(id) });
        Assert.Equal(instance.DataSet(), TestInstance.DataSetOf(host.Stored.Single().Path));
    }
}
