using static SoftSeg.Dicom.Tests.Network.ScriptedPeer;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>Runs when nothing else does: it watches the heap of the process.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    const int Rows = 1000, Columns = 1000, Frames = 100;   // 200 MB of pixels.

    [Fact]
    public async Task An_instance_of_200_MB_passes_through_a_few_MB_of_memory()
    {
        byte[] head = new TestInstance()
            .Add(8, 0x16, "UI", TestInstance.MRImageStorage).Add(8, 0x18, "UI", "1.2.3").Add(0x20, 0x0D, "UI", "1.2").Add(0x20, 0x0E, "UI", "1.2.4")
            .Add(0x28, 0x08, "IS", $"{Frames}").Add(0x28, 0x10, "US", BitConverter.GetBytes((ushort)Rows)).Add(0x28, 0x11, "US", BitConverter.GetBytes((ushort)Columns))
            .Add(0x28, 0x100, "US", [16, 0]).Add(0x7FE0, 0x10, "OW", [], announced: Rows * Columns * 2 * Frames).DataSet();
        byte[] piece = Data(Context, 0, new byte[100_000]);
        byte[] last = Data(Context, 2, new byte[100_000]);

        await using var host = await StorageHost.StartAsync();
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        Assert.Equal(0, await peer.StoreAsync(TestInstance.MR()));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long most = 0;

        await peer.SendAsync([.. StoreRq("1.2.3"), .. Data(Context, 0, head)]);
        const int Pieces = Rows * Columns * 2 / 100_000 * Frames;
        for (int i = 1; i <= Pieces; i++)
        {
            await peer.SendAsync(i < Pieces ? piece : last);
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false) - before);
        }
        Assert.Equal(0, await peer.StatusAsync());
        Assert.Equal(head.Length + 200_000_000L, host.Stored.Last().Length);
        Assert.True(most < 16 << 20, $"the heap grew by {most >> 10} KiB");
    }
}
