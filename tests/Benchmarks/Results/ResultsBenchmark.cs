using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SoftSeg.Benchmarks.Inference;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.DicomWriter;
using SoftSeg.DicomWriter.Captures;
using SoftSeg.DicomWriter.Images;
using SoftSeg.DicomWriter.Reports;
using SoftSeg.DicomWriter.Segmentations;
using SoftSeg.SegEngine;
using SoftSeg.SegEngine.Phantoms;

namespace SoftSeg.Benchmarks.Results;

/// <summary><c>results</c>: time, memory and size of the result objects of a sagittal series of 52 x 195 x 384, beside writing the same bytes as plain files.</summary>
static class ResultsBenchmark
{
    public static Command Create()
    {
        var runs = new Option<int>("--runs") { Description = "Runs to take the medians of.", DefaultValueFactory = _ => 9 };
        var command = new Command("results", "Writing segmentations, report, pictures and page.") { runs };
        command.SetAction(result => Run(result.GetValue(runs)));
        return command;
    }

    static void Run(int runs)
    {
        var phantom = SpinePhantom.Generate(new() { Width = 52, Depth = 384, Height = 195 });
        var frames = MrSeriesBuilder.Build(phantom.Image).SelectMany(file => ImageFrame.Of(file.Dataset)).ToArray();
        var measured = CordMorphometry.Measure(phantom.Share);
        var folder = Directory.CreateTempSubdirectory("softseg-results-");
        try
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            foreach (var (name, make) in Kinds(phantom, measured))
            {
                var (times, plain, processor) = (new List<double>(), new List<double>(), new List<double>());
                long bytes = 0, allocated = 0;
                for (var run = 0; run <= runs; run++)
                {
                    // A context keeps what it derived from its source: a new one for each run.
                    var context = Context(frames, phantom.Share);
                    before = GC.GetTotalAllocatedBytes(precise: true);
                    var (clock, used) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
                    var files = Write(make(context), folder.FullName);
                    if (run > 0)
                    {
                        times.Add(clock.Elapsed.TotalMilliseconds);
                        processor.Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
                    }
                    allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
                    var contents = files.Select(File.ReadAllBytes).ToArray();
                    bytes = contents.Sum(content => (long)content.Length);
                    clock.Restart();
                    foreach (var content in contents)
                        File.WriteAllBytes(Path.Combine(folder.FullName, "plain"), content);
                    if (run > 0)
                        plain.Add(clock.Elapsed.TotalMilliseconds);
                }
                Line($"{name,-46} {InferenceBenchmark.Median(times),7:0.0} ms ({times.Min():0.0} to {times.Max():0.0}), {InferenceBenchmark.Median(processor),6:0.0} ms of a processor, {InferenceBenchmark.Median(times) / InferenceBenchmark.Median(plain),5:0.0} x plain files, {bytes / 1e6,6:0.00} MB, {allocated / 1e6,6:0.0} MB allocated");
            }
            Sizes(Context(frames, phantom.Share));
            Line($"peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / (1 << 20)} MiB, phantom and source included");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static IEnumerable<(string, Func<ResultContext, IEnumerable<DicomFile>>)> Kinds(SpinePhantom phantom, CordMeasurements measured) =>
    [
        ("binary and soft segmentation, report", context => [SegmentationBuilder.BuildHard(context), SegmentationBuilder.BuildSoft(context), MeasurementReportBuilder.Build(context, measured)]),
        ("what the node writes for any peer", context =>
        [
            .. SegmentationBuilder.BuildHardForms(context), SegmentationBuilder.BuildSoft(context), MeasurementReportBuilder.Build(context, measured),
            MeasurementReportBuilder.Build(context, measured, new ReportOptions { SopClass = DicomUID.ComprehensiveSRStorage }), .. SecondaryCaptureBuilder.BuildSlices(context, phantom.Image),
        ]),
        ("slices with the mask over them", context => SecondaryCaptureBuilder.BuildSlices(context, phantom.Image)),
        ("page as PDF", context => [EncapsulatedPdfBuilder.Build(context, phantom.Image, measured)]),
        ("page as picture", context => [SecondaryCaptureBuilder.BuildReport(context, phantom.Image, measured)]),
    ];

    static void Sizes(ResultContext context)
    {
        var occupied = Enumerable.Range(0, context.SoftMask!.Slices).Count(slice => context.SoftMask.Slice(slice).ContainsAnyInRange(0.5f, 1f));
        var frame = context.SoftMask.Rows * context.SoftMask.Columns;
        var pixels = SegmentationBuilder.BuildHard(context).Dataset.GetBytes(DicomTag.PixelData).Length;
        Line($"binary segmentation: {pixels} bytes of pixels; {occupied} slices show the cord, whose bits fill {(occupied * frame + 7) / 8}: {(pixels / (occupied * frame / 8.0)) - 1:P1} more");
    }

    static List<string> Write(IEnumerable<DicomFile> files, string folder)
    {
        var paths = new List<string>();
        foreach (var file in files)
        {
            paths.Add(Path.Combine(folder, $"{paths.Count}.dcm"));
            file.Save(paths[^1]);
        }
        return paths;
    }

    static ResultContext Context(ImageFrame[] frames, Volume share) => new()
    {
        Frames = frames,
        SoftMask = share,
        Algorithm = new AlgorithmIdentification { ModelName = "benchmark", ModelVersion = "1.0.0", ModelSha256 = new string('0', 64), SoftwareVersion = "1.0.0", MeasurementVersion = MorphometryOptions.Version },
    };

    static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
