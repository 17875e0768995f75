using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Segment;

namespace SoftSeg.DicomNode.Tests;

public sealed class SegmentationPlacesTests
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    readonly SegmentationPlaces places = new(new NodeConfiguration { Jobs = { MemoryMegabytes = 1000 } });

    [Fact]
    public async Task What_fits_runs_side_by_side_and_the_next_waits_until_one_is_done()
    {
        using var first = Take(400);
        var second = Take(600);
        var third = Task.Run(() => Take(100));
        await Assert.ThrowsAsync<TimeoutException>(() => third.WaitAsync(TimeSpan.FromMilliseconds(300)));
        second.Dispose();
        (await third.WaitAsync(Soon)).Dispose();
    }

    [Fact]
    public void One_alone_runs_whatever_it_takes() => Take(5000).Dispose();

    [Fact]
    public async Task A_device_serves_one_while_the_CPU_goes_on()
    {
        var first = Take(10, onDevice: true);
        Take(10).Dispose();
        var second = Task.Run(() => Take(10, onDevice: true));
        await Assert.ThrowsAsync<TimeoutException>(() => second.WaitAsync(TimeSpan.FromMilliseconds(300)));
        first.Dispose();
        (await second.WaitAsync(Soon)).Dispose();
    }

    [Fact]
    public void Who_is_told_to_stop_waits_no_more()
    {
        using var first = Take(1000);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.Throws<OperationCanceledException>(() => places.Take(1L << 20, onDevice: false, stop.Token));
    }

    IDisposable Take(long megabytes, bool onDevice = false) => places.Take(megabytes << 20, onDevice, CancellationToken.None);
}
