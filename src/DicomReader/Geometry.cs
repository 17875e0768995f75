using System.Globalization;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader;

/// <summary>Checks that the frames of a group are the slices of one volume, and places it.</summary>
static class Geometry
{
    /// <summary>Least absolute tolerance of a position along the normal, mm.</summary>
    const double LeastSpacingTolerance = 0.02;

    /// <summary>Least absolute tolerance of a position in the plane, mm.</summary>
    const double LeastShearTolerance = 0.05;

    /// <summary>A slice may jump sideways by this share of a pixel.</summary>
    const double JitterTolerance = 0.1;

    /// <summary>The affine of the group's volume; its slice step comes from the positions, never from SpacingBetweenSlices.</summary>
    /// <exception cref="SeriesRefusedException">A slice is missing, the spacing is uneven or the positions drift; with the numbers.</exception>
    public static Affine Place(FrameGroup group, SeriesReaderOptions options)
    {
        var first = group.Frames[0].Plane;
        if (group.Frames.Count == 1)
        {
            return first.Thickness is { } thickness
                ? new(first.Position, first.Normal * thickness, first.RowStep, first.ColumnStep)
                : throw new SeriesRefusedException("SliceThickness is missing and there is one image only: nothing says how thick it is. Send at least two images, or one with SliceThickness.");
        }
        var along = group.Frames.Select(group.Along).ToArray();
        CheckGaps(along);
        CheckSpacing(along, options.SpacingTolerance);
        CheckShear(group, options.ShearTolerance);
        var step = (group.Frames[^1].Plane.Position - first.Position) / (group.Frames.Count - 1);
        return new(first.Position, step, first.RowStep, first.ColumnStep);
    }

    public static string Mm(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>The spacing of most slices: a lower median, which a missing slice does not move.</summary>
    static double TypicalSpacing(double[] along)
    {
        var steps = along.Zip(along.Skip(1), (a, b) => b - a).Order().ToArray();
        return steps[(steps.Length - 1) / 2];
    }

    static void CheckGaps(double[] along)
    {
        var spacing = TypicalSpacing(along);
        var gaps = new List<string>();
        var missing = 0;
        for (var i = 1; i < along.Length; i++)
        {
            var slices = (along[i] - along[i - 1]) / spacing;
            var whole = (int)Math.Min(int.MaxValue, Math.Round(slices));
            if (whole < 2 || Math.Abs(slices - whole) > 0.1)
                continue;
            missing += whole - 1;
            gaps.Add($"{whole - 1} between {Mm(along[i - 1])} and {Mm(along[i])} mm");
        }
        if (gaps.Count == 0)
            return;
        throw new SeriesRefusedException(
            $"{missing} slice{(missing == 1 ? " is" : "s are")} missing along the normal: {string.Join(", ", gaps.Take(8))}{(gaps.Count > 8 ? $", ... ({gaps.Count} gaps)" : "")}. "
            + $"{along.Length} slices came, {Mm(spacing)} mm apart otherwise. Send the whole series again.");
    }

    static void CheckSpacing(double[] along, double share)
    {
        var spacing = (along[^1] - along[0]) / (along.Length - 1);
        var tolerance = Math.Max(LeastSpacingTolerance, share * spacing);
        var offsets = along.Select((position, i) => Math.Abs(position - along[0] - (i * spacing))).ToArray();
        var worst = Array.IndexOf(offsets, offsets.Max());
        if (offsets[worst] <= tolerance)
            return;
        var steps = along.Zip(along.Skip(1), (a, b) => b - a).ToArray();
        throw new SeriesRefusedException(
            $"The slices are unevenly spaced: from {Mm(steps.Min())} to {Mm(steps.Max())} mm. Slice {worst + 1} of {along.Length} lies at {Mm(along[worst])} mm along the normal, "
            + $"{Mm(offsets[worst])} mm from its place in even steps of {Mm(spacing)} mm; {Mm(tolerance)} mm is tolerated. Send a series with even spacing.");
    }

    static void CheckShear(FrameGroup group, double share)
    {
        var frames = group.Frames;
        var first = frames[0].Plane;
        var pixel = Math.Min(first.RowSpacing, first.ColumnSpacing);
        var last = Sideways(frames[^1]);
        for (var i = 1; i < frames.Count; i++)
        {
            var distance = group.Along(frames[i]) - group.Along(frames[0]);
            var sideways = Sideways(frames[i]);
            var drift = Math.Max(LeastShearTolerance, share * distance);
            if (sideways.Length > drift)
            {
                throw new SeriesRefusedException(
                    $"The slices are sheared: ImagePositionPatient of slice {i + 1} of {frames.Count} lies {Mm(sideways.Length)} mm aside from the normal through the first slice, "
                    + $"{Mm(distance)} mm along it; {Mm(drift)} mm is tolerated. A stack of slices at a right angle to its axis is expected.");
            }
            var jump = (sideways - (last * ((double)i / (frames.Count - 1)))).Length;
            if (jump > Math.Max(LeastShearTolerance, JitterTolerance * pixel))
            {
                throw new SeriesRefusedException(
                    $"Slice {i + 1} of {frames.Count} lies {Mm(jump)} mm aside from the straight line through the first and the last slice; "
                    + $"{Mm(Math.Max(LeastShearTolerance, JitterTolerance * pixel))} mm is tolerated.");
            }
        }

        Vector3 Sideways(SourceFrame frame)
        {
            var offset = frame.Plane.Position - first.Position;
            return offset - (first.Normal * offset.Dot(first.Normal));
        }
    }
}
