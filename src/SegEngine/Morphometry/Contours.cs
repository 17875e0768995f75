namespace SoftSeg.SegEngine;

/// <summary>
/// Contours of a share map by marching squares. Outside the slice there is no cord, so a contour that meets the border
/// closes along it.
/// </summary>
public static class Contours
{
    // Edges of a cell between four pixel centres.
    const int Top = 0, Right = 1, Bottom = 2, Left = 3;

    /// <summary>The contours of one slice.</summary>
    /// <param name="mask">Shares.</param>
    /// <param name="slice">Which slice.</param>
    /// <param name="level">The share at which the contour runs.</param>
    /// <returns>
    /// Closed polylines (the first point is not repeated) in pixel-centre coordinates: (0, 0) is the centre of the first pixel.
    /// Regions are encircled one way round and holes the other.
    /// </returns>
    public static IReadOnlyList<IReadOnlyList<(double Row, double Column)>> At(Volume mask, int slice, double level = 0.5)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return At(mask.Slice(slice), mask.Rows, mask.Columns, level);
    }

    /// <summary>The contours of one plane <c>[row, column]</c>.</summary>
    public static IReadOnlyList<IReadOnlyList<(double Row, double Column)>> At(ReadOnlySpan<float> plane, int rows, int columns, double level = 0.5)
    {
        if (plane.Length != rows * columns)
            throw new ArgumentException($"{plane.Length} pixels do not fill {rows} x {columns}.", nameof(plane));
        // Every crossed edge has one cell that leaves by it and one that enters by it: following them closes each contour.
        var next = new Dictionary<long, long>();
        var points = new Dictionary<long, (double Row, double Column)>();
        var width = columns + 1;
        for (var r = -1; r < rows; r++)
        {
            for (var c = -1; c < columns; c++)
            {
                var (tl, tr) = (Pixel(plane, r, c), Pixel(plane, r, c + 1));
                var (bl, br) = (Pixel(plane, r + 1, c), Pixel(plane, r + 1, c + 1));
                var inside = (tl >= level ? 8 : 0) | (tr >= level ? 4 : 0) | (br >= level ? 2 : 0) | (bl >= level ? 1 : 0);
                if (inside is 0 or 15)
                    continue;
                foreach (var (from, to) in Segments(inside, (tl + tr + br + bl) / 4 >= level))
                {
                    next[Edge(r, c, from)] = Edge(r, c, to);
                    points[Edge(r, c, from)] = from switch
                    {
                        Top => (r, c + Fraction(tl, tr, level)),
                        Bottom => (r + 1, c + Fraction(bl, br, level)),
                        Left => (r + Fraction(tl, bl, level), c),
                        _ => (r + Fraction(tr, br, level), c + 1),
                    };
                }
            }
        }

        var contours = new List<IReadOnlyList<(double, double)>>();
        foreach (var start in points.Keys)
        {
            if (!next.ContainsKey(start))
                continue;
            var contour = new List<(double, double)>();
            for (var edge = start; next.Remove(edge, out var following); edge = following)
                contour.Add(points[edge]);
            contours.Add(contour);
        }
        return contours;

        double Pixel(ReadOnlySpan<float> p, int r, int c) => r >= 0 && r < rows && c >= 0 && c < columns ? p[(r * columns) + c] : 0;

        // Horizontal edges have even numbers, vertical ones odd.
        long Edge(int r, int c, int side) => side switch
        {
            Top => 2L * (((r + 1L) * (width + 1)) + c + 1),
            Bottom => 2L * (((r + 2L) * (width + 1)) + c + 1),
            Left => (2L * (((r + 1L) * (width + 1)) + c + 1)) + 1,
            _ => (2L * (((r + 1L) * (width + 1)) + c + 2)) + 1,
        };
    }

    /// <summary>Signed area of a closed polyline, in pixels; regions and holes have opposite signs.</summary>
    public static double SignedArea(IReadOnlyList<(double Row, double Column)> contour)
    {
        ArgumentNullException.ThrowIfNull(contour);
        double twice = 0;
        for (var n = 0; n < contour.Count; n++)
        {
            var (a, b) = (contour[n], contour[(n + 1) % contour.Count]);
            twice += (a.Column * b.Row) - (b.Column * a.Row);
        }
        return twice / 2;
    }

    /// <summary>The convex hull of points (monotone chain), as a closed polyline.</summary>
    public static IReadOnlyList<(double Row, double Column)> ConvexHull(IReadOnlyList<(double Row, double Column)> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        var sorted = points.Distinct().Order().ToArray();
        if (sorted.Length < 3)
            return sorted;
        var hull = new List<(double Row, double Column)>();
        foreach (var half in new[] { sorted, [.. sorted.Reverse()] })
        {
            var start = hull.Count;
            foreach (var p in half)
            {
                while (hull.Count >= start + 2 && Turn(hull[^2], hull[^1], p) <= 0)
                    hull.RemoveAt(hull.Count - 1);
                hull.Add(p);
            }
            hull.RemoveAt(hull.Count - 1);
        }
        return hull;

        static double Turn((double Row, double Column) a, (double Row, double Column) b, (double Row, double Column) c) =>
            ((b.Row - a.Row) * (c.Column - a.Column)) - ((b.Column - a.Column) * (c.Row - a.Row));
    }

    static double Fraction(double from, double to, double level) => (level - from) / (to - from);

    /// <summary>Which edges are joined in a cell, the higher side on the right hand; bits: top left 8, top right 4, bottom right 2, bottom left 1.</summary>
    static (int From, int To)[] Segments(int inside, bool middleInside) => inside switch
    {
        8 => [(Top, Left)],
        4 => [(Right, Top)],
        2 => [(Bottom, Right)],
        1 => [(Left, Bottom)],
        12 => [(Right, Left)],
        6 => [(Bottom, Top)],
        3 => [(Left, Right)],
        9 => [(Top, Bottom)],
        7 => [(Left, Top)],
        11 => [(Top, Right)],
        13 => [(Right, Bottom)],
        14 => [(Bottom, Left)],
        10 => middleInside ? [(Top, Right), (Bottom, Left)] : [(Top, Left), (Bottom, Right)],
        _ => middleInside ? [(Left, Top), (Right, Bottom)] : [(Right, Top), (Left, Bottom)],
    };
}
