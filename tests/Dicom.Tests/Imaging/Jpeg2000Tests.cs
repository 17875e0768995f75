using System.Diagnostics;
using SoftSeg.Dicom.Imaging;
using SoftSeg.Dicom.Tests.Network;
using SoftSeg.Dicom.Tests.Support;

namespace SoftSeg.Dicom.Tests.Imaging;

/// <summary>JPEG 2000 against what OpenJPEG encodes and decodes, and GDCM as a second encoder. Runs when nothing else does: it counts what the process allocates.</summary>
[Collection(nameof(MemoryTests))]
public sealed class Jpeg2000Tests : IDisposable
{
    readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    public static TheoryData<int, int, int, bool, string> Forms() => new()
    {
        { 64, 64, 16, false, "" },
        { 64, 64, 16, true, "" },
        { 33, 31, 12, false, "-n 5" },
        { 1, 1, 16, false, "-n 1" },
        { 5, 200, 8, false, "-n 3" },
        { 200, 5, 8, true, "-n 3" },
        { 130, 97, 12, false, "-n 1" },
        { 130, 97, 12, false, "-n 7" },
        { 130, 97, 12, false, "-b 4,256" },
        { 130, 97, 12, false, "-b 64,64 -r 20,5,1" },
        { 130, 97, 12, false, "-t 40,50" },
        { 130, 97, 12, false, "-t 40,50 -d 7,9 -T 3,5" },
        { 130, 97, 12, false, "-d 1,1" },
        { 130, 97, 16, false, "-c [32,32],[16,16] -n 4" },
        { 130, 97, 12, false, "-p RLCP -r 20,5,1" },
        { 130, 97, 12, false, "-p RPCL -r 20,1 -c [32,64] -n 4" },
        { 130, 97, 12, false, "-p PCRL -r 20,1 -c [32,64],[32,32] -n 4 -d 5,3" },
        { 130, 97, 12, false, "-p CPRL -c [64,32] -n 3" },
        { 130, 97, 12, false, "-SOP -EPH" },
        { 130, 97, 12, false, "-TP R -t 64,64" },
        { 130, 97, 16, false, "-M 1" },
        { 130, 97, 12, false, "-M 2" },
        { 130, 97, 12, false, "-M 4" },
        { 130, 97, 12, false, "-M 8" },
        { 130, 97, 12, true, "-M 32" },
        { 130, 97, 16, false, "-M 63 -r 30,4,1" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_reversible_codestream_decodes_to_the_pixels_that_were_encoded(int rows, int columns, int bits, bool signed, string options)
    {
        var image = Encode(rows, columns, bits, signed, options, out var original);
        Assert.Equal(original, Decode(image, rows * columns, DicomTransferSyntax.JPEG2000Lossless));
    }

    [Theory]
    [InlineData(130, 97, 12, false, "-I -r 8")]
    [InlineData(130, 97, 16, false, "-I -r 20,4")]
    [InlineData(64, 65, 8, false, "-I -q 35")]
    [InlineData(130, 97, 12, true, "-I -r 6 -t 50,60 -d 3,3")]
    [InlineData(130, 97, 12, false, "-r 8")]
    [InlineData(1, 50, 12, false, "-I -r 2 -n 1")]
    public void A_lossy_codestream_decodes_as_OpenJPEG_decodes_it(int rows, int columns, int bits, bool signed, string options)
    {
        var image = Encode(rows, columns, bits, signed, options, out _);
        Dcmtk.Run("opj_decompress", "-i", directory.File("image.j2k"), "-o", directory.File("decoded.rawl"));
        var expected = Raw(File.ReadAllBytes(directory.File("decoded.rawl")), bits, signed);
        var got = Decode(image, rows * columns, DicomTransferSyntax.JPEG2000);
        for (var n = 0; n < expected.Length; n++)
            Assert.InRange(got[n] - expected[n], bits > 12 ? -3 : -1, bits > 12 ? 3 : 1); // OpenJPEG's filter has factors of ten digits.
    }

    [Theory]
    [InlineData(64, 48, 3, 12, true)]
    [InlineData(17, 33, 64, 16, false)]
    public void GDCM_s_frames_decode_to_the_same_pixels(int rows, int columns, int frames, int bits, bool signed)
    {
        var (cells, expected) = Picture(rows, columns * frames, bits, signed);
        var plain = Image(rows, columns, bits, signed).AddOrUpdate(DicomTag.NumberOfFrames, frames).AddOrUpdate(DicomVR.OW, DicomTag.PixelData, cells);
        new DicomFile(plain).Save(directory.File("plain.dcm"));
        Dcmtk.Run("gdcmconv", "--j2k", directory.File("plain.dcm"), directory.File("encoded.dcm"));
        var encoded = DicomFile.Open(directory.File("encoded.dcm"));
        Assert.Equal(DicomTransferSyntax.JPEG2000Lossless, encoded.TransferSyntax);
        for (var frame = 0; frame < frames; frame++)
        {
            var got = new float[rows * columns];
            PixelData.ReadFrame(encoded.Dataset, frame, got, encoded.TransferSyntax);
            Assert.Equal(expected.AsSpan(frame * got.Length, got.Length).ToArray(), got);
        }
    }

    [Fact]
    public void A_damaged_codestream_is_a_fault_or_other_pixels_and_takes_neither_long_nor_much_memory()
    {
        var image = Encode(40, 40, 12, false, "-c [16,16] -n 3 -SOP -EPH", out _);
        var fragments = (DicomFragmentSequence)image.Single(item => item.Tag == DicomTag.PixelData);
        var intact = fragments.Fragments[0].ToArray();
        var random = new Random(1);
        var before = GC.GetTotalAllocatedBytes();
        var slowest = TimeSpan.Zero;
        for (var n = 0; n < 1500; n++)
        {
            var damaged = n % 3 == 0 ? intact[..random.Next(intact.Length)] : (byte[])intact.Clone();
            // Half of them in the headers, where sizes are.
            for (var hits = random.Next(4); hits >= 0 && damaged.Length > 0; hits--)
                damaged[n % 2 == 0 ? random.Next(Math.Min(110, damaged.Length)) : random.Next(damaged.Length)] = (byte)random.Next(256);
            fragments.Fragments[0] = damaged;
            var start = Stopwatch.GetTimestamp();
            try
            {
                Decode(image, 1600, DicomTransferSyntax.JPEG2000Lossless);
            }
            catch (DicomDataException)
            {
            }
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
        }
        Assert.InRange((GC.GetTotalAllocatedBytes() - before) / 1500, 0, 2_000_000);
        Assert.InRange(slowest.TotalSeconds, 0, 2); // milliseconds on a quiet machine
        fragments.Fragments[0] = intact.AsMemory(0, intact.Length / 2);
        Assert.Throws<DicomDataException>(() => Decode(image, 1600, DicomTransferSyntax.JPEG2000Lossless));
    }

    [Fact]
    public void A_header_that_claims_a_huge_image_is_refused_before_memory_is_taken()
    {
        var image = Encode(40, 40, 12, false, "", out _);
        var fragments = (DicomFragmentSequence)image.Single(item => item.Tag == DicomTag.PixelData);
        var claimed = fragments.Fragments[0].ToArray();
        // Xsiz and Ysiz of SIZ: 60000 x 60000.
        foreach (var at in new[] { 8, 12 })
            (claimed[at], claimed[at + 1], claimed[at + 2], claimed[at + 3]) = (0, 0, 0xEA, 0x60);
        fragments.Fragments[0] = claimed;
        var before = GC.GetTotalAllocatedBytes();
        var error = Assert.Throws<DicomDataException>(() => Decode(image, 1600, DicomTransferSyntax.JPEG2000Lossless));
        Assert.Contains("60000 x 60000 pixels, and Rows x Columns is 40 x 40", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_frame_that_few_bytes_say_is_huge_is_refused_before_memory_is_taken()
    {
        var image = Encode(40, 40, 12, false, "", out _);
        image.AddOrUpdate(DicomTag.Rows, 30000).AddOrUpdate(DicomTag.Columns, 30000);
        var before = GC.GetTotalAllocatedBytes();
        var error = Assert.Throws<DicomDataException>(() => PixelData.ReadFrame(image, 0, Span<float>.Empty, DicomTransferSyntax.JPEG2000Lossless));
        Assert.Contains("1800000000 bytes a frame", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1_000_000);
    }

    static float[] Decode(DicomDataset image, int pixels, DicomTransferSyntax syntax)
    {
        var stored = new float[pixels];
        PixelData.ReadFrame(image, 0, stored, syntax);
        return stored;
    }

    DicomDataset Encode(int rows, int columns, int bits, bool signed, string options, out float[] original)
    {
        (var cells, original) = Picture(rows, columns, bits, signed);
        // The encoder wants the sign in all bits of a word.
        for (var n = 0; n < original.Length; n++)
            BitConverter.TryWriteBytes(cells.AsSpan(2 * n), (short)original[n] is var value && bits == 16 && !signed ? (short)(ushort)original[n] : value);
        File.WriteAllBytes(directory.File("image.rawl"), bits > 8 ? cells : [.. cells.Where((_, n) => n % 2 == 0)]);
        Dcmtk.Run("opj_compress", ["-i", directory.File("image.rawl"), "-o", directory.File("image.j2k"), "-F", $"{columns},{rows},1,{bits},{(signed ? 's' : 'u')}",
            .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        var fragments = new DicomFragmentSequence(DicomTag.PixelData, DicomVR.OB);
        fragments.Fragments.Add(File.ReadAllBytes(directory.File("image.j2k")));
        var image = Image(rows, columns, bits, signed);
        image.AddOrUpdate(fragments);
        return image;
    }

    static DicomDataset Image(int rows, int columns, int bits, bool signed) => Phantom.MRImage().AddOrUpdate(DicomTag.Rows, rows).AddOrUpdate(DicomTag.Columns, columns)
        .AddOrUpdate(DicomTag.BitsAllocated, 16).AddOrUpdate(DicomTag.BitsStored, bits).AddOrUpdate(DicomTag.HighBit, bits - 1)
        .AddOrUpdate(DicomTag.PixelRepresentation, signed ? 1 : 0).AddOrUpdate(DicomTag.SamplesPerPixel, 1).AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2");

    /// <summary>Waves with noise and a few extremes, 16 bits a pixel, little endian.</summary>
    static (byte[] Cells, float[] Values) Picture(int rows, int columns, int bits, bool signed)
    {
        var random = new Random((rows * 1000) + columns);
        var (low, high) = signed ? (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) : (0, (1 << bits) - 1);
        var (cells, values) = (new byte[rows * columns * 2], new float[rows * columns]);
        for (var n = 0; n < values.Length; n++)
        {
            var smooth = low + ((high - low) / 2) + ((high - low) / 3.0 * Math.Sin(n % columns / 9.0) * Math.Cos(n / columns / 7.0));
            var value = random.Next(40) switch { 0 => low, 1 => high, _ => (int)Math.Clamp(smooth + random.Next(-9, 9), low, high) };
            values[n] = value;
            BitConverter.TryWriteBytes(cells.AsSpan(2 * n), (ushort)(value & ((1 << bits) - 1)));
        }
        return (cells, values);
    }

    static float[] Raw(byte[] raw, int bits, bool signed) => bits > 8
        ? [.. Enumerable.Range(0, raw.Length / 2).Select(n => signed ? (float)(short)(BitConverter.ToInt16(raw, 2 * n) << (16 - bits)) / (1 << (16 - bits)) : (float)BitConverter.ToUInt16(raw, 2 * n))]
        : [.. raw.Select(value => signed ? (sbyte)value : (float)value)];
}
