using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Data;

/// <summary>What one locator sample is made on. Reused between samples by one thread at a time.</summary>
public sealed class VolumePatch(int slices, int side)
{
    public int Slices { get; } = slices;

    /// <summary>Rows and columns.</summary>
    public int Side { get; } = side;

    /// <summary>Intensities <c>[slice, row, column]</c>.</summary>
    public float[] Image { get; } = new float[slices * side * side];

    /// <summary>Share of the voxel that is cord.</summary>
    public float[] Share { get; } = new float[slices * side * side];

    /// <summary>Weight of the voxel in the loss.</summary>
    public float[] Weight { get; } = new float[slices * side * side];

    internal float[] Scratch { get; } = new float[2 * (side + 1) * (side + 1)];

    internal float[] Acquired { get; } = new float[(side + 1) * (side + 1)];

    internal Synthesis.SliceCanvas Canvas { get; } = new(side, (float)LocatorInput.PixelSpacing);

    /// <summary>Normalises the field of view as inference does; beyond it image and weight are 0.</summary>
    public void Cut(VolumeView view, Span<float> image, Span<float> share, Span<float> weight)
    {
        image.Clear();
        share.Clear();
        weight.Clear();
        var columns = view.Right - view.Left;
        var within = new float[(view.Last - view.First) * (view.Bottom - view.Top) * columns];
        Move(Image, within, toPatch: false);
        LocatorInput.Normalize(within);
        Move(within, image, toPatch: true);
        for (var slice = view.First; slice < view.Last; slice++)
        {
            for (var row = view.Top; row < view.Bottom; row++)
            {
                var at = (((slice * Side) + row) * Side) + view.Left;
                Share.AsSpan(at, columns).CopyTo(share[at..]);
                Weight.AsSpan(at, columns).CopyTo(weight[at..]);
            }
        }

        void Move(ReadOnlySpan<float> from, Span<float> to, bool toPatch)
        {
            var next = 0;
            for (var slice = view.First; slice < view.Last; slice++)
            {
                for (var row = view.Top; row < view.Bottom; row++, next += columns)
                {
                    var at = (((slice * Side) + row) * Side) + view.Left;
                    if (toPatch)
                        from.Slice(next, columns).CopyTo(to[at..]);
                    else
                        from.Slice(at, columns).CopyTo(to[next..]);
                }
            }
        }
    }
}

/// <summary>The field of view within a patch: slices [First, Last), rows [Top, Bottom), columns [Left, Right).</summary>
public readonly record struct VolumeView(int First, int Last, int Top, int Bottom, int Left, int Right)
{
    public bool IsLargerThan(int side) => Last - First >= 2 && Bottom - Top > side && Right - Left > side;

    public VolumeView And(VolumeView other) => new(Math.Max(First, other.First), Math.Min(Last, other.Last),
        Math.Max(Top, other.Top), Math.Min(Bottom, other.Bottom), Math.Max(Left, other.Left), Math.Min(Right, other.Right));

    /// <summary>Mostly the whole patch; often a part, as sagittal slabs and small axial stacks are.</summary>
    public static VolumeView Draw(Random random, int slices, int side)
    {
        int top = 0, bottom = side, left = 0, right = side, first = 0, last = slices;
        if (random.Chance(0.2))
            (left, right) = Part(random, side, 18);
        if (random.Chance(0.08))
            (top, bottom) = Part(random, side, 28);
        if (random.Chance(0.12))
            (first, last) = Part(random, slices, 3);
        return new VolumeView(first, last, top, bottom, left, right);
    }

    static (int From, int To) Part(Random random, int count, int least)
    {
        var length = random.Next(Math.Min(least, count), count + 1);
        // The network's input is padded at its ends: a part starts at the patch's start.
        var from = random.Chance(0.5) ? 0 : random.Next(0, count - length + 1);
        return (from, from + length);
    }
}
