using System.Buffers.Binary;
using System.Diagnostics;
using SoftSeg.Dicom.Imaging;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Dicom.Tests.Imaging;

/// <summary>Streams that are made to be slow: a few bytes, and as much work as the syntax allows.</summary>
public sealed class DecodeLimitTests
{
    const int Size = 4096;

    /// <summary>Each decodes to its end where it is given the time; the times are those of a quiet machine.</summary>
    public static TheoryData<string> Streams => ["JPEG 2000", "JPEG-LS", "JPEG Extended", "JPEG Lossless", "RLE"];

    static (DicomTransferSyntax Syntax, byte[] Bytes) Stream(string kind, int size) => kind switch
    {
        "JPEG 2000" => (DicomTransferSyntax.JPEG2000Lossless, Jpeg2000(size)),          // minutes
        "JPEG-LS" => (DicomTransferSyntax.JPEGLSLossless, JpegLS(size)),                // 1 s
        "JPEG Extended" => (DicomTransferSyntax.JPEGExtended12Bit, JpegExtended(size)), // 0.3 s
        "JPEG Lossless" => (DicomTransferSyntax.JPEGLosslessSV1, JpegLossless(size)),   // 0.2 s
        _ => (DicomTransferSyntax.RLELossless, RunLength()),                            // 0.05 s
    };

    [Theory, MemberData(nameof(Streams))]
    public void A_slow_stream_is_left_at_the_limit(string kind)
    {
        var (syntax, bytes) = Stream(kind, Size);
        var clock = Stopwatch.StartNew();
        var error = Assert.Throws<DicomDataException>(() => Read(bytes, syntax, Size, new DicomLimits { Decode = TimeSpan.FromMilliseconds(10) }));
        Assert.Contains($"a frame of {syntax} that is not decoded after 0.01 s (limit Decode)", error.Message, StringComparison.Ordinal);
        // Far more than the limit, for a machine under load; far less than the stream of JPEG 2000 asks for.
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
    }

    [Theory, MemberData(nameof(Streams))]
    public void Nobody_waits_for_a_frame_that_is_not_wanted_any_more(string kind)
    {
        var (syntax, bytes) = Stream(kind, Size);
        // Not in a while: a timer may come late, and the stream is over by then. Where time is looked at, as above, this is as well.
        var clock = Stopwatch.StartNew();
        Assert.ThrowsAny<OperationCanceledException>(() => Read(bytes, syntax, Size, new DicomLimits(), new CancellationToken(canceled: true)));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
    }

    /// <summary>Otherwise the tests above might meet a fault of the stream.</summary>
    [Theory, MemberData(nameof(Streams))]
    public void With_enough_time_they_are_decoded(string kind)
    {
        var (syntax, bytes) = Stream(kind, 128);
        Read(bytes, syntax, kind == "RLE" ? Size : 128, new DicomLimits { Decode = TimeSpan.FromMinutes(1) });
    }

    [Fact]
    public void The_largest_frame_is_a_limit()
    {
        var (syntax, bytes) = Stream("JPEG-LS", 128);
        Assert.Contains("16384 bytes a frame, and 16383 at most are decompressed (limit MaxFrame)",
            Assert.Throws<DicomDataException>(() => Read(bytes, syntax, 128, new DicomLimits { MaxFrame = 16383 })).Message, StringComparison.Ordinal);
    }

    /// <summary>A frame may have a thousand fragments, and an instance a thousand such frames: where each begins is looked up once.</summary>
    [Fact]
    public void Frames_of_many_fragments_are_looked_up_once()
    {
        var pixelData = new DicomFragmentSequence(DicomTag.PixelData, DicomVR.OB);
        const int Frames = 100_000;
        var (_, stream) = Stream("JPEG-LS", 8);
        for (var frame = 0; frame < Frames; frame++)
        {
            pixelData.Fragments.Add(stream.AsMemory(0, 20));
            pixelData.Fragments.Add(stream.AsMemory(20));
        }
        var instance = Image(8).AddOrUpdate(DicomTag.NumberOfFrames, Frames).AddOrUpdate(pixelData);
        var (before, stored) = (GC.GetAllocatedBytesForCurrentThread(), new float[64]);
        var reader = new PixelReader(instance, DicomTransferSyntax.JPEGLSLossless);
        for (var frame = 0; frame < Frames; frame += 20)
            reader.Read(frame, stored);
        // Each look-up makes a list of all frames: half a megabyte, 2.5 GB if each frame were looked for by itself.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
    }

    static void Read(byte[] stream, DicomTransferSyntax syntax, int size, DicomLimits limits, CancellationToken cancellation = default)
    {
        var pixelData = new DicomFragmentSequence(DicomTag.PixelData, DicomVR.OB);
        pixelData.Fragments.Add(stream);
        new PixelReader(Image(size).AddOrUpdate(pixelData), syntax, limits).Read(0, new float[size * size], cancellation);
    }

    static DicomDataset Image(int size) => new DicomDataset().AddOrUpdate(DicomTag.SamplesPerPixel, 1).AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2")
        .AddOrUpdate(DicomTag.Rows, size).AddOrUpdate(DicomTag.Columns, size).AddOrUpdate(DicomTag.BitsAllocated, 8).AddOrUpdate(DicomTag.BitsStored, 8)
        .AddOrUpdate(DicomTag.HighBit, 7).AddOrUpdate(DicomTag.PixelRepresentation, 0);

    /// <summary>Tiles of one code-block of 64 x 64 each, with all the 88 passes that 30 bit planes can have, on 400 bytes.</summary>
    static byte[] Jpeg2000(int size)
    {
        var stream = new MemoryStream();
        stream.Write([0xFF, 0x4F]);
        Segment(stream, 0x51, [0, 0, .. U32(size), .. U32(size), .. U32(0), .. U32(0), .. U32(64), .. U32(64), .. U32(0), .. U32(0), 0, 1, 7, 1, 1]);
        Segment(stream, 0x52, [0, 0, 0, 1, 0, 0, 4, 4, 0, 1]);
        Segment(stream, 0x5C, [1 << 5, 30 << 3]);
        const int Length = 400;
        // Not empty, included, no empty bit plane, 37 + 51 passes, no longer length field, and a length of 3 + log2(88) bits.
        string header = "1" + "1" + "1" + "11" + "11" + "11111" + Convert.ToString(51, 2).PadLeft(7, '0') + "0" + Convert.ToString(Length, 2).PadLeft(9, '0');
        var packet = new byte[(header.Length / 7) + 1 + Length];
        var (at, room) = (0, 8);
        foreach (var bit in header)
        {
            if (room == 0)
                (at, room) = (at + 1, packet[at] == 0xFF ? 7 : 8);
            packet[at] |= (byte)((bit - '0') << --room);
        }
        new Random(1).NextBytes(packet.AsSpan(at + 1));
        packet = packet[..(at + 1 + Length)];
        for (var tile = 0; tile < size / 64 * (size / 64); tile++)
        {
            Segment(stream, 0x90, [(byte)(tile >> 8), (byte)tile, .. U32(12 + 2 + packet.Length), 0, 1]);
            stream.Write([0xFF, 0x93, .. packet]);
        }
        stream.Write([0xFF, 0xD9]);
        return stream.ToArray();
    }

    /// <summary>Noise at every pixel, a byte each.</summary>
    static byte[] JpegLS(int size)
    {
        var stream = new MemoryStream();
        stream.Write([0xFF, 0xD8]);
        Segment(stream, 0xF7, [8, .. U16(size), .. U16(size), 1, 1, 0x11, 0]);
        Segment(stream, 0xDA, [1, 1, 0, 0, 0, 0]);
        stream.Write(Enumerable.Repeat((byte)0x55, size * size).ToArray());
        stream.Write([0xFF, 0xD9]);
        return stream.ToArray();
    }

    /// <summary>All 64 coefficients of all blocks, two bits each.</summary>
    static byte[] JpegExtended(int size)
    {
        var stream = new MemoryStream();
        stream.Write([0xFF, 0xD8]);
        Segment(stream, 0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]);
        Segment(stream, 0xC1, [8, .. U16(size), .. U16(size), 1, 1, 0x11, 0]);
        Segment(stream, 0xC4, [0x00, 1, .. new byte[15], 0, 0x10, 1, .. new byte[15], 1]);
        Segment(stream, 0xDA, [1, 1, 0x00, 0, 63, 0]);
        stream.Write(new byte[size * size / 4]);
        stream.Write([0xFF, 0xD9]);
        return stream.ToArray();
    }

    /// <summary>A difference at every pixel, two bits each.</summary>
    static byte[] JpegLossless(int size)
    {
        var stream = new MemoryStream();
        stream.Write([0xFF, 0xD8]);
        Segment(stream, 0xC3, [8, .. U16(size), .. U16(size), 1, 1, 0x11, 0]);
        Segment(stream, 0xC4, [0x00, 1, .. new byte[15], 1]);
        Segment(stream, 0xDA, [1, 1, 0x00, 1, 0, 0]);
        stream.Write(new byte[(size * size / 4) + 8]);
        stream.Write([0xFF, 0xD9]);
        return stream.ToArray();
    }

    /// <summary>Thirty million times "no operation", and then a row.</summary>
    static byte[] RunLength()
    {
        var stream = new byte[30_000_000];
        stream.AsSpan(64).Fill(0x80);
        (stream[0], stream[4]) = (1, 64);
        for (var run = 0; run < Size * Size / 128; run++)
            stream[^(2 + (2 * run))] = 0x81;
        return stream;
    }

    static void Segment(MemoryStream stream, byte marker, byte[] parameters) => stream.Write([0xFF, marker, .. U16(parameters.Length + 2), .. parameters]);

    static byte[] U16(int value) => [(byte)(value >> 8), (byte)value];

    static byte[] U32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
