using System.Globalization;
using SkiaSharp;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Pictures;

/// <summary>
/// What pictures of a segmented volume are made of: panels of the image under the mask, whose colour is as strong as the share, with a contour at
/// a share of 0.5; and the area along the cord.
/// </summary>
static class CordPanels
{
    public static readonly SKColor Cord = new(244, 214, 49);

    /// <summary>Shown to the front and to the back of the centre line, mm.</summary>
    const double HalfWidth = 40;

    static readonly SKColor Truth = new(80, 200, 255);

    /// <summary>Gives a value of a volume at a pixel of a panel.</summary>
    public delegate float Pick(Volume volume, int x, int y);

    /// <summary>Size of the stretched cord that fits into a rectangle.</summary>
    public static SKSize StretchedSize(Volume canonical, float maxWidth, float maxHeight) =>
        Fit(2 * HalfWidth, canonical.Slices * canonical.Affine.Spacing.Slice, maxHeight, maxWidth);

    /// <summary>The cord stretched: every slice is shifted so that the centre line is straight; head up, front to the left.</summary>
    public static void DrawStretched(SKCanvas canvas, SKRect to, Volume canonical, Volume share, Volume? truth, (double Row, double Column)[] centres)
    {
        var width = Math.Max(8, (int)(2 * HalfWidth / canonical.Affine.Spacing.Row));
        DrawPanel(canvas, to, width, canonical.Slices, Window(canonical), truth is not null, (volume, x, y) =>
        {
            var z = canonical.Slices - 1 - y;
            return Sample(volume, z, centres[z].Row + x - (width / 2.0), centres[z].Column);
        }, canonical, share, truth);
    }

    /// <summary>A slice of the canonical volume, <paramref name="side"/> mm wide, around the cord: front up, right to the left.</summary>
    public static void DrawCut(SKCanvas canvas, SKRect to, double side, int slice, Volume canonical, Volume share, Volume? truth, (double Row, double Column)[] centres)
    {
        var (_, row, column) = canonical.Affine.Spacing;
        var pixels = Math.Max(8, (int)Math.Round(side / Math.Min(row, column)));
        DrawPanel(canvas, to, pixels, pixels, Window(canonical), truth is not null, (volume, x, y) =>
            Sample(volume, slice, centres[slice].Row + ((y - (pixels / 2.0)) * side / (pixels * row)), centres[slice].Column + ((x - (pixels / 2.0)) * side / (pixels * column))),
            canonical, share, truth);
    }

    /// <summary>Slices across the cord from the head down, evenly spread over those that show it.</summary>
    public static IEnumerable<int> Cuts(Volume share, int count)
    {
        var occupied = Enumerable.Range(0, share.Slices).Where(z => HasCord(share, z)).ToArray();
        return occupied.Length == 0 ? [] : Enumerable.Range(0, count).Select(n => occupied[(int)((occupied.Length - 1) * (1 - ((n + 0.5) / count)))]);
    }

    static SKSize Fit(double width, double height, double maxHeight, double maxWidth)
    {
        var scale = Math.Min(maxHeight / height, maxWidth / width);
        return new SKSize((float)(width * scale), (float)(height * scale));
    }

    static void DrawPanel(SKCanvas canvas, SKRect to, int width, int height, (float Low, float High) window, bool hasTruth, Pick pick, Volume image, Volume share, Volume? truth)
    {
        using var grey = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Premul);
        var mask = new float[width * height];
        var known = new float[width * height];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var value = Math.Clamp((pick(image, x, y) - window.Low) / (window.High - window.Low), 0, 1) * 255;
                mask[(y * width) + x] = pick(share, x, y);
                if (hasTruth)
                    known[(y * width) + x] = pick(truth!, x, y);
                var alpha = 0.45f * mask[(y * width) + x];
                grey.SetPixel(x, y, new SKColor(Mix(value, Cord.Red), Mix(value, Cord.Green), Mix(value, Cord.Blue)));
                byte Mix(float under, byte over) => (byte)((under * (1 - alpha)) + (over * alpha));
            }
        }
        using var picture = SKImage.FromBitmap(grey);
        canvas.DrawImage(picture, to, new SKSamplingOptions(SKFilterMode.Linear));
        if (hasTruth)
            DrawContour(canvas, to, known, width, height, Truth, 1);
        DrawContour(canvas, to, mask, width, height, Cord, 1.3f);
    }

    public static void DrawContour(SKCanvas canvas, SKRect to, float[] mask, int width, int height, SKColor color, float stroke)
    {
        var plane = new Volume(mask, 1, height, width, new Affine(default, new(0, 0, 1), new(0, 1, 0), new(1, 0, 0)));
        using var line = new SKPaint { Color = color, IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = stroke };
        foreach (var contour in Contours.At(plane, 0))
        {
            using var builder = new SKPathBuilder();
            for (var i = 0; i < contour.Count; i++)
            {
                var point = new SKPoint(
                    to.Left + (float)((contour[i].Column + 0.5) / width * to.Width),
                    to.Top + (float)((contour[i].Row + 0.5) / height * to.Height));
                if (i == 0)
                    builder.MoveTo(point);
                else
                    builder.LineTo(point);
            }
            using var path = builder.Detach();
            canvas.DrawPath(path, line);
        }
    }

    /// <summary>
    /// The area along the cord, beside the stretched cord at the same heights: the curve and its 95 % interval where stations are valid, hollow dots where they
    /// are withheld.
    /// </summary>
    public static void DrawAreas(SKCanvas canvas, SKRect to, IReadOnlyList<Station> stations, SKFont font, Volume canonical, SKColor inkColour)
    {
        if (stations.Count == 0)
            return;
        var most = Math.Max(20 * Math.Ceiling(stations.Max(s => s.Area + (s.AreaHalfWidth ?? 0)) * 1.05 / 20), 20);
        using var frame = new SKPaint { Color = inkColour.WithAlpha(90), Style = SKPaintStyle.Stroke, IsAntialias = true };
        using var ink = new SKPaint { Color = inkColour, IsAntialias = true };
        using var curve = new SKPaint { Color = new SKColor(214, 150, 0), Style = SKPaintStyle.Stroke, StrokeWidth = 1.6f, IsAntialias = true };
        using var interval = new SKPaint { Color = Cord.WithAlpha(90), IsAntialias = true };
        using var withheld = new SKPaint { Color = inkColour.WithAlpha(160), Style = SKPaintStyle.Stroke, StrokeWidth = 0.8f, IsAntialias = true };
        canvas.DrawRect(to, frame);
        for (var tick = 20.0; tick < most; tick += 20)
        {
            var x = X(tick);
            canvas.DrawLine(x, to.Top, x, to.Bottom, frame);
            canvas.DrawText(tick.ToString("0", CultureInfo.InvariantCulture), x + 2, to.Bottom - 4, SKTextAlign.Left, font, ink);
        }

        foreach (var run in ValidRuns(stations))
        {
            if (run.All(s => s.AreaHalfWidth is not null))
                Fill(interval, [.. run.Select(s => Point(s, s.Area - s.AreaHalfWidth!.Value)), .. run.Reverse().Select(s => Point(s, s.Area + s.AreaHalfWidth!.Value))]);
            Fill(curve, [.. run.Select(s => Point(s, s.Area))]);
            if (run.Length == 1)
                canvas.DrawCircle(Point(run[0], run[0].Area), 1.5f, curve);
        }
        foreach (var station in stations.Where(s => !s.Valid))
            canvas.DrawCircle(Point(station, station.Area), 2, withheld);
        canvas.DrawText("area, mm2", to.Left + 4, to.Top + font.Size + 2, SKTextAlign.Left, font, ink);

        float X(double area) => to.Left + (float)(Math.Clamp(area / most, 0, 1) * to.Width);

        SKPoint Point(Station station, double area) => new(X(area), to.Bottom - (float)((canonical.Affine.ToIndex(station.Centre).Slice + 0.5) / canonical.Slices * to.Height));

        void Fill(SKPaint paint, SKPoint[] points)
        {
            using var builder = new SKPathBuilder();
            builder.AddPoly(points, close: paint.Style == SKPaintStyle.Fill);
            using var path = builder.Detach();
            canvas.DrawPath(path, paint);
        }
    }

    /// <summary>Neighbouring valid stations: no line is drawn across what is withheld.</summary>
    static IEnumerable<Station[]> ValidRuns(IReadOnlyList<Station> stations)
    {
        var run = new List<Station>();
        foreach (var station in stations)
        {
            if (station.Valid)
            {
                run.Add(station);
                continue;
            }
            if (run.Count > 0)
                yield return [.. run];
            run.Clear();
        }
        if (run.Count > 0)
            yield return [.. run];
    }

    /// <summary>Share-weighted centre (row, column) of each slice; slices without cord take their neighbour's.</summary>
    public static (double Row, double Column)[] Centres(Volume share)
    {
        var centres = new (double Row, double Column)[share.Slices];
        var found = new bool[share.Slices];
        for (var z = 0; z < share.Slices; z++)
        {
            double sum = 0, row = 0, column = 0;
            var plane = share.Slice(z);
            for (var i = 0; i < plane.Length; i++)
            {
                sum += plane[i];
                row += plane[i] * (i / share.Columns);
                column += plane[i] * (i % share.Columns);
            }
            found[z] = sum > 1;
            centres[z] = found[z] ? (row / sum, column / sum) : (share.Rows / 2.0, share.Columns / 2.0);
        }
        var known = Enumerable.Range(0, share.Slices).Where(z => found[z]).ToArray();
        for (var z = 0; z < share.Slices && known.Length > 0; z++)
        {
            if (!found[z])
                centres[z] = centres[known.MinBy(k => Math.Abs(k - z))];
        }
        return centres;
    }

    static bool HasCord(Volume share, int slice) => share.Slice(slice).ContainsAnyInRange(0.5f, float.MaxValue);

    static float Sample(Volume volume, int slice, double row, double column)
    {
        var (r, c) = ((int)Math.Floor(row), (int)Math.Floor(column));
        var (fr, fc) = ((float)(row - r), (float)(column - c));
        return (((1 - fr) * ((1 - fc) * At(r, c) + fc * At(r, c + 1))) + (fr * ((1 - fc) * At(r + 1, c) + fc * At(r + 1, c + 1))));

        float At(int y, int x) => y < 0 || x < 0 || y >= volume.Rows || x >= volume.Columns ? 0 : volume[slice, y, x];
    }

    /// <summary>Grey window: the 1st to the 99.5th percentile.</summary>
    public static (float Low, float High) Window(Volume volume)
    {
        var step = Math.Max(1, volume.Voxels.Length / 100_000);
        var sample = Enumerable.Range(0, volume.Voxels.Length / step).Select(i => volume.Voxels[i * step]).Order().ToArray();
        var (low, high) = (sample[sample.Length / 100], sample[(int)(sample.Length * 0.995)]);
        return (low, high > low ? high : low + 1);
    }
}
