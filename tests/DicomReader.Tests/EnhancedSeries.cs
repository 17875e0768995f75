using System.Buffers.Binary;
using SoftSeg.Dicom;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader.Tests;

/// <summary>The same stacks as <see cref="GeneratedSeries"/> as Enhanced MR: frames of any stack, in any order, in one instance.</summary>
static class EnhancedSeries
{
    /// <summary>One frame: a slice of the series, with what is added to its functional groups.</summary>
    public sealed record Frame(int Slice, Action<DicomDataset>? Groups = null);

    /// <param name="sharedPlane">Orientation and measures in the shared groups instead of each frame's own.</param>
    public static DicomDataset Instance(GeneratedSeries series, IReadOnlyList<Frame> frames, bool sharedPlane, string seed = "enhanced")
    {
        var size = series.Rows * series.Columns;
        var pixels = new byte[frames.Count * size * 2];
        for (var f = 0; f < frames.Count; f++)
        {
            for (var i = 0; i < size; i++)
                BinaryPrimitives.WriteUInt16LittleEndian(pixels.AsSpan(2 * ((f * size) + i)), (ushort)GeneratedSeries.Stored(frames[f].Slice, i / series.Columns, i % series.Columns));
        }
        var shared = sharedPlane ? Plane(series, new DicomDataset()) : new DicomDataset();
        return series.Common()
            .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.EnhancedMRImageStorage)
            .AddOrUpdate(DicomTag.SOPInstanceUID, DicomUID.Derive(seed))
            .AddOrUpdate(DicomTag.InstanceNumber, "1")
            .AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "M", "NONE")
            .AddOrUpdate(DicomTag.NumberOfFrames, frames.Count)
            .AddOrUpdate(DicomTag.SharedFunctionalGroupsSequence, shared)
            .AddOrUpdate(DicomTag.PerFrameFunctionalGroupsSequence, [.. frames.Select(Groups)])
            .AddOrUpdate(DicomTag.PixelData, pixels);

        DicomDataset Groups(Frame frame)
        {
            var groups = new DicomDataset().AddOrUpdate(DicomTag.PlanePositionSequence, new DicomDataset()
                .AddOrUpdate(DicomTag.ImagePositionPatient, GeneratedSeries.Texts(series.Origin + (series.Normal * (series.SliceSpacing * frame.Slice)))));
            if (!sharedPlane)
                Plane(series, groups);
            frame.Groups?.Invoke(groups);
            return groups;
        }
    }

    /// <summary>Adds a functional group macro with one attribute to a frame.</summary>
    public static Action<DicomDataset> With(DicomTag sequence, DicomTag tag, params string[] values) =>
        groups => groups.AddOrUpdate(sequence, new DicomDataset().AddOrUpdate(tag, values));

    static DicomDataset Plane(GeneratedSeries series, DicomDataset groups) => groups
        .AddOrUpdate(DicomTag.PlaneOrientationSequence, new DicomDataset().AddOrUpdate(DicomTag.ImageOrientationPatient, series.Orientation))
        .AddOrUpdate(DicomTag.PixelMeasuresSequence, new DicomDataset()
            .AddOrUpdate(DicomTag.PixelSpacing, GeneratedSeries.Text(series.RowSpacing), GeneratedSeries.Text(series.ColumnSpacing)).AddOrUpdate(DicomTag.SliceThickness, "3"));
}
