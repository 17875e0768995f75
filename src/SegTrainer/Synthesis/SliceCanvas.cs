using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary>A closed shape in an axial plane, mm (x to the left, y to the posterior).</summary>
public interface IPlaneShape
{
    /// <summary>A box that holds the shape.</summary>
    (float Left, float Top, float Right, float Bottom) Bounds { get; }

    /// <summary>Signed distance to the border, mm; negative inside. Needs to be right near the border only.</summary>
    float Distance(float x, float y);
}

/// <summary>
/// A square plane that tissues are painted on, one over the other, each by the part of the pixel that it covers: partial
/// volume and the cord's share come from the same geometry.
/// </summary>
public sealed class SliceCanvas(int size, float spacing)
{
    public int Size { get; } = size;

    /// <summary>Pixel, mm.</summary>
    public float Spacing { get; } = spacing;

    /// <summary>Intensities, <c>[row, column]</c>.</summary>
    public float[] Image { get; } = new float[size * size];

    /// <summary>Share of the pixel that is cord.</summary>
    public float[] Share { get; } = new float[size * size];

    /// <summary>Signed distance to the cord's border, mm, where it was painted; <see cref="LabelledVolume.DistanceLimit"/> elsewhere.</summary>
    public float[] Distance { get; } = new float[size * size];

    /// <summary>Position of the plane's centre in the scene, mm.</summary>
    public (float X, float Y) Centre { get; set; }

    /// <summary>One tissue everywhere, no cord.</summary>
    public void Clear(float intensity, in Texture texture)
    {
        for (var row = 0; row < Size; row++)
        {
            for (var column = 0; column < Size; column++)
                Image[(row * Size) + column] = intensity + texture[row, column];
        }
        Array.Clear(Share);
        Array.Fill(Distance, LabelledVolume.DistanceLimit);
    }

    /// <summary>Paints a tissue over what is there.</summary>
    /// <param name="softness">Width of the border, mm; at least a pixel.</param>
    public void Paint<TShape>(in TShape shape, float intensity, in Texture texture, float opacity = 1, float softness = 0)
        where TShape : struct, IPlaneShape
    {
        var slope = 1 / Math.Max(softness, Spacing);
        if (Clip(shape.Bounds, Math.Max(softness, Spacing)) is not { } box)
            return;
        for (var row = box.Top; row <= box.Bottom; row++)
        {
            var y = Y(row);
            for (var column = box.Left; column <= box.Right; column++)
            {
                var cover = 0.5f - (shape.Distance(X(column), y) * slope);
                if (cover <= 0)
                    continue;
                ref var pixel = ref Image[(row * Size) + column];
                pixel += Math.Min(cover, 1) * opacity * (intensity + texture[row, column] - pixel);
            }
        }
    }

    /// <summary>Paints the cord: white matter, grey matter inside it, and the share.</summary>
    /// <param name="fade">0..1: how much of the cord's signal is lost into what surrounds it near the border (EPI).</param>
    /// <param name="line">How much brighter a line along the border is, at its middle.</param>
    public void PaintCord(CordSection cord, float x0, float y0, float white, float grey, in Texture texture, float fade, float line = 0)
    {
        ArgumentNullException.ThrowIfNull(cord);
        var r = cord.Radius;
        // A border that rises linearly over a width w encloses pi w^2 / 12 too much on any closed curve (its outer side is the longer one):
        // 2 % of a cord at 2 mm. Moved inwards by this, the share keeps the area.
        var inwards = MathF.PI * Spacing * Spacing / 12 / cord.Perimeter;
        // Half of the line's width at its foot, mm.
        const float lineReach = 0.7f;
        if (Clip((x0 - r, y0 - r, x0 + r, y0 + r), line == 0 ? Spacing : Math.Max(Spacing, lineReach)) is not { } box)
            return;
        for (var row = box.Top; row <= box.Bottom; row++)
        {
            var y = Y(row) - y0;
            for (var column = box.Left; column <= box.Right; column++)
            {
                var x = X(column) - x0;
                var at = (row * Size) + column;
                var distance = cord.Distance(x, y);
                Distance[at] = Math.Min(distance, LabelledVolume.DistanceLimit);
                var cover = Math.Clamp(0.5f - ((distance + inwards) / Spacing), 0, 1);
                if (cover > 0)
                {
                    Share[at] = cover;
                    var signal = white + (cord.Grey(x, y) * (grey - white)) + texture[row, column];
                    if (fade > 0)
                        cover *= 1 - (fade * Math.Clamp(1 + (distance / 3), 0, 1));
                    Image[at] += cover * (signal - Image[at]);
                }
                if (line != 0)
                    Image[at] += line * Math.Max(0, 1 - (Math.Abs(distance) / lineReach));
            }
        }
    }

    float X(int column) => ((column - ((Size - 1) / 2f)) * Spacing) + Centre.X;

    float Y(int row) => ((row - ((Size - 1) / 2f)) * Spacing) + Centre.Y;

    (int Left, int Top, int Right, int Bottom)? Clip((float Left, float Top, float Right, float Bottom) bounds, float margin)
    {
        var half = (Size - 1) / 2f;
        var left = Math.Max(0, (int)MathF.Floor(((bounds.Left - margin - Centre.X) / Spacing) + half));
        var right = Math.Min(Size - 1, (int)MathF.Ceiling(((bounds.Right + margin - Centre.X) / Spacing) + half));
        var top = Math.Max(0, (int)MathF.Floor(((bounds.Top - margin - Centre.Y) / Spacing) + half));
        var bottom = Math.Min(Size - 1, (int)MathF.Ceiling(((bounds.Bottom + margin - Centre.Y) / Spacing) + half));
        return left <= right && top <= bottom ? (left, top, right, bottom) : null;
    }
}

/// <summary>Smooth random variation of a tissue's intensity, read from a fixed periodic field.</summary>
public readonly struct Texture
{
    const int Side = 256;

    static readonly float[][] Fields = [Field(0.8f), Field(2f), Field(5f), Field(14f)];

    readonly float[] _field;
    readonly float _amount;
    readonly int _row;
    readonly int _column;

    /// <summary>A drawn field and place in it.</summary>
    public Texture(Random random, float amount)
    {
        ArgumentNullException.ThrowIfNull(random);
        (_field, _amount, _row, _column) = (Fields[random.Next(Fields.Length)], amount, random.Next(Side), random.Next(Side));
    }

    Texture(Texture other, int row) => (_field, _amount, _row, _column) = (other._field, other._amount, other._row + row, other._column + row);

    /// <summary>The same tissue a little further along the cord.</summary>
    public Texture Moved(int rows) => new(this, rows);

    public float this[int row, int column] =>
        _field is null ? 0 : _amount * _field[(((row + _row) & (Side - 1)) * Side) + ((column + _column) & (Side - 1))];

    /// <summary>Standard normal noise blurred by <paramref name="sigma"/> pixels, periodic, brought back to deviation 1.</summary>
    static float[] Field(float sigma)
    {
        var random = new Random((int)(sigma * 1000));
        var values = new float[Side * Side];
        for (var i = 0; i < values.Length; i++)
            values[i] = random.Normal();
        var radius = (int)Math.Ceiling(2.5 * sigma);
        foreach (var (step, other) in new[] { (1, Side), (Side, 1) })
        {
            var blurred = new float[values.Length];
            for (var line = 0; line < Side; line++)
            {
                for (var i = 0; i < Side; i++)
                {
                    var sum = 0f;
                    for (var k = -radius; k <= radius; k++)
                        sum += MathF.Exp(-0.5f * k * k / (sigma * sigma)) * values[(line * other) + (((i + k) & (Side - 1)) * step)];
                    blurred[(line * other) + (i * step)] = sum;
                }
            }
            values = blurred;
        }
        var deviation = MathF.Sqrt(values.Sum(v => v * v) / values.Length);
        for (var i = 0; i < values.Length; i++)
            values[i] /= deviation;
        return values;
    }
}
