using System.Globalization;
using SkiaSharp;

namespace SoftSeg.SegTrainer.Training;

/// <summary>Draws a training's curve over its steps: the loss in blue (running mean, from 0 to its largest) and validation's soft Dice in orange (0 to 1).</summary>
static class CurvePicture
{
    const int Width = 900;
    const int Height = 420;
    const float Margin = 50;

    /// <param name="csv">What <see cref="LossCurve"/> wrote.</param>
    /// <param name="png">Picture to write.</param>
    public static void Draw(string csv, string png)
    {
        var rows = File.ReadLines(csv).Skip(1).Select(line => line.Split(',')).Where(row => row.Length > 7).ToList();
        var losses = rows.Select(row => (Step: Number(row[0]), Loss: Number(row[2]))).ToList();
        if (losses.Count < 2)
            return;
        var smooth = new List<(double X, double Y)>();
        var mean = losses.Take(50).Average(point => point.Loss);
        foreach (var (step, loss) in losses)
            smooth.Add((step, mean += 0.02 * (loss - mean)));
        var dice = rows.Where(row => row[6].Length > 0).Select(row => (X: Number(row[0]), Y: Number(row[6]))).ToList();

        using var surface = SKSurface.Create(new SKImageInfo(Width, Height));
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        var (right, top) = (losses[^1].Step, smooth.Max(point => point.Y));
        using var ink = new SKPaint { Color = SKColors.Gray, IsAntialias = true, StrokeWidth = 1, Style = SKPaintStyle.Stroke };
        canvas.DrawRect(Margin, Margin, Width - (2 * Margin), Height - (2 * Margin), ink);
        Line(canvas, smooth, right, top, new SKColor(0x1f, 0x5f, 0xa8));
        Line(canvas, dice, right, 1, new SKColor(0xc8, 0x5a, 0x17));
        using var image = surface.Snapshot();
        using var encoded = image.Encode(SKEncodedImageFormat.Png, 90);
        DurableFile.Write(png, encoded.ToArray());
    }

    static void Line(SKCanvas canvas, List<(double X, double Y)> points, double right, double top, SKColor color)
    {
        using var paint = new SKPaint { Color = color, IsAntialias = true, StrokeWidth = 2, Style = SKPaintStyle.Stroke };
        SKPoint Place((double X, double Y) point) => new(
            (float)(Margin + (point.X / right * (Width - (2 * Margin)))),
            (float)(Height - Margin - (Math.Clamp(point.Y / top, 0, 1) * (Height - (2 * Margin)))));
        for (var i = 1; i < points.Count; i++)
            canvas.DrawLine(Place(points[i - 1]), Place(points[i]), paint);
    }

    static double Number(string value) => double.Parse(value, CultureInfo.InvariantCulture);
}
