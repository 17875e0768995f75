using System.Buffers;
using Microsoft.Win32.SafeHandles;
using SoftSeg.Dicom.Imaging.Codecs;
using SoftSeg.Dicom.Imaging.Codecs.Jpeg2000;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Dicom.Imaging;

/// <summary>Reads the frames of one image instance. Where each frame begins is looked up once.</summary>
public sealed class PixelReader : IDisposable
{
    /// <summary>Decodes the bitstream of one frame into rows x columns pixels, little endian.</summary>
    delegate void Codec(ReadOnlySpan<byte> bitstream, Span<byte> cells, int rows, int columns, int bytesPerCell, DecodeWatch watch);

    static readonly Dictionary<DicomTransferSyntax, Codec> codecs = new()
    {
        [DicomTransferSyntax.EncapsulatedUncompressedExplicitVRLittleEndian] = (bitstream, cells, _, _, _, _) => CopyFrame(bitstream, cells),
        [DicomTransferSyntax.RLELossless] = (bitstream, cells, _, _, bytesPerCell, watch) => RunLengthCodec.Decode(bitstream, cells, bytesPerCell, watch),
        [DicomTransferSyntax.JPEGBaseline8Bit] = JpegDctCodec.Decode,
        [DicomTransferSyntax.JPEGExtended12Bit] = JpegDctCodec.Decode,
        [DicomTransferSyntax.JPEGLossless] = JpegLosslessCodec.Decode,
        [DicomTransferSyntax.JPEGLosslessSV1] = JpegLosslessCodec.Decode,
        [DicomTransferSyntax.JPEGLSLossless] = JpegLSCodec.Decode,
        [DicomTransferSyntax.JPEGLSNearLossless] = JpegLSCodec.Decode,
        [DicomTransferSyntax.JPEG2000Lossless] = Jpeg2000Codec.Decode,
        [DicomTransferSyntax.JPEG2000] = Jpeg2000Codec.Decode,
    };

    readonly DicomTransferSyntax? transferSyntax;
    readonly DicomLimits limits;
    readonly ReadOnlyMemory<byte> pixels;
    readonly EncapsulatedFrames? encapsulated;
    readonly SafeFileHandle? file;
    readonly long firstFrame;

    /// <param name="instance">The instance with its pixel data.</param>
    /// <param name="transferSyntax">That of the file the instance was read from; it may be null where the pixel data is not encapsulated.</param>
    /// <param name="limits"><see cref="DicomLimits.MaxFrame"/> and <see cref="DicomLimits.Decode"/> hold for each compressed frame.</param>
    /// <exception cref="DicomDataException">The pixel data is missing, too short, too large or in a form that can't be read.</exception>
    public PixelReader(DicomDataset instance, DicomTransferSyntax? transferSyntax = null, DicomLimits? limits = null)
    {
        Format = PixelFormat.Of(instance);
        this.transferSyntax = transferSyntax;
        this.limits = limits ?? DicomLimits.Default;
        if (transferSyntax is { IsEncapsulated: true } && Format.FrameLength > this.limits.MaxFrame)
        {
            throw new DicomDataException(
                $"Rows x Columns is {Format.Rows} x {Format.Columns}: {Format.FrameLength} bytes a frame, and {this.limits.MaxFrame} at most are decompressed (limit {nameof(DicomLimits.MaxFrame)}). Send it as {DicomTransferSyntax.ExplicitVRLittleEndian}.", DicomTag.PixelData);
        }
        if (!instance.TryGetItem(DicomTag.PixelData, out var item))
        {
            var other = instance.Contains(DicomTag.FloatPixelData) ? "FloatPixelData" : instance.Contains(DicomTag.DoubleFloatPixelData) ? "DoubleFloatPixelData" : null;
            throw new DicomDataException(
                other is null ? "PixelData (7FE0,0010) is missing: the instance has no image." : $"The image is in {other}; whole numbers in PixelData (7FE0,0010) are expected.",
                DicomTag.PixelData);
        }
        if (item is DicomFragmentSequence fragments && transferSyntax is not null && CanRead(transferSyntax))
        {
            encapsulated = new EncapsulatedFrames(fragments, Format.Frames, instance.Contains(DicomTag.ExtendedOffsetTable) ? instance.GetBytes(DicomTag.ExtendedOffsetTable).Span : default);
            return;
        }
        if (item is not DicomElement)
        {
            throw new DicomDataException(
                $"The pixel data is compressed ({transferSyntax?.ToString() ?? "encapsulated"}), which is not read. Send it as {DicomTransferSyntax.ExplicitVRLittleEndian}.", DicomTag.PixelData);
        }
        pixels = instance.GetBytes(DicomTag.PixelData);
        if (pixels.Length < Format.TotalLength)
        {
            throw new DicomDataException(
                $"PixelData (7FE0,0010) has {pixels.Length} bytes; {Format.TotalLength} are expected: {Format.Frames} frame{(Format.Frames == 1 ? "" : "s")} of {Format.Rows} x {Format.Columns}, {Format.BitsAllocated} bits each. "
                + "The image is cut short: send it again.", DicomTag.PixelData);
        }
    }

    PixelReader(PixelFormat format, SafeFileHandle file, long firstFrame) =>
        (Format, this.file, this.firstFrame, limits) = (format, file, firstFrame, DicomLimits.Default);

    /// <summary>
    /// Reads the frames of a file of which <paramref name="header"/> was read before, up to the pixel data (<see cref="DicomReadOptions.StopBefore"/>): each from its place
    /// in the file where they are plain bytes, otherwise from the whole file in memory.
    /// </summary>
    /// <inheritdoc cref="PixelReader(DicomDataset, DicomTransferSyntax?, DicomLimits?)"/>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static PixelReader Open(string path, DicomFile header, DicomLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(header);
        var syntax = header.TransferSyntax;
        if (!syntax.IsEncapsulated && !syntax.IsDeflated && !syntax.IsBigEndian && header.EndOffset >= 0)
        {
            var format = PixelFormat.Of(header.Dataset);
            var file = File.OpenHandle(path);
            long? firstFrame = null;
            try
            {
                firstFrame = FirstFrame(file, header, format);
            }
            finally
            {
                if (firstFrame is null)
                    file.Dispose();
            }
            if (firstFrame is not null)
                return new(format, file, firstFrame.Value);
        }
        return new(DicomFile.Open(path).Dataset, syntax, limits);
    }

    /// <summary>Where the pixels begin; null where the next element is not pixel data that has all of them.</summary>
    static long? FirstFrame(SafeFileHandle file, DicomFile header, PixelFormat format)
    {
        Span<byte> start = stackalloc byte[ElementHeader.MaxSize];
        start = start[..RandomAccess.Read(file, start, header.EndOffset)];
        return ElementHeader.TryRead(start, header.TransferSyntax.IsExplicitVR, isBigEndian: false, out var element)
            && element.Tag == DicomTag.PixelData.Value && !element.IsUndefinedLength && element.Length >= format.TotalLength && format.FrameLength <= Array.MaxLength
            && header.EndOffset + element.Size + element.Length <= RandomAccess.GetLength(file)
            ? header.EndOffset + element.Size
            : null;
    }

    /// <summary>Whether the frames of this syntax can be read; the others are refused by name.</summary>
    public static bool CanRead(DicomTransferSyntax transferSyntax)
    {
        ArgumentNullException.ThrowIfNull(transferSyntax);
        return !transferSyntax.IsEncapsulated || codecs.ContainsKey(transferSyntax);
    }

    public PixelFormat Format { get; }

    /// <summary>Reads a frame's stored values, before any rescale.</summary>
    /// <param name="frameIndex">From 0.</param>
    /// <param name="stored">Room for Rows x Columns values, <c>[row, column]</c>.</param>
    /// <param name="cancellation">Looked at while a frame is decompressed.</param>
    /// <exception cref="DicomDataException">The frame is damaged, or takes longer to decompress than it may.</exception>
    public void Read(int frameIndex, Span<float> stored, CancellationToken cancellation = default)
    {
        if (stored.Length != Format.PixelsPerFrame)
            throw new ArgumentException($"{stored.Length} values do not hold a frame of {Format.Rows} x {Format.Columns}.", nameof(stored));
        if (file is null)
            Format.Decode(FrameBytes(frameIndex, cancellation), stored);
        else
            ReadFromFile(frameIndex, stored);
    }

    void ReadFromFile(int frameIndex, Span<float> stored)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frameIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frameIndex, Format.Frames);
        var length = (int)Format.FrameLength;
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            for (var filled = 0; filled < length;)
            {
                var read = RandomAccess.Read(file!, bytes.AsSpan(filled, length - filled), firstFrame + (Format.FrameLength * frameIndex) + filled);
                filled += read > 0 ? read : throw new DicomDataException("PixelData (7FE0,0010) became shorter while it was read: send the image again.", DicomTag.PixelData);
            }
            Format.Decode(bytes.AsSpan(0, length), stored);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>The one place where a frame's bytes are found: little endian and uncompressed when they leave here.</summary>
    internal ReadOnlySpan<byte> FrameBytes(int frameIndex, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frameIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frameIndex, Format.Frames);
        if (encapsulated is null)
            return pixels.Span.Slice(checked((int)(Format.FrameLength * frameIndex)), checked((int)Format.FrameLength));
        var cells = new byte[Format.FrameLength];
        var watch = new DecodeWatch(transferSyntax!, limits.Decode, cancellation);
        codecs[transferSyntax!](encapsulated.Frame(frameIndex).Span, cells, Format.Rows, Format.Columns, Format.BitsAllocated / 8, watch);
        return cells;
    }

    public void Dispose() => file?.Dispose();

    /// <summary>PS3.5 A.4.11: a fragment a frame, as it would stand without encapsulation.</summary>
    static void CopyFrame(ReadOnlySpan<byte> frame, Span<byte> cells)
    {
        if (frame.Length < cells.Length)
            throw new DicomDataException($"PixelData (7FE0,0010) has {frame.Length} bytes in a frame, and {cells.Length} are expected. The image is cut short: send it again.", DicomTag.PixelData);
        frame[..cells.Length].CopyTo(cells);
    }
}
