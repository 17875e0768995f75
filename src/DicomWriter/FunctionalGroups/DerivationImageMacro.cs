using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.DicomWriter.Modules;

namespace SoftSeg.DicomWriter.FunctionalGroups;

/// <summary>Derivation Image, PS3.3 C.7.6.16.2.6: the one source frame that a mask frame lies on, pixel by pixel.</summary>
static class DerivationImageMacro
{
    public static void Write(DicomDataset group, ImageFrame frame)
    {
        var source = CommonInstanceReferenceModule.InstanceReference(new SourceInstance(frame.SopClassUid, frame.SopInstanceUid));
        if (frame.FrameNumber is int number)
            source.AddOrUpdate(DicomTag.ReferencedFrameNumber, number.ToString(CultureInfo.InvariantCulture));
        source.AddOrUpdate(DicomTag.SpatialLocationsPreserved, "YES");
        CodeSequence.Write(source, DicomTag.PurposeOfReferenceCodeSequence, Codes.DCM.SourceImage);

        var derivation = new DicomDataset().AddOrUpdate(DicomTag.SourceImageSequence, source);
        CodeSequence.Write(derivation, DicomTag.DerivationCodeSequence, Codes.DCM.Segmentation);
        group.AddOrUpdate(DicomTag.DerivationImageSequence, derivation);
    }
}
