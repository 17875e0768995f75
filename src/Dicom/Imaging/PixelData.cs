using SoftSeg.Dicom.Imaging.Codecs;

namespace SoftSeg.Dicom.Imaging;

/// <summary>Reads the pixel data of image instances, one frame at a time.</summary>
public static class PixelData
{
    /// <summary>Whether the frames of this syntax can be read; the others are refused by name.</summary>
    public static bool CanRead(DicomTransferSyntax transferSyntax)
    {
        ArgumentNullException.ThrowIfNull(transferSyntax);
        return !transferSyntax.IsEncapsulated || IsRunLength(transferSyntax) || IsJpegLossless(transferSyntax) || IsJpegLS(transferSyntax);
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
            return Decompress(EncapsulatedFrames.Frame(fragments, format.Frames, frameIndex).Span, format, transferSyntax);
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

    static byte[] Decompress(ReadOnlySpan<byte> frame, PixelFormat format, DicomTransferSyntax transferSyntax)
    {
        var cells = new byte[checked((int)format.FrameLength)];
        if (IsRunLength(transferSyntax))
            RunLengthCodec.Decode(frame, cells, format.BitsAllocated / 8);
        else if (IsJpegLS(transferSyntax))
            JpegLSCodec.Decode(frame, cells, format.Rows, format.Columns, format.BitsAllocated / 8);
        else
            JpegLosslessCodec.Decode(frame, cells, format.Rows, format.Columns, format.BitsAllocated / 8);
        return cells;
    }

    static bool IsRunLength(DicomTransferSyntax syntax) => syntax == DicomTransferSyntax.RLELossless;

    static bool IsJpegLS(DicomTransferSyntax syntax) => syntax == DicomTransferSyntax.JPEGLSLossless || syntax == DicomTransferSyntax.JPEGLSNearLossless;

    static bool IsJpegLossless(DicomTransferSyntax syntax) => syntax == DicomTransferSyntax.JPEGLossless || syntax == DicomTransferSyntax.JPEGLosslessSV1;
}
