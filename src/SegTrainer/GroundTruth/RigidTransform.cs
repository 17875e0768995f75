using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.GroundTruth;

/// <summary>A turn about a fixed point and a shift: <c>R (p - Centre) + Centre + Shift</c>, LPS mm; R turns about x, then y, then z (radians).</summary>
/// <param name="Centre">The point that a turn leaves where it is.</param>
/// <param name="Shift">mm.</param>
/// <param name="Turn">Angles about the three axes, radians.</param>
readonly record struct RigidTransform(Vector3 Centre, Vector3 Shift, Vector3 Turn)
{
    public Vector3 Apply(Vector3 point) => Rotate(point - Centre, Turn) + Centre + Shift;

    public Vector3 Undo(Vector3 point) => RotateBack(point - Centre - Shift, Turn) + Centre;

    static Vector3 Rotate(Vector3 v, Vector3 turn) => AboutZ(AboutY(AboutX(v, turn.X), turn.Y), turn.Z);

    static Vector3 RotateBack(Vector3 v, Vector3 turn) => AboutX(AboutY(AboutZ(v, -turn.Z), -turn.Y), -turn.X);

    static Vector3 AboutX(Vector3 v, double angle)
    {
        var (sin, cos) = Math.SinCos(angle);
        return new(v.X, (cos * v.Y) - (sin * v.Z), (sin * v.Y) + (cos * v.Z));
    }

    static Vector3 AboutY(Vector3 v, double angle)
    {
        var (sin, cos) = Math.SinCos(angle);
        return new((cos * v.X) + (sin * v.Z), v.Y, (cos * v.Z) - (sin * v.X));
    }

    static Vector3 AboutZ(Vector3 v, double angle)
    {
        var (sin, cos) = Math.SinCos(angle);
        return new((cos * v.X) - (sin * v.Y), (sin * v.X) + (cos * v.Y), v.Z);
    }
}
