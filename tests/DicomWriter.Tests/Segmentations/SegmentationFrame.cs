using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Segmentations;

namespace SoftSeg.DicomWriter.Tests.Segmentations;

/// <summary>One frame of a segmentation as a receiver reads it.</summary>
/// <param name="SegmentNumber">Referenced Segment Number.</param>
/// <param name="ImagePositionPatient">Centre of the first pixel, LPS mm.</param>
/// <param name="SourceInstanceUid">The instance that the frame lies on; null where the object does not say.</param>
/// <param name="SourceFrameNumber">Its frame, from 1; null for a single-frame instance.</param>
/// <param name="Share">Shares <c>[row, column]</c>, 0..1; 0 and 1 only for BINARY.</param>
sealed record SegmentationFrame(
    int SegmentNumber, double[] ImagePositionPatient, string? SourceInstanceUid, int? SourceFrameNumber, float[] Share)
{
    /// <summary>All frames of an uncompressed BINARY or 8-bit FRACTIONAL segmentation, in the order of the object.</summary>
    /// <exception cref="DicomConformanceException">An attribute is missing, has an unexpected value, or the pixel data is too short.</exception>
    public static IReadOnlyList<SegmentationFrame> Of(DicomDataset segmentation)
    {
        ArgumentNullException.ThrowIfNull(segmentation);
        var groups = segmentation.GetSequence(DicomTag.PerFrameFunctionalGroupsSequence);
        var size = segmentation.GetInt32(DicomTag.Rows) * segmentation.GetInt32(DicomTag.Columns);
        var pixels = segmentation.GetBytes(DicomTag.PixelData);
        var bits = segmentation.GetInt32(DicomTag.BitsAllocated);
        if (bits is not (1 or 8))
            throw new DicomConformanceException(DicomTag.BitsAllocated, $"is {bits}; 1 or 8 is expected.");
        if (pixels.Length < BitPacking.LengthInBytes((long)groups.Count * size * bits))
            throw new DicomConformanceException(DicomTag.PixelData, $"has {pixels.Length} bytes: too few for {groups.Count} frames of {size} pixels of {bits} bits.");

        var maximum = bits == 1 ? 1 : segmentation.GetInt32(DicomTag.MaximumFractionalValue);
        return [.. groups.Select((group, index) => Frame(group, Shares(pixels.Span, index, size, bits, maximum)))];
    }

    static SegmentationFrame Frame(DicomDataset group, float[] share)
    {
        var source = Item(group, DicomTag.DerivationImageSequence) is { } derivation ? Item(derivation, DicomTag.SourceImageSequence) : null;
        return new SegmentationFrame(
            Required(group, DicomTag.SegmentIdentificationSequence).GetInt32(DicomTag.ReferencedSegmentNumber),
            Required(group, DicomTag.PlanePositionSequence).GetDoubles(DicomTag.ImagePositionPatient),
            source?.GetStringOrNull(DicomTag.ReferencedSOPInstanceUID), source?.GetInt32OrNull(DicomTag.ReferencedFrameNumber), share);
    }

    static float[] Shares(ReadOnlySpan<byte> pixels, int frame, int size, int bits, float maximum)
    {
        var share = new float[size];
        for (var i = 0; i < size; i++)
        {
            var index = ((long)frame * size) + i;
            share[i] = bits == 1 ? BitPacking.At(pixels, index) : pixels[(int)index] / maximum;
        }
        return share;
    }

    static DicomDataset Required(DicomDataset group, DicomTag sequence) =>
        Item(group, sequence) ?? throw new DicomConformanceException(sequence, "is missing in a frame.");

    static DicomDataset? Item(DicomDataset dataset, DicomTag sequence) => dataset.GetSequence(sequence) is [var first, ..] ? first : null;
}
