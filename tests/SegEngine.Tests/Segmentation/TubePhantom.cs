namespace SoftSeg.SegEngine.Tests.Segmentation;

/// <summary>A bright bent tube in dark texture, whose true share is known by supersampling; and networks that read it off.</summary>
sealed class TubePhantom
{
    public required Volume Image { get; init; }

    public required Volume Share { get; init; }

    /// <param name="slices">Slices, then rows and columns of the grid.</param>
    /// <param name="rows">Rows of the grid.</param>
    /// <param name="columns">Columns of the grid.</param>
    /// <param name="affine">Its place; the tube runs through the middle of the field of view, along patient z.</param>
    /// <param name="radius">Of the tube, mm; 0 for none.</param>
    /// <param name="from">The tube's lower end, mm above the middle.</param>
    /// <param name="to">The tube's upper end, mm above the middle.</param>
    public static TubePhantom Make(int slices, int rows, int columns, Affine affine, double radius = 5, double from = -1000, double to = 1000)
    {
        var share = new Volume(new float[slices * rows * columns], slices, rows, columns, affine);
        var image = share.LikeThis();
        var middle = affine.ToPatient((slices - 1) / 2.0, (rows - 1) / 2.0, (columns - 1) / 2.0);
        Parallel.For(0, slices, s =>
        {
            for (var r = 0; r < rows; r++)
            {
                for (var c = 0; c < columns; c++)
                {
                    var inside = 0;
                    var (dx, dy) = Off(affine.ToPatient(s, r, c) - middle);
                    var reach = radius + affine.Spacing.Slice + affine.Spacing.Row + affine.Spacing.Column;
                    for (var n = 0; n < 64 && (dx * dx) + (dy * dy) < reach * reach; n++)
                    {
                        var p = affine.ToPatient(s + (((n / 16) - 1.5) / 4), r + (((n / 4 % 4) - 1.5) / 4), c + (((n % 4) - 1.5) / 4)) - middle;
                        var (x, y) = Off(p);
                        if (p.Z >= from && p.Z <= to && (x * x) + (y * y) < radius * radius)
                            inside++;
                    }
                    share[s, r, c] = inside / 64f;
                    var place = affine.ToPatient(s, r, c) - middle;
                    image[s, r, c] = (float)(100 + (30 * Math.Sin(place.X / 6) * Math.Cos(place.Y / 7) * Math.Cos(place.Z / 9))) + (900 * share[s, r, c]);
                }
            }
        });
        return new TubePhantom { Image = image, Share = share };

        static (double X, double Y) Off(Vector3 p) => (p.X - (4 * Math.Sin(p.Z / 40)), p.Y - (6 * Math.Cos(p.Z / 50)));
    }

    public static SoftSegmenter Segmenter() => new(new Threshold(), new Contrast(), new PresenceGate());

    /// <summary>What is far brighter than the mean is tube.</summary>
    public sealed class Threshold : INetwork
    {
        public float[] Run(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default)
        {
            Assert.Equal(5, shape.Length);
            Assert.Equal(image.Length, shape[0] * shape[1] * shape[2] * shape[3] * shape[4]);
            for (var a = 2; a < 5; a++)
                Assert.Equal(0, shape[a] % 8);
            return [.. image.Select(v => Math.Clamp((v - 0.8f) / 2, 0, 1))];
        }
    }

    /// <summary>The share is where the intensity lies between the tile's dark and bright end; a tile without contrast has none.</summary>
    sealed class Contrast : INetwork
    {
        public float[] Run(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default)
        {
            Assert.Equal(4, shape.Length);
            var size = shape[2] * shape[3];
            var share = new float[image.Length];
            for (var n = 0; n < shape[0]; n++)
            {
                var tile = image.AsSpan(n * size, size);
                var sorted = tile.ToArray();
                Array.Sort(sorted);
                var (low, high) = (sorted[size / 4], sorted[^20]);
                for (var i = 0; high - low > 2.5f && i < size; i++)
                    share[(n * size) + i] = Math.Clamp(((tile[i] - low) / (high - low) * 1.06f) - 0.06f, 0, 1);
            }
            return share;
        }
    }
}
