using System.Globalization;
using SoftSeg.Dicom;

namespace SoftSeg.DicomReader;

/// <summary>
/// What a series lacks, as far as the headers of what came can show: slices between others, and images at positions that have fewer than the rest. What is missing at
/// either end shows in no header.
/// </summary>
public static class SeriesGaps
{
    /// <summary>A step this many times the smallest one has room for a slice.</summary>
    const double RoomForASlice = 1.5;

    const int Most = 8;

    /// <summary>Looks at the headers of the MR images among the files; what can't be read, or has no place, is passed over.</summary>
    /// <returns>What is missing in each stack, in words; the same files in any order give the same.</returns>
    public static IReadOnlyList<string> Find(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var sources = new List<SourceInstance>();
        foreach (var path in paths)
        {
            try
            {
                sources.Add(SourceInstance.Open(path));
            }
            catch (Exception e) when (e is DicomDataException or IOException or UnauthorizedAccessException)
            {
            }
        }
        var frames = InstanceAdmission.Admit(sources, [], []);
        return [.. new StackSplitter(SeriesReaderOptions.Default).Split(frames).Select(Missing).OfType<string>()];
    }

    static string? Missing(FrameGroup group)
    {
        var positions = new List<(double Along, int Images)>();
        foreach (var along in group.Frames.Select(group.Along).Order())
        {
            if (positions.Count > 0 && along - positions[^1].Along <= FrameGroup.SamePosition)
                positions[^1] = (positions[^1].Along, positions[^1].Images + 1);
            else
                positions.Add((along, 1));
        }
        return Slices(positions, group.DifferencesText) ?? Repetitions(positions, group.DifferencesText);
    }

    static string? Slices(List<(double Along, int Images)> positions, string differences)
    {
        if (positions.Count < 3)
            return null;
        var steps = positions.Zip(positions.Skip(1), (a, b) => (From: a.Along, To: b.Along, Length: b.Along - a.Along)).ToArray();
        var smallest = steps.Min(step => step.Length);
        var gaps = steps.Where(step => step.Length > RoomForASlice * smallest).Select(step => (step.From, step.To, Count: (int)Math.Min(9999, Math.Round(step.Length / smallest) - 1))).ToArray();
        if (gaps.Length == 0)
            return null;
        var count = gaps.Sum(gap => Math.Max(1, gap.Count));
        var places = gaps.Take(Most).Select(gap => $"between {Geometry.Mm(gap.From)} and {Geometry.Mm(gap.To)} mm");
        return string.Create(CultureInfo.InvariantCulture,
            $"{count} slice{(count == 1 ? "" : "s")} along the normal, {string.Join(", ", places)}{(gaps.Length > Most ? ", ..." : "")}{differences}");
    }

    static string? Repetitions(List<(double Along, int Images)> positions, string differences)
    {
        var most = positions.Max(position => position.Images);
        var fewer = positions.Count(position => position.Images < most);
        return fewer == 0 ? null : $"images at {fewer} of {positions.Count} positions, which have fewer than {most}{differences}";
    }
}
