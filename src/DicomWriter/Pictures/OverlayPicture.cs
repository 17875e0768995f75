using SkiaSharp;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Pictures;

/// <summary>One picture of a segmented volume: the cord stretched along its centre line, four cuts across it, and its area along the way.</summary>
public static class OverlayPicture
{
    const int PanelHeight = 560;
    const int Margin = 16;
    const int Caption = 44;
    const int PlotWidth = 260;

    /// <param name="image">The source volume.</param>
    /// <param name="softMask">Its share 0..1, on the same grid.</param>
    /// <param name="measurements">Its areas are drawn as a curve along the cord.</param>
    /// <param name="caption">Words over the picture (model, version, not for clinical use).</param>
    /// <param name="truth">The true share where it is known: its contour is drawn too.</param>
    /// <returns>A PNG file's bytes.</returns>
    public static byte[] Draw(Volume image, Volume softMask, CordMeasurements measurements, string caption, Volume? truth = null)
    {
        var panels = new CordPanels(image, softMask, truth);
        var stretched = panels.StretchedSize(420, PanelHeight);
        var cutSize = (PanelHeight - (3 * Margin)) / 4;
        var width = Margin + (int)stretched.Width + Margin + cutSize + Margin + PlotWidth + Margin;

        using var surface = SKSurface.Create(new SKImageInfo(width, Caption + PanelHeight + Margin));
        var canvas = surface.Canvas;
        canvas.Clear(new SKColor(18, 18, 20));
        using var font = new SKFont(Typefaces.Sans, 13);
        using var ink = new SKPaint { Color = SKColors.White, IsAntialias = true };
        canvas.DrawText(caption, Margin, 27, SKTextAlign.Left, font, ink);

        panels.DrawStretched(canvas, SKRect.Create(Margin, Caption, stretched.Width, stretched.Height));
        var top = Caption;
        foreach (var slice in panels.Cuts(4))
        {
            panels.DrawCut(canvas, SKRect.Create(Margin + stretched.Width + Margin, top, cutSize, cutSize), 36, slice);
            top += cutSize + Margin;
        }
        panels.DrawAreas(canvas, SKRect.Create(width - PlotWidth - Margin, Caption, PlotWidth, stretched.Height), measurements.Stations, font, new SKColor(200, 200, 205));

        using var png = surface.Snapshot().Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }
}
