using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomWriter;
using SoftSeg.DicomWriter.Captures;
using SoftSeg.DicomWriter.Reports;
using SoftSeg.DicomWriter.Segmentations;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomNode.Segment;

/// <summary>Writes the DICOM objects of one segmented stack.</summary>
static class ResultObjects
{
    /// <param name="folder">Where <c>seg-binary.dcm</c>, <c>seg-soft.dcm</c>, <c>sr.dcm</c> and the other forms of them go; <see cref="Return.ResultKind"/> knows which is which.</param>
    /// <param name="prefix">In front of the names, where a series has several stacks.</param>
    /// <param name="everyForm">Also the forms for peers that do not take the best one.</param>
    /// <param name="kinds">What to make; what the configuration has for all peers when empty.</param>
    /// <param name="missing">What the series lacks, as far as that is known.</param>
    /// <param name="replaced">The report in whose place one comes, by its file name; null for none.</param>
    public static void Write(SegmentedStack segmented, CordSegmenter segmenter, NodeConfiguration configuration, string folder, string prefix, bool everyForm, IReadOnlyList<string>? kinds = null, string? missing = null,
        Func<string, DicomDataset?>? replaced = null)
    {
        var (stack, result) = segmented;
        var context = Context(stack.Frames, segmenter, result.Segmentation.Provider, configuration) with
        {
            SoftMask = result.Segmentation.SoftMask,
            Notes = missing is null ? result.Segmentation.Notes : [$"The series was incomplete when this was made; missing: {missing}.", .. result.Segmentation.Notes],
        };
        var image = stack.Volume;
        var (newer, older) = (new ReportOptions(), new ReportOptions { SopClass = DicomUID.ComprehensiveSRStorage });
        if (Makes(nameof(ResultsSettings.Binary)))
        {
            var forms = SegmentationBuilder.BuildHardForms(context);
            Save("seg-binary.dcm", forms[0]);
            if (everyForm && forms.Count > 1)
                Save("seg-binary-255.dcm", forms[1]);
        }
        if (Makes(nameof(ResultsSettings.Soft)))
            Save("seg-soft.dcm", SegmentationBuilder.BuildSoft(context));
        if (Makes(nameof(ResultsSettings.Report)))
        {
            var report = Report("sr.dcm", newer);
            Save("sr.dcm", report);
            // Nothing measured makes a text report, which has one form.
            if (everyForm && report.Dataset.GetString(DicomTag.SOPClassUID) == DicomUID.Comprehensive3DSRStorage.Value)
                Save("sr-comprehensive.dcm", Report("sr-comprehensive.dcm", older));
        }

        // Pictures stand in for a segmentation that a peer does not take.
        if (Makes(nameof(ResultsSettings.Overlay)) || (everyForm && Makes(nameof(ResultsSettings.Binary))))
        {
            foreach (var (picture, number) in SecondaryCaptureBuilder.BuildSlices(context, image).Select((file, n) => (file, n + 1)))
                Save($"overlay-{number:000}.dcm", picture);
        }
        if (Makes(nameof(ResultsSettings.Page)))
            Save("page.dcm", EncapsulatedPdfBuilder.Build(context, image, result.Measurements));
        if (Makes(nameof(ResultsSettings.PagePicture)))
            Save("page-picture.dcm", SecondaryCaptureBuilder.BuildReport(context, image, result.Measurements));
        if (Makes(nameof(ResultsSettings.SegmentReport)) && result.Measurements.Whole.ValidStations > 0)
        {
            var segmentation = SegmentationBuilder.BuildHard(context).Dataset;
            Save("sr-segment.dcm", MeasurementReportBuilder.BuildWithSegment(context, result.Measurements, segmentation));
            if (everyForm)
                Save("sr-segment-comprehensive.dcm", MeasurementReportBuilder.BuildWithSegment(context, result.Measurements, segmentation, older));
        }
        if (Makes(nameof(ResultsSettings.LabelMap)))
            Save("labelmap.dcm", SegmentationBuilder.BuildLabelMap(context));
        if (Makes(nameof(ResultsSettings.ParametricMap)))
            Save("parametric-map.dcm", ParametricMapBuilder.Build(context));

        bool Makes(string kind) => kinds is { Count: > 0 } ? kinds.Contains(kind, StringComparer.OrdinalIgnoreCase) : configuration.Makes(kind);

        DicomFile Report(string name, ReportOptions options) => Replacing(replaced?.Invoke(prefix + name), old => MeasurementReportBuilder.Build(context, result.Measurements, options with { Replaces = old }));

        void Save(string name, DicomFile file) => file.Save(Path.Combine(folder, prefix + name));
    }

    /// <summary>A report that names the one that it replaces; one that comes out the same again replaces nothing.</summary>
    static DicomFile Replacing(DicomDataset? old, Func<DicomDataset?, DicomFile> build)
    {
        var report = build(null);
        return old is null || old.GetString(DicomTag.SOPInstanceUID) == report.Dataset.GetString(DicomTag.SOPInstanceUID) ? report : build(old);
    }

    /// <summary>Writes <c>reason.dcm</c>: why a series has no results.</summary>
    /// <exception cref="DicomDataException">The instances are no images to refer to.</exception>
    /// <exception cref="DicomConformanceException">An attribute that the object needs is missing in the source.</exception>
    public static void WriteReason(IReadOnlyList<string> instances, string reason, CordSegmenter segmenter, NodeConfiguration configuration, string folder, DicomDataset? replaced = null)
    {
        var frames = instances.SelectMany(file => ImageFrame.Of(DicomFile.Open(file, DicomReadOptions.UntilPixelData).Dataset)).ToArray();
        var context = Context(frames, segmenter, segmenter.Provider, configuration);
        Replacing(replaced, old => TextReportBuilder.Build(context, [$"No segmentation was made of this series. {reason}"], old)).Save(Path.Combine(folder, "reason.dcm"));
    }

    static ResultContext Context(IReadOnlyList<ImageFrame> frames, CordSegmenter segmenter, string provider, NodeConfiguration configuration) => new()
    {
        Frames = frames,
        Algorithm = new AlgorithmIdentification
        {
            ModelName = segmenter.Model.Name,
            ModelVersion = segmenter.Model.Version,
            ModelSha256 = segmenter.Model.Sha256,
            SoftwareVersion = NodeHost.Version,
            MeasurementVersion = MorphometryOptions.Version,
        },
        Segment = Describe(segmenter.Model.Segments[0]),
        Equipment = new EquipmentIdentification { StationName = configuration.Node.AeTitle },
        Settings = [KeyValuePair.Create("Provider", provider)],
        NotForClinicalUse = configuration.Results.NotForClinicalUse,
    };

    static SegmentDescription Describe(ModelSegment segment) => SegmentDescription.SpinalCord with
    {
        Label = segment.Label,
        Category = new(segment.Category.Value, segment.Category.Scheme, segment.Category.Meaning),
        Type = new(segment.Type.Value, segment.Type.Scheme, segment.Type.Meaning),
        Colour = (segment.Colour[0], segment.Colour[1], segment.Colour[2]),
    };
}
