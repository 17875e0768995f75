using SoftSeg.Dicom;
using SoftSeg.DicomReader;
using SoftSeg.DicomWriter;

namespace SoftSeg.DicomNode.Segment;

/// <summary>
/// What is never segmented, whatever the rules of the configuration say, and by which rule: first of all this node's own results, which a PACS may well send
/// back. Asked before pixels are read.
/// </summary>
public static class LoopGuard
{
    static readonly EquipmentIdentification Own = new();

    static readonly string[] MrImageClasses =
    [
        DicomUID.MRImageStorage.Value,
        DicomUID.EnhancedMRImageStorage.Value,
        DicomUID.LegacyConvertedEnhancedMRImageStorage.Value,
    ];

    /// <summary>Whether instances of a SOP class can become a volume.</summary>
    public static bool IsSegmented(string sopClass) => MrImageClasses.Contains(sopClass);

    /// <param name="isOwnSeries">Whether a Series Instance UID is that of results of this node.</param>
    /// <returns>The rule's name and the reason, or null.</returns>
    public static string? Rule(SeriesFacts facts, Func<string, bool> isOwnSeries)
    {
        var header = facts.Header;
        if (Text(header, DicomTag.Manufacturer) == Own.Manufacturer && Text(header, DicomTag.ManufacturerModelName) == Own.ManufacturerModelName)
            return "own result: made by SoftSeg, by its Manufacturer and ManufacturerModelName";
        if (Text(header, DicomTag.SeriesInstanceUID) is { Length: > 0 } uid && isOwnSeries(uid))
            return "own result: its SeriesInstanceUID is that of results that this node made";
        var sopClass = Text(header, DicomTag.SOPClassUID);
        if (!IsSegmented(sopClass))
            return $"not an MR image: its SOP class is {(DicomUID.IsValid(sopClass) ? new DicomUID(sopClass).Name : sopClass)}";
        if (Text(header, DicomTag.Modality) is { Length: > 0 } and not "MR" and var modality)
            return $"other modality: {modality}";
        // Each frame of a multi-frame image has a type of its own: the stacks made of them are judged one by one.
        if (sopClass != DicomUID.MRImageStorage.Value)
            return null;
        if (facts.All(IsLocalizer))
            return "localizer: ImageType, SeriesDescription or ProtocolName say so";
        return facts.All(IsDerived) ? "derived: ImageType says that it was computed from other images" : null;
    }

    static bool IsLocalizer(DicomDataset header) => Localizers.IsOne(
        header.GetStrings(DicomTag.ImageType), header.GetStringOrNull(DicomTag.SeriesDescription), header.GetStringOrNull(DicomTag.ProtocolName));

    static bool IsDerived(DicomDataset header) =>
        header.GetStrings(DicomTag.ImageType) is [var first, ..] && first.Equals("DERIVED", StringComparison.OrdinalIgnoreCase);

    static string Text(DicomDataset header, DicomTag tag) => header.GetStringOrNull(tag)?.Trim() ?? "";
}
