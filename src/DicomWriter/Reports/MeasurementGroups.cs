using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Segmentations;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Reports;

/// <summary>
/// Measurement Groups with contours as their evidence. Every group has at least one: OHIF throws and blanks the viewport for a
/// group without.
/// </summary>
sealed class MeasurementGroups(ResultContext context, SliceRegions regions)
{
    readonly ResultIdentity _identity = new(context);

    /// <summary>TID 1410, Planar ROI Measurements and Qualitative Evaluations: one source slice that crosses the structure.</summary>
    public DicomDataset Slice(Station station)
    {
        var slice = station.SourceSlice!.Value;
        var (word, number) = Withheld.Name(context, station);
        return Group("1410", FormattableString.Invariant($"{context.Segment.Label}, {word} {number}"), _identity.For("tracking", "slice", slice.ToString(CultureInfo.InvariantCulture)),
        [
            Region(slice, regions.Of(slice)[0]),
            ContentItem.Number(Codes.SCT.Area, station.Area, 2, Codes.UCUM.SquareMillimetre),
            .. Shape(station),
        ]);
    }

    /// <summary>TID 1411, Volumetric ROI Measurements and Qualitative Evaluations: the structure along its whole range.</summary>
    /// <param name="slices">The source slices whose contours show it.</param>
    /// <param name="comments">What a reader must know beside the numbers.</param>
    public DicomDataset Whole(CordMeasurements measurements, IEnumerable<int> slices, IEnumerable<string> comments) =>
        Group("1411", ResultIdentity.TrackingId(context), _identity.TrackingUid,
        [
            .. slices.SelectMany(slice => regions.Of(slice).Select(points => Region(slice, points))),
            .. Statistics(measurements.Whole),
            .. comments.Select(c => ContentItem.Text(Relationship.Contains, Codes.DCM.Comment, c)),
        ]);

    /// <summary>TID 1411 with the segment itself as the region: for software that reads segmentations, not contours.</summary>
    /// <param name="segmentation">The segmentation that shows the structure.</param>
    public DicomDataset WholeSegment(CordMeasurements measurements, DicomDataset segmentation, IEnumerable<string> comments) =>
        Group("1411", ResultIdentity.TrackingId(context), _identity.TrackingUid,
        [
            ContentItem.Segment(Codes.DCM.ReferencedSegment, segmentation, SegmentationImageModule.SegmentNumber),
            ContentItem.UidReference(Relationship.Contains, Codes.DCM.SourceSeriesForSegmentation, context.Source.SeriesInstanceUid),
            .. Statistics(measurements.Whole),
            .. comments.Select(c => ContentItem.Text(Relationship.Contains, Codes.DCM.Comment, c)),
        ]);

    DicomDataset Group(string template, string trackingId, string trackingUid, IEnumerable<DicomDataset> content) =>
        ContentItem.Container(Relationship.Contains, Codes.DCM.MeasurementGroup, template,
        [
            .. ReportTemplates.Tracking(trackingId, trackingUid),
            ContentItem.Code(Relationship.Contains, Codes.DCM.Finding, context.Segment.Type),
            .. ReportTemplates.Algorithm(context),
            ContentItem.Code(Relationship.HasConceptModifier, Codes.SCT.FindingSite, context.Segment.Type),
            .. content,
        ]);

    DicomDataset Region(int slice, float[] points) => ContentItem.Polyline(Codes.DCM.ImageRegion, points, context.Frames[slice]);

    /// <summary>The valid stations' areas and diameters, and the volume and length of all of the structure in the field of view.</summary>
    static IEnumerable<DicomDataset> Statistics(CordSummary whole)
    {
        (CodedConcept Name, CodedConcept? Derivation, double Value, CodedConcept Unit)[] statistics =
        [
            (Codes.SCT.Area, Codes.SCT.Mean, whole.MeanArea, Codes.UCUM.SquareMillimetre),
            (Codes.SoftSeg.AreaHalfWidth, Codes.SCT.Mean, whole.MeanAreaHalfWidth ?? double.NaN, Codes.UCUM.SquareMillimetre),
            (Codes.SCT.Area, Codes.SCT.StandardDeviation, whole.StandardDeviationArea, Codes.UCUM.SquareMillimetre),
            (Codes.SCT.Area, Codes.SCT.Minimum, whole.MinimumArea, Codes.UCUM.SquareMillimetre),
            (Codes.SCT.Area, Codes.SCT.Maximum, whole.MaximumArea, Codes.UCUM.SquareMillimetre),
            (Codes.SoftSeg.DiameterAP, Codes.SCT.Mean, whole.MeanDiameterAP, Codes.UCUM.Millimetre),
            (Codes.SoftSeg.DiameterRL, Codes.SCT.Mean, whole.MeanDiameterRL, Codes.UCUM.Millimetre),
            (Codes.SCT.Volume, null, whole.Volume, Codes.UCUM.CubicMillimetre),
            (Codes.SCT.Length, null, whole.Length, Codes.UCUM.Millimetre),
        ];
        return statistics.Where(s => double.IsFinite(s.Value)).Select(s => s.Derivation is { } derivation
            ? ContentItem.Number(s.Name, s.Value, 2, s.Unit, ContentItem.Code(Relationship.HasConceptModifier, Codes.DCM.Derivation, derivation))
            : ContentItem.Number(s.Name, s.Value, 2, s.Unit));
    }

    static IEnumerable<DicomDataset> Shape(Station station)
    {
        (CodedConcept Name, double Value, int Decimals, CodedConcept Unit)[] shape =
        [
            (Codes.SoftSeg.AreaHalfWidth, station.AreaHalfWidth ?? double.NaN, 2, Codes.UCUM.SquareMillimetre),
            (Codes.SoftSeg.DiameterAP, station.DiameterAP, 2, Codes.UCUM.Millimetre),
            (Codes.SoftSeg.DiameterRL, station.DiameterRL, 2, Codes.UCUM.Millimetre),
            (Codes.SoftSeg.Eccentricity, station.Eccentricity, 4, Codes.UCUM.NoUnits),
            (Codes.SoftSeg.Solidity, station.Solidity, 4, Codes.UCUM.NoUnits),
        ];
        // What has no value (the shape of a few voxels, the interval of a model that was not calibrated) is left out; the area stays.
        return shape.Where(s => double.IsFinite(s.Value)).Select(s => ContentItem.Number(s.Name, s.Value, s.Decimals, s.Unit));
    }
}
