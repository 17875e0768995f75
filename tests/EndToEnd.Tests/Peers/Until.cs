namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>Waits for something that another program does.</summary>
static class Until
{
    /// <exception cref="TimeoutException">It did not happen in time; the message says what was waited for and what <paramref name="evidence"/> tells.</exception>
    public static async Task True(Func<Task<bool>> condition, string what, TimeSpan? timeout = null, Func<string>? evidence = null)
    {
        var limit = timeout ?? TimeSpan.FromSeconds(30);
        var begin = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(begin) > limit)
                throw new TimeoutException($"Not within {limit.TotalSeconds:0} s: {what}.{Environment.NewLine}{evidence?.Invoke()}");
            await timer.WaitForNextTickAsync();
        }
    }

    public static Task True(Func<bool> condition, string what, TimeSpan? timeout = null, Func<string>? evidence = null) =>
        True(() => Task.FromResult(condition()), what, timeout, evidence);
}
