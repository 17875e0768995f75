using System.Globalization;
using SkiaSharp;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Pictures;

/// <summary>Source slices under the mask's colour, with the contour at a share of 0.5 and a caption that says what made it.</summary>
sealed class SlicePicture
{
    /// <summary>The longer side is at least this, so that a caption has room.</summary>
    const int LeastSide = 512;

    readonly Volume image, share;
    readonly (float Low, float High) window;
    readonly string[] caption;

    public SlicePicture(ResultContext context, Volume image)
    {
        (this.image, share) = (image, context.Mask);
        if ((image.Slices, image.Rows, image.Columns) != (share.Slices, share.Rows, share.Columns))
            throw new ArgumentException($"An image of {image.Slices} x {image.Rows} x {image.Columns} does not fit a mask of {share.Slices} x {share.Rows} x {share.Columns}.", nameof(image));
        window = CordPanels.Window(image);
        Scale = (LeastSide + Math.Max(image.Rows, image.Columns) - 1) / Math.Max(image.Rows, image.Columns);
        caption = [$"SoftSeg {context.Algorithm.ModelName} {context.Algorithm.ModelVersion}", .. context.NotForClinicalUse ? [ResultText.NotForClinicalUse] : Array.Empty<string>()];
    }

    /// <summary>Pixels of the picture along one pixel of the source.</summary>
    public int Scale { get; }

    public SKBitmap Draw(int slice)
    {
        var (rows, columns) = (image.Rows, image.Columns);
        using var source = new SKBitmap(new SKImageInfo(columns, rows, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var pixels = source.GetPixelSpan();
        var values = image.Slice(slice);
        var shares = share.Slice(slice);
        for (var n = 0; n < values.Length; n++)
            CordPanels.Paint(pixels[(4 * n)..], values[n], shares[n], window);

        var picture = new SKBitmap(new SKImageInfo(columns * Scale, rows * Scale, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(picture);
        var whole = SKRect.Create(picture.Width, picture.Height);
        using (var below = SKImage.FromBitmap(source))
            canvas.DrawImage(below, whole, new SKSamplingOptions(SKFilterMode.Nearest));
        CordPanels.DrawContour(canvas, whole, shares.ToArray(), columns, rows, CordPanels.Cord, 1.3f);
        using var font = new SKFont(Typefaces.Sans, Math.Max(11, picture.Width / 48f));
        using var ink = new SKPaint { Color = SKColors.White, IsAntialias = true };
        using var shadow = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        for (var n = 0; n < caption.Length; n++)
        {
            var y = picture.Height - 8 - ((caption.Length - 1 - n) * font.Size * 1.3f);
            canvas.DrawText(caption[n], 9, y + 1, SKTextAlign.Left, font, shadow);
            canvas.DrawText(caption[n], 8, y, SKTextAlign.Left, font, ink);
        }
        return picture;
    }
}
