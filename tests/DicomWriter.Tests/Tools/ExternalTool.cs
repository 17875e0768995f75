using System.ComponentModel;
using System.Diagnostics;

namespace SoftSeg.DicomWriter.Tests.Tools;

/// <summary>An independent program that judges what we wrote.</summary>
static class ExternalTool
{
    /// <summary>Runs it and returns its standard output and error, in this order.</summary>
    public static (int ExitCode, string Output) Run(string program, string package, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.GetAwaiter().GetResult());
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException($"{program} is missing. Install it: sudo apt-get install {package}");
        }
    }
}
