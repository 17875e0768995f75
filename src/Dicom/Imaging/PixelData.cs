using SoftSeg.Dicom.Imaging.Codecs;

namespace SoftSeg.Dicom.Imaging;

/// <summary>The pixel data of image instances, read and converted.</summary>
public static class PixelData
{
    /// <inheritdoc cref="PixelReader.CanRead"/>
    public static bool CanRead(DicomTransferSyntax transferSyntax) => PixelReader.CanRead(transferSyntax);

    /// <summary>Reads one frame's stored values, before any rescale; <see cref="PixelReader"/> reads many.</summary>
    /// <inheritdoc cref="PixelReader.Read"/>
    /// <param name="instance">The instance with its pixel data.</param>
    /// <param name="frameIndex">From 0.</param>
    /// <param name="stored">Room for Rows x Columns values, <c>[row, column]</c>.</param>
    /// <param name="transferSyntax">That of the file the instance was read from; it may be null where the pixel data is not encapsulated.</param>
    public static void ReadFrame(DicomDataset instance, int frameIndex, Span<float> stored, DicomTransferSyntax? transferSyntax = null) =>
        new PixelReader(instance, transferSyntax).Read(frameIndex, stored);

    /// <summary>The same instance with its pixel data as RLE Lossless (PS3.5 annex G), one fragment a frame.</summary>
    /// <exception cref="DicomDataException">The pixel data can't be read.</exception>
    public static DicomFile ToRunLength(DicomFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var reader = new PixelReader(file.Dataset, file.TransferSyntax);
        var fragments = new DicomFragmentSequence(DicomTag.PixelData, DicomVR.OB);
        for (var frame = 0; frame < reader.Format.Frames; frame++)
            fragments.Fragments.Add(RunLengthCodec.Encode(reader.FrameBytes(frame, default), reader.Format.BitsAllocated / 8, reader.Format.Columns));
        var dataset = file.Dataset.Clone();
        dataset.AddOrUpdate(fragments);
        return new DicomFile(dataset, DicomTransferSyntax.RLELossless);
    }
}
