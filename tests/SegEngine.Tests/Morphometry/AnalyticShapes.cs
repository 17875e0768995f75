namespace SoftSeg.SegEngine.Tests.Morphometry;

/// <summary>Shares of shapes whose measures are known by formula, by supersampling each voxel 6 x 6 x 6.</summary>
static class AnalyticShapes
{
    public static Volume Share(int slices, int rows, int columns, Affine affine, Func<Vector3, bool> inside, Func<Vector3, double> distance)
    {
        const int N = 6;
        var share = new Volume(new float[slices * rows * columns], slices, rows, columns, affine);
        var reach = (affine.SliceStep.Length + affine.RowStep.Length + affine.ColumnStep.Length) / 2;
        var middle = affine.ToPatient((slices - 1) / 2.0, (rows - 1) / 2.0, (columns - 1) / 2.0);
        Parallel.For(0, slices, s =>
        {
            for (var r = 0; r < rows; r++)
            {
                for (var c = 0; c < columns; c++)
                {
                    if (distance(affine.ToPatient(s, r, c) - middle) > reach)
                        continue;
                    var count = 0;
                    for (var n = 0; n < N * N * N; n++)
                    {
                        double Off(int k) => ((k % N) + 0.5) / N - 0.5;
                        if (inside(affine.ToPatient(s + Off(n / (N * N)), r + Off(n / N), c + Off(n)) - middle))
                            count++;
                    }
                    share[s, r, c] = (float)count / (N * N * N);
                }
            }
        });
        return share;
    }

    /// <summary>An elliptic cylinder along <paramref name="axis"/>; its first semi-axis lies along <paramref name="first"/> (made perpendicular).</summary>
    public static Volume Cylinder(int slices, int rows, int columns, Affine affine, Vector3 axis, Vector3 first, double semiFirst, double semiSecond)
    {
        axis = axis.Normalize();
        first = (first - (axis * first.Dot(axis))).Normalize();
        var second = axis.Cross(first);
        return Share(slices, rows, columns, affine,
            p => Math.Pow(p.Dot(first) / semiFirst, 2) + Math.Pow(p.Dot(second) / semiSecond, 2) <= 1,
            p => (p - (axis * p.Dot(axis))).Length - Math.Max(semiFirst, semiSecond));
    }

    /// <summary>A ring's arc about an axis along x: the cord bends front to back.</summary>
    public static Volume Torus(int slices, int rows, int columns, Affine affine, double ring, double radius)
    {
        double Distance(Vector3 p)
        {
            var q = new Vector3(p.X, p.Y + ring, p.Z);
            var around = Math.Sqrt((q.Y * q.Y) + (q.Z * q.Z)) - ring;
            return Math.Sqrt((around * around) + (q.X * q.X)) - radius;
        }

        return Share(slices, rows, columns, affine, p => Distance(p) <= 0, Distance);
    }
}
