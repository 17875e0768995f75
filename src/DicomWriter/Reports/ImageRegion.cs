namespace SoftSeg.DicomWriter.Reports;

/// <summary>A contour as the Graphic Data (0070,0022) of a closed POLYLINE, PS3.3 C.18.6.1.2.</summary>
static class ImageRegion
{
    /// <summary>Fewer points are read as another shape: OHIF takes 4 for a bidirectional measurement and 5 for a rectangle.</summary>
    public const int FewestPoints = 7;

    /// <summary>Graphic Data has a 16-bit length in Explicit VR: 8191 points of two floats; a few are kept back.</summary>
    public const int MostPoints = 8000;

    /// <summary>(column, row) pairs in pixels, where (0.5, 0.5) is the centre of the first pixel; the last point is the first.</summary>
    /// <param name="contour">Points (row, column) where (0, 0) is the centre of the first pixel, closed or not.</param>
    /// <returns>Null for fewer than 3 distinct points, which enclose nothing.</returns>
    public static float[]? GraphicData(IReadOnlyList<(double Row, double Column)> contour, int rows, int columns)
    {
        var points = new List<(float X, float Y)>(contour.Count + 1);
        var step = Math.Max(1, (contour.Count + MostPoints - 1) / MostPoints);
        for (var i = 0; i < contour.Count; i += step)
        {
            var point = ((float)Math.Clamp(contour[i].Column + 0.5, 0, columns), (float)Math.Clamp(contour[i].Row + 0.5, 0, rows));
            if (points.Count == 0 || points[^1] != point)
                points.Add(point);
        }
        while (points.Count > 1 && points[^1] == points[0])
            points.RemoveAt(points.Count - 1);
        if (points.Count < 3)
            return null;
        while (points.Count + 1 < FewestPoints)
            points = Halved(points);

        var data = new float[(points.Count + 1) * 2];
        for (var i = 0; i <= points.Count; i++)
            (data[2 * i], data[(2 * i) + 1]) = points[i % points.Count];
        return data;
    }

    /// <summary>The same outline with a point more in the middle of each side.</summary>
    static List<(float X, float Y)> Halved(List<(float X, float Y)> points)
    {
        var halved = new List<(float X, float Y)>(points.Count * 2);
        for (var i = 0; i < points.Count; i++)
        {
            var (a, b) = (points[i], points[(i + 1) % points.Count]);
            halved.Add(a);
            halved.Add(((a.X + b.X) / 2, (a.Y + b.Y) / 2));
        }
        return halved;
    }
}
