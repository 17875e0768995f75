using System.Diagnostics;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>Waits for a condition, with a time-out that fails the test.</summary>
static class Until
{
    public static async Task TrueAsync(Func<bool> condition, string what, int seconds = 20)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds < seconds, $"not within {seconds} s: {what}");
            await Task.Delay(5);
        }
    }
}
