using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.FunctionalGroups;

/// <summary>Frame Content, PS3.3 C.7.6.16.2.2.</summary>
static class FrameContentMacro
{
    /// <param name="segmentNumber">Value of the first dimension; null where segments are no dimension.</param>
    /// <param name="position">Value of the last dimension: ordinal of the frame's position, from 1.</param>
    public static void Write(DicomDataset group, ushort? segmentNumber, uint position) => group.AddOrUpdate(DicomTag.FrameContentSequence,
        new DicomDataset().AddOrUpdate(DicomTag.DimensionIndexValues, (uint[])(segmentNumber is { } segment ? [segment, position] : [position])));
}
