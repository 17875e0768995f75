using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.DicomWriter.FunctionalGroups;

namespace SoftSeg.DicomWriter.Segmentations;

/// <summary>Multi-frame Functional Groups, PS3.3 C.7.6.16.</summary>
static class MultiFrameFunctionalGroupsModule
{
    public static void Write(DicomDataset target, SourceSeries source, IReadOnlyList<int> slices)
    {
        target.AddOrUpdate(DicomTag.ContentDate, source.ContentDate);
        target.AddOrUpdate(DicomTag.ContentTime, source.ContentTime);
        target.AddOrUpdate(DicomTag.NumberOfFrames, slices.Count.ToString(CultureInfo.InvariantCulture));
        target.AddOrUpdate(DicomTag.SharedFunctionalGroupsSequence, Shared(source));
        target.AddOrUpdate(DicomTag.PerFrameFunctionalGroupsSequence, [.. slices.Select((slice, index) => PerFrame(source, slice, index))]);
    }

    static DicomDataset Shared(SourceSeries source)
    {
        var group = new DicomDataset();
        PixelMeasuresMacro.Write(group, source);
        PlaneOrientationMacro.Write(group, source);
        return group;
    }

    static DicomDataset PerFrame(SourceSeries source, int slice, int index)
    {
        var frame = source.Frames[slice];
        var group = new DicomDataset();
        FrameContentMacro.Write(group, SegmentationImageModule.SegmentNumber, (uint)(index + 1));
        PlanePositionMacro.Write(group, frame);
        SegmentIdentificationMacro.Write(group, SegmentationImageModule.SegmentNumber);
        DerivationImageMacro.Write(group, frame);
        return group;
    }
}
