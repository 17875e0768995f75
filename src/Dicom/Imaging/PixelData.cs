using SoftSeg.Dicom.Imaging.Codecs;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Dicom.Imaging;

/// <summary>The pixel data of image instances, read and converted.</summary>
public static class PixelData
{
    /// <summary>Extended Offset Table and its lengths, and Encapsulated Pixel Data Value Total Length.</summary>
    static readonly DicomTag[] ofCompression = [DicomTag.ExtendedOffsetTable, DicomTag.ExtendedOffsetTableLengths, new(0x7FE0, 0x0003)];

    /// <inheritdoc cref="PixelReader.CanRead"/>
    public static bool CanRead(DicomTransferSyntax transferSyntax) => PixelReader.CanRead(transferSyntax);

    /// <summary>Reads one frame's stored values, before any rescale; <see cref="PixelReader"/> reads many.</summary>
    /// <inheritdoc cref="PixelReader.Read"/>
    /// <param name="instance">The instance with its pixel data.</param>
    /// <param name="frameIndex">From 0.</param>
    /// <param name="stored">Room for Rows x Columns values, <c>[row, column]</c>.</param>
    /// <param name="transferSyntax">That of the file the instance was read from; it may be null where the pixel data is not encapsulated.</param>
    public static void ReadFrame(DicomDataset instance, int frameIndex, Span<float> stored, DicomTransferSyntax? transferSyntax = null)
    {
        using var reader = new PixelReader(instance, transferSyntax);
        reader.Read(frameIndex, stored);
    }

    /// <summary>
    /// The same instance without compression, in Explicit VR Little Endian. Of a lossy syntax it has the pixels that every reader of it sees, and Lossy Image Compression says so
    /// (<see cref="MarkLoss"/>). All else is as it was, UIDs too.
    /// </summary>
    /// <param name="file">Not changed.</param>
    /// <param name="limits">What decompressing may cost.</param>
    /// <param name="cancellation">Looked at while a frame is decompressed.</param>
    /// <exception cref="DicomDataException">The pixel data can't be read, or is too large for one value.</exception>
    public static DicomFile Decompress(DicomFile file, DicomLimits? limits = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!file.Dataset.TryGetItem(DicomTag.PixelData, out var item) || item is not DicomFragmentSequence compressed)
            return new DicomFile(file.Dataset);
        var reader = new PixelReader(file.Dataset, file.TransferSyntax, limits);
        var format = reader.Format;
        if (format.TotalLength > Array.MaxLength)
            throw new DicomDataException($"PixelData (7FE0,0010) takes {format.TotalLength} bytes without compression, and {Array.MaxLength} at most are decompressed.", DicomTag.PixelData);
        var pixels = new byte[format.TotalLength];
        for (var frame = 0; frame < format.Frames; frame++)
            reader.FrameBytes(frame, cancellation).CopyTo(pixels.AsSpan((int)(frame * format.FrameLength)));
        var dataset = file.Dataset.Clone();
        MarkLoss(dataset, file.TransferSyntax, compressed.Fragments.Sum(fragment => (long)fragment.Length));
        foreach (var tag in ofCompression)
            dataset.Remove(tag);
        return new DicomFile(dataset.AddOrUpdate(format.BitsAllocated > 8 ? DicomVR.OW : DicomVR.OB, DicomTag.PixelData, pixels));
    }

    /// <summary>The same instance with its pixel data as RLE Lossless (PS3.5 annex G), one fragment a frame.</summary>
    /// <exception cref="DicomDataException">The pixel data can't be read.</exception>
    public static DicomFile ToRunLength(DicomFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var reader = new PixelReader(file.Dataset, file.TransferSyntax);
        var fragments = new DicomFragmentSequence(DicomTag.PixelData, DicomVR.OB);
        for (var frame = 0; frame < reader.Format.Frames; frame++)
            fragments.Fragments.Add(RunLengthCodec.Encode(reader.FrameBytes(frame, default), reader.Format.BitsAllocated / 8, reader.Format.Columns));
        var dataset = file.Dataset.Clone();
        dataset.AddOrUpdate(fragments);
        return new DicomFile(dataset, DicomTransferSyntax.RLELossless);
    }

    /// <summary>
    /// Lossy Image Compression (0028,2110) and what belongs to it (PS3.3 C.7.6.1.1.5), where an instance in a lossy syntax has a silent header: what the syntax did is written into the header, so that the loss is known when the syntax is not any more. A header that says "00"
    /// is believed, because JPEG-LS and JPEG 2000 of these syntaxes may be lossless.
    /// </summary>
    /// <param name="instance">Changed where it is silent; its pixel data is not looked at.</param>
    /// <param name="syntax">In which it is, or was.</param>
    /// <param name="length">Bytes that it takes so compressed: of the file or of the pixel data, for the ratio.</param>
    public static void MarkLoss(DicomDataset instance, DicomTransferSyntax syntax, long length)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(syntax);
        if (syntax.LossyMethod is not { } method || !string.IsNullOrWhiteSpace(instance.GetStringOrNull(DicomTag.LossyImageCompression)))
            return;
        instance.AddOrUpdate(DicomTag.LossyImageCompression, "01").AddOrUpdate(DicomTag.LossyImageCompressionMethod, method);
        if (!instance.Contains(DicomTag.LossyImageCompressionRatio)
            && instance.GetInt32OrNull(DicomTag.Rows) * (long?)instance.GetInt32OrNull(DicomTag.Columns) * instance.GetInt32OrNull(DicomTag.BitsAllocated) / 8 * (instance.GetInt32OrNull(DicomTag.NumberOfFrames) ?? 1) is { } uncompressed)
            instance.AddOrUpdate(DicomTag.LossyImageCompressionRatio, Math.Round((double)uncompressed / length, 2));
    }
}
