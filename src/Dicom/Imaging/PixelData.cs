using SoftSeg.Dicom.Imaging.Codecs;
using SoftSeg.Dicom.Imaging.Codecs.Jpeg2000;

namespace SoftSeg.Dicom.Imaging;

/// <summary>Reads the pixel data of image instances, one frame at a time.</summary>
public static class PixelData
{
    /// <summary>Decodes the bitstream of one frame into rows x columns pixels, little endian.</summary>
    delegate void Codec(ReadOnlySpan<byte> bitstream, Span<byte> cells, int rows, int columns, int bytesPerCell);

    /// <summary>A codec gives back any number of pixels for a few bytes: a frame that says it is larger than this is not begun.</summary>
    const long LargestDecodedFrame = 512L << 20;

    static readonly Dictionary<DicomTransferSyntax, Codec> codecs = new()
    {
        [DicomTransferSyntax.EncapsulatedUncompressedExplicitVRLittleEndian] = (bitstream, cells, _, _, _) => CopyFrame(bitstream, cells),
        [DicomTransferSyntax.RLELossless] = (bitstream, cells, _, _, bytesPerCell) => RunLengthCodec.Decode(bitstream, cells, bytesPerCell),
        [DicomTransferSyntax.JPEGBaseline8Bit] = JpegDctCodec.Decode,
        [DicomTransferSyntax.JPEGExtended12Bit] = JpegDctCodec.Decode,
        [DicomTransferSyntax.JPEGLossless] = JpegLosslessCodec.Decode,
        [DicomTransferSyntax.JPEGLosslessSV1] = JpegLosslessCodec.Decode,
        [DicomTransferSyntax.JPEGLSLossless] = JpegLSCodec.Decode,
        [DicomTransferSyntax.JPEGLSNearLossless] = JpegLSCodec.Decode,
        [DicomTransferSyntax.JPEG2000Lossless] = Jpeg2000Codec.Decode,
        [DicomTransferSyntax.JPEG2000] = Jpeg2000Codec.Decode,
    };

    /// <summary>Whether the frames of this syntax can be read; the others are refused by name.</summary>
    public static bool CanRead(DicomTransferSyntax transferSyntax)
    {
        ArgumentNullException.ThrowIfNull(transferSyntax);
        return !transferSyntax.IsEncapsulated || codecs.ContainsKey(transferSyntax);
    }

    /// <summary>Reads a frame's stored values, before any rescale.</summary>
    /// <param name="instance">The instance with its pixel data.</param>
    /// <param name="frameIndex">From 0.</param>
    /// <param name="stored">Room for Rows x Columns values, <c>[row, column]</c>.</param>
    /// <param name="transferSyntax">That of the file the instance was read from; it may be null where the pixel data is not encapsulated.</param>
    /// <exception cref="DicomDataException">The pixel data is missing, too short or in a form that can't be read.</exception>
    public static void ReadFrame(DicomDataset instance, int frameIndex, Span<float> stored, DicomTransferSyntax? transferSyntax = null)
    {
        var format = PixelFormat.Of(instance);
        ArgumentOutOfRangeException.ThrowIfNegative(frameIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frameIndex, format.Frames);
        if (transferSyntax is { IsEncapsulated: true } && format.FrameLength > LargestDecodedFrame)
        {
            throw new DicomDataException(
                $"Rows x Columns is {format.Rows} x {format.Columns}: {format.FrameLength} bytes a frame, and {LargestDecodedFrame} at most are decompressed. Send it as {DicomTransferSyntax.ExplicitVRLittleEndian}.", DicomTag.PixelData);
        }
        if (stored.Length != format.PixelsPerFrame)
            throw new ArgumentException($"{stored.Length} values do not hold a frame of {format.Rows} x {format.Columns}.", nameof(stored));
        format.Decode(FrameBytes(instance, format, frameIndex, transferSyntax), stored);
    }

    /// <summary>The one place where a frame's bytes are found: little endian and uncompressed when they leave here.</summary>
    static ReadOnlySpan<byte> FrameBytes(DicomDataset instance, PixelFormat format, int frameIndex, DicomTransferSyntax? transferSyntax)
    {
        if (!instance.TryGetItem(DicomTag.PixelData, out var item))
        {
            var other = instance.Contains(DicomTag.FloatPixelData) ? "FloatPixelData" : instance.Contains(DicomTag.DoubleFloatPixelData) ? "DoubleFloatPixelData" : null;
            throw new DicomDataException(
                other is null ? "PixelData (7FE0,0010) is missing: the instance has no image." : $"The image is in {other}; whole numbers in PixelData (7FE0,0010) are expected.",
                DicomTag.PixelData);
        }
        if (item is DicomFragmentSequence fragments && transferSyntax is not null && CanRead(transferSyntax))
            return Decompress(EncapsulatedFrames.Frame(fragments, format.Frames, frameIndex, ExtendedOffsets(instance)).Span, format, transferSyntax);
        if (item is not DicomElement)
        {
            throw new DicomDataException(
                $"The pixel data is compressed ({transferSyntax?.ToString() ?? "encapsulated"}), which is not read. Send it as {DicomTransferSyntax.ExplicitVRLittleEndian}.", DicomTag.PixelData);
        }
        var bytes = instance.GetBytes(DicomTag.PixelData).Span;
        if (bytes.Length < format.TotalLength)
        {
            throw new DicomDataException(
                $"PixelData (7FE0,0010) has {bytes.Length} bytes; {format.TotalLength} are expected: {format.Frames} frame{(format.Frames == 1 ? "" : "s")} of {format.Rows} x {format.Columns}, {format.BitsAllocated} bits each. "
                + "The image is cut short: send it again.", DicomTag.PixelData);
        }
        return bytes.Slice(checked((int)(format.FrameLength * frameIndex)), checked((int)format.FrameLength));
    }

    static ReadOnlySpan<byte> ExtendedOffsets(DicomDataset instance) =>
        instance.Contains(DicomTag.ExtendedOffsetTable) ? instance.GetBytes(DicomTag.ExtendedOffsetTable).Span : default;

    /// <summary>The same instance with its pixel data as RLE Lossless (PS3.5 annex G), one fragment a frame.</summary>
    /// <exception cref="DicomDataException">The pixel data can't be read.</exception>
    public static DicomFile ToRunLength(DicomFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var format = PixelFormat.Of(file.Dataset);
        var fragments = new DicomFragmentSequence(DicomTag.PixelData, DicomVR.OB);
        for (var frame = 0; frame < format.Frames; frame++)
            fragments.Fragments.Add(RunLengthCodec.Encode(FrameBytes(file.Dataset, format, frame, file.TransferSyntax), format.BitsAllocated / 8, format.Columns));
        var dataset = file.Dataset.Clone();
        dataset.AddOrUpdate(fragments);
        return new DicomFile(dataset, DicomTransferSyntax.RLELossless);
    }

    /// <summary>PS3.5 A.4.11: a fragment a frame, as it would stand without encapsulation.</summary>
    static void CopyFrame(ReadOnlySpan<byte> frame, Span<byte> cells)
    {
        if (frame.Length < cells.Length)
            throw new DicomDataException($"PixelData (7FE0,0010) has {frame.Length} bytes in a frame, and {cells.Length} are expected. The image is cut short: send it again.", DicomTag.PixelData);
        frame[..cells.Length].CopyTo(cells);
    }

    static byte[] Decompress(ReadOnlySpan<byte> frame, PixelFormat format, DicomTransferSyntax transferSyntax)
    {
        var cells = new byte[format.FrameLength];
        codecs[transferSyntax](frame, cells, format.Rows, format.Columns, format.BitsAllocated / 8);
        return cells;
    }
}
