using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.DicomWriter.FunctionalGroups;

namespace SoftSeg.DicomWriter.Segmentations;

/// <summary>Multi-frame Functional Groups, PS3.3 C.7.6.16.</summary>
static class MultiFrameFunctionalGroupsModule
{
    /// <param name="target">The data set.</param>
    /// <param name="source">Gives planes and dates.</param>
    /// <param name="slices">The source slice of each frame.</param>
    /// <param name="segment">The segment that every frame shows; null where pixels name their segment themselves, or there is none.</param>
    public static void Write(DicomDataset target, SourceSeries source, IReadOnlyList<int> slices, ushort? segment)
    {
        target.AddOrUpdate(DicomTag.ContentDate, source.ContentDate);
        target.AddOrUpdate(DicomTag.ContentTime, source.ContentTime);
        target.AddOrUpdate(DicomTag.NumberOfFrames, slices.Count.ToString(CultureInfo.InvariantCulture));
        target.AddOrUpdate(DicomTag.SharedFunctionalGroupsSequence, Shared(source));
        target.AddOrUpdate(DicomTag.PerFrameFunctionalGroupsSequence, [.. slices.Select((slice, index) => PerFrame(source, slice, index, segment))]);
    }

    static DicomDataset Shared(SourceSeries source)
    {
        var group = new DicomDataset();
        PixelMeasuresMacro.Write(group, source);
        PlaneOrientationMacro.Write(group, source);
        return group;
    }

    static DicomDataset PerFrame(SourceSeries source, int slice, int index, ushort? segment)
    {
        var frame = source.Frames[slice];
        var group = new DicomDataset();
        FrameContentMacro.Write(group, segment, (uint)(index + 1));
        PlanePositionMacro.Write(group, frame);
        if (segment is { } number)
            SegmentIdentificationMacro.Write(group, number);
        DerivationImageMacro.Write(group, frame);
        return group;
    }
}
