using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Modules;

namespace SoftSeg.DicomWriter.Reports;

/// <summary>SR Document Series, PS3.3 C.17.1, and SR Document General, C.17.2.</summary>
static class SRDocumentModules
{
    /// <param name="replaced">The report that this one replaces; null for none.</param>
    /// <param name="evidence">A result that the report refers to beside the source; null for none. Its reports have a number of their own.</param>
    public static void Write(DicomDataset target, ResultContext context, string kind, DicomDataset? replaced, DicomDataset? evidence)
    {
        var source = context.Source;
        ResultSeriesModule.Write(target, context, "SR", evidence is null ? 3 : 9, ResultText.SeriesDescription(context, kind));
        target.AddOrUpdate(DicomTag.ReferencedPerformedProcedureStepSequence);

        target.AddOrUpdate(DicomTag.ContentDate, source.ContentDate);
        target.AddOrUpdate(DicomTag.ContentTime, source.ContentTime);
        target.AddOrUpdate(DicomTag.CompletionFlag, "COMPLETE");
        target.AddOrUpdate(DicomTag.VerificationFlag, "UNVERIFIED");
        target.AddOrUpdate(DicomTag.PerformedProcedureCodeSequence);
        if (replaced is not null)
            target.AddOrUpdate(DicomTag.PredecessorDocumentsSequence, References([replaced]));
        target.AddOrUpdate(DicomTag.CurrentRequestedProcedureEvidenceSequence, Evidence(source, evidence));
    }

    /// <summary>The source series with all its instances: Hierarchical SOP Instance Reference Macro, C.17.2.1. Viewers open its first series.</summary>
    static DicomDataset Evidence(SourceSeries source, DicomDataset? other) => Reference(source.StudyInstanceUid,
    [
        Series(source.SeriesInstanceUid, source.Instances),
        .. other is null ? Array.Empty<DicomDataset>() : [Series(other.GetString(DicomTag.SeriesInstanceUID), [Instance(other)])],
    ]);

    /// <summary>Instances of one study, by their series: Hierarchical SOP Instance Reference Macro, C.17.2.1.</summary>
    public static DicomDataset References(IReadOnlyList<DicomDataset> instances) => Reference(instances[0].GetString(DicomTag.StudyInstanceUID),
        [.. instances.GroupBy(instance => instance.GetString(DicomTag.SeriesInstanceUID)).Select(series => Series(series.Key, [.. series.Select(Instance)]))]);

    static DicomDataset Reference(string study, DicomDataset[] series) =>
        new DicomDataset().AddOrUpdate(DicomTag.StudyInstanceUID, study).AddOrUpdate(DicomTag.ReferencedSeriesSequence, series);

    static DicomDataset Series(string series, IReadOnlyList<SourceInstance> instances) => new DicomDataset()
        .AddOrUpdate(DicomTag.SeriesInstanceUID, series)
        .AddOrUpdate(DicomTag.ReferencedSOPSequence, instances.Select(CommonInstanceReferenceModule.InstanceReference).ToArray());

    static SourceInstance Instance(DicomDataset dataset) => new(dataset.GetString(DicomTag.SOPClassUID), dataset.GetString(DicomTag.SOPInstanceUID));
}
