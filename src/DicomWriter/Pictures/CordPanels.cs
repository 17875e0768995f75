using System.Globalization;
using SkiaSharp;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Pictures;

/// <summary>
/// What pictures of a segmented volume are made of: panels of the image under the mask, whose colour is as strong as the share, with a contour at
/// a share of 0.5; and the area along the cord.
/// </summary>
sealed class CordPanels
{
    public static readonly SKColor Cord = new(244, 214, 49);

    /// <summary>Shown to the front and to the back of the centre line, mm.</summary>
    const double HalfWidth = 40;

    static readonly SKColor Truth = new(80, 200, 255);

    readonly Volume image, share;
    readonly Volume? truth;
    readonly (float Low, float High) window;
    readonly (double Row, double Column)[] centres;

    /// <param name="image">The source's intensities.</param>
    /// <param name="softMask">Their share 0..1, on the same grid.</param>
    /// <param name="truth">The true share where it is known: its contour is drawn too.</param>
    public CordPanels(Volume image, Volume softMask, Volume? truth = null)
    {
        this.image = Orientation.ToCanonical(image, out _);
        share = Orientation.ToCanonical(softMask, out _);
        this.truth = truth is null ? null : Orientation.ToCanonical(truth, out _);
        window = Window(image);
        centres = Centres(share);
    }

    /// <summary>Size of the stretched cord that fits into a rectangle.</summary>
    public SKSize StretchedSize(float maxWidth, float maxHeight)
    {
        var (width, height) = (2 * HalfWidth, image.Slices * image.Affine.Spacing.Slice);
        var scale = Math.Min(maxHeight / height, maxWidth / width);
        return new SKSize((float)(width * scale), (float)(height * scale));
    }

    /// <summary>The cord stretched: every slice is shifted so that the centre line is straight; head up, front to the left.</summary>
    public void DrawStretched(SKCanvas canvas, SKRect to)
    {
        var width = Math.Max(8, (int)(2 * HalfWidth / image.Affine.Spacing.Row));
        DrawPanel(canvas, to, width, image.Slices, (volume, x, y) =>
        {
            var z = image.Slices - 1 - y;
            return Sample(volume, z, centres[z].Row + x - (width / 2.0), centres[z].Column);
        });
    }

    /// <summary>A cut across the cord, <paramref name="side"/> mm wide: front up, right to the left.</summary>
    /// <param name="slice">From the foot, one of <see cref="Cuts"/>.</param>
    public void DrawCut(SKCanvas canvas, SKRect to, double side, int slice)
    {
        var (_, row, column) = image.Affine.Spacing;
        var pixels = Math.Max(8, (int)Math.Round(side / Math.Min(row, column)));
        DrawPanel(canvas, to, pixels, pixels, (volume, x, y) => Sample(volume, slice,
            centres[slice].Row + ((y - (pixels / 2.0)) * side / (pixels * row)), centres[slice].Column + ((x - (pixels / 2.0)) * side / (pixels * column))));
    }

    /// <summary>Slices across the cord from the head down, evenly spread over those that show it.</summary>
    public IEnumerable<int> Cuts(int count)
    {
        var occupied = Enumerable.Range(0, share.Slices).Where(z => share.Slice(z).ContainsAnyInRange(0.5f, float.MaxValue)).ToArray();
        return occupied.Length == 0 ? [] : Enumerable.Range(0, count).Select(n => occupied[(int)((occupied.Length - 1) * (1 - ((n + 0.5) / count)))]);
    }

    void DrawPanel(SKCanvas canvas, SKRect to, int width, int height, Func<Volume, int, int, float> pick)
    {
        using var panel = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var pixels = panel.GetPixelSpan();
        var mask = new float[width * height];
        var known = truth is null ? null : new float[width * height];
        for (var n = 0; n < mask.Length; n++)
        {
            var (y, x) = Math.DivRem(n, width);
            mask[n] = pick(share, x, y);
            if (known is not null)
                known[n] = pick(truth!, x, y);
            Paint(pixels[(4 * n)..], pick(image, x, y), mask[n], window);
        }
        using var picture = SKImage.FromBitmap(panel);
        canvas.DrawImage(picture, to, new SKSamplingOptions(SKFilterMode.Linear));
        if (known is not null)
            DrawContour(canvas, to, known, width, height, Truth, 1);
        DrawContour(canvas, to, mask, width, height, Cord, 1.3f);
    }

    /// <summary>One RGBA pixel: the image's grey, coloured as strongly as the share.</summary>
    public static void Paint(Span<byte> pixel, float value, float share, (float Low, float High) window)
    {
        var grey = Math.Clamp((value - window.Low) / (window.High - window.Low), 0, 1) * 255;
        var alpha = 0.45f * Math.Clamp(share, 0, 1);
        (pixel[0], pixel[1], pixel[2], pixel[3]) = (Mix(Cord.Red), Mix(Cord.Green), Mix(Cord.Blue), 255);
        byte Mix(byte over) => (byte)((grey * (1 - alpha)) + (over * alpha) + 0.5f);
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
    public void DrawAreas(SKCanvas canvas, SKRect to, IReadOnlyList<Station> stations, SKFont font, SKColor inkColour)
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

        SKPoint Point(Station station, double area) => new(X(area), to.Bottom - (float)((image.Affine.ToIndex(station.Centre).Slice + 0.5) / image.Slices * to.Height));

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
    static (double Row, double Column)[] Centres(Volume share)
    {
        var centres = new (double Row, double Column)[share.Slices];
        var found = new bool[share.Slices];
        for (var z = 0; z < share.Slices; z++)
        {
            double sum = 0, row = 0, column = 0;
            for (var y = 0; y < share.Rows; y++)
            {
                var line = share.Slice(z).Slice(y * share.Columns, share.Columns);
                // Most rows have no cord.
                for (var x = line.IndexOfAnyExcept(0f); x >= 0 && x < line.Length; x++)
                {
                    sum += line[x];
                    row += line[x] * y;
                    column += line[x] * x;
                }
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
        var sample = new float[Math.Min(volume.Voxels.Length, 20_000)];
        for (var n = 0; n < sample.Length; n++)
            sample[n] = volume.Voxels[(int)((long)n * volume.Voxels.Length / sample.Length)];
        Array.Sort(sample);
        var (low, high) = (sample[sample.Length / 100], sample[(int)(sample.Length * 0.995)]);
        return (low, high > low ? high : low + 1);
    }
}
