using System.Diagnostics;

namespace SoftSeg.Dicom.Tests.Support;

/// <summary>The command line tools of DCMTK, the peer that these tests read and write with.</summary>
static class Dcmtk
{
    /// <summary>Runs a tool and returns what it printed; it must exit with 0.</summary>
    public static string Run(string tool, params string[] arguments)
    {
        var (exitCode, output, error) = TryRun(tool, arguments);
        Assert.True(exitCode == 0, $"{tool} {string.Join(' ', arguments)} exited with {exitCode}: {error}{output}");
        return output;
    }

    public static (int ExitCode, string Output, string Error) TryRun(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new InvalidOperationException($"{tool} is missing. Install it: apt-get install dcmtk");
        }
        using (process)
        {
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.Result);
        }
    }
}
