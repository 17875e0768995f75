using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Segmentations;

/// <summary>Multi-frame Dimension, PS3.3 C.7.6.17: segment number, then position in the patient.</summary>
static class MultiFrameDimensionModule
{
    public static void Write(DicomDataset target, string organizationUid) => target
        .AddOrUpdate(DicomTag.DimensionOrganizationSequence,
            new DicomDataset().AddOrUpdate(DicomTag.DimensionOrganizationUID, organizationUid))
        .AddOrUpdate(DicomTag.DimensionIndexSequence,
            Index(DicomTag.ReferencedSegmentNumber, DicomTag.SegmentIdentificationSequence, organizationUid, "Segment Number"),
            Index(DicomTag.ImagePositionPatient, DicomTag.PlanePositionSequence, organizationUid, "Image Position Patient"));

    static DicomDataset Index(DicomTag pointer, DicomTag functionalGroup, string organizationUid, string label) => new DicomDataset()
        .AddOrUpdate(DicomTag.DimensionIndexPointer, pointer)
        .AddOrUpdate(DicomTag.FunctionalGroupPointer, functionalGroup)
        .AddOrUpdate(DicomTag.DimensionOrganizationUID, organizationUid)
        .AddOrUpdate(DicomTag.DimensionDescriptionLabel, label);
}
