using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Modules;

/// <summary>Frame of Reference, PS3.3 C.7.4.1: the source's, so that viewers draw the mask over the images.</summary>
static class FrameOfReferenceModule
{
    public static void Write(DicomDataset target, SourceSeries source)
    {
        target.AddOrUpdate(DicomTag.FrameOfReferenceUID, source.FrameOfReferenceUid);
        Copy.Attributes(source.Instance, target, [DicomTag.PositionReferenceIndicator], []);
    }
}
