using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace SoftSeg.Fuzz;

/// <summary>Runs each target in a process of its own, so that a stack overflow or an endless loop is a finding and not the end.</summary>
static class Supervisor
{
    /// <summary>An execution takes microseconds; one that is still at it after this is stuck, on a busy machine too.</summary>
    static readonly TimeSpan stuck = TimeSpan.FromSeconds(30);

    public static int Run(IReadOnlyList<Target> targets, Budget budget, int seed, DirectoryInfo crashes)
    {
        var folder = Directory.CreateTempSubdirectory("softseg-fuzz-");
        try
        {
            Instrumented.Make(folder.FullName);
            var broken = 0;
            foreach (var target in targets)
                broken += Run(target, budget, seed, folder.FullName, crashes);
            Console.WriteLine(broken == 0 ? "Nothing broke." : $"{broken} finding{(broken == 1 ? "" : "s")} in {crashes.FullName}");
            return broken == 0 ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static int Run(Target target, Budget budget, int seed, string folder, DirectoryInfo crashes)
    {
        var input = Path.Combine(folder, "input.bin");
        File.WriteAllBytes(input, new byte[Session.MaxInput + 12]);
        string[] limit = budget.Executions > 0
            ? ["--executions", budget.Executions.ToString(CultureInfo.InvariantCulture)]
            : ["--seconds", budget.Seconds.ToString(CultureInfo.InvariantCulture)];
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "SoftSeg.Fuzz.dll"), "--target", target.Name, .. limit, "--seed", seed.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true };
        foreach (var (name, value) in Instrumented.Variables(input))
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var (last, since) = (-1L, Stopwatch.StartNew());
        var isStuck = false;
        while (!process.WaitForExit(1000))
        {
            var (count, _) = Session.LastInput(input);
            if (count != last)
                (last, since) = (count, Stopwatch.StartNew());
            else if (since.Elapsed > stuck && last > 0)
            {
                isStuck = true;
                process.Kill();
            }
        }
        process.WaitForExit();
        if (process.ExitCode == 0)
            return 0;
        var (_, bytes) = Session.LastInput(input);
        var folderOfTarget = crashes.CreateSubdirectory(target.Name);
        var file = Path.Combine(folderOfTarget.FullName, $"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..12]}.bin");
        File.WriteAllBytes(file, bytes);
        Console.WriteLine($"{target.Name}: {(isStuck ? $"no end after {stuck.TotalSeconds} s" : $"exit code {process.ExitCode}")} with {file}");
        var words = error.Result.Split('\n');
        Console.WriteLine(string.Join('\n', words.Length > 12 ? words[..12] : words));
        return 1;
    }
}
