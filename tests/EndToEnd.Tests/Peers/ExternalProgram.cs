using System.Diagnostics;

namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>A program of a Debian package that a test talks to. A missing one fails the test with the command that installs it.</summary>
sealed record ExternalProgram(string Name, string Package)
{
    public static readonly ExternalProgram Echoscu = new("echoscu", "dcmtk");
    public static readonly ExternalProgram Storescu = new("storescu", "dcmtk");
    public static readonly ExternalProgram Storescp = new("storescp", "dcmtk");
    public static readonly ExternalProgram Dcmqrscp = new("dcmqrscp", "dcmtk");
    public static readonly ExternalProgram Dcmconv = new("dcmconv", "dcmtk");
    public static readonly ExternalProgram Dcmcjpls = new("dcmcjpls", "dcmtk");
    public static readonly ExternalProgram Gdcmconv = new("gdcmconv", "libgdcm-tools");
    public static readonly ExternalProgram Dcm2xml = new("dcm2xml", "dcmtk");
    public static readonly ExternalProgram Dciodvfy = new("dciodvfy", "dicom3tools");
    public static readonly ExternalProgram Dcentvfy = new("dcentvfy", "dicom3tools");
    public static readonly ExternalProgram Dsrdump = new("dsrdump", "dcmtk");
    public static readonly ExternalProgram Orthanc = new("Orthanc", "orthanc");

    public string FullPath()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin");
        return folders.Select(folder => Path.Combine(folder, Name)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"{Name} is not installed. Install it with: apt-get install {Package}");
    }

    /// <summary>Runs the program to its end.</summary>
    /// <exception cref="TimeoutException">It did not end in <paramref name="timeout"/> (a minute); it was killed.</exception>
    public async Task<ProgramResult> RunAsync(IEnumerable<string> arguments, TimeSpan? timeout = null)
    {
        var start = new ProcessStartInfo(FullPath()) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(timeout ?? TimeSpan.FromMinutes(1));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{Name} did not end: {await output}{await error}");
        }
        return new ProgramResult(Name, process.ExitCode, await output, await error);
    }
}

/// <summary>How a program ended and what it said.</summary>
sealed record ProgramResult(string Program, int ExitCode, string Output, string Error)
{
    public ProgramResult Succeeded() =>
        ExitCode == 0 ? this : throw new InvalidOperationException($"{Program} ended with {ExitCode}: {Output}{Error}");
}
