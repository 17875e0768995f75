using System.Numerics;

namespace SoftSeg.SegTrainer.Data;

/// <summary>
/// A random spatial transform of an axial slice in patient mm (x to the left, y to the posterior): flips, rotation, scale,
/// anisotropic scale, shear and a smooth elastic displacement. It says where in the source each target pixel is read,
/// so image and truth are moved by one and the same map.
/// </summary>
public sealed class PlaneWarp
{
    readonly float[] _displacementX;
    readonly float[] _displacementY;
    readonly float[] _line;
    readonly float _controlStep;
    readonly int _controls;
    readonly (int First, Vector4 Weights)[] _spline;

    /// <param name="size">Target pixels along each axis.</param>
    /// <param name="spacing">Target pixel, mm.</param>
    /// <param name="controlStep">Distance of the elastic control points, mm.</param>
    public PlaneWarp(int size, float spacing, float controlStep = 14)
    {
        (Size, Spacing, _controlStep) = (size, spacing, controlStep);
        _controls = (int)Math.Ceiling(size * spacing / controlStep) + 4;
        _displacementX = new float[_controls * _controls];
        _displacementY = new float[_controls * _controls];
        _line = new float[2 * _controls];
        X = new float[size * size];
        Y = new float[size * size];
        _spline = new (int, Vector4)[size];
        for (var i = 0; i < size; i++)
        {
            var position = i * spacing / controlStep;
            _spline[i] = ((int)position, Weights(position - (int)position));
        }
    }

    public int Size { get; }

    public float Spacing { get; }

    /// <summary>Source position of each target pixel, mm to the left of the source centre, <c>[row, column]</c>.</summary>
    public float[] X { get; }

    /// <summary>Source position of each target pixel, mm to the posterior of the source centre, <c>[row, column]</c>.</summary>
    public float[] Y { get; }

    /// <summary>Fills <see cref="X"/> and <see cref="Y"/>: target offset (from the target's centre) through the matrix, plus the displacement.</summary>
    public void Fill(PlaneAffine affine, Random random, float elasticMillimetres)
    {
        for (var i = 0; i < _displacementX.Length && elasticMillimetres > 0; i++)
        {
            _displacementX[i] = random.Normal(elasticMillimetres);
            _displacementY[i] = random.Normal(elasticMillimetres);
        }
        var half = (Size - 1) / 2f;
        for (var row = 0; row < Size; row++)
        {
            var y = (row - half) * Spacing;
            if (elasticMillimetres > 0)
                BlendRow(row);
            for (var column = 0; column < Size; column++)
            {
                var x = (column - half) * Spacing;
                var at = (row * Size) + column;
                X[at] = (affine.XX * x) + (affine.XY * y) + affine.X0;
                Y[at] = (affine.YX * x) + (affine.YY * y) + affine.Y0;
                if (elasticMillimetres > 0)
                {
                    X[at] += Blend(_line.AsSpan(0, _controls), column);
                    Y[at] += Blend(_line.AsSpan(_controls), column);
                }
            }
        }
    }

    /// <summary>Reads a source slice at the warped positions, bilinear, mirrored at its borders.</summary>
    /// <param name="centreRow">Source pixel of the source centre.</param>
    public void Sample(ReadOnlySpan<float> source, int rows, int columns, float rowSpacing, float columnSpacing,
        float centreRow, float centreColumn, Span<float> target)
    {
        float perRow = 1 / rowSpacing, perColumn = 1 / columnSpacing;
        for (var i = 0; i < X.Length; i++)
        {
            var r = Mirror(centreRow + (Y[i] * perRow), rows - 1);
            var c = Mirror(centreColumn + (X[i] * perColumn), columns - 1);
            int r0 = Math.Min((int)r, rows - 2), c0 = Math.Min((int)c, columns - 2);
            float fr = r - r0, fc = c - c0;
            var at = (r0 * columns) + c0;
            var top = source[at] + (fc * (source[at + 1] - source[at]));
            var bottom = source[at + columns] + (fc * (source[at + columns + 1] - source[at + columns]));
            target[i] = top + (fr * (bottom - top));
        }
    }

    /// <summary>As <see cref="Sample"/> for a plane that is zero (or at its limit) far from the cord: only target pixels whose source lies
    /// within <paramref name="reach"/> mm of <paramref name="middleX"/>, <paramref name="middleY"/> (mm from the source centre) are read.</summary>
    public void SampleNear(ReadOnlySpan<float> source, int rows, int columns, float rowSpacing, float columnSpacing,
        float centreRow, float centreColumn, float middleX, float middleY, float reach, float elsewhere, Span<float> target)
    {
        float perRow = 1 / rowSpacing, perColumn = 1 / columnSpacing;
        for (var i = 0; i < X.Length; i++)
        {
            if (Math.Abs(X[i] - middleX) > reach || Math.Abs(Y[i] - middleY) > reach)
            {
                target[i] = elsewhere;
                continue;
            }
            var r = Mirror(centreRow + (Y[i] * perRow), rows - 1);
            var c = Mirror(centreColumn + (X[i] * perColumn), columns - 1);
            int r0 = Math.Min((int)r, rows - 2), c0 = Math.Min((int)c, columns - 2);
            float fr = r - r0, fc = c - c0;
            var at = (r0 * columns) + c0;
            var top = source[at] + (fc * (source[at + 1] - source[at]));
            var bottom = source[at + columns] + (fc * (source[at + columns + 1] - source[at + columns]));
            target[i] = top + (fr * (bottom - top));
        }
    }

    /// <summary>A position reflected into [0, last].</summary>
    static float Mirror(float position, int last)
    {
        if (position >= 0 && position <= last)
            return position;
        position = Math.Abs(position) % (2f * last);
        return position > last ? (2f * last) - position : position;
    }

    void BlendRow(int row)
    {
        var (first, w) = _spline[row];
        for (var c = 0; c < _controls; c++)
        {
            float x = 0, y = 0;
            for (var k = 0; k < 4; k++)
            {
                var at = (Math.Min(first + k, _controls - 1) * _controls) + c;
                x += w[k] * _displacementX[at];
                y += w[k] * _displacementY[at];
            }
            (_line[c], _line[_controls + c]) = (x, y);
        }
    }

    float Blend(ReadOnlySpan<float> line, int column)
    {
        var (first, w) = _spline[column];
        return Vector4.Dot(w, new Vector4(line.Slice(first, 4)));
    }

    /// <summary>Cubic B-spline.</summary>
    static Vector4 Weights(float u) => new(
        (1 - u) * (1 - u) * (1 - u) / 6,
        ((3 * u * u * u) - (6 * u * u) + 4) / 6,
        ((-3 * u * u * u) + (3 * u * u) + (3 * u) + 1) / 6,
        u * u * u / 6);
}
