using SoftSeg.Dicom;
using SoftSeg.DicomWriter;
using SoftSeg.DicomWriter.Captures;
using SoftSeg.DicomWriter.Reports;
using SoftSeg.DicomWriter.Segmentations;
using SoftSeg.SegEngine;

namespace SoftSeg.EndToEnd.Tests.Proof;

/// <summary>A source series as files, the mask that is the truth for it, and every object that is written from the two.</summary>
sealed class ProofCase
{
    public const string Hard = "seg-binary.dcm";
    public const string HardAsBytes = "seg-binary-255.dcm";
    public const string Soft = "seg-soft.dcm";
    public const string Report3D = "sr-comprehensive-3d.dcm";
    public const string Report = "sr-comprehensive.dcm";
    public const string Text = "sr-text.dcm";
    public const string SegmentReport = "sr-segment.dcm";
    public const string LabelMap = "labelmap.dcm";
    public const string ParametricMap = "parametric-map.dcm";
    public const string Page = "page.dcm";
    public const string PagePicture = "page-picture.dcm";

    readonly string folder;

    public ProofCase(string name, IReadOnlyList<string> sourceFiles, Volume image, ResultContext context, string folder)
    {
        (Name, SourceFiles, Context, this.folder) = (name, sourceFiles, context, folder);
        var measurements = CordMorphometry.Measure(Truth);
        var forms = SegmentationBuilder.BuildHardForms(context);
        Save(Hard, forms[0]);
        if (forms.Count > 1)
            Save(HardAsBytes, forms[1]);
        Save(Soft, SegmentationBuilder.BuildSoft(context));
        Save(Report3D, MeasurementReportBuilder.Build(context, measurements));
        Save(Report, MeasurementReportBuilder.Build(context, measurements, new ReportOptions { SopClass = DicomUID.ComprehensiveSRStorage }));
        Save(Text, TextReportBuilder.Build(context, ["No cord was found."]));
        Save(SegmentReport, MeasurementReportBuilder.BuildWithSegment(context, measurements, forms[0].Dataset));
        Save(LabelMap, SegmentationBuilder.BuildLabelMap(context));
        Save(ParametricMap, ParametricMapBuilder.Build(context));
        foreach (var (picture, n) in SecondaryCaptureBuilder.BuildSlices(context, image).Select((file, n) => (file, n + 1)))
            Save($"overlay-{n:000}.dcm", picture);
        Save(Page, EncapsulatedPdfBuilder.Build(context, image, measurements));
        Save(PagePicture, SecondaryCaptureBuilder.BuildReport(context, image, measurements));
    }

    public string Name { get; }

    public IReadOnlyList<string> SourceFiles { get; }

    public ResultContext Context { get; }

    /// <summary>Share of each voxel, 0..1, <c>[slice, row, column]</c>.</summary>
    public Volume Truth => Context.SoftMask!;

    /// <summary>Files; the visible one in both its forms where it has two.</summary>
    public string[] Segmentations => [.. Objects.Where(file => System.IO.Path.GetFileName(file).StartsWith("seg-", StringComparison.Ordinal))];

    public string[] Reports => [Path(Report3D), Path(Report), Path(Text), Path(SegmentReport)];

    public string[] Objects => [.. Directory.GetFiles(folder, "*.dcm").Order(StringComparer.Ordinal)];

    public string Path(string file) => System.IO.Path.Combine(folder, file);

    /// <summary>The value that a voxel of a segmentation must have, <c>[slice, row, column]</c>: 1 or 255 for the visible one, the share in 1/255 for the soft one.</summary>
    public byte[] Expected(string file, byte inside = 1) => System.IO.Path.GetFileName(file) == Soft
        ? [.. Truth.Voxels.Select(share => (byte)Math.Floor((share * 255) + 0.5))]
        : [.. Truth.Voxels.Select(share => share >= 0.5f ? inside : (byte)0)];

    void Save(string file, DicomFile written) => written.Save(Path(file));
}
