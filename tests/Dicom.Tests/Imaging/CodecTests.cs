using SoftSeg.Dicom.Imaging;
using SoftSeg.Dicom.Tests.Support;

namespace SoftSeg.Dicom.Tests.Imaging;

/// <summary>RLE and JPEG Lossless against what DCMTK encodes.</summary>
public sealed class CodecTests : IDisposable
{
    readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(1, 1, 1, 16, 16, false)]
    [InlineData(5, 7, 1, 8, 8, false)]
    [InlineData(33, 31, 1, 16, 12, false)]
    [InlineData(64, 48, 3, 16, 12, true)]
    [InlineData(40, 40, 64, 16, 16, true)]
    [InlineData(17, 300, 2, 16, 16, false)]
    public void RLE_decodes_to_the_same_pixels(int rows, int columns, int frames, int allocated, int stored, bool signed) =>
        AssertSamePixels(rows, columns, frames, allocated, stored, signed, "dcmcrle");

    [Theory]
    [InlineData(1, 1, 1, 16, 16, false)]
    [InlineData(5, 7, 3, 8, 8, false)]
    [InlineData(64, 300, 2, 16, 12, true)]
    public void DCMTK_decodes_the_RLE_that_is_written(int rows, int columns, int frames, int allocated, int stored, bool signed)
    {
        var lossless = Encode(rows, columns, frames, allocated, stored, signed, "dcmcjpeg", ["+e1"]);
        PixelData.ToRunLength(lossless).Save(directory.File("rle.dcm"));
        Dcmtk.Run("dcmdrle", directory.File("rle.dcm"), directory.File("decoded.dcm"));
        AssertSamePixels(DicomFile.Open(directory.File("rle.dcm")), DicomFile.Open(directory.File("decoded.dcm")));
        AssertSamePixels(DicomFile.Open(directory.File("rle.dcm")), DicomFile.Open(directory.File("plain.dcm")));
    }

    [Fact]
    public void Frames_of_several_fragments_are_found_by_the_extended_offset_table()
    {
        var encoded = Encode(64, 64, 3, 16, 12, false, "dcmcjpeg", ["+e1", "+fs", "1"]);
        var fragments = (DicomFragmentSequence)encoded.Dataset.Single(item => item.Tag == DicomTag.PixelData);
        Assert.True(fragments.Fragments.Count > 3);
        encoded.Dataset.AddOrUpdate(DicomVR.OV, DicomTag.ExtendedOffsetTable, fragments.OffsetTable.SelectMany(offset => BitConverter.GetBytes((long)offset)).ToArray());
        fragments.OffsetTable.Clear();
        AssertSamePixels(encoded, DicomFile.Open(directory.File("plain.dcm")));
    }

    [Theory]
    [InlineData(1, 1, 1, 16, 16, false, "+e1")]
    [InlineData(5, 7, 1, 8, 8, false, "+e1")]
    [InlineData(33, 31, 1, 16, 12, false, "+e1")]
    [InlineData(64, 48, 3, 16, 12, true, "+e1")]
    [InlineData(17, 300, 2, 16, 16, false, "+e1")]
    [InlineData(33, 31, 2, 16, 16, true, "+el", "+sv", "1")]
    [InlineData(33, 31, 2, 16, 16, false, "+el", "+sv", "2")]
    [InlineData(33, 31, 2, 16, 12, true, "+el", "+sv", "3")]
    [InlineData(33, 31, 2, 16, 16, false, "+el", "+sv", "4")]
    [InlineData(33, 31, 2, 8, 8, false, "+el", "+sv", "5")]
    [InlineData(33, 31, 2, 16, 16, false, "+el", "+sv", "6")]
    [InlineData(33, 31, 64, 16, 12, false, "+el", "+sv", "7")]
    [InlineData(64, 64, 3, 16, 12, false, "+e1", "+fs", "1")]
    [InlineData(64, 64, 3, 16, 12, false, "+e1", "+fs", "1", "-ot")]
    public void JPEG_Lossless_decodes_to_the_same_pixels(int rows, int columns, int frames, int allocated, int stored, bool signed, params string[] options) =>
        AssertSamePixels(rows, columns, frames, allocated, stored, signed, "dcmcjpeg", options);

    [Theory]
    [InlineData(1, 1, 1, 16, 16, false)]
    [InlineData(5, 7, 1, 8, 8, false)]
    [InlineData(33, 31, 1, 16, 12, false)]
    [InlineData(64, 48, 3, 16, 12, true)]
    [InlineData(40, 40, 64, 16, 16, true)]
    [InlineData(17, 300, 2, 16, 16, false)]
    [InlineData(25, 24, 2, 16, 10, false, "+t1", "9", "+t2", "30", "+t3", "90", "+rs", "31")]
    [InlineData(64, 64, 3, 16, 12, false, "+fs", "1")]
    public void JPEG_LS_decodes_to_the_same_pixels(int rows, int columns, int frames, int allocated, int stored, bool signed, params string[] options) =>
        AssertSamePixels(rows, columns, frames, allocated, stored, signed, "dcmcjpls", ["+el", .. options]);

    [Theory]
    [InlineData(33, 31, 2, 16, 12, 2)]
    [InlineData(40, 41, 1, 8, 8, 5)]
    [InlineData(64, 64, 1, 16, 16, 12)]
    [InlineData(20, 20, 1, 16, 16, 200)]
    public void JPEG_LS_near_lossless_decodes_as_DCMTK_does(int rows, int columns, int frames, int allocated, int stored, int deviation)
    {
        var encoded = Encode(rows, columns, frames, allocated, stored, false, "dcmcjpls", ["+en", "+md", $"{deviation}"]);
        Dcmtk.Run("dcmdjpls", directory.File("encoded.dcm"), directory.File("decoded.dcm"));
        AssertSamePixels(encoded, DicomFile.Open(directory.File("decoded.dcm")));
    }

    [Theory]
    [InlineData(64, 48, 2, 8, "+eb", "+q", "90")]
    [InlineData(33, 31, 1, 8, "+eb", "+q", "40")]
    [InlineData(1, 1, 1, 8, "+eb")]
    [InlineData(64, 48, 3, 12, "+ee", "+q", "90")]
    [InlineData(21, 100, 1, 12, "+ee", "+q", "60")]
    public void JPEG_of_8_and_12_bits_decodes_as_DCMTK_does_to_a_grey_level(int rows, int columns, int frames, int bits, params string[] options)
    {
        var encoded = Encode(rows, columns, frames, bits > 8 ? 16 : 8, bits, false, "dcmcjpeg", options);
        Dcmtk.Run("dcmdjpeg", directory.File("encoded.dcm"), directory.File("decoded.dcm"));
        AssertSamePixels(encoded, DicomFile.Open(directory.File("decoded.dcm")), tolerance: 1);
    }

    [Theory]
    [InlineData("dcmcrle")]
    [InlineData("dcmcjpeg")]
    [InlineData("dcmcjpls")]
    [InlineData("dcmcjpeg", "+ee")]
    public void A_damaged_bitstream_is_a_fault_or_other_pixels_but_never_a_crash(string encoder, params string[] options)
    {
        var file = Encode(24, 24, 1, 16, 12, false, encoder, options);
        var item = Assert.IsType<DicomFragmentSequence>(file.Dataset.Single(i => i.Tag == DicomTag.PixelData));
        var intact = item.Fragments[0].ToArray();
        var random = new Random(1);
        var stored = new float[24 * 24];
        for (var n = 0; n < 3000; n++)
        {
            var damaged = n % 3 == 0 ? intact[..random.Next(intact.Length)] : (byte[])intact.Clone();
            for (var hits = random.Next(4); hits >= 0 && damaged.Length > 0; hits--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            item.Fragments[0] = damaged;
            try
            {
                PixelData.ReadFrame(file.Dataset, 0, stored, file.TransferSyntax);
            }
            catch (DicomDataException)
            {
            }
        }
        item.Fragments[0] = intact.AsMemory(0, intact.Length / 2);
        Assert.Throws<DicomDataException>(() => PixelData.ReadFrame(file.Dataset, 0, stored, file.TransferSyntax));
    }

    void AssertSamePixels(int rows, int columns, int frames, int allocated, int stored, bool signed, string encoder, params string[] options)
    {
        var encoded = Encode(rows, columns, frames, allocated, stored, signed, encoder, options);
        AssertSamePixels(encoded, DicomFile.Open(directory.File("plain.dcm")));
    }

    static void AssertSamePixels(DicomFile encoded, DicomFile plain, float tolerance = 0)
    {
        Assert.True(encoded.TransferSyntax.IsEncapsulated);
        var format = PixelFormat.Of(plain.Dataset);
        var (expected, got) = (new float[format.PixelsPerFrame], new float[format.PixelsPerFrame]);
        for (var frame = 0; frame < format.Frames; frame++)
        {
            PixelData.ReadFrame(plain.Dataset, frame, expected, plain.TransferSyntax);
            PixelData.ReadFrame(encoded.Dataset, frame, got, encoded.TransferSyntax);
            for (var n = 0; n < got.Length; n++)
                Assert.InRange(got[n] - expected[n], -tolerance, tolerance);
        }
    }

    DicomFile Encode(int rows, int columns, int frames, int allocated, int stored, bool signed, string encoder, string[] options)
    {
        // A smooth picture with noise and a few extremes: long runs, small and large differences.
        var random = new Random((rows * 1000) + columns);
        var (low, high) = signed ? (-(1 << (stored - 1)), (1 << (stored - 1)) - 1) : (0, (1 << stored) - 1);
        var cells = new byte[rows * columns * frames * allocated / 8];
        for (var i = 0; i < rows * columns * frames; i++)
        {
            var smooth = low + ((high - low) / 2) + (int)((high - low) / 3.0 * Math.Sin(i / (columns * 1.7)));
            var value = random.Next(20) switch { 0 => low, 1 => high, < 10 => smooth, _ => Math.Clamp(smooth + random.Next(-9, 9), low, high) };
            value &= (1 << stored) - 1;
            if (allocated == 8)
                cells[i] = (byte)value;
            else
                BitConverter.TryWriteBytes(cells.AsSpan(2 * i), (ushort)value);
        }
        var image = Phantom.MRImage().AddOrUpdate(DicomTag.Rows, rows).AddOrUpdate(DicomTag.Columns, columns)
            .AddOrUpdate(DicomTag.BitsAllocated, allocated).AddOrUpdate(DicomTag.BitsStored, stored).AddOrUpdate(DicomTag.HighBit, stored - 1)
            .AddOrUpdate(DicomTag.PixelRepresentation, signed ? 1 : 0).AddOrUpdate(DicomTag.SamplesPerPixel, 1)
            .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2")
            .AddOrUpdate(allocated == 8 ? DicomVR.OB : DicomVR.OW, DicomTag.PixelData, cells);
        if (frames > 1)
            image.AddOrUpdate(DicomTag.NumberOfFrames, frames);
        new DicomFile(image).Save(directory.File("plain.dcm"));
        Dcmtk.Run(encoder, [.. options, directory.File("plain.dcm"), directory.File("encoded.dcm")]);
        return DicomFile.Open(directory.File("encoded.dcm"));
    }
}
