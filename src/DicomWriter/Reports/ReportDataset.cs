using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Modules;

namespace SoftSeg.DicomWriter.Reports;

/// <summary>The modules that all reports share; the content tree comes between <see cref="Create"/> and <see cref="Seal"/>.</summary>
static class ReportDataset
{
    public static DicomDataset Create(ResultContext context, DicomUID sopClass, string kind, DicomDataset? replaced, DicomDataset? evidence = null)
    {
        var dataset = new DicomDataset();
        SopCommonModule.Write(dataset, context, sopClass);
        PatientModule.Write(dataset, context.Source.Instance);
        GeneralStudyModule.Write(dataset, context.Source.Instance);
        SRDocumentModules.Write(dataset, context, kind, replaced, evidence);
        GeneralEquipmentModule.Write(dataset, context);
        return dataset;
    }

    public static DicomFile Seal(DicomDataset dataset, ResultContext context, string form)
    {
        new ResultIdentity(context).Seal(dataset, form);
        return new DicomFile(dataset, DicomTransferSyntax.ExplicitVRLittleEndian);
    }
}
