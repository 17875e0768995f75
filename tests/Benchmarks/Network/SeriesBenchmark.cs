using System.CommandLine;
using System.Diagnostics;
using SoftSeg.Benchmarks.Inference;
using SoftSeg.DicomReader;
using SoftSeg.DicomWriter.Images;
using SoftSeg.SegEngine;
using SoftSeg.SegEngine.Phantoms;

namespace SoftSeg.Benchmarks.Network;

/// <summary><c>series</c>: 192 files to a volume in a running process, and <c>softseg convert</c> as a whole process, beside dcm2niix.</summary>
static class SeriesBenchmark
{
    public static Command Create()
    {
        var runs = new Option<int>("--runs") { Description = "Rounds to take the medians of.", DefaultValueFactory = _ => 9 };
        var softseg = new Option<string?>("--softseg") { Description = "The published program; else the one that was built, which dotnet runs" };
        var command = new Command("series", "A series of 192 files, against dcm2niix.") { runs, softseg };
        command.SetAction(parsed => Run(parsed.GetValue(runs), parsed.GetValue(softseg)));
        return command;
    }

    static void Run(int runs, string? softseg)
    {
        var folder = Directory.CreateTempSubdirectory("softseg-series-");
        try
        {
            var (input, output) = (folder.CreateSubdirectory("in").FullName, folder.CreateSubdirectory("out").FullName);
            var phantom = SpinePhantom.Generate(new() { Width = 192, Depth = 256, Height = 256 });
            foreach (var (n, file) in MrSeriesBuilder.Build(phantom.Image).Index())
                file.Save(Path.Combine(input, $"{n:000}.dcm"));
            var files = Directory.GetFiles(input);
            var target = Path.Combine(output, "ours.nii.gz");
            (string Name, Action Act)[] ways =
            [
                ("dcm2niix to .nii", () => Start("dcm2niix", "-b", "n", "-z", "n", "-f", "theirs", "-o", output, input)),
                ("dcm2niix to .nii.gz", () => Start("dcm2niix", "-b", "n", "-z", "y", "-f", "theirs", "-o", output, input)),
                ("192 files to a Volume, in process", () => _ = SeriesReader.Read(files).OrRefuse()),
                ("softseg convert to .nii.gz", () => Convert(target)),
                ("softseg convert to .nii", () => Convert(Path.Combine(output, "ours.nii"))),
            ];
            var (times, processor) = (ways.Select(_ => new List<double>()).ToArray(), ways.Select(_ => new List<double>()).ToArray());
            for (var run = 0; run <= runs; run++)
            {
                for (var way = 0; way < ways.Length; way++)
                {
                    foreach (var file in Directory.GetFiles(output))
                        File.Delete(file);
                    var (clock, before) = (Stopwatch.StartNew(), ProcessorMilliseconds());
                    ways[way].Act();
                    if (run == 0)
                        continue;
                    times[way].Add(clock.Elapsed.TotalMilliseconds);
                    processor[way].Add(ProcessorMilliseconds() - before);
                }
            }
            for (var way = 0; way < ways.Length; way++)
            {
                ReceiveBenchmark.Line($"{ways[way].Name,-34} {InferenceBenchmark.Median(times[way]),7:0} ms ({times[way].Min():0} to {times[way].Max():0}), CPU {InferenceBenchmark.Median(processor[way]),6:0} ms; dcm2niix to .nii takes {Ratio(times[0], times[way]):0.00} x (CPU {Ratio(processor[0], processor[way]):0.00} x), to .nii.gz {Ratio(times[1], times[way]):0.00} x (CPU {Ratio(processor[1], processor[way]):0.00} x) as long");
            }

            void Convert(string to)
            {
                if (softseg is null)
                    Start("dotnet", Path.Combine(AppContext.BaseDirectory, "softseg.dll"), "convert", input, to);
                else
                    Start(softseg, "convert", input, to);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static double Ratio(List<double> theirs, List<double> ours) => InferenceBenchmark.Median([.. theirs.Zip(ours, (a, b) => a / b)]);

    /// <summary>Of this process and of those that it started and that have ended.</summary>
    static double ProcessorMilliseconds()
    {
        // Fields 14 to 17 of /proc/PID/stat, ticks of 10 ms.
        var fields = File.ReadAllText("/proc/self/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields[11..15].Sum(f => double.Parse(f, System.Globalization.CultureInfo.InvariantCulture)) * 10;
    }

    static void Start(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }
}
