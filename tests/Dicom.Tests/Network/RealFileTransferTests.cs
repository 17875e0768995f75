using SoftSeg.Dicom.Network;
using SoftSeg.Dicom.Tests.Support;

namespace SoftSeg.Dicom.Tests.Network;

public sealed class RealFileTransferTests
{
    static readonly string[] s_everySyntax =
    [
        "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5",
        "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80",
        "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"
    ];

    /// <summary>A file that we refuse is one that DCMTK can't read to its end either.</summary>
    [Fact]
    public async Task Every_file_of_every_scanner_arrives_as_it_was_sent()
    {
        await using var host = await StorageHost.StartAsync(services: new AcceptedServices(s_everySyntax));
        await using var client = await DicomClient.ConnectAsync(host.Client(), RealFiles.All);
        int stored = 0;
        foreach (string path in RealFiles.All)
        {
            var status = await client.StoreAsync(path);
            if (status.IsSuccess)
            {
                Assert.Equal(++stored, host.Stored.Count);
                Assert.True(DataSet(path).SequenceEqual(DataSet(host.Stored.Last().Path)), $"{path} changed on its way");
                continue;
            }
            var (exitCode, _) = await DcmtkPeer.RunAsync("dcmdump", "-q", path);
            Assert.True(exitCode != 0, $"{path}: {status}");
        }
        await client.ReleaseAsync();
        Assert.True(stored > RealFiles.All.Count / 2);
    }

    static ReadOnlySpan<byte> DataSet(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        using var stream = new MemoryStream(bytes);
        return bytes.AsSpan((int)Part10Head.Read(stream, path).DataSetOffset);
    }
}
