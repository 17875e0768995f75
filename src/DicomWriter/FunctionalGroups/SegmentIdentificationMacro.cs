using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.FunctionalGroups;

/// <summary>Segment Identification, PS3.3 C.8.20.3.1. Per frame and never shared: Weasis looks for it there only.</summary>
static class SegmentIdentificationMacro
{
    public static void Write(DicomDataset group, ushort segmentNumber) => group.AddOrUpdate(DicomTag.SegmentIdentificationSequence,
        new DicomDataset().AddOrUpdate(DicomTag.ReferencedSegmentNumber, segmentNumber));
}
