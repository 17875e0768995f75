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
    /// <param name="folder">Where <c>seg-binary.dcm</c>, <c>seg-soft.dcm</c> and <c>sr.dcm</c> go.</param>
    /// <param name="prefix">In front of the names, where a series has several stacks.</param>
    public static void Write(SegmentedStack segmented, CordSegmenter segmenter, NodeConfiguration configuration, string folder, string prefix)
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
            Save("seg-binary.dcm", SegmentationBuilder.BuildHard(context));
        if (configuration.Results.Soft)
            Save("seg-soft.dcm", SegmentationBuilder.BuildSoft(context));
        if (configuration.Results.Report)
            Save("sr.dcm", MeasurementReportBuilder.Build(context, result.Measurements));

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
