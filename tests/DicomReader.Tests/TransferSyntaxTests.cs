using System.Diagnostics;
using SoftSeg.Dicom;

namespace SoftSeg.DicomReader.Tests;

/// <summary>A series that DCMTK or GDCM converted is the series it was before.</summary>
public sealed class TransferSyntaxTests : IDisposable
{
    readonly GeneratedSeries series = new() { Slices = 4, Rows = 37, Columns = 51 };
    readonly string folder = Directory.CreateTempSubdirectory("softseg-syntax-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("1.2.840.10008.1.2.1.99", "dcmconv", "+td")]
    [InlineData("1.2.840.10008.1.2.2", "dcmconv", "+tb")]
    [InlineData("1.2.840.10008.1.2.5", "dcmcrle")]
    [InlineData("1.2.840.10008.1.2.5", "gdcmconv", "--rle")]
    [InlineData("1.2.840.10008.1.2.4.57", "dcmcjpeg", "+el")]
    [InlineData("1.2.840.10008.1.2.4.70", "dcmcjpeg", "+e1")]
    [InlineData("1.2.840.10008.1.2.4.70", "gdcmconv", "--jpeg")]
    [InlineData("1.2.840.10008.1.2.4.80", "dcmcjpls", "+el")]
    [InlineData("1.2.840.10008.1.2.4.80", "gdcmconv", "--jpegls")]
    [InlineData("1.2.840.10008.1.2.4.90", "gdcmconv", "--j2k")]
    public void Without_loss_the_volume_is_the_same(string syntax, string tool, params string[] options)
    {
        var files = Convert(tool, options, syntax);
        var stack = Check.OnlyStack(SeriesReader.Read(files));
        Check.IsSeries(series, stack);
        Assert.All(stack.Frames, frame => Assert.Null(frame.Instance.GetStringOrNull(DicomTag.LossyImageCompression)));
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.4.51", "ISO_10918_1", "dcmdjpeg", "", "dcmcjpeg", "+ee", "+q", "95")]
    [InlineData("1.2.840.10008.1.2.4.81", "ISO_14495_1", "dcmdjpls", "", "dcmcjpls", "+en", "+md", "2")]
    [InlineData("1.2.840.10008.1.2.4.91", "ISO_15444_1", "gdcmconv", "--raw", "gdcmconv", "--j2k", "--lossy", "-q", "50")]
    public void With_loss_it_is_what_the_peer_decodes_and_every_instance_says_so_even_where_the_header_is_silent(
        string syntax, string method, string decoder, string decoding, string encoder, params string[] options)
    {
        var files = Convert(encoder, options, syntax);
        var decoded = files.Select(file => file + ".plain").ToArray();
        for (var n = 0; n < files.Length; n++)
        {
            Run(decoder, decoding.Length > 0 ? [decoding, files[n], decoded[n]] : [files[n], decoded[n]]);
            var silent = DicomFile.Open(files[n]);
            foreach (var tag in new[] { DicomTag.LossyImageCompression, DicomTag.LossyImageCompressionMethod, DicomTag.LossyImageCompressionRatio })
                silent.Dataset.Remove(tag);
            silent.Save(files[n]);
        }
        var (stack, expected) = (Check.OnlyStack(SeriesReader.Read(files)), Check.OnlyStack(SeriesReader.Read(decoded)));
        Assert.Equal(series.Slices * series.Rows * series.Columns, stack.Volume.Voxels.Length);
        for (var n = 0; n < stack.Volume.Voxels.Length; n++)
            Assert.InRange(stack.Volume.Voxels[n] - expected.Volume.Voxels[n], -1, 1);
        Assert.All(stack.Frames, frame =>
        {
            Assert.Equal(("01", method), (frame.Instance.GetString(DicomTag.LossyImageCompression), frame.Instance.GetString(DicomTag.LossyImageCompressionMethod)));
            Assert.InRange(frame.Instance.GetDoubleOrNull(DicomTag.LossyImageCompressionRatio) ?? 0, 0.5, 100);
        });
    }

    [Fact]
    public void A_frame_that_is_not_decoded_in_time_refuses_its_stack_and_names_the_limit()
    {
        var files = Convert("gdcmconv", ["--j2k"], "1.2.840.10008.1.2.4.90");
        var refusal = Assert.Single(SeriesReader.Read(files, new() { Limits = new() { Decode = TimeSpan.Zero } }).Refusals);
        Assert.StartsWith("0.dcm can't be read: PixelData (7FE0,0010) has a frame of JPEG 2000", refusal.Reason, StringComparison.Ordinal);
        Assert.Contains("(limit Decode)", refusal.Reason, StringComparison.Ordinal);
    }

    string[] Convert(string tool, string[] options, string syntax)
    {
        var files = new List<string>();
        foreach (var dataset in series.All())
        {
            var plain = Path.Combine(folder, "plain");
            new DicomFile(dataset).Save(plain);
            files.Add(Path.Combine(folder, $"{files.Count}.dcm"));
            Run(tool, [.. options, plain, files[^1]]);
            Assert.Equal(syntax, DicomFile.Open(files[^1]).TransferSyntax.UID.Value);
        }
        return [.. files];
    }

    static void Run(string tool, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} ended with {process.ExitCode}: {error}");
    }
}
