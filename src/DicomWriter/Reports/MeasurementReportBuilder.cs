using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Modules;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Reports;

/// <summary>TID 1500, Imaging Measurement Report, as Comprehensive 3D SR (PS3.3 A.35.13) or Comprehensive SR (A.35.3).</summary>
public static class MeasurementReportBuilder
{
    /// <summary>
    /// Where the source slices cross the structure: a planar group per slice with its contour, after the group of the whole. Where
    /// they run along it (sagittal, coronal) a slice's contour is no cross-section: only the whole, with the slices' contours as
    /// its regions. Nothing measured at all: a Basic Text SR that says why.
    /// </summary>
    /// <exception cref="DicomConformanceException">An attribute that the object needs is missing in the source.</exception>
    public static DicomFile Build(ResultContext context, CordMeasurements measurements, ReportOptions? options = null)
    {
        options ??= new ReportOptions();
        var regions = new SliceRegions(context.Mask);
        var measured = measurements.Stations.Where(s => s.Valid).ToArray();
        int[] slices = measurements.StationsAreSlices
            ? [.. measured.Where(s => s.SourceSlice is int slice && regions.Of(slice).Count > 0).Select(s => s.SourceSlice!.Value)]
            : [.. regions.Slices];
        if (measured.Length == 0 || slices.Length == 0)
            return TextReportBuilder.Build(context, [$"{context.Segment.Label}: nothing was measured.", .. Withheld.Sentences(context, measurements)], options.Replaces);

        var groups = new MeasurementGroups(context, regions);
        var dataset = ReportDataset.Create(context, options.SopClass, "report", options.Replaces);
        WriteTree(dataset, context,
        [
            groups.Whole(measurements, slices, Comments(context, measurements)),
            .. measurements.StationsAreSlices
                ? measured.Where(s => s.SourceSlice is int slice && regions.Of(slice).Count > 0).Select(groups.Slice) : [],
        ]);
        return ReportDataset.Seal(dataset, context, "measurement report");
    }

    /// <summary>
    /// The measurements of the whole with the segment itself in place of contours (TID 1411, Referenced Segment): for research software. OHIF shows nothing of a
    /// group without contours, so this comes beside the report of <see cref="Build"/>, not instead of it.
    /// </summary>
    /// <param name="segmentation">The segmentation of the same context.</param>
    /// <inheritdoc cref="Build"/>
    /// <exception cref="ArgumentException">Nothing was measured.</exception>
    public static DicomFile BuildWithSegment(ResultContext context, CordMeasurements measurements, DicomDataset segmentation, ReportOptions? options = null)
    {
        options ??= new ReportOptions();
        if (measurements.Whole.ValidStations == 0)
            throw new ArgumentException("A report with a segment needs at least one valid station.", nameof(measurements));
        var dataset = ReportDataset.Create(context, options.SopClass, "segment report", options.Replaces, evidence: segmentation);
        WriteTree(dataset, context, [new MeasurementGroups(context, new SliceRegions(context.Mask)).WholeSegment(measurements, segmentation, Comments(context, measurements))]);
        return ReportDataset.Seal(dataset, context, "segment report");
    }

    static void WriteTree(DicomDataset dataset, ResultContext context, IReadOnlyList<DicomDataset> groups)
    {
        DeclareScheme(dataset);
        ContentItem.Root(dataset, Codes.DCM.ImagingMeasurementReport, "1500",
        [
            ReportTemplates.Language(),
            .. ReportTemplates.DeviceObserver(context.Equipment),
            ContentItem.Code(Relationship.HasConceptModifier, Codes.DCM.ProcedureReported, Codes.LN.MriUnspecifiedBodyRegion),
            ReportTemplates.ImageLibrary(context.Frames),
            ContentItem.Container(Relationship.Contains, Codes.DCM.ImagingMeasurements, null, groups),
            .. context.NotForClinicalUse
                ? [ContentItem.Text(Relationship.Contains, Codes.DCM.Comment, ResultText.NotForClinicalUse)] : Array.Empty<DicomDataset>(),
        ]);
    }

    static IEnumerable<string> Comments(ResultContext context, CordMeasurements measurements)
    {
        if (context.NotForClinicalUse)
            yield return ResultText.NotForClinicalUse;
        yield return "Areas are sums of the voxels' shares on planes across the structure, not areas of the contours. A contour shows where the share is 0.5.";
        if (LossyCompression.Sentence(context.Source) is { } loss)
            yield return loss;
        if (measurements.Whole.MeanAreaHalfWidth is { } half)
            yield return FormattableString.Invariant($"95 % interval of the mean area, against the true share: {measurements.Whole.MeanArea - half:0.0} to {measurements.Whole.MeanArea + half:0.0} mm2.");
        foreach (var note in context.Notes)
            yield return note;
        foreach (var sentence in Withheld.Sentences(context, measurements))
            yield return sentence;
    }

    /// <summary>Coding Scheme Identification Sequence (0008,0110) of SOP Common: the private scheme of the shape measurements.</summary>
    static void DeclareScheme(DicomDataset dataset) => dataset.AddOrUpdate(DicomTag.CodingSchemeIdentificationSequence, new DicomDataset()
        .AddOrUpdate(DicomTag.CodingSchemeDesignator, Codes.SoftSeg.Scheme)
        .AddOrUpdate(DicomTag.CodingSchemeName, Codes.SoftSeg.SchemeName)
        .AddOrUpdate(DicomTag.CodingSchemeResponsibleOrganization, Codes.SoftSeg.ResponsibleOrganization));
}
