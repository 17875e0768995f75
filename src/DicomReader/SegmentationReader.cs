using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader;

/// <summary>
/// Reads a Segmentation object (PS3.3 A.51) back onto the grid of the volume that it segments, frame by frame at its position in the patient:
/// what the demo checks, and what a corrected mask comes back as.
/// </summary>
public static class SegmentationReader
{
    /// <summary>How far a frame may lie from its source slice, mm.</summary>
    const double PositionTolerance = 0.01;

    /// <param name="segmentation">BINARY or FRACTIONAL, uncompressed.</param>
    /// <param name="grid">The source volume; its voxels are not looked at.</param>
    /// <param name="segmentNumber">Which segment.</param>
    /// <returns>The share of each voxel, 0..1, on <paramref name="grid"/>; slices without a frame are 0.</returns>
    /// <exception cref="SeriesRefusedException">A frame is on another grid or no source slice is at its position; the message has the numbers.</exception>
    /// <exception cref="DicomDataException">An attribute is missing, or the pixel data is shorter than the frames need.</exception>
    public static Volume Read(DicomDataset segmentation, Volume grid, int segmentNumber = 1)
    {
        var frames = ImageFrame.Of(segmentation);
        var plane = grid.Rows * grid.Columns;
        var isBinary = segmentation.GetString(DicomTag.SegmentationType) == "BINARY";
        var maximum = isBinary ? 1.0 : segmentation.GetInt32(DicomTag.MaximumFractionalValue);
        var pixels = segmentation.GetBytes(DicomTag.PixelData).Span;
        var needed = isBinary ? (((long)frames.Count * plane) + 7) / 8 : (long)frames.Count * plane;
        if (pixels.Length < needed)
            throw new DicomDataException($"Pixel Data (7FE0,0010) has {pixels.Length} bytes; {frames.Count} frames of {grid.Rows} x {grid.Columns} need {needed}.");

        var share = grid.LikeThis();
        for (var n = 0; n < frames.Count; n++)
        {
            var frame = frames[n];
            if (frame.Rows != grid.Rows || frame.Columns != grid.Columns)
                throw new SeriesRefusedException($"The segmentation's frames have {frame.Rows} x {frame.Columns} pixels, the source {grid.Rows} x {grid.Columns}.");
            if (SegmentOf(frame) != segmentNumber)
                continue;
            var slice = share.Slice(SliceAt(frame, n, grid));
            for (var i = 0; i < plane; i++)
            {
                var at = ((long)n * plane) + i;
                // PS3.5 8.1.1: single bits run on from frame to frame, least significant first.
                slice[i] = isBinary ? (pixels[(int)(at >> 3)] >> (int)(at & 7)) & 1 : (float)(pixels[(int)at] / maximum);
            }
        }
        return share;
    }

    static int SegmentOf(ImageFrame frame) => frame.FunctionalGroup(DicomTag.SegmentIdentificationSequence)?.GetInt32(DicomTag.ReferencedSegmentNumber)
        ?? throw new DicomDataException($"Segment Identification Sequence (0062,000A) is missing in frame {frame.FrameNumber}.");

    static int SliceAt(ImageFrame frame, int number, Volume grid)
    {
        var position = Numbers(frame.ImagePositionPatient);
        var (slice, row, column) = grid.Affine.ToIndex(new Vector3(position[0], position[1], position[2]));
        var nearest = Math.Clamp((int)Math.Round(slice), 0, grid.Slices - 1);
        var distance = (grid.Affine.ToPatient(nearest, 0, 0) - new Vector3(position[0], position[1], position[2])).Length;
        if (distance > PositionTolerance)
        {
            throw new SeriesRefusedException(
                $"Frame {number + 1} of the segmentation is at {string.Join('\\', frame.ImagePositionPatient)}, {distance:0.###} mm from the nearest source slice (index {slice:0.##}, {row:0.##}, {column:0.##}).");
        }
        return nearest;
    }

    static double[] Numbers(string[] values) =>
        [.. values.Select(value => double.Parse(value, System.Globalization.CultureInfo.InvariantCulture))];
}
