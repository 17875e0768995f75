using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Segmentations;

/// <summary>Multi-frame Dimension, PS3.3 C.7.6.17: segment number where frames have one, then position in the patient.</summary>
static class MultiFrameDimensionModule
{
    public static void Write(DicomDataset target, string organizationUid, bool bySegment)
    {
        var position = Index(DicomTag.ImagePositionPatient, DicomTag.PlanePositionSequence, organizationUid, "Image Position Patient");
        target.AddOrUpdate(DicomTag.DimensionOrganizationSequence, new DicomDataset().AddOrUpdate(DicomTag.DimensionOrganizationUID, organizationUid));
        target.AddOrUpdate(DicomTag.DimensionIndexSequence, bySegment
            ? [Index(DicomTag.ReferencedSegmentNumber, DicomTag.SegmentIdentificationSequence, organizationUid, "Segment Number"), position]
            : [position]);
    }

    static DicomDataset Index(DicomTag pointer, DicomTag functionalGroup, string organizationUid, string label) => new DicomDataset()
        .AddOrUpdate(DicomTag.DimensionIndexPointer, pointer)
        .AddOrUpdate(DicomTag.FunctionalGroupPointer, functionalGroup)
        .AddOrUpdate(DicomTag.DimensionOrganizationUID, organizationUid)
        .AddOrUpdate(DicomTag.DimensionDescriptionLabel, label);
}
