using SoftSeg.Dicom.Network;

namespace SoftSeg.Dicom.Tests.Network;

public sealed class DcmtkInteroperabilityTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("softseg-sent-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Echoscu_is_answered()
    {
        await using var host = await StorageHost.StartAsync();
        var (exitCode, output) = await DcmtkPeer.RunAsync("echoscu", "-v", "-aec", "SOFTSEG", "127.0.0.1", $"{host.Port}");
        Assert.True(exitCode == 0, output);
        var end = await host.WaitForEndAsync();
        Assert.Equal((AssociationEnd.Released, 1), (end.End, end.Echoes));
    }

    [Fact]
    public async Task Echoscu_hears_that_the_called_title_is_wrong()
    {
        await using var host = await StorageHost.StartAsync();
        var (exitCode, output) = await DcmtkPeer.RunAsync("echoscu", "-aec", "NOBODY", "127.0.0.1", $"{host.Port}");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Called AE Title Not Recognized", output, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("-xe", TestInstance.ExplicitLittle)]
    [InlineData("-xi", TestInstance.ImplicitLittle)]
    public async Task Storescu_sends_a_series_and_every_byte_is_kept(string option, string syntax)
    {
        await using var host = await StorageHost.StartAsync();
        bool isExplicit = syntax == TestInstance.ExplicitLittle;
        var sent = Enumerable.Range(1, 20).Select(n => TestInstance.MR(n, isExplicit, rows: 64 + n, columns: 300)).ToDictionary(i => i.Save(_folder));
        var (exitCode, output) = await DcmtkPeer.RunAsync("storescu", [option, "-aet", "SCANNER", "-aec", "SOFTSEG", "127.0.0.1", $"{host.Port}", .. sent.Keys]);
        Assert.True(exitCode == 0, output);

        Assert.Equal(20, host.Stored.Count);
        foreach (var stored in host.Stored)
        {
            var original = sent.Values.Single(i => i.SopInstanceUid == stored.Context.SopInstanceUid);
            Assert.Equal(original.DataSet(), TestInstance.DataSetOf(stored.Path));
            var meta = DicomFile.Open(stored.Path).FileMetaInfo;
            Assert.Equal("SCANNER", meta.GetString(DicomTag.SendingApplicationEntityTitle));
            Assert.Equal("SOFTSEG", meta.GetString(DicomTag.ReceivingApplicationEntityTitle));
            Assert.Equal(syntax, meta.GetString(DicomTag.TransferSyntaxUID));
        }
        var end = await host.WaitForEndAsync();
        Assert.Equal((AssociationEnd.Released, 20, 0), (end.End, end.Stored, end.Refused));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(host.Spool.Directory, "incoming")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Storescp_receives_what_we_send_byte_for_byte(bool isExplicit)
    {
        await using var scp = await StoreScp.StartAsync("+B", "+xa");
        var sent = Enumerable.Range(1, 5).Select(n => TestInstance.MR(n, isExplicit, rows: 200, columns: 400)).ToDictionary(i => i.Save(_folder));
        var options = new DicomClientOptions { Host = "127.0.0.1", Port = scp.Port, CalledAeTitle = "STORESCP", CallingAeTitle = "SOFTSEG" };
        await using (var client = await DicomClient.ConnectAsync(options, sent.Keys))
        {
            foreach (string path in sent.Keys)
                Assert.True((await client.StoreAsync(path)).IsSuccess);
            await client.ReleaseAsync();
        }
        foreach (var instance in sent.Values)
            Assert.Equal(instance.DataSet(), TestInstance.DataSetOf(Path.Combine(scp.Folder, $"MR.{instance.SopInstanceUid}")));
    }

    [Fact]
    public async Task Storescp_that_takes_implicit_only_gets_the_instance_converted()
    {
        await using var scp = await StoreScp.StartAsync("+xi");
        var instance = TestInstance.MR();
        string path = instance.Save(_folder);
        var options = new DicomClientOptions { Host = "127.0.0.1", Port = scp.Port, CalledAeTitle = "STORESCP", CallingAeTitle = "SOFTSEG" };
        await using var client = await DicomClient.ConnectAsync(options, [path]);
        Assert.True((await client.StoreAsync(path)).IsSuccess);
        await client.ReleaseAsync();

        var received = DicomFile.Open(Path.Combine(scp.Folder, $"MR.{instance.SopInstanceUid}"));
        Assert.Equal(DicomTransferSyntax.ImplicitVRLittleEndian, received.TransferSyntax);
        var original = DicomFile.Open(path).Dataset;
        Assert.Equal(original.GetBytes(DicomTag.PixelData).ToArray(), received.Dataset.GetBytes(DicomTag.PixelData).ToArray());
        Assert.Equal(original.GetString(DicomTag.PatientName), received.Dataset.GetString(DicomTag.PatientName));
    }

    [Fact]
    public async Task Storescp_is_echoed()
    {
        await using var scp = await StoreScp.StartAsync();
        var options = new DicomClientOptions { Host = "127.0.0.1", Port = scp.Port, CalledAeTitle = "ANY", CallingAeTitle = "SOFTSEG" };
        await using var client = await DicomClient.ConnectAsync(options, new AssociationProposal().AddVerification());
        Assert.True((await client.EchoAsync()).IsSuccess);
        await client.ReleaseAsync();
    }
}
