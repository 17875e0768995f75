using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SoftSeg.Benchmarks.Inference;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;

namespace SoftSeg.Benchmarks.Codecs;

/// <summary>
/// <c>codecs</c>: milliseconds to decode one frame of 512 x 512 x 16 bits, beside DCMTK and OpenJPEG on the same bitstream in turns:
/// <c>apt-get install dcmtk libdcmtk-dev libgdcm-tools libopenjp2-7-dev g++</c>.
/// </summary>
static class CodecsBenchmark
{
    const int Size = 512;
    const string Packages = "dcmtk libdcmtk-dev libgdcm-tools libopenjp2-7-dev";

    public static Command Create()
    {
        var passes = new Option<int>("--passes") { Description = "Times that each decodes a frame.", DefaultValueFactory = _ => 41 };
        var command = new Command("codecs", "Decoding one frame in every compressed syntax, beside DCMTK and OpenJPEG.") { passes };
        command.SetAction(result => Run(result.GetValue(passes)));
        return command;
    }

    static void Run(int passes)
    {
        var folder = Directory.CreateTempSubdirectory("softseg-codecs-");
        try
        {
            var plain = Path.Combine(folder.FullName, "plain.dcm");
            new DicomFile(Image()).Save(plain);
            var peers = CompiledPeer.Compile("Codecs/peers.cpp", folder.FullName, Packages,
                "-I/usr/include/openjpeg-2.5", "-ldcmjpeg", "-ldcmjpls", "-ldcmdata", "-loflog", "-lofstd", "-lopenjp2", "-lz", "-lpthread");
            foreach (var (name, encoder, options) in Forms())
            {
                var file = Path.Combine(folder.FullName, "encoded.dcm");
                CompiledPeer.Run(encoder, Packages, [.. options, plain, file]);
                var encoded = DicomFile.Open(file);
                var fragments = (DicomFragmentSequence)encoded.Dataset.Single(item => item.Tag == DicomTag.PixelData);
                var codestream = Path.Combine(folder.FullName, "encoded.j2k");
                File.WriteAllBytes(codestream, fragments.Fragments[0].ToArray());
                var (ours, theirs) = (new List<double>(), new List<double>());
                Decode(encoded, 20); // compiled to the end
                for (var turn = 0; turn < 3; turn++)
                {
                    ours.AddRange(Decode(encoded, passes / 3));
                    theirs.AddRange(CompiledPeer.Run(peers, Packages, encoder == "gdcmconv" ? codestream : file, $"{passes / 3}")
                        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line, CultureInfo.InvariantCulture)));
                }
                Line($"{name,-26} {fragments.Fragments[0].Length,7} bytes  SoftSeg {InferenceBenchmark.Median(ours),6:0.0} ms (least {ours.Min():0.0})  {(encoder == "gdcmconv" ? "OpenJPEG" : "DCMTK"),-8} {InferenceBenchmark.Median(theirs),6:0.0} ms (least {theirs.Min():0.0})  x {InferenceBenchmark.Median(ours) / InferenceBenchmark.Median(theirs):0.00} ({ours.Min() / theirs.Min():0.00})");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static (string Name, string Encoder, string[] Options)[] Forms() =>
    [
        ("RLE Lossless", "dcmcrle", []),
        ("JPEG Extended, 12 bits", "dcmcjpeg", ["+ee"]),
        ("JPEG Lossless SV1", "dcmcjpeg", ["+e1"]),
        ("JPEG-LS lossless", "dcmcjpls", ["+el"]),
        ("JPEG 2000 lossless", "gdcmconv", ["--j2k"]),
        ("JPEG 2000 lossy, 10 to 1", "gdcmconv", ["--j2k", "--lossy", "-r", "10"]),
    ];

    static List<double> Decode(DicomFile file, int times)
    {
        var (stored, milliseconds) = (new float[Size * Size], new List<double>());
        for (var n = 0; n < times; n++)
        {
            var clock = Stopwatch.StartNew();
            PixelData.ReadFrame(file.Dataset, 0, stored, file.TransferSyntax);
            milliseconds.Add(clock.Elapsed.TotalMilliseconds);
        }
        return milliseconds;
    }

    /// <summary>A disc of waves with noise on an almost black ground, as a head on a slice.</summary>
    static DicomDataset Image()
    {
        var random = new Random(1);
        var pixels = new ushort[Size * Size];
        for (var n = 0; n < pixels.Length; n++)
        {
            var (x, y) = (n % Size, n / Size);
            var noise = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            var isInside = ((x - 256) * (x - 256)) + ((y - 256) * (y - 256)) < 230 * 230;
            pixels[n] = (ushort)(isInside ? Math.Clamp(1500 + (1200 * Math.Sin(x / 19.0) * Math.Cos(y / 23.0)) + (25 * noise), 0, 4095) : random.Next(12));
        }
        return new DicomDataset()
            .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.MRImageStorage).AddOrUpdate(DicomTag.SOPInstanceUID, DicomUID.Derive("codecs"))
            .AddOrUpdate(DicomTag.StudyInstanceUID, DicomUID.Derive("codecs", "study")).AddOrUpdate(DicomTag.SeriesInstanceUID, DicomUID.Derive("codecs", "series"))
            .AddOrUpdate(DicomTag.Modality, "MR").AddOrUpdate(DicomTag.Rows, Size).AddOrUpdate(DicomTag.Columns, Size).AddOrUpdate(DicomTag.SamplesPerPixel, 1)
            .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2").AddOrUpdate(DicomTag.BitsAllocated, 16).AddOrUpdate(DicomTag.BitsStored, 16)
            .AddOrUpdate(DicomTag.HighBit, 15).AddOrUpdate(DicomTag.PixelRepresentation, 0).AddOrUpdate(DicomTag.PixelData, pixels);
    }

    static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
