using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Modules;

namespace SoftSeg.DicomWriter.Reports;

/// <summary>Basic Text SR Storage, PS3.3 A.35.1: words about a series that has no measurement, so that no input stays without an answer.</summary>
public static class TextReportBuilder
{
    /// <param name="findings">What happened and why, a sentence each; at least one.</param>
    /// <param name="replaced">The report that this one replaces; null for none.</param>
    /// <exception cref="DicomConformanceException">An attribute that the object needs is missing in the source.</exception>
    /// <exception cref="ArgumentException">There is nothing to say.</exception>
    public static DicomFile Build(ResultContext context, IReadOnlyList<string> findings, DicomDataset? replaced = null)
    {
        if (findings.Count == 0 || findings.Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException("A text report needs at least one sentence and no empty one.", nameof(findings));
        var dataset = ReportDataset.Create(context, DicomUID.BasicTextSRStorage, "report", replaced);
        string[] sentences = context.NotForClinicalUse ? [ResultText.NotForClinicalUse, .. findings] : [.. findings];
        ContentItem.Root(dataset, Codes.LN.RadiologyStudyObservation, null,
        [
            ReportTemplates.Language(),
            .. ReportTemplates.DeviceObserver(context.Equipment),
            ContentItem.Container(Relationship.Contains, Codes.DCM.Findings, null,
            [
                .. sentences.Select(s => ContentItem.Text(Relationship.Contains, Codes.DCM.Finding, s)),
                ContentItem.Text(Relationship.Contains, Codes.DCM.AlgorithmName, context.Algorithm.ModelName),
                ContentItem.Text(Relationship.Contains, Codes.DCM.AlgorithmVersion, context.Algorithm.ModelVersion),
                ContentItem.Text(Relationship.Contains, Codes.DCM.AlgorithmParameters, ResultText.AlgorithmParameters(context)),
                .. context.Source.Frames.Select(f => ContentItem.Image(Relationship.Contains, f)),
            ]),
        ]);
        return ReportDataset.Seal(dataset, context, "text report");
    }
}
