using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Modules;

/// <summary>Copies attributes of patient and study without decoding them: a name in any character set stays the same bytes.</summary>
static class Copy
{
    /// <param name="type2">Written empty when the source lacks them.</param>
    /// <param name="optional">Left out when the source lacks them or has them empty.</param>
    public static void Attributes(DicomDataset source, DicomDataset target, ReadOnlySpan<DicomTag> type2, ReadOnlySpan<DicomTag> optional)
    {
        foreach (var tag in type2)
        {
            if (source.TryGetItem(tag, out var item))
                target.AddOrUpdate(item);
            else
                target.AddOrUpdate(tag);
        }
        foreach (var tag in optional)
            IfPresent(source, target, tag);
    }

    public static void IfPresent(DicomDataset source, DicomDataset target, DicomTag tag)
    {
        if (!source.TryGetItem(tag, out var item))
            return;
        if (item is DicomSequence sequence ? sequence.Items.Count > 0 : source.GetBytes(tag).Length > 0)
            target.AddOrUpdate(item);
    }
}
