using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Reports;

/// <summary>How a measurement report is written.</summary>
public sealed record ReportOptions
{
    /// <summary>
    /// Comprehensive 3D SR (asked for by IHE AIR) or Comprehensive SR, whichever the receiver accepts; the content is the same.
    /// </summary>
    public DicomUID SopClass { get; init; } = DicomUID.Comprehensive3DSRStorage;

    /// <summary>The report that this one replaces: named in Predecessor Documents Sequence (0040,A360). Null for none.</summary>
    public DicomDataset? Replaces { get; init; }
}
