using SoftSeg.Dicom;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Tests.Reports;

/// <summary>Ways into the content tree of a report.</summary>
static class ReportTree
{
    public static IReadOnlyList<DicomDataset> Content(this DicomDataset item) => item.GetSequence(DicomTag.ContentSequence);

    public static string Name(this DicomDataset item) =>
        item.GetSequence(DicomTag.ConceptNameCodeSequence) is [var code] ? code.GetString(DicomTag.CodeValue) : "";

    public static IEnumerable<DicomDataset> Named(this DicomDataset item, CodedConcept concept) => item.Content().Where(c => c.Name() == concept.Value);

    public static DicomDataset One(this DicomDataset item, CodedConcept concept) => Assert.Single(item.Named(concept));

    public static DicomDataset[] Groups(this DicomDataset report) =>
        [.. report.One(Codes.DCM.ImagingMeasurements).Named(Codes.DCM.MeasurementGroup)];

    public static string Template(this DicomDataset item) =>
        Assert.Single(item.GetSequence(DicomTag.ContentTemplateSequence)).GetString(DicomTag.TemplateIdentifier);

    public static DicomDataset[] Regions(this DicomDataset group) =>
        [.. group.Content().Where(c => c.GetString(DicomTag.ValueType) == "SCOORD")];

    public static string Text(this DicomDataset item) => item.GetString(DicomTag.TextValue);

    /// <summary>The value of a CODE.</summary>
    public static string Code(this DicomDataset item) => Assert.Single(item.GetSequence(DicomTag.ConceptCodeSequence)).GetString(DicomTag.CodeValue);

    /// <summary>The value of a NUM.</summary>
    public static string Number(this DicomDataset item) =>
        Assert.Single(item.GetSequence(DicomTag.MeasuredValueSequence)).GetString(DicomTag.NumericValue);

    /// <summary>The reference of an IMAGE, or of the image that an SCOORD is selected from.</summary>
    public static DicomDataset Reference(this DicomDataset item) => item.GetString(DicomTag.ValueType) == "IMAGE"
        ? Assert.Single(item.GetSequence(DicomTag.ReferencedSOPSequence)) : Assert.Single(item.Content()).Reference();

    public static string Instance(this DicomDataset item) => item.Reference().GetString(DicomTag.ReferencedSOPInstanceUID);
}
