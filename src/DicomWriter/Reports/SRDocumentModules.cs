using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Modules;

namespace SoftSeg.DicomWriter.Reports;

/// <summary>SR Document Series, PS3.3 C.17.1, and SR Document General, C.17.2.</summary>
static class SRDocumentModules
{
    /// <param name="replaced">The report that this one replaces; null for none.</param>
    public static void Write(DicomDataset target, ResultContext context, string kind, DicomDataset? replaced)
    {
        var source = context.Source;
        ResultSeriesModule.Write(target, context, "SR", 3, ResultText.SeriesDescription(context, kind));
        target.AddOrUpdate(DicomTag.ReferencedPerformedProcedureStepSequence);

        target.AddOrUpdate(DicomTag.ContentDate, source.ContentDate);
        target.AddOrUpdate(DicomTag.ContentTime, source.ContentTime);
        target.AddOrUpdate(DicomTag.CompletionFlag, "COMPLETE");
        target.AddOrUpdate(DicomTag.VerificationFlag, "UNVERIFIED");
        target.AddOrUpdate(DicomTag.PerformedProcedureCodeSequence);
        if (replaced is not null)
            target.AddOrUpdate(DicomTag.PredecessorDocumentsSequence, Predecessor(replaced));
        target.AddOrUpdate(DicomTag.CurrentRequestedProcedureEvidenceSequence, Evidence(source));
    }

    /// <summary>The source series with all its instances: Hierarchical SOP Instance Reference Macro, C.17.2.1. Viewers open its first series.</summary>
    static DicomDataset Evidence(SourceSeries source) => Reference(source.StudyInstanceUid, source.SeriesInstanceUid, source.Instances);

    static DicomDataset Predecessor(DicomDataset replaced) => Reference(
        replaced.GetString(DicomTag.StudyInstanceUID), replaced.GetString(DicomTag.SeriesInstanceUID),
        [new SourceInstance(replaced.GetString(DicomTag.SOPClassUID), replaced.GetString(DicomTag.SOPInstanceUID))]);

    static DicomDataset Reference(string study, string series, IReadOnlyList<SourceInstance> instances) => new DicomDataset()
        .AddOrUpdate(DicomTag.StudyInstanceUID, study)
        .AddOrUpdate(DicomTag.ReferencedSeriesSequence, new DicomDataset()
            .AddOrUpdate(DicomTag.SeriesInstanceUID, series)
            .AddOrUpdate(DicomTag.ReferencedSOPSequence, instances.Select(CommonInstanceReferenceModule.InstanceReference).ToArray()));
}
