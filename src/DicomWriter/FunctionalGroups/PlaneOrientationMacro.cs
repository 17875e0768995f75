using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.FunctionalGroups;

/// <summary>Plane Orientation (Patient), PS3.3 C.7.6.16.2.4, in the source's own strings: OHIF refuses 0.002 off.</summary>
static class PlaneOrientationMacro
{
    public static void Write(DicomDataset group, SourceSeries source) => group.AddOrUpdate(DicomTag.PlaneOrientationSequence,
        new DicomDataset().AddOrUpdate(DicomTag.ImageOrientationPatient, source.Frames[0].ImageOrientationPatient));
}
