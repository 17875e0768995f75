using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;

namespace SoftSeg.DicomWriter.FunctionalGroups;

/// <summary>Plane Position (Patient), PS3.3 C.7.6.16.2.3, in the source's own strings: OHIF draws nothing at 0.01 mm off.</summary>
static class PlanePositionMacro
{
    public static void Write(DicomDataset group, ImageFrame frame) => group.AddOrUpdate(DicomTag.PlanePositionSequence,
        new DicomDataset().AddOrUpdate(DicomTag.ImagePositionPatient, frame.ImagePositionPatient));
}
