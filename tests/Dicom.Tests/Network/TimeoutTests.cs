using System.Diagnostics;
using SoftSeg.Dicom.Network;
using static SoftSeg.Dicom.Tests.Network.ScriptedPeer;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>Peers that say nothing, or too little: every wait ends.</summary>
public sealed class TimeoutTests
{
    static readonly DicomLimits s_limits = new()
    {
        Artim = TimeSpan.FromMilliseconds(300),
        Idle = TimeSpan.FromSeconds(1),
        Close = TimeSpan.FromMilliseconds(200)
    };

    [Fact]
    public async Task A_request_that_trickles_does_not_hold_ARTIM_up()
    {
        await using var host = await StorageHost.StartAsync(s_limits with { Artim = TimeSpan.FromMilliseconds(500) });
        using var peer = await ConnectAsync(host.Port);
        long start = Stopwatch.GetTimestamp();
        byte[] request = Rq();
        try
        {
            for (int i = 0; host.Ended.IsEmpty && i < request.Length - 1; i++)
            {
                await peer.SendAsync(request[i]);
                await Task.Delay(50);
            }
        }
        catch (IOException)
        {
            // Closed on us: what the test wants.
        }
        Assert.Equal(AssociationEnd.TimedOut, (await host.WaitForEndAsync()).End);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(request.Length * 0.05));
    }

    [Fact]
    public async Task A_data_set_that_trickles_is_aborted()
    {
        await using var host = await StorageHost.StartAsync(new DicomLimits { MinRate = 10_000, MinRateGrace = TimeSpan.FromMilliseconds(300), Close = TimeSpan.FromMilliseconds(200) });
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        await peer.SendAsync([.. StoreRq("1.2.3"), .. Data(1, 0, TestInstance.MR().DataSet()[..64])]);
        byte[] piece = Data(1, 0, new byte[2]);
        try
        {
            for (int i = 0; host.Ended.IsEmpty && i < 400; i++)
            {
                await peer.SendAsync(piece);
                await Task.Delay(25);
            }
        }
        catch (IOException)
        {
            // Closed on us: what the test wants.
        }
        var end = await host.WaitForEndAsync();
        Assert.Equal(AssociationEnd.TimedOut, end.End);
        Assert.Contains("MinRate", end.Reason, StringComparison.Ordinal);
        Assert.Empty(host.Files());
    }

    [Fact]
    public async Task A_peer_that_does_not_close_after_the_release_is_closed()
    {
        await using var host = await StorageHost.StartAsync(s_limits with { Artim = TimeSpan.FromSeconds(30) });
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        await peer.ReleaseAsync();
        await peer.ExpectAsync(6);
        await peer.ExpectClosedAsync();
    }
}
