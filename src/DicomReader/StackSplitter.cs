using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader;

/// <summary>Tells the stacks of a series apart; the result does not depend on the order in which the frames came.</summary>
sealed class StackSplitter(SeriesReaderOptions options)
{
    /// <summary>A lone image this close in angle to others is a wavering orientation, not a stack of its own.</summary>
    const double LoneOrientation = 2 * Math.PI / 180;

    /// <summary>Stations of a composed examination lie further apart in their plane than this, mm.</summary>
    const double StationDistance = 1;

    readonly List<string> notes = [];

    public IReadOnlyList<string> Notes => notes;

    public IReadOnlyList<FrameGroup> Split(IEnumerable<SourceFrame> frames)
    {
        List<FrameGroup> groups = [new([.. frames.Order(Comparer<SourceFrame>.Create(SourceFrame.Compare))], [])];
        if (groups[0].Frames.Count == 0)
            return [];
        foreach (var dimension in StackDimension.Always)
            groups = SplitBy(groups, dimension);
        groups = [.. groups.SelectMany(SplitByOrientation)];
        groups = [.. groups.SelectMany(SplitByStation)];
        groups = [.. groups.SelectMany(SplitRepeats)];
        return [.. groups.Select(Sorted)];
    }

    List<FrameGroup> SplitBy(List<FrameGroup> groups, StackDimension dimension)
    {
        var split = new List<FrameGroup>();
        var values = new SortedSet<string?>(Comparer<string?>.Create(StackDimension.CompareValues));
        foreach (var group in groups)
        {
            var parts = Parts(group, dimension);
            if (parts.Count == 1)
            {
                split.Add(group);
                continue;
            }
            foreach (var part in parts)
            {
                values.Add(part.Key);
                split.Add(Part(group, [.. part], $"{dimension.Name} {part.Key ?? "none"}"));
            }
        }
        if (values.Count > 0)
            notes.Add($"Split by {dimension.Name}: {List(values)}.");
        return split;
    }

    IEnumerable<FrameGroup> SplitByOrientation(FrameGroup group)
    {
        var clusters = new List<List<SourceFrame>>();
        foreach (var frame in group.Frames)
        {
            var cluster = clusters.Find(c => Angle(c[0], frame) <= options.OrientationTolerance);
            if (cluster is null)
                clusters.Add(cluster = []);
            cluster.Add(frame);
        }
        if (clusters.Count == 1)
            return [group];

        foreach (var lone in clusters.Where(c => c.Count == 1))
        {
            var near = clusters.Where(c => c != lone).MinBy(c => Angle(c[0], lone[0]))!;
            var angle = Angle(near[0], lone[0]);
            if (angle < LoneOrientation)
            {
                return [group with { Fault =
                    $"ImageOrientationPatient differs by {Degrees(angle)} degrees between {Orientation(near[0])} and {Orientation(lone[0])} ({clusters.Count} orientations in {group.Frames.Count} images): "
                    + $"one orientation to {Degrees(options.OrientationTolerance)} degrees is expected in a stack." }];
            }
        }
        clusters.Sort((a, b) => a.Count != b.Count ? b.Count.CompareTo(a.Count) : SourceFrame.Compare(a[0], b[0]));
        notes.Add($"Split by ImageOrientationPatient: {List(clusters.Select(c => $"{PlaneNames.Of(c[0].Plane.Normal)} ({c.Count})"))}.");
        return clusters.Select(c => Part(group, c, $"orientation {Orientation(c[0])}"));
    }

    /// <summary>The same planes at places beside one another (stations of a whole spine) are stacks of their own.</summary>
    IEnumerable<FrameGroup> SplitByStation(FrameGroup group)
    {
        if (group.Fault is not null)
            return [group];
        var origin = group.Frames[0].Plane;
        var clusters = new List<List<(SourceFrame Frame, double U, double V)>>();
        foreach (var frame in group.Frames)
        {
            var (u, v) = (frame.Plane.Position.Dot(origin.RowDirection), frame.Plane.Position.Dot(origin.ColumnDirection));
            var touched = clusters.FindAll(c => c.Exists(m => Math.Abs(m.U - u) <= StationDistance && Math.Abs(m.V - v) <= StationDistance));
            var cluster = touched.Count > 0 ? touched[0] : [];
            if (touched.Count == 0)
                clusters.Add(cluster);
            foreach (var other in touched.Skip(1))
            {
                cluster.AddRange(other);
                clusters.Remove(other);
            }
            cluster.Add((frame, u, v));
        }
        // A drift of the positions makes places without neighbours: that is a shear, and the geometry check names it.
        if (clusters.Count == 1 || clusters.Exists(c => Positions(group with { Frames = [.. c.Select(m => m.Frame)] }).Count < 2))
            return [group];
        clusters.Sort((a, b) => a[0].U != b[0].U ? a[0].U.CompareTo(b[0].U) : a[0].V.CompareTo(b[0].V));
        notes.Add($"Split by position in the plane (stations): {List(clusters.Select(c => $"{c.Count} images"))}.");
        return clusters.Select((c, i) => Part(group, [.. c.Select(m => m.Frame)], $"station {i + 1}"));
    }

    IEnumerable<FrameGroup> SplitRepeats(FrameGroup group)
    {
        if (group.Fault is not null)
            return [group];
        var positions = Positions(group);
        var most = positions.Max(p => p.Count);
        if (most == 1)
            return [group];

        foreach (var dimension in StackDimension.ForRepeats)
        {
            var parts = Parts(group, dimension);
            if (parts.Count < 2 || parts.Exists(p => p.Key is null) || parts.Count * parts.Max(p => Positions(group with { Frames = [.. p] }).Max(c => c.Count)) != most)
                continue;
            notes.Add($"{positions.Count} positions have up to {most} images each: split by {dimension.Name}: {List(parts.Select(p => p.Key))}.");
            return parts.SelectMany((part, index) => SplitRepeats(Part(group, [.. part], $"{dimension.Name} {part.Key}") with
            {
                Repetition = dimension.IsTime ? (((group.Repetition ?? 1) - 1) * parts.Count) + index + 1 : group.Repetition,
            }));
        }

        var numbered = group.Frames.All(f => f.Acquisition.InstanceNumber is not null);
        if (numbered && positions.TrueForAll(p => p.Count == most))
        {
            notes.Add($"{positions.Count} positions have {most} images each: split by their order of InstanceNumber.");
            var ordered = positions.ConvertAll(p => p.OrderBy(f => f.Acquisition.InstanceNumber).ThenBy(f => f.Image.FrameIndex).ToArray());
            return Enumerable.Range(0, most).Select(i =>
                Part(group, [.. ordered.Select(p => p[i])], $"repetition {i + 1}") with { Repetition = (((group.Repetition ?? 1) - 1) * most) + i + 1 });
        }

        var repeated = positions.FindAll(p => p.Count > 1);
        return [group with { Fault =
            $"{repeated.Count} of {positions.Count} positions have more than one image (first at {Geometry.Mm(group.Along(repeated[0][0]))} mm along the normal: "
            + $"{List(repeated[0].Select(f => f.Image.SopInstanceUid))}), and neither echo, b-value, time, AcquisitionNumber nor InstanceNumber tells them apart. Send one image per position." }];
    }

    static FrameGroup Sorted(FrameGroup group) => group with { Frames = [.. group.Frames.OrderBy(group.Along)] };

    static FrameGroup Part(FrameGroup group, IReadOnlyList<SourceFrame> frames, string difference) =>
        group with { Frames = frames, Differences = [.. group.Differences, difference] };

    static List<IGrouping<string?, SourceFrame>> Parts(FrameGroup group, StackDimension dimension) =>
        [.. group.Frames.GroupBy(f => f[dimension]).OrderBy(p => p.Key, Comparer<string?>.Create(StackDimension.CompareValues))];

    static List<List<SourceFrame>> Positions(FrameGroup group)
    {
        var positions = new List<List<SourceFrame>>();
        foreach (var frame in group.Frames.OrderBy(group.Along))
        {
            if (positions.Count == 0 || group.Along(frame) - group.Along(positions[^1][0]) > FrameGroup.SamePosition)
                positions.Add([]);
            positions[^1].Add(frame);
        }
        return positions;
    }

    /// <summary>The larger of the angles between the directions of two frames, radians.</summary>
    static double Angle(SourceFrame a, SourceFrame b) => Math.Max(
        Angle(a.Plane.RowDirection, b.Plane.RowDirection), Angle(a.Plane.ColumnDirection, b.Plane.ColumnDirection));

    static double Angle(Vector3 a, Vector3 b) => 2 * Math.Asin(Math.Min(1, (a - b).Length / 2));

    static string Degrees(double radians) => (radians * 180 / Math.PI).ToString("0.##");

    static string Orientation(SourceFrame frame) => string.Join('\\', frame.Image.ImageOrientationPatient);

    /// <summary>At most eight values: a diffusion series may have hundreds.</summary>
    static string List(IEnumerable<string?> values)
    {
        var all = values.Select(v => v ?? "none").ToArray();
        return all.Length <= 8 ? string.Join(", ", all) : $"{string.Join(", ", all[..7])}, ... ({all.Length} values)";
    }
}
