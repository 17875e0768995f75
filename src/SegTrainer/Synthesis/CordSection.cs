using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary>The outline and grey matter of one real or template cross-section, on a small grid centred on the cord.</summary>
public sealed class CordShape
{
    public const int Side = 56;
    public const float Spacing = 0.5f;

    /// <param name="distance">Signed distance to the border, mm, <c>[row, column]</c> of <see cref="Side"/>.</param>
    /// <param name="grey">Grey matter 0..1 on the same grid; null where it is not known.</param>
    public CordShape(float[] distance, float[]? grey)
    {
        ArgumentNullException.ThrowIfNull(distance);
        (Distance, Grey) = (distance, grey);
        int left = Side, right = 0, top = Side, bottom = 0;
        for (var i = 0; i < distance.Length; i++)
        {
            if (distance[i] >= 0)
                continue;
            (left, right) = (Math.Min(left, i % Side), Math.Max(right, i % Side));
            (top, bottom) = (Math.Min(top, i / Side), Math.Max(bottom, i / Side));
        }
        (HalfWidth, HalfHeight) = (Math.Max(right - left + 1, 1) * Spacing / 2, Math.Max(bottom - top + 1, 1) * Spacing / 2);
    }

    /// <summary>An ellipse with a drawn grey matter, where no real one is at hand: two horns a side, joined in the middle.</summary>
    public static CordShape Butterfly { get; } = DrawButterfly();

    public float[] Distance { get; }

    public float[]? Grey { get; }

    /// <summary>Half the diameter right to left, mm.</summary>
    public float HalfWidth { get; }

    /// <summary>Half the diameter front to back, mm.</summary>
    public float HalfHeight { get; }

    static CordShape DrawButterfly()
    {
        var canvas = new SliceCanvas(Side, Spacing);
        canvas.PaintCord(new CordSection(6, 4, 0), 0, 0, 0, 0, default, 0);
        var distance = canvas.Distance.ToArray();
        canvas.Clear(0, default);
        foreach (var side in new[] { -1, 1 })
        {
            canvas.Paint(new Blob(side * 1.9f, -0.6f, 0.9f, 1.5f, side * 0.3f), 1, default);
            canvas.Paint(new Blob(side * 2f, 1.4f, 0.45f, 1.7f, side * -0.45f), 1, default);
        }
        canvas.Paint(new Blob(0, 0, 1.9f, 0.5f), 1, default);
        return new CordShape(distance, canvas.Image.ToArray());
    }

    /// <summary>A field of this grid at mm from the cord's centre, bilinear; its border value beyond.</summary>
    public static float Read(float[] field, float x, float y)
    {
        ArgumentNullException.ThrowIfNull(field);
        var column = Math.Clamp((x / Spacing) + ((Side - 1) / 2f), 0, Side - 1.001f);
        var row = Math.Clamp((y / Spacing) + ((Side - 1) / 2f), 0, Side - 1.001f);
        int c = (int)column, r = (int)row;
        float fc = column - c, fr = row - r;
        var at = (r * Side) + c;
        var top = field[at] + (fc * (field[at + 1] - field[at]));
        var bottom = field[at + Side] + (fc * (field[at + Side + 1] - field[at + Side]));
        return top + (fr * (bottom - top));
    }

    /// <summary>Cross-sections of a label-only volume, evenly spaced along the cord.</summary>
    public static IEnumerable<CordShape> From(ShapeVolume volume, int most)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var labelled = SoftTruth.LabelledSlices(volume.Cord);
        var slices = Enumerable.Range(0, volume.Cord.Slices).Where(slice => labelled[slice]).ToArray();
        var step = Math.Max(1, (slices.Length + most - 1) / most);
        var spacing = volume.Cord.Affine.Spacing;
        for (var i = step / 2; i < slices.Length; i += step)
        {
            var mask = volume.Cord.Slice(slices[i]);
            var distance = DistanceMap.FromShare(mask, volume.Cord.Rows, volume.Cord.Columns, spacing.Row, spacing.Column, 20);
            double area = 0, row = 0, column = 0;
            for (var p = 0; p < mask.Length; p++)
            {
                if (mask[p] >= 0.5f)
                    (area, row, column) = (area + 1, row + (p / volume.Cord.Columns), column + (p % volume.Cord.Columns));
            }
            // Smaller sections are slips of the pen at the ends of a mask.
            if (area * spacing.Row * spacing.Column < 15)
                continue;
            var warp = new PlaneWarp(Side, Spacing);
            warp.Fill(PlaneAffine.Identity, Random.Shared, 0);
            var outline = Cut(distance);
            yield return new CordShape(outline, volume.GreyMatter is { } grey ? Cut(grey.Slice(slices[i])) : null);

            float[] Cut(ReadOnlySpan<float> plane)
            {
                var cut = new float[Side * Side];
                warp.Sample(plane, volume.Cord.Rows, volume.Cord.Columns, (float)spacing.Row, (float)spacing.Column,
                    (float)(row / area), (float)(column / area), cut);
                ResolutionTransforms.GaussianBlur(cut, Side, Side, 0.8f, new float[cut.Length]);
                return cut;
            }
        }
    }
}

/// <summary>The cord in one plane: an ellipse with harmonics, or a real outline, placed by half-diameters and a tilt.</summary>
public sealed class CordSection
{
    readonly CordShape? _outline;
    readonly CordShape? _grey;
    readonly Blob _blob;
    readonly float _cos;
    readonly float _sin;
    readonly float _scaleX;
    readonly float _scaleY;
    readonly float _halfWidth;
    readonly float _halfHeight;
    readonly float _dent;

    /// <param name="halfWidth">Half the diameter right to left, mm.</param>
    /// <param name="halfHeight">Half the diameter front to back, mm.</param>
    /// <param name="tilt">Radians.</param>
    /// <param name="outline">A real outline, brought to these diameters; null for an ellipse.</param>
    /// <param name="grey">Whose grey matter is drawn inside; null for none.</param>
    /// <param name="harmonics">Deviation of the ellipse.</param>
    /// <param name="dent">Depth of a compression from the front, as a part of the half-height.</param>
    public CordSection(float halfWidth, float halfHeight, float tilt, CordShape? outline = null, CordShape? grey = null,
        Harmonics harmonics = default, float dent = 0)
    {
        (_outline, _grey, _halfWidth, _halfHeight, _dent) = (outline, grey?.Grey is null ? null : grey, halfWidth, halfHeight, dent);
        _blob = new Blob(0, 0, halfWidth, halfHeight, 0, harmonics);
        (_sin, _cos) = MathF.SinCos(tilt);
        (_scaleX, _scaleY) = outline is null ? (1, 1) : (outline.HalfWidth / halfWidth, outline.HalfHeight / halfHeight);
        Perimeter = MathF.Tau * MathF.Sqrt(((halfWidth * halfWidth) + (halfHeight * halfHeight)) / 2);
        Radius = (Math.Max(halfWidth, halfHeight) * 1.4f) + 0.5f;
    }

    /// <summary>The cord lies within this distance of its centre, mm.</summary>
    public float Radius { get; }

    /// <summary>About the border's length, mm.</summary>
    public float Perimeter { get; }

    /// <summary>Signed distance to the border, mm.</summary>
    public float Distance(float x, float y)
    {
        Turn(ref x, ref y);
        var distance = _outline is null
            ? _blob.Distance(x, y)
            : CordShape.Read(_outline.Distance, x * _scaleX, y * _scaleY) * 2 / (_scaleX + _scaleY);
        if (_dent <= 0)
            return distance;
        // A soft step from the front: everything before the line is outside.
        var front = -_halfHeight * (1 - (2 * _dent * MathF.Exp(-x * x / (_halfWidth * _halfWidth * 0.5f))));
        return Math.Max(distance, front - y);
    }

    /// <summary>How much of the point is grey matter, 0..1.</summary>
    public float Grey(float x, float y)
    {
        if (_grey is null)
            return 0;
        Turn(ref x, ref y);
        return CordShape.Read(_grey.Grey!, x * _grey.HalfWidth / _halfWidth, y * _grey.HalfHeight / _halfHeight);
    }

    void Turn(ref float x, ref float y) => (x, y) = ((_cos * x) + (_sin * y), (_cos * y) - (_sin * x));
}
