using SoftSeg.Dicom.Network;
using SoftSeg.Dicom.Tests.Support;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>DCMTK's findscu, movescu and getscu: against us, who offer no query, and against its archive, which then sends to us. Of the three only findscu speaks TLS, and dcmqrscp does not.</summary>
public sealed class QueryToolTests(TestCertificates pki) : IClassFixture<TestCertificates>, IDisposable
{
    const string Study = "1.2.826.0.1.3680043.2.1125.7";

    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("findscu", false, "-S")]
    [InlineData("findscu", false, "-W")]
    [InlineData("findscu", true, "-P")]
    [InlineData("movescu", false, "-S", "-aem", "ELSEWHERE")]
    [InlineData("getscu", false, "-S")]
    public async Task A_query_is_refused_in_clear_words_and_the_others_go_on(string tool, bool isTls, params string[] options)
    {
        await using var host = await StorageHost.StartAsync(tls: pki.Server);
        string[] paths = [.. Enumerable.Range(1, 2).Select(n => TestInstance.MR(n).Save(_folder.Path))];
        await using var sender = await DicomClient.ConnectAsync(host.Client(), paths);
        Assert.True((await sender.StoreAsync(paths[0])).IsSuccess);

        string[] tls = isTls ? ["+tls", pki.PeerKeyFile, pki.PeerFile, "+cf", pki.AuthorityFile] : [];
        var (exitCode, output) = await DcmtkPeer.RunAsync(tool,
            [.. tls, .. options, "-aec", "SOFTSEG", "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={Study}", "localhost", $"{(isTls ? host.TlsPort : host.Port)}"]);
        Assert.NotEqual(0, exitCode);
        Assert.Matches("(?i)no (acceptable|adequate) presentation contexts", output);
        await Until.TrueAsync(() => !host.Ended.IsEmpty, "the tool's association ended");
        Assert.Equal((0, 0), (host.Ended.Single().Stored, host.Ended.Single().Refused));

        Assert.True((await sender.StoreAsync(paths[1])).IsSuccess);
        await sender.ReleaseAsync();
        Assert.Equal(2, host.Stored.Count);
    }

    [Fact]
    public async Task Movescu_makes_dcmqrscp_send_a_study_to_us()
    {
        await using var host = await StorageHost.StartAsync();
        await using var archive = await QueryRetrieveScp.StartAsync("SOFTSEG", host.Port);
        var sent = Enumerable.Range(1, 5).Select(n => TestInstance.MR(n, rows: 64, columns: 64)).ToDictionary(instance => instance.Save(_folder.Path));
        var (exitCode, output) = await DcmtkPeer.RunAsync("storescu", ["-xe", "-aec", "ARCHIVE", "127.0.0.1", $"{archive.Port}", .. sent.Keys]);
        Assert.True(exitCode == 0, output);

        (exitCode, output) = await DcmtkPeer.RunAsync("movescu", "-S", "-aec", "ARCHIVE", "-aem", "SOFTSEG", "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={Study}", "127.0.0.1", $"{archive.Port}");
        Assert.True(exitCode == 0, output);
        Assert.Equal(5, host.Stored.Count);
        foreach (var stored in host.Stored)
        {
            Assert.Equal("ARCHIVE", stored.Context.Association.CallingAeTitle);
            Assert.Equal(sent.Values.Single(i => i.SopInstanceUid == stored.Context.SopInstanceUid).DataSet(), TestInstance.DataSetOf(stored.Path));
        }
    }

    [Fact]
    public async Task Echoscu_is_answered_over_TLS()
    {
        await using var host = await StorageHost.StartAsync(tls: pki.Server);
        var (exitCode, output) = await DcmtkPeer.RunAsync("echoscu", "+tls", pki.PeerKeyFile, pki.PeerFile, "+cf", pki.AuthorityFile, "-aec", "SOFTSEG", "localhost", $"{host.TlsPort}");
        Assert.True(exitCode == 0, output);
        Assert.Equal(1, (await host.WaitForEndAsync()).Echoes);
    }
}
