using SkiaSharp;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary>A picture of samples as the networks see them: the image, and below it the same with the share in red and ignored voxels in blue.</summary>
public static class Gallery
{
    /// <summary>Draws samples and writes the picture as PNG. Of a 3D sample the slice with the most cord (else the middle one) and the sagittal cut through it are shown.</summary>
    public static void Write(string path, ISampleSource source, int count, int seed)
    {
        ArgumentNullException.ThrowIfNull(source);
        var shape = source.Shape;
        int rows = shape[^2], columns = shape[^1], slices = shape.Length == 3 ? shape[0] : 1;
        var scale = Math.Max(1, 144 / rows);
        // A 3D sample's sagittal cut stands beside its slice, slices twice as high as rows (4 against 2 mm).
        var cellWidth = (columns * scale) + (slices > 1 ? (rows * scale) + 2 : 0) + 4;
        var cellHeight = (2 * Math.Max(rows * scale, slices > 1 ? 2 * slices * scale : 0)) + 6;
        var across = Math.Max(1, Math.Min(count, 1600 / cellWidth));
        var down = (count + across - 1) / across;
        using var bitmap = new SKBitmap(across * cellWidth, down * cellHeight);
        bitmap.Erase(SKColors.DarkSlateGray);
        var length = slices * rows * columns;
        float[] image = new float[length], share = new float[length], weight = new float[length];
        for (var n = 0; n < count; n++)
        {
            source.Draw(new Random(seed + n), image, share, weight);
            var left = n % across * cellWidth;
            var top = n / across * cellHeight;
            var slice = Enumerable.Range(0, slices).MaxBy(s => share.AsSpan(s * rows * columns, rows * columns).ToArray().Sum());
            if (slices > 1 && share.Max() == 0)
                slice = slices / 2;
            var column = share.Max() > 0 ? Array.IndexOf(share, share.Max()) % columns : columns / 2;
            foreach (var overlay in new[] { false, true })
            {
                var y = top + (overlay ? cellHeight / 2 : 0);
                Plane(left, y, rows, columns, scale, scale, (r, c) => (((slice * rows) + r) * columns) + c, overlay);
                if (slices > 1)
                    Plane(left + (columns * scale) + 2, y, slices, rows, 2 * scale, scale, (s, r) => ((((slices - 1 - s) * rows) + r) * columns) + column, overlay);
            }
        }
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 90);
        using var file = File.Create(path);
        data.SaveTo(file);

        void Plane(int left, int top, int height, int width, int scaleY, int scaleX, Func<int, int, int> index, bool overlay)
        {
            for (var row = 0; row < height * scaleY; row++)
            {
                for (var column = 0; column < width * scaleX; column++)
                {
                    var at = index(row / scaleY, column / scaleX);
                    // -2.5..2.5 local standard deviations.
                    var grey = Math.Clamp((image[at] + 2.5f) / 5, 0, 1) * 255;
                    var (r, g, b) = (grey, grey, grey);
                    if (overlay)
                    {
                        r += share[at] * 0.6f * (255 - r);
                        g -= share[at] * 0.6f * g;
                        b = weight[at] > 0 ? b - (share[at] * 0.6f * b) : b + (0.5f * (255 - b));
                    }
                    bitmap.SetPixel(left + column, top + row, new SKColor((byte)r, (byte)g, (byte)b));
                }
            }
        }
    }
}
