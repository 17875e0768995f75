using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>A program that runs beside the test, with everything it says. It is killed when the test is done with it.</summary>
sealed class RunningProgram : IAsyncDisposable
{
    readonly Process process;
    readonly List<string> lines = [];

    RunningProgram(Process process) => this.process = process;

    public static RunningProgram Start(string file, IEnumerable<string> arguments, string? workingDirectory = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var running = new RunningProgram(new Process { StartInfo = start });
        running.process.OutputDataReceived += (_, line) => running.Add(line.Data);
        running.process.ErrorDataReceived += (_, line) => running.Add(line.Data);
        running.process.Start();
        running.process.BeginOutputReadLine();
        running.process.BeginErrorReadLine();
        return running;
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public int ExitCode => process.ExitCode;

    /// <summary>What it has used of the processors so far: other load on the machine does not count.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>What it wrote so far, output and error stream together.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (lines)
                return [.. lines];
        }
    }

    /// <summary>Asks it to end, as a service manager does, and waits until it has.</summary>
    public async Task TerminateAsync(TimeSpan timeout)
    {
        const int SigTerm = 15;
        _ = Kill(process.Id, SigTerm);
        await process.WaitForExitAsync().WaitAsync(timeout);
    }

    /// <summary>SIGKILL: it gets no chance to finish anything.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>A line such as <c>VmHWM</c> of <c>/proc/PID/status</c>, in KiB.</summary>
    public long StatusKiB(string key)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(l => l.StartsWith(key + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
    }

    void Add(string? line)
    {
        if (line is null)
            return;
        lock (lines)
            lines.Add(line);
    }

    [DllImport("libc", EntryPoint = "kill")]
    static extern int Kill(int process, int signal);
}
