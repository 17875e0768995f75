using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Modules;

/// <summary>Lossy Image Compression (0028,2110) with ratio and method, PS3.3 C.7.6.1.1.5.</summary>
static class LossyCompression
{
    /// <summary>Once lossy, always lossy: any source frame that was makes this "01" with its ratio and method.</summary>
    public static void Write(DicomDataset target, SourceSeries source)
    {
        var lossy = source.Frames.Select(f => f.Instance)
            .FirstOrDefault(i => i.GetStringOrNull(DicomTag.LossyImageCompression)?.Trim() == "01");
        target.AddOrUpdate(DicomTag.LossyImageCompression, lossy is null ? "00" : "01");
        if (lossy is null)
            return;
        Copy.IfPresent(lossy, target, DicomTag.LossyImageCompressionRatio);
        Copy.IfPresent(lossy, target, DicomTag.LossyImageCompressionMethod);
    }
}
