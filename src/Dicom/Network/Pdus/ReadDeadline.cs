using System.IO.Pipelines;

namespace SoftSeg.Dicom.Network;

/// <summary>Wakes a pending read when its time is over. One timer serves a connection for its life.</summary>
sealed class ReadDeadline : IDisposable
{
    readonly Timer _timer;
    long _end = long.MaxValue;

    public ReadDeadline(PipeReader pipe) =>
        _timer = new Timer(static state => ((PipeReader)state!).CancelPendingRead(), pipe, Timeout.Infinite, Timeout.Infinite);

    /// <summary>True once the time given to <see cref="Start"/> has passed.</summary>
    public bool IsOver => Environment.TickCount64 >= Volatile.Read(ref _end);

    public void Start(TimeSpan wait)
    {
        long milliseconds = (long)Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 0, int.MaxValue);
        Volatile.Write(ref _end, Environment.TickCount64 + milliseconds);
        // A little later than the end, so that IsOver is true when the read wakes.
        _timer.Change(milliseconds + 1, 100);
    }

    public void Stop()
    {
        Volatile.Write(ref _end, long.MaxValue);
        _timer.Change(Timeout.Infinite, Timeout.Infinite);
    }

    public void Dispose() => _timer.Dispose();
}
