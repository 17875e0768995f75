using System.Diagnostics;

namespace SoftSeg.Benchmarks;

/// <summary>Programs of others, and small ones against the libraries of others that are compiled here.</summary>
static class CompiledPeer
{
    /// <param name="source">Path of the C++ file below this program's folder.</param>
    /// <param name="packages">Debian packages with the libraries, for the message where they are missing.</param>
    /// <returns>The program.</returns>
    public static string Compile(string source, string folder, string packages, params string[] options)
    {
        var program = Path.Combine(folder, Path.GetFileNameWithoutExtension(source));
        Run("c++", packages + " g++", ["-O2", "-std=c++17", "-o", program, Path.Combine(AppContext.BaseDirectory, source), .. options]);
        return program;
    }

    public static string Run(string name, string packages, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{name} ended with {process.ExitCode}: {error.Result}Needed: apt-get install {packages}");
    }
}
