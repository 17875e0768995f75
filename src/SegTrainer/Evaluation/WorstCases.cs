using SkiaSharp;
using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>Pictures of where a prediction differs most from the manual mask.</summary>
static class WorstCases
{
    const int Tiles = 8;
    const int Side = 240;
    const double Width = 48; // mm: cord and canal, and nothing that shows who it is
    static readonly SKColor Manual = new(0x3c, 0xc8, 0x50);
    static readonly SKColor Predicted = new(0xe8, 0x50, 0x28);

    /// <summary>The slices with the lowest Dice, side by side: the image with the manual mask's contour in green and the prediction's at 0.5 in red.</summary>
    /// <returns>PNG.</returns>
    public static byte[] Draw(Volume image, Volume mask, Volume predicted, bool[] labelled)
    {
        var slices = Enumerable.Range(0, image.Slices).Where(slice => labelled[slice]).OrderBy(slice => Dice(mask, predicted, slice)).Take(Tiles).Order().ToArray();
        using var surface = SKSurface.Create(new SKImageInfo(Side * Math.Max(1, slices.Length), Side + 18));
        surface.Canvas.Clear(SKColors.Black);
        for (var i = 0; i < slices.Length; i++)
            DrawSlice(surface.Canvas, i * Side, image, mask, predicted, slices[i]);
        using var picture = surface.Snapshot();
        using var png = picture.Encode(SKEncodedImageFormat.Png, 90);
        return png.ToArray();
    }

    static double Dice(Volume mask, Volume predicted, int slice)
    {
        var m = mask.Slice(slice);
        var p = predicted.Slice(slice);
        var (both, sum) = (0, 0);
        for (var i = 0; i < m.Length; i++)
        {
            var (a, b) = (m[i] >= 0.5f, p[i] >= 0.5f);
            (both, sum) = (both + (a && b ? 2 : 0), sum + (a ? 1 : 0) + (b ? 1 : 0));
        }

        return sum == 0 ? 1 : (double)both / sum;
    }

    static void DrawSlice(SKCanvas canvas, int left, Volume image, Volume mask, Volume predicted, int slice)
    {
        var (row, column) = Centre(mask, slice) ?? Centre(predicted, slice) ?? (image.Rows / 2.0, image.Columns / 2.0);
        var spacing = image.Affine.Spacing;
        var values = new float[Side * Side];
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
                values[(y * Side) + x] = Resampler.SampleIndex(image, slice, row + (Millimetres(y) / spacing.Row), column + (Millimetres(x) / spacing.Column));
        }

        var ordered = values.Order().ToArray();
        var (low, high) = (ordered[ordered.Length / 100], ordered[^(1 + (ordered.Length / 100))]);
        using var bitmap = new SKBitmap(Side, Side);
        for (var i = 0; i < values.Length; i++)
        {
            var grey = (byte)(255 * Math.Clamp((values[i] - low) / Math.Max(high - low, 1e-6f), 0, 1));
            bitmap.SetPixel(i % Side, i / Side, new SKColor(grey, grey, grey));
        }

        canvas.DrawBitmap(bitmap, left, 0, SKSamplingOptions.Default);
        canvas.Save();
        canvas.ClipRect(SKRect.Create(left, 0, Side, Side));
        foreach (var (volume, colour) in new[] { (mask, Manual), (predicted, Predicted) })
        {
            using var pen = new SKPaint { Color = colour, IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = 1.4f };
            foreach (var contour in Contours.At(volume, slice))
            {
                SKPoint[] points = [.. contour.Append(contour[0]).Select(point => new SKPoint(left + Pixels(point.Column - column, spacing.Column), Pixels(point.Row - row, spacing.Row)))];
                canvas.DrawPoints(SKPointMode.Polygon, points, pen);
            }
        }

        canvas.Restore();
        using var ink = new SKPaint { Color = SKColors.White, IsAntialias = true };
        using var font = new SKFont { Size = 12 };
        canvas.DrawText(FormattableString.Invariant($"slice {slice}: Dice {Dice(mask, predicted, slice):F3}"), left + 4, Side + 13, SKTextAlign.Left, font, ink);

        static double Millimetres(int pixel) => ((pixel + 0.5) / Side * Width) - (Width / 2);

        static float Pixels(double voxels, double spacing) => (float)(((voxels * spacing) + (Width / 2)) / Width * Side);
    }

    static (double Row, double Column)? Centre(Volume mask, int slice)
    {
        var (sum, row, column) = (0.0, 0.0, 0.0);
        var plane = mask.Slice(slice);
        for (var i = 0; i < plane.Length; i++)
            (sum, row, column) = (sum + plane[i], row + (plane[i] * (i / mask.Columns)), column + (plane[i] * (i % mask.Columns)));
        return sum > 0 ? (row / sum, column / sum) : null;
    }
}
