using System.Buffers.Binary;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SoftSeg.Benchmarks.Inference;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;

namespace SoftSeg.Benchmarks.Parse;

/// <summary>
/// <c>parse</c>: files with pixels read a second, beside the C++ library of DCMTK on the same files in turns, and the memory that a file takes beside its pixels.
/// DCMTK's part is compiled here: <c>apt-get install libdcmtk-dev g++</c>.
/// </summary>
static class ParseBenchmark
{
    const int Rows = 256, Columns = 256;
    const string Packages = "libdcmtk-dev";

    public static Command Create()
    {
        var files = new Option<int>("--files") { Description = "Files to read in a pass.", DefaultValueFactory = _ => 1000 };
        var passes = new Option<int>("--passes") { Description = "Passes of each library to take the medians of.", DefaultValueFactory = _ => 9 };
        var folder = new Option<DirectoryInfo?>("--folder") { Description = "Folder of *.dcm to take instead of made ones, each as often as needed." };
        var command = new Command("parse", "Reading files with pixels, beside DCMTK's C++ library.") { files, passes, folder };
        command.SetAction(result => Run(result.GetValue(files), result.GetValue(passes), result.GetValue(folder)));
        return command;
    }

    static void Run(int count, int passes, DirectoryInfo? source)
    {
        var folder = Directory.CreateTempSubdirectory("softseg-parse-");
        try
        {
            var files = source is null ? Make(folder.FullName, count) : Copy(source, folder.FullName, count);
            var list = Path.Combine(folder.FullName, "list");
            File.WriteAllLines(list, files);
            var harness = CompiledPeer.Compile("Parse/dcmtk.cpp", folder.FullName, Packages, "-ldcmdata", "-loflog", "-lofstd", "-lz", "-lpthread");
            var (ours, theirs, headers) = (new List<Pass>(), new List<Pass>(), new List<Pass>());
            long allocated = 0;
            for (var pass = 0; pass <= passes; pass++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                var own = Time(() => Read(files));
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                var peer = Peer(harness, list);
                var header = Time(() => ReadHeaders(files));
                if (pass == 0)
                    continue; // compiling, filling the page cache
                ours.Add(own);
                theirs.Add(peer);
                headers.Add(header);
            }
            var pixels = files.Sum(file => (long)DicomFile.Open(file).Dataset.GetBytes(DicomTag.PixelData).Length);
            var elements = files.Take(1).Sum(file => DicomFile.Open(file).Dataset.Count);
            Line($"{count} files, {files.Sum(file => new FileInfo(file).Length) / 1e6:0.0} MB, {elements} elements at the top level of the first");
            Line($"DCMTK                    {Rate(count, theirs)}");
            Line($"SoftSeg                  {Rate(count, ours)}");
            Line($"in front of the pixels   {Rate(count, headers)}");
            Line($"SoftSeg / DCMTK: {Median(theirs, pass => pass.Wall) / Median(ours, pass => pass.Wall):0.00} by the clock, {Median(theirs, pass => pass.Processor) / Median(ours, pass => pass.Processor):0.00} by processor time; {(allocated - pixels) / (double)count / 1024:0.0} KiB allocated a file beside the pixels");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Seconds; those of the processor are of all threads, the garbage collector's among them.</summary>
    readonly record struct Pass(double Wall, double Processor);

    static double Median(List<Pass> passes, Func<Pass, double> of) => InferenceBenchmark.Median([.. passes.Select(of)]);

    static string Rate(int count, List<Pass> passes) => FormattableString.Invariant(
        $"{count / Median(passes, pass => pass.Wall),8:0} files/s ({count / passes.Max(pass => pass.Wall):0} to {count / passes.Min(pass => pass.Wall):0}), {Median(passes, pass => pass.Processor) / count * 1e6:0} us of processor a file");

    static Pass Time(Func<long> read)
    {
        var processor = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        GC.KeepAlive(read());
        return new Pass(clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }

    static long Read(string[] files)
    {
        var sum = 0L;
        foreach (var file in files)
        {
            var pixels = DicomFile.Open(file).Dataset.GetBytes(DicomTag.PixelData).Span;
            sum += BinaryPrimitives.ReadUInt16LittleEndian(pixels[(pixels.Length / 4 * 2)..]);
        }
        return sum;
    }

    static long ReadHeaders(string[] files) => files.Sum(file => (long)DicomFile.Open(file, DicomReadOptions.UntilPixelData).Dataset.Count);

    static Pass Peer(string harness, string list)
    {
        // The second pass: the first one loads the dictionary.
        var seconds = CompiledPeer.Run(harness, Packages, list, "2").Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return new Pass(seconds[0], seconds[1]);
    }

    static string[] Copy(DirectoryInfo source, string folder, int count)
    {
        var found = source.GetFiles("*.dcm", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal).ToArray();
        var files = new string[count];
        for (var n = 0; n < count; n++)
            files[n] = found[n % found.Length].CopyTo(Path.Combine(folder, $"{n:0000}.dcm")).FullName;
        return files;
    }

    /// <summary>MR images of 256 x 256 with as many elements as a scanner writes, private ones and sequences among them.</summary>
    static string[] Make(string folder, int count)
    {
        var pixels = new ushort[Rows * Columns];
        new Random(1).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(pixels.AsSpan()));
        var files = new string[count];
        for (var n = 0; n < count; n++)
        {
            var image = new DicomDataset()
                .AddOrUpdate(DicomTag.SpecificCharacterSet, "ISO_IR 100").AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "M", "ND")
                .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.MRImageStorage).AddOrUpdate(DicomTag.SOPInstanceUID, DicomUID.Derive("parse", $"{n}"))
                .AddOrUpdate(DicomTag.StudyInstanceUID, DicomUID.Derive("parse", "study")).AddOrUpdate(DicomTag.SeriesInstanceUID, DicomUID.Derive("parse", "series"))
                .AddOrUpdate(DicomTag.Modality, "MR").AddOrUpdate(DicomTag.PatientID, "P-1").AddOrUpdate(DicomTag.PatientName, "Phantom^One")
                .AddOrUpdate(DicomTag.StudyDate, "20261126").AddOrUpdate(DicomTag.StudyTime, "101500").AddOrUpdate(DicomTag.RepetitionTime, 2500.5).AddOrUpdate(DicomTag.EchoTime, 90.0)
                .AddOrUpdate(DicomTag.ImagePositionPatient, "-120.5", "33.25", FormattableString.Invariant($"{n * 3.3:0.0}")).AddOrUpdate(DicomTag.ImageOrientationPatient, 1, 0, 0, 0, 1, 0)
                .AddOrUpdate(DicomTag.PixelSpacing, 0.9, 0.9).AddOrUpdate(DicomTag.Rows, Rows).AddOrUpdate(DicomTag.Columns, Columns).AddOrUpdate(DicomTag.SamplesPerPixel, 1)
                .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2").AddOrUpdate(DicomTag.BitsAllocated, 16).AddOrUpdate(DicomTag.BitsStored, 16)
                .AddOrUpdate(DicomTag.HighBit, 15).AddOrUpdate(DicomTag.PixelRepresentation, 0)
                .AddOrUpdate(DicomTag.ProcedureCodeSequence, new DicomDataset().AddOrUpdate(DicomTag.CodeValue, "36525-4").AddOrUpdate(DicomTag.CodingSchemeDesignator, "LN").AddOrUpdate(DicomTag.CodeMeaning, "MR Spine"))
                .AddOrUpdate(DicomTag.PixelData, pixels);
            for (byte element = 0; element < 80; element++)
                image.AddOrUpdate(DicomVR.LO, image.ReservePrivateTag("SOFTSEG PARSE", 0x0019, element), $"value {element}");
            files[n] = Path.Combine(folder, $"{n:0000}.dcm");
            new DicomFile(image).Save(files[n]);
        }
        return files;
    }

    static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
