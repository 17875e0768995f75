using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SoftSeg.SegEngine;
using SoftSeg.SegEngine.Phantoms;

namespace SoftSeg.Benchmarks.Inference;

/// <summary><c>inference</c>: time of each step from a volume to its measurements, and how near the convolutions are to the machine's peak.</summary>
static class InferenceBenchmark
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Required = true, Description = "Folder of the model package." };
        var images = new Option<string[]>("--image") { Description = "NIfTI images; a sagittal 52 x 195 x 384 and an axial 17 x 384 x 384 phantom by default.", AllowMultipleArgumentsPerToken = true };
        var runs = new Option<int>("--runs") { Description = "Runs to take the medians of.", DefaultValueFactory = _ => 5 };
        var threads = new Option<int>("--threads") { Description = "Threads; 0 for all processors." };
        var command = new Command("inference", "Volume to measurements, step by step.") { model, images, runs, threads };
        command.SetAction(result => Run(result.GetRequiredValue(model), result.GetValue(images) ?? [], result.GetValue(runs), result.GetValue(threads)));
        return command;
    }

    static void Run(string model, string[] images, int runs, int threads)
    {
        var package = ModelPackage.Load(model);
        using var segmenter = SoftSegmenter.Load(package, new EngineOptions { Threads = threads });
        Line($"{package.Name} {package.Version} on {segmenter.Provider}, {Environment.ProcessorCount} processors, medians of {runs} runs (least to most)");
        foreach (var (name, image) in Volumes(images))
        {
            var steps = new Dictionary<string, List<double>>();
            // One run more than is counted: the first one takes memory.
            for (var run = 0; run <= runs; run++)
            {
                var whole = Stopwatch.StartNew();
                var segmentation = segmenter.Segment(image);
                var measuring = Stopwatch.StartNew();
                var measured = CordMorphometry.Measure(segmentation.SoftMask, null, segmentation.Uncertainty);
                measuring.Stop();
                if (run == 0)
                {
                    Line($"{name}: {image.Slices} x {image.Rows} x {image.Columns}, cord {(segmentation.CordFound ? "found" : "not found")}, {measured.Whole.ValidStations} valid stations");
                    continue;
                }
                foreach (var step in segmentation.Timings)
                    Add(steps, step.Step, step.Time);
                Add(steps, "measure", measuring.Elapsed);
                Add(steps, "all", whole.Elapsed);
            }
            foreach (var (step, times) in steps)
                Line($"  {step,-12} {Median(times),8:0.000} s  ({times.Min():0.000} to {times.Max():0.000})");
        }
        Line($"peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / (1 << 20)} MiB");

        var lanes = threads > 0 ? threads : Environment.ProcessorCount;
        var (convolutions, achieved, part) = ConvolutionProfile.Of(package.Network(ModelNetwork.Fine), lanes, runs);
        var peak = PeakArithmetic.Measure(lanes, runs);
        Line($"fine network: {convolutions:0.00} GFLOP a tile of 128 x 128 in its convolutions, which take {part:P0} of its time");
        Line($"  convolutions {achieved:0} GFLOP/s on {lanes} threads; fused multiply-add of fp32 vectors in registers {peak:0} GFLOP/s: {achieved / peak:P0} of the peak");
    }

    static IEnumerable<(string Name, Volume Image)> Volumes(string[] images)
    {
        if (images.Length > 0)
            return images.Select(path => (Path.GetFileName(path), NiftiFile.Read(path)));
        return
        [
            ("T2w sagittal phantom", SpinePhantom.Generate(new() { Width = 52, Depth = 195, Height = 384 }).Image),
            ("T2* axial phantom", SpinePhantom.Generate(new() { Plane = PhantomPlane.Axial, Contrast = PhantomContrast.T2star, SliceSpacing = 3, PixelSpacing = 0.5, Width = 192, Depth = 192, Height = 51 }).Image),
        ];
    }

    static void Add(Dictionary<string, List<double>> steps, string step, TimeSpan time)
    {
        if (!steps.TryGetValue(step, out var times))
            steps[step] = times = [];
        times.Add(time.TotalSeconds);
    }

    internal static double Median(List<double> values)
    {
        var ordered = values.Order().ToArray();
        return (ordered[(ordered.Length - 1) / 2] + ordered[ordered.Length / 2]) / 2;
    }

    static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
