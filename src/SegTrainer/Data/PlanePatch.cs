using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Synthesis;

namespace SoftSeg.SegTrainer.Data;

/// <summary>
/// The planes that one fine sample is made on: the tile and what its normalisation sees around it, at the fine network's
/// pixel spacing. Reused between samples by one thread at a time.
/// </summary>
public sealed class PlanePatch
{
    /// <summary>Pixels around the tile: 2.3 standard deviations of the normalisation's window.</summary>
    public const int Margin = 48;

    public PlanePatch(int tile)
    {
        Tile = tile;
        Size = tile + (2 * Margin);
        Canvas = new SliceCanvas(Size, (float)FineInput.PixelSpacing);
        Warp = new PlaneWarp(Size, (float)FineInput.PixelSpacing);
        Scratch = new float[2 * (Size + 1) * (Size + 1)];
        Acquired = new float[(Size + 1) * (Size + 1)];
    }

    /// <summary>Side of the tile, pixels.</summary>
    public int Tile { get; }

    /// <summary>Side of the planes, pixels.</summary>
    public int Size { get; }

    public float[] Image => Canvas.Image;

    public float[] Share => Canvas.Share;

    /// <summary>Signed distance to the cord's border, mm.</summary>
    public float[] Distance => Canvas.Distance;

    internal SliceCanvas Canvas { get; }

    internal PlaneWarp Warp { get; }

    internal float[] Scratch { get; }

    internal float[] Acquired { get; }

    /// <summary>Normalises the field of view as inference does and cuts the tile; beyond the field of view the image and the weight are 0.</summary>
    /// <param name="view">The field of view on the planes.</param>
    /// <param name="floor">The least local standard deviation (<see cref="LocalNormalisation.Apply"/>).</param>
    public void Cut(PlaneView view, float floor, Span<float> image, Span<float> share, Span<float> weight)
    {
        var (rows, columns) = (view.Bottom - view.Top, view.Right - view.Left);
        var window = Scratch.AsSpan(0, rows * columns);
        for (var row = 0; row < rows; row++)
            Image.AsSpan(((row + view.Top) * Size) + view.Left, columns).CopyTo(window[(row * columns)..]);
        LocalNormalisation.Apply(window, rows, columns, floor);
        image.Clear();
        share.Clear();
        weight.Clear();
        for (var row = 0; row < Tile; row++)
        {
            var y = row + Margin;
            if (y < view.Top || y >= view.Bottom)
                continue;
            int from = Math.Max(0, view.Left - Margin), to = Math.Min(Tile, view.Right - Margin);
            if (from >= to)
                continue;
            window.Slice(((y - view.Top) * columns) + from + Margin - view.Left, to - from).CopyTo(image[((row * Tile) + from)..]);
            Share.AsSpan((y * Size) + from + Margin, to - from).CopyTo(share[((row * Tile) + from)..]);
            weight.Slice((row * Tile) + from, to - from).Fill(1);
        }
    }
}

/// <summary>The field of view: rows [Top, Bottom) and columns [Left, Right) of the planes.</summary>
public readonly record struct PlaneView(int Top, int Bottom, int Left, int Right)
{
    /// <summary>Mostly all of the planes; sometimes a side is cut off through the tile, as in thin crops and sagittal slabs.</summary>
    public static PlaneView Draw(Random random, int size, int tile)
    {
        var view = new PlaneView(0, size, 0, size);
        if (random.Chance(0.2))
        {
            // A slab around the tile's middle, 32 mm wide or more.
            var half = random.Next(27, size / 2);
            var middle = (size / 2) + random.Next(-8, 9);
            view = random.Chance(0.7)
                ? view with { Left = Math.Max(0, middle - half), Right = Math.Min(size, middle + half) }
                : view with { Top = Math.Max(0, middle - half), Bottom = Math.Min(size, middle + half) };
        }
        if (random.Chance(0.1))
        {
            var cut = random.Next(0, (size - (tile / 4)) / 2);
            view = random.Next(4) switch
            {
                0 => view with { Top = Math.Max(view.Top, cut) },
                1 => view with { Bottom = Math.Min(view.Bottom, size - cut) },
                2 => view with { Left = Math.Max(view.Left, cut) },
                _ => view with { Right = Math.Min(view.Right, size - cut) },
            };
        }
        return view;
    }
}
