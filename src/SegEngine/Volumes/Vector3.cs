namespace SoftSeg.SegEngine;

/// <summary>A point or direction in patient LPS millimetres, in double precision.</summary>
public readonly record struct Vector3(double X, double Y, double Z)
{
    public static Vector3 Zero => default;

    public double Length => Math.Sqrt(Dot(this));

    public static Vector3 operator +(Vector3 a, Vector3 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    public static Vector3 operator -(Vector3 a, Vector3 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    public static Vector3 operator -(Vector3 a) => new(-a.X, -a.Y, -a.Z);

    public static Vector3 operator *(Vector3 a, double s) => new(a.X * s, a.Y * s, a.Z * s);

    public static Vector3 operator *(double s, Vector3 a) => a * s;

    public static Vector3 operator /(Vector3 a, double s) => new(a.X / s, a.Y / s, a.Z / s);

    public double Dot(Vector3 other) => (X * other.X) + (Y * other.Y) + (Z * other.Z);

    public Vector3 Cross(Vector3 b) => new((Y * b.Z) - (Z * b.Y), (Z * b.X) - (X * b.Z), (X * b.Y) - (Y * b.X));

    /// <summary>This direction with length 1.</summary>
    /// <exception cref="InvalidOperationException">The vector has no direction.</exception>
    public Vector3 Normalize()
    {
        var length = Length;
        return length > 0 ? this / length : throw new InvalidOperationException("A vector of length 0 has no direction.");
    }
}
