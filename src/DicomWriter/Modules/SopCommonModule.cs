using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Modules;

/// <summary>SOP Common, PS3.3 C.12.1. SOP Instance UID is set last, from everything else (<see cref="ResultIdentity"/>).</summary>
static class SopCommonModule
{
    /// <remarks>Comes first: the character set decides how every later text is encoded.</remarks>
    public static void Write(DicomDataset target, ResultContext context, DicomUID sopClass)
    {
        Copy.IfPresent(context.Source.Instance, target, DicomTag.SpecificCharacterSet);
        target.AddOrUpdate(DicomTag.SOPClassUID, sopClass.Value);
        // Dates and times are the source's, so its time zone holds for them.
        Copy.IfPresent(context.Source.Instance, target, DicomTag.TimezoneOffsetFromUTC);
        target.AddOrUpdate(DicomTag.InstanceNumber, "1");
        target.AddOrUpdate(DicomTag.ContributingEquipmentSequence, ContributingEquipment(context));
    }

    /// <summary>The item of Contributing Equipment Sequence (0018,A001) for this node; purpose from CID 7005.</summary>
    static DicomDataset ContributingEquipment(ResultContext context)
    {
        var item = new DicomDataset();
        GeneralEquipmentModule.Write(item, context);
        CodeSequence.Write(item, DicomTag.PurposeOfReferenceCodeSequence, Codes.DCM.ProcessingEquipment);
        item.AddOrUpdate(DicomTag.ContributionDescription,
            ResultText.Value($"Segmentation and measurement with {context.Algorithm.ModelName} {context.Algorithm.ModelVersion}", 1024));
        return item;
    }
}
