using SoftSeg.Dicom;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomWriter;
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
    public static void Write(SegmentedStack segmented, CordSegmenter segmenter, NodeConfiguration configuration, string folder, string prefix, bool everyForm)
    {
        var (stack, result) = segmented;
        var context = new ResultContext
        {
            Frames = stack.Frames,
            SoftMask = result.Segmentation.SoftMask,
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
            Settings = [KeyValuePair.Create("Provider", segmenter.Provider)],
            NotForClinicalUse = configuration.Results.NotForClinicalUse,
        };
        if (configuration.Results.Binary)
        {
            var forms = SegmentationBuilder.BuildHardForms(context);
            Save("seg-binary.dcm", forms[0]);
            if (everyForm && forms.Count > 1)
                Save("seg-binary-255.dcm", forms[1]);
        }
        if (configuration.Results.Soft)
            Save("seg-soft.dcm", SegmentationBuilder.BuildSoft(context));
        if (configuration.Results.Report)
        {
            var report = MeasurementReportBuilder.Build(context, result.Measurements);
            Save("sr.dcm", report);
            // Nothing measured makes a text report, which has one form.
            if (everyForm && report.Dataset.GetString(DicomTag.SOPClassUID) == DicomUID.Comprehensive3DSRStorage.Value)
                Save("sr-comprehensive.dcm", MeasurementReportBuilder.Build(context, result.Measurements, new ReportOptions { SopClass = DicomUID.ComprehensiveSRStorage }));
        }

        void Save(string name, DicomFile file) => file.Save(Path.Combine(folder, prefix + name));
    }

    static SegmentDescription Describe(ModelSegment segment) => SegmentDescription.SpinalCord with
    {
        Label = segment.Label,
        Category = new(segment.Category.Value, segment.Category.Scheme, segment.Category.Meaning),
        Type = new(segment.Type.Value, segment.Type.Scheme, segment.Type.Meaning),
        Colour = (segment.Colour[0], segment.Colour[1], segment.Colour[2]),
    };
}
