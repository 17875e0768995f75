using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Modules;

/// <summary>
/// Body Part Examined (0018,0015), General Series, PS3.3 C.7.3.1: pictures and maps need a laterality unless the body part is known to have none. Segmentations do
/// without either: viewers stumble over an empty laterality.
/// </summary>
static class BodyPart
{
    public static void Write(DicomDataset target, SourceSeries source)
    {
        Copy.IfPresent(source.Instance, target, DicomTag.BodyPartExamined);
        if (!target.Contains(DicomTag.BodyPartExamined))
            target.AddOrUpdate(DicomTag.Laterality);
    }
}
