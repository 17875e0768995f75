namespace SoftSeg.Dicom.Imaging;

/// <summary>Lossy Image Compression (0028,2110) and what belongs to it (PS3.3 C.7.6.1.1.5).</summary>
public static class LossyCompression
{
    /// <summary>
    /// An instance in a lossy syntax whose header is silent: what the syntax did is written into the header, so that the loss is known when the syntax is not any more. A header that says "00"
    /// is believed, because JPEG-LS and JPEG 2000 of these syntaxes may be lossless.
    /// </summary>
    /// <param name="instance">Changed where it is silent; its pixel data is not looked at.</param>
    /// <param name="syntax">In which it is, or was.</param>
    /// <param name="length">Bytes that it takes so compressed: of the file or of the pixel data, for the ratio.</param>
    public static void Mark(DicomDataset instance, DicomTransferSyntax syntax, long length)
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
