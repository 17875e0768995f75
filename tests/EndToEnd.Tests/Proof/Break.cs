using SoftSeg.Dicom;

namespace SoftSeg.EndToEnd.Tests.Proof;

/// <summary>Breaks an object on purpose, to show that a proof can fail.</summary>
static class Break
{
    public const string FrameShifted = "a frame is shifted";
    public const string RowFlipped = "a row is flipped";
    public const string NoReferencedSeries = "Referenced Series is missing";

    /// <summary>Writes a broken copy, as an instance and a series of its own.</summary>
    public static void Copy(string file, string target, string fault)
    {
        var opened = DicomFile.Open(file);
        Apply(opened.Dataset, fault);
        foreach (var tag in (ReadOnlySpan<DicomTag>)[DicomTag.SOPInstanceUID, DicomTag.SeriesInstanceUID])
            opened.Dataset.AddOrUpdate(tag, DicomUID.Derive(fault, opened.Dataset.GetString(tag)).Value);
        opened.Save(target);
    }

    public static void Apply(DicomDataset dataset, string fault)
    {
        switch (fault)
        {
            case FrameShifted:
                // Each to the plane and the source image of the next: some readers go by the one, some by the other.
                var frames = dataset.GetSequence(DicomTag.PerFrameFunctionalGroupsSequence);
                foreach (var tag in (ReadOnlySpan<DicomTag>)[DicomTag.PlanePositionSequence, DicomTag.DerivationImageSequence])
                {
                    var groups = frames.Select(frame => frame.GetSequence(tag)[0]).ToArray();
                    for (var n = 0; n < frames.Count; n++)
                        frames[n].AddOrUpdate(tag, groups[(n + 1) % groups.Length]);
                }
                break;
            case RowFlipped:
                var (rows, columns) = (dataset.GetInt32(DicomTag.Rows), dataset.GetInt32(DicomTag.Columns));
                var pixels = dataset.GetBytes(DicomTag.PixelData).ToArray();
                for (var start = 0; start + (rows * columns) <= pixels.Length; start += columns)
                    pixels.AsSpan(start, columns).Reverse();
                dataset.AddOrUpdate(DicomVR.OB, DicomTag.PixelData, pixels);
                break;
            case NoReferencedSeries:
                dataset.Remove(DicomTag.ReferencedSeriesSequence);
                break;
            default:
                throw new ArgumentException($"There is no fault '{fault}'.");
        }
    }
}
