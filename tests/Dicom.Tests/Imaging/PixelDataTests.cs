using SoftSeg.Dicom.Imaging;
using SoftSeg.Dicom.Tests.Support;

namespace SoftSeg.Dicom.Tests.Imaging;

public sealed class PixelDataTests : IDisposable
{
    readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    // allocated, stored, high bit, signed, the pixel's bytes (little endian), value
    [InlineData(8, 8, 7, false, new byte[] { 0xFF }, 255)]
    [InlineData(8, 8, 7, true, new byte[] { 0xFF }, -1)]
    [InlineData(8, 6, 5, true, new byte[] { 0x20 }, -32)]
    [InlineData(8, 4, 7, false, new byte[] { 0xA5 }, 10)]
    [InlineData(16, 16, 15, false, new byte[] { 0xFE, 0xFF }, 65534)]
    [InlineData(16, 16, 15, true, new byte[] { 0xFE, 0xFF }, -2)]
    [InlineData(16, 16, 15, true, new byte[] { 0x00, 0x80 }, -32768)]
    [InlineData(16, 12, 11, false, new byte[] { 0xFF, 0x0F }, 4095)]
    [InlineData(16, 12, 11, false, new byte[] { 0x01, 0xF0 }, 1)] // overlay bits above the stored ones
    [InlineData(16, 12, 11, true, new byte[] { 0x00, 0x08 }, -2048)]
    [InlineData(16, 12, 11, true, new byte[] { 0xFF, 0x07 }, 2047)]
    [InlineData(16, 12, 15, true, new byte[] { 0x0F, 0x80 }, -2048)]
    [InlineData(16, 12, 15, false, new byte[] { 0xF0, 0xFF }, 4095)]
    [InlineData(16, 1, 0, true, new byte[] { 0x01, 0x00 }, -1)]
    public void A_stored_value_is_its_stored_bits_with_their_sign(int allocated, int stored, int high, bool signed, byte[] bytes, float expected)
    {
        // One pixel, and more than a processor takes at once with some left over.
        foreach (var (rows, columns) in new[] { (1, 1), (7, 13) })
        {
            var image = Image(rows, columns, [.. Enumerable.Repeat(bytes, rows * columns).SelectMany(b => b)]).AddOrUpdate(DicomTag.BitsAllocated, allocated)
                .AddOrUpdate(DicomTag.BitsStored, stored).AddOrUpdate(DicomTag.HighBit, high).AddOrUpdate(DicomTag.PixelRepresentation, signed ? 1 : 0);
            Assert.Equal(Enumerable.Repeat(expected, rows * columns), Read(image));
        }
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.5")]
    public void A_frame_read_from_its_file_is_the_frame_of_the_whole_file(string syntax)
    {
        var path = directory.File("frames.dcm");
        var image = Phantom.MRImage().AddOrUpdate(DicomTag.BitsStored, 16).AddOrUpdate(DicomTag.HighBit, 15).AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2");
        var file = new DicomFile(image);
        var transferSyntax = DicomTransferSyntax.ForReading(syntax);
        if (transferSyntax == DicomTransferSyntax.RLELossless)
            file = PixelData.ToRunLength(file);
        file.TransferSyntax = transferSyntax;
        file.Save(path);

        var expected = Read(DicomFile.Open(path).Dataset, 0, transferSyntax);
        using var reader = PixelReader.Open(path, DicomFile.Open(path, new DicomReadOptions { StopBefore = new DicomTag(0x7FE0, 0) }));
        var stored = new float[reader.Format.PixelsPerFrame];
        reader.Read(0, stored);
        Assert.Equal(expected, stored);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Read(1, stored));
    }

    [Fact]
    public void A_file_that_lost_pixels_after_its_header_was_read_is_refused()
    {
        var path = directory.File("cut.dcm");
        new DicomFile(Phantom.MRImage().AddOrUpdate(DicomTag.BitsStored, 16).AddOrUpdate(DicomTag.HighBit, 15)).Save(path);
        var header = DicomFile.Open(path, new DicomReadOptions { StopBefore = new DicomTag(0x7FE0, 0) });
        using (var file = new FileStream(path, FileMode.Open))
            file.SetLength(file.Length - 1);
        Assert.Contains("the stream ends before", Assert.Throws<DicomDataException>(() => PixelReader.Open(path, header)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_frame_is_read_from_its_place()
    {
        var image = Image(2, 3, [.. Enumerable.Range(0, 5 * 6).SelectMany(i => BitConverter.GetBytes((ushort)(i * 100)))]).AddOrUpdate(DicomTag.NumberOfFrames, 5);
        for (var frame = 0; frame < 5; frame++)
            Assert.Equal(Enumerable.Range(frame * 6, 6).Select(i => i * 100f), Read(image, frame));
    }

    [Fact]
    public void Rows_come_first_and_an_odd_number_of_bytes_is_padded()
    {
        var image = Image(3, 5, [.. Enumerable.Range(0, 15).Select(i => (byte)(i * 17))], bits: 8);
        Assert.Equal(Enumerable.Range(0, 15).Select(i => i * 17f), Read(image));
    }

    [Theory]
    [InlineData(8, "+ti")]
    [InlineData(8, "+te")]
    [InlineData(8, "+tb")]
    [InlineData(16, "+ti")]
    [InlineData(16, "+te")]
    [InlineData(16, "+tb")]
    public void The_pixels_are_the_same_in_every_uncompressed_syntax(int bits, string syntax)
    {
        var image = Image(4, 7, [.. Enumerable.Range(0, 28 * bits / 8).Select(i => (byte)(i * 5))], bits)
            .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.MRImageStorage).AddOrUpdate(DicomTag.SOPInstanceUID, "1.2.3");
        new DicomFile(image).Save(directory.File("source.dcm"));
        Dcmtk.Run("dcmconv", syntax, directory.File("source.dcm"), directory.File("converted.dcm"));
        Assert.Equal(Read(image), Read(DicomFile.Open(directory.File("converted.dcm")).Dataset));
    }

    /// <summary>One slice of a scanner in nine files: uncompressed in three syntaxes, RLE, JPEG Lossless, JPEG-LS, JPEG 2000; the sums are pydicom's. Without the files, a phantom that DCMTK and GDCM wrote.</summary>
    [Fact]
    public void A_scanners_slice_is_the_same_in_every_syntax()
    {
        var folder = Path.Combine(Environment.GetEnvironmentVariable("SOFTSEG_TESTDATA") ?? "", "dev", "dicom", "ts");
        if (Directory.Exists(folder))
        {
            var files = Directory.GetFiles(folder, "*.dcm");
            Assert.Equal(9, files.Length);
            Assert.All(files, file => Assert.Equal((384 * 384, 38036663, 19180762069, 2362), Sums(ReadFile(file))));
            return;
        }
        new DicomFile(Phantom.MRImage().AddOrUpdate(DicomTag.BitsStored, 16).AddOrUpdate(DicomTag.HighBit, 15).AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2")).Save(directory.File("1.dcm"));
        foreach (var command in (string[])["dcmconv +te", "dcmconv +ti", "dcmconv +tb", "dcmconv +td", "dcmcrle", "gdcmconv --rle", "dcmcjpeg +e1", "gdcmconv --jpeg", "dcmcjpls +el", "gdcmconv --jpegls", "gdcmconv --j2k"])
        {
            var words = command.Split(' ');
            Dcmtk.Run(words[0], [.. words[1..], directory.File("1.dcm"), directory.File("converted.dcm")]);
            Assert.Equal(Sums(Enumerable.Range(0, 1024).Select(i => (float)(short)(i * 37))), Sums(ReadFile(directory.File("converted.dcm"))));
        }

        static float[] ReadFile(string path)
        {
            var file = DicomFile.Open(path);
            var stored = new float[PixelFormat.Of(file.Dataset).PixelsPerFrame];
            PixelData.ReadFrame(file.Dataset, 0, stored, file.TransferSyntax);
            return stored;
        }

        static (int, double, double, float) Sums(IEnumerable<float> values) =>
            (values.Count(), values.Sum(v => (double)v), values.Select((v, i) => (double)v * (i % 1009)).Sum(), values.Max());
    }

    public static TheoryData<string, Action<DicomDataset>, string> Faults => new()
    {
        { "no pixel data", d => d.Remove(DicomTag.PixelData), "PixelData (7FE0,0010) is missing" },
        { "floating point", d => { d.Remove(DicomTag.PixelData); d.AddOrUpdate(DicomTag.FloatPixelData, 1f, 2f); }, "The image is in FloatPixelData" },
        { "no bytes", d => d.AddOrUpdate(DicomTag.PixelData, Array.Empty<byte>()), "has 0 bytes; 12 are expected" },
        { "too few bytes", d => d.AddOrUpdate(DicomTag.PixelData, new byte[10]), "has 10 bytes; 12 are expected: 1 frame of 2 x 3, 16 bits each" },
        { "65535 x 65535", d => d.AddOrUpdate(DicomTag.Rows, 65535).AddOrUpdate(DicomTag.Columns, 65535), "Columns (0028,0011) is 65535" },
        { "more frames than bytes", d => d.AddOrUpdate(DicomTag.NumberOfFrames, "2147483647"), "12 bytes; 25769803764 are expected: 2147483647 frames" },
        { "more frames than a number holds", d => d.AddOrUpdate(DicomTag.NumberOfFrames, "21474836470"), "(0028,0008)" },
        { "no frames", d => d.AddOrUpdate(DicomTag.NumberOfFrames, "0"), "NumberOfFrames (0028,0008) is 0" },
        { "no rows", d => d.AddOrUpdate(DicomTag.Rows, 0), "Rows (0028,0010) is 0; 1 to 65535 is expected" },
        { "Columns missing", d => d.Remove(DicomTag.Columns), "Columns" },
        { "colour", d => d.AddOrUpdate(DicomTag.SamplesPerPixel, 3), "SamplesPerPixel (0028,0002) is 3" },
        { "palette", d => d.AddOrUpdate(DicomTag.PhotometricInterpretation, "PALETTE COLOR"), "PhotometricInterpretation (0028,0004) is PALETTE COLOR" },
        { "1 bit", d => d.AddOrUpdate(DicomTag.BitsAllocated, 1), "BitsAllocated (0028,0100) is 1; 8 or 16 is expected" },
        { "more stored than allocated", d => d.AddOrUpdate(DicomTag.BitsStored, 17), "BitsStored (0028,0101) is 17; 1 to 16 is expected" },
        { "high bit too low", d => d.AddOrUpdate(DicomTag.HighBit, 3), "HighBit (0028,0102) is 3; 11 to 15 is expected" },
        { "compressed", d => d.AddOrUpdate(new DicomFragmentSequence(DicomTag.PixelData, DicomVR.OB)), "The pixel data is compressed (encapsulated)" },
    };

    [Theory, MemberData(nameof(Faults))]
    public void Bad_pixel_data_is_refused_with_the_numbers(string what, Action<DicomDataset> change, string expected)
    {
        var image = Image(2, 3, new byte[12]);
        change(image);
        Assert.True(Assert.Throws<DicomDataException>(() => PixelData.ReadFrame(image, 0, new float[6])).Message is var message && message.Contains(expected), $"{what}: {message}");
    }

    /// <summary>PS3.5 A.4.11, a fragment a frame; the standard's tools of this age don't write it.</summary>
    [Fact]
    public void Encapsulated_Uncompressed_frames_are_their_fragments()
    {
        var fragments = new DicomFragmentSequence(DicomTag.PixelData, DicomVR.OB);
        fragments.Fragments.Add(new byte[] { 1, 0, 2, 0 });
        fragments.Fragments.Add(new byte[] { 3, 0, 4, 1 });
        var image = Image(1, 2, []).AddOrUpdate(fragments).AddOrUpdate(DicomTag.NumberOfFrames, 2);
        var syntax = DicomTransferSyntax.EncapsulatedUncompressedExplicitVRLittleEndian;
        new DicomFile(image.AddOrUpdate(DicomTag.SOPClassUID, DicomUID.MRImageStorage).AddOrUpdate(DicomTag.SOPInstanceUID, "1.2.3"), syntax).Save(directory.File("image.dcm"));
        var read = DicomFile.Open(directory.File("image.dcm"));
        var stored = new float[2];
        PixelData.ReadFrame(read.Dataset, 1, stored, read.TransferSyntax);
        Assert.Equal([3f, 260f], stored);
        fragments.Fragments[1] = new byte[] { 3, 0 };
        Assert.Contains("has 2 bytes in a frame, and 4 are expected", Assert.Throws<DicomDataException>(() => PixelData.ReadFrame(image, 1, stored, syntax)).Message);
    }

    [Fact]
    public void A_compressed_syntax_is_named()
    {
        var image = Image(2, 3, []).AddOrUpdate(new DicomFragmentSequence(DicomTag.PixelData, DicomVR.OB));
        Assert.Contains("High-Throughput", Assert.Throws<DicomDataException>(() => PixelData.ReadFrame(image, 0, new float[6], DicomTransferSyntax.HTJ2K)).Message);
        Assert.False(PixelData.CanRead(DicomTransferSyntax.HTJ2K));
        Assert.True(PixelData.CanRead(DicomTransferSyntax.DeflatedExplicitVRLittleEndian));
    }

    static DicomDataset Image(int rows, int columns, byte[] pixels, int bits = 16) => new DicomDataset()
        .AddOrUpdate(DicomTag.SamplesPerPixel, 1)
        .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2")
        .AddOrUpdate(DicomTag.Rows, rows)
        .AddOrUpdate(DicomTag.Columns, columns)
        .AddOrUpdate(DicomTag.BitsAllocated, bits)
        .AddOrUpdate(DicomTag.BitsStored, bits == 16 ? 12 : 8)
        .AddOrUpdate(DicomTag.HighBit, bits == 16 ? 11 : 7)
        .AddOrUpdate(DicomTag.PixelRepresentation, 0)
        .AddOrUpdate(DicomVR.OW, DicomTag.PixelData, pixels);

    static float[] Read(DicomDataset image, int frame = 0, DicomTransferSyntax? syntax = null)
    {
        var stored = new float[image.GetInt32(DicomTag.Rows) * image.GetInt32(DicomTag.Columns)];
        PixelData.ReadFrame(image, frame, stored, syntax);
        return stored;
    }
}
