using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Modules;

/// <summary>Lossy Image Compression (0028,2110) with ratio and method, PS3.3 C.7.6.1.1.5.</summary>
static class LossyCompression
{
    /// <summary>Once lossy, always lossy: any source frame that was makes this "01" with its ratio and method.</summary>
    public static void Write(DicomDataset target, SourceSeries source)
    {
        var lossy = Of(source);
        target.AddOrUpdate(DicomTag.LossyImageCompression, lossy is null ? "00" : "01");
        if (lossy is null)
            return;
        Copy.IfPresent(lossy, target, DicomTag.LossyImageCompressionRatio);
        Copy.IfPresent(lossy, target, DicomTag.LossyImageCompressionMethod);
    }

    /// <summary>What a reader of the measurements should know; null where nothing was lost.</summary>
    public static string? Sentence(SourceSeries source) => Of(source) is { } lossy
        ? $"The source images were compressed with loss ({ResultText.Value(string.Join(", ", lossy.GetStrings(DicomTag.LossyImageCompressionMethod).DefaultIfEmpty("method unknown")))}), which the areas share."
        : null;

    static DicomDataset? Of(SourceSeries source) =>
        source.Frames.Select(f => f.Instance).FirstOrDefault(i => i.GetStringOrNull(DicomTag.LossyImageCompression)?.Trim() == "01");
}
