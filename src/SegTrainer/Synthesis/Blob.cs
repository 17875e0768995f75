using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary>A tilted ellipse whose radius varies with the angle by second- and third-order harmonics.</summary>
public readonly struct Blob : IPlaneShape
{
    /// <summary>Farther from the border than this (mm) a distance only says on which side a point is.</summary>
    const float BorderWidth = 4;

    readonly float _x;
    readonly float _y;
    readonly float _cos;
    readonly float _sin;
    readonly float _a;
    readonly float _b;
    readonly float _c2;
    readonly float _c3;
    readonly float _s3;
    readonly float _near;
    readonly float _far;

    /// <param name="x">Centre, mm.</param>
    /// <param name="y">Centre, mm.</param>
    /// <param name="a">Semi-axis along x before the tilt, mm.</param>
    /// <param name="b">Semi-axis along y before the tilt, mm.</param>
    /// <param name="tilt">Radians.</param>
    /// <param name="shape">Amplitudes of the harmonics, relative to the radius.</param>
    public Blob(float x, float y, float a, float b, float tilt = 0, Harmonics shape = default)
    {
        (_x, _y, _a, _b) = (x, y, Math.Max(a, 0.05f), Math.Max(b, 0.05f));
        (_sin, _cos) = MathF.SinCos(tilt);
        (_c2, _c3, _s3) = (shape.Cos2, shape.Cos3, shape.Sin3);
        var uneven = Math.Abs(_c2) + Math.Abs(_c3) + Math.Abs(_s3);
        var border = BorderWidth / Math.Min(_a, _b);
        (_near, _far) = (Math.Max(0, 1 - uneven - border), 1 + uneven + border);
        (_near, _far) = (_near * _near, _far * _far);
    }

    public (float Left, float Top, float Right, float Bottom) Bounds
    {
        get
        {
            var r = 1 + Math.Abs(_c2) + Math.Abs(_c3) + Math.Abs(_s3);
            var w = r * MathF.Sqrt((_a * _a * _cos * _cos) + (_b * _b * _sin * _sin));
            var h = r * MathF.Sqrt((_a * _a * _sin * _sin) + (_b * _b * _cos * _cos));
            return (_x - w, _y - h, _x + w, _y + h);
        }
    }

    public float Distance(float x, float y)
    {
        float dx = x - _x, dy = y - _y;
        float u = ((_cos * dx) + (_sin * dy)) / _a, v = ((_cos * dy) - (_sin * dx)) / _b;
        var squared = (u * u) + (v * v);
        if (squared >= _far)
            return BorderWidth;
        if (squared < _near)
            return -BorderWidth;
        var rho = MathF.Sqrt(squared);
        if (rho < 1e-3f)
            return -Math.Min(_a, _b);
        float c = u / rho, s = v / rho;
        var radius = 1 + (_c2 * ((2 * c * c) - 1)) + (_c3 * c * ((4 * c * c) - 3)) + (_s3 * s * (3 - (4 * s * s)));
        // First order: (rho - radius) over the length of rho's gradient.
        return (rho - radius) * rho / MathF.Sqrt((u * u / (_a * _a)) + (v * v / (_b * _b)));
    }
}

/// <summary>Relative amplitudes of cos 2t, cos 3t and sin 3t.</summary>
public readonly record struct Harmonics(float Cos2, float Cos3, float Sin3)
{
    public static Harmonics Draw(Random random, double amount) => new(random.Normal(amount), random.Normal(amount), random.Normal(amount));
}
