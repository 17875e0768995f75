using System.Globalization;
using SkiaSharp;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Pictures;

/// <summary>
/// One picture of a segmented volume: the cord stretched along its centre line, four cuts across it, and its area along the way. The soft mask
/// lies over the image as a colour as strong as the share; the contour stands at a share of 0.5.
/// </summary>
public static class OverlayPicture
{
    const int PanelHeight = 560;
    const int Margin = 16;
    const int Caption = 44;
    const double HalfWidth = 40;

    static readonly SKColor Cord = new(244, 214, 49);
    static readonly SKColor Truth = new(80, 200, 255);

    /// <param name="image">The source volume.</param>
    /// <param name="softMask">Its share 0..1, on the same grid.</param>
    /// <param name="areas">Cross-sectional area: position along the patient's axis (LPS z, mm) and mm2; drawn as a curve.</param>
    /// <param name="caption">Words over the picture (model, version, not for clinical use).</param>
    /// <param name="truth">The true share where it is known: its contour is drawn too.</param>
    /// <returns>A PNG file's bytes.</returns>
    public static byte[] Draw(Volume image, Volume softMask, IReadOnlyList<(double Z, double Area)> areas, string caption, Volume? truth = null)
    {
        var canonical = Orientation.ToCanonical(image, out _);
        var share = Orientation.ToCanonical(softMask, out _);
        var known = truth is null ? null : Orientation.ToCanonical(truth, out _);
        var centres = Centres(share);
        var window = Window(canonical);

        var (slice, row, column) = canonical.Affine.Spacing;
        var stretch = (width: (int)(2 * HalfWidth / row), height: canonical.Slices);
        var stretchSize = Fit(2 * HalfWidth, canonical.Slices * slice, PanelHeight, 420);
        var cutSize = (PanelHeight - (3 * Margin)) / 4;
        var plotWidth = areas.Count > 1 ? 260 : 0;
        var width = Margin + (int)stretchSize.Width + Margin + cutSize + Margin + plotWidth + (plotWidth > 0 ? Margin : 0);

        using var surface = SKSurface.Create(new SKImageInfo(Math.Max(width, 420), Caption + PanelHeight + Margin));
        var canvas = surface.Canvas;
        canvas.Clear(new SKColor(18, 18, 20));
        using var font = new SKFont(Typefaces.Sans, 13);
        using var ink = new SKPaint { Color = SKColors.White, IsAntialias = true };
        canvas.DrawText(caption, Margin, 27, SKTextAlign.Left, font, ink);

        // The cord stretched: every slice is shifted so that the centre line is straight; head up, front to the left.
        var stretchTo = SKRect.Create(Margin, Caption, stretchSize.Width, stretchSize.Height);
        DrawPanel(canvas, stretchTo, stretch.width, stretch.height, window, known is not null, (volume, x, y) =>
        {
            var z = canonical.Slices - 1 - y;
            return Sample(volume, z, centres[z].Row + ((x - (stretch.width / 2.0)) * 1), centres[z].Column);
        }, canonical, share, known);

        // Four cuts across it, from the head down.
        var occupied = Enumerable.Range(0, share.Slices).Where(z => HasCord(share, z)).ToArray();
        var cut = (int)Math.Round(36 / Math.Min(row, column));
        for (var n = 0; n < 4 && occupied.Length > 0; n++)
        {
            var z = occupied[(int)((occupied.Length - 1) * (0.875 - (n * 0.25)))];
            var to = SKRect.Create(Margin + stretchSize.Width + Margin, Caption + (n * (cutSize + Margin)), cutSize, cutSize);
            DrawPanel(canvas, to, cut, cut, window, known is not null, (volume, x, y) =>
                Sample(volume, z, centres[z].Row + ((y - (cut / 2.0)) * 36 / (cut * row)), centres[z].Column + ((x - (cut / 2.0)) * 36 / (cut * column))),
                canonical, share, known);
        }

        if (plotWidth > 0)
            DrawAreas(canvas, SKRect.Create(width - plotWidth - Margin, Caption, plotWidth, stretchSize.Height), areas, font, canonical);

        using var png = surface.Snapshot().Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    static SKSize Fit(double width, double height, double maxHeight, double maxWidth)
    {
        var scale = Math.Min(maxHeight / height, maxWidth / width);
        return new SKSize((float)(width * scale), (float)(height * scale));
    }

    delegate float Pick(Volume volume, int x, int y);

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

    static void DrawContour(SKCanvas canvas, SKRect to, float[] mask, int width, int height, SKColor color, float stroke)
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

    static void DrawAreas(SKCanvas canvas, SKRect to, IReadOnlyList<(double Z, double Area)> areas, SKFont font, Volume canonical)
    {
        var bottom = canonical.Affine.Origin.Z;
        var top = canonical.Affine.ToPatient(canonical.Slices - 1, 0, 0).Z;
        var most = Math.Max(20 * Math.Ceiling(areas.Max(a => a.Area) * 1.1 / 20), 20);
        using var frame = new SKPaint { Color = new SKColor(90, 90, 96), Style = SKPaintStyle.Stroke, IsAntialias = true };
        using var ink = new SKPaint { Color = new SKColor(200, 200, 205), IsAntialias = true };
        using var curve = new SKPaint { Color = Cord, Style = SKPaintStyle.Stroke, StrokeWidth = 1.8f, IsAntialias = true };
        canvas.DrawRect(to, frame);
        for (var tick = 20.0; tick < most; tick += 20)
        {
            var x = to.Left + (float)(tick / most * to.Width);
            canvas.DrawLine(x, to.Top, x, to.Bottom, frame);
            canvas.DrawText(tick.ToString("0", CultureInfo.InvariantCulture), x + 2, to.Bottom - 4, SKTextAlign.Left, font, ink);
        }
        canvas.DrawText("area, mm2", to.Left + 4, to.Top + 15, SKTextAlign.Left, font, ink);

        using var builder = new SKPathBuilder();
        var first = true;
        foreach (var (z, area) in areas.OrderBy(a => a.Z))
        {
            var point = new SKPoint(to.Left + (float)(area / most * to.Width), to.Bottom - (float)((z - bottom) / (top - bottom) * to.Height));
            if (first)
                builder.MoveTo(point);
            else
                builder.LineTo(point);
            first = false;
        }
        using var path = builder.Detach();
        canvas.DrawPath(path, curve);
    }

    /// <summary>Share-weighted centre (row, column) of each slice; slices without cord take their neighbour's.</summary>
    static (double Row, double Column)[] Centres(Volume share)
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
    static (float Low, float High) Window(Volume volume)
    {
        var step = Math.Max(1, volume.Voxels.Length / 100_000);
        var sample = Enumerable.Range(0, volume.Voxels.Length / step).Select(i => volume.Voxels[i * step]).Order().ToArray();
        var (low, high) = (sample[sample.Length / 100], sample[(int)(sample.Length * 0.995)]);
        return (low, high > low ? high : low + 1);
    }
}
