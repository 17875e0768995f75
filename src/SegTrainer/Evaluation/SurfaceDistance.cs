using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>Distance between the borders of two masks, mm: the mean over both borders' voxels, and the 95th percentile.</summary>
/// <param name="Mean">Average symmetric surface distance.</param>
/// <param name="Percentile95">95 % of the border voxels of either mask are nearer than this to the other's border.</param>
readonly record struct SurfaceDistance(double Mean, double Percentile95)
{
    /// <summary>Compares two masks at share 0.5 in the given slices; NaN where one of them is empty there.</summary>
    public static SurfaceDistance Between(Volume first, Volume second, bool[] slices)
    {
        var (a, b) = (Border(first, slices), Border(second, slices));
        if (a.Count == 0 || b.Count == 0)
            return new(double.NaN, double.NaN);
        var reach = first.Affine.Spacing.Slice;
        var distances = Nearest(a, b, reach).Concat(Nearest(b, a, reach)).Order().ToArray();
        return new(distances.Average(), distances[Math.Min(distances.Length - 1, (int)(0.95 * distances.Length))]);
    }

    /// <summary>Voxels with an in-plane neighbour outside, by slice. The ends of the labelled stretch are no border.</summary>
    static SortedList<int, List<Vector3>> Border(Volume mask, bool[] slices)
    {
        var border = new SortedList<int, List<Vector3>>();
        for (var slice = 0; slice < mask.Slices; slice++)
        {
            if (!slices[slice])
                continue;
            for (var row = 0; row < mask.Rows; row++)
            {
                for (var column = 0; column < mask.Columns; column++)
                {
                    if (Inside(row, column) && !(Inside(row - 1, column) && Inside(row + 1, column) && Inside(row, column - 1) && Inside(row, column + 1)))
                    {
                        if (!border.TryGetValue(slice, out var points))
                            border.Add(slice, points = []);
                        points.Add(mask.Affine.ToPatient(slice, row, column));
                    }
                }
            }

            bool Inside(int row, int column) => row >= 0 && column >= 0 && row < mask.Rows && column < mask.Columns && mask[slice, row, column] >= 0.5f;
        }

        return border;
    }

    /// <summary>For every point the distance to the nearest of the others: its own slice first, then farther ones while they can be nearer.</summary>
    static IEnumerable<double> Nearest(SortedList<int, List<Vector3>> from, SortedList<int, List<Vector3>> to, double sliceSpacing)
    {
        foreach (var (slice, points) in from)
        {
            var ordered = to.OrderBy(other => Math.Abs(other.Key - slice)).ToArray();
            foreach (var point in points)
            {
                var nearest = double.PositiveInfinity;
                foreach (var (other, candidates) in ordered)
                {
                    // Slices are perpendicular to within the obliqueness of the stack: 0.7 leaves room for 45 degrees.
                    if (Math.Abs(other - slice) * sliceSpacing * 0.7 > nearest)
                        break;
                    foreach (var candidate in candidates)
                        nearest = Math.Min(nearest, (candidate - point).Length);
                }

                yield return nearest;
            }
        }
    }
}
