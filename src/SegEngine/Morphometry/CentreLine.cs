namespace SoftSeg.SegEngine;

/// <summary>The cord's smooth centre line: share-weighted centroids of the planes that cross it, and a smoothing spline through them.</summary>
sealed class CentreLine
{
    readonly SmoothingSpline _x, _y, _z;

    CentreLine(SmoothingSpline x, SmoothingSpline y, SmoothingSpline z, int axis, Vector3 normal, double step, int[] planes, double[] positions, double sign) =>
        (_x, _y, _z, Axis, Normal, PlaneStep, Planes, Positions, _sign) = (x, y, z, axis, normal, step, planes, positions, sign);

    readonly double _sign;

    /// <summary>The volume axis (0 slice, 1 row, 2 column) whose planes cross the cord.</summary>
    public int Axis { get; }

    /// <summary>Unit normal of those planes, towards rising index.</summary>
    public Vector3 Normal { get; }

    /// <summary>Distance of neighbouring planes along the normal, mm.</summary>
    public double PlaneStep { get; }

    /// <summary>Indices of the planes that hold share, ascending.</summary>
    public int[] Planes { get; }

    /// <summary>Their positions along the normal, mm: the line's parameter.</summary>
    public double[] Positions { get; }

    public Vector3 At(double position) => new(_x.At(position), _y.At(position), _z.At(position));

    /// <summary>Unit tangent, towards the head.</summary>
    public Vector3 TangentAt(double position) => (Derivative(position) * _sign).Normalize();

    /// <summary>Length of the line per mm of parameter.</summary>
    public double SpeedAt(double position) => Derivative(position).Length;

    /// <summary>One plane shows no direction but its own.</summary>
    Vector3 Derivative(double position) => Planes.Length > 1 ? new Vector3(_x.Slope(position), _y.Slope(position), _z.Slope(position)) : Normal;

    /// <summary>The line through a soft mask; <see langword="null"/> where the mask holds no share of 0.5 or more.</summary>
    public static CentreLine? Through(Volume mask, double wavelength)
    {
        var moments = Moments.Of(mask);
        if (moments is null)
            return null;
        var affine = mask.Affine;
        Vector3[] normals =
        [
            affine.RowStep.Cross(affine.ColumnStep).Normalize(),
            affine.ColumnStep.Cross(affine.SliceStep).Normalize(),
            affine.SliceStep.Cross(affine.RowStep).Normalize(),
        ];
        Vector3[] steps = [affine.SliceStep, affine.RowStep, affine.ColumnStep];
        // A long cord shows its direction; a short piece (a few thick slices) is taken to run along the patient.
        var direction = moments.LongDirection ?? new Vector3(0, 0, 1);
        var axis = Enumerable.Range(0, 3).MaxBy(a => Math.Abs(normals[a].Dot(direction)));
        var normal = normals[axis].Dot(steps[axis]) < 0 ? -normals[axis] : normals[axis];

        var sums = moments.PlaneSums(axis);
        var planes = Enumerable.Range(0, sums.Length).Where(p => sums[p].HasCord).ToArray();
        var (x, y, z) = (new double[planes.Length], new double[planes.Length], new double[planes.Length]);
        var (positions, weights) = (new double[planes.Length], new double[planes.Length]);
        for (var n = 0; n < planes.Length; n++)
        {
            var sum = sums[planes[n]];
            var centre = affine.ToPatient(sum.Slice / sum.Share, sum.Row / sum.Share, sum.Column / sum.Share);
            (x[n], y[n], z[n]) = (centre.X, centre.Y, centre.Z);
            (positions[n], weights[n]) = ((centre - affine.Origin).Dot(normal), sum.Share);
        }
        return new CentreLine(Smooth(positions, x, weights, wavelength), Smooth(positions, y, weights, wavelength),
            Smooth(positions, z, weights, wavelength), axis, normal, Math.Abs(steps[axis].Dot(normal)), planes, positions,
            HeadSign(positions.Length > 1 ? new Vector3(x[^1] - x[0], y[^1] - y[0], z[^1] - z[0]) : normal));
    }

    /// <summary>
    /// A natural spline is straight at its ends, which a bent cord is not: the points are carried on by the parabola
    /// through the last 25 mm, so that the straight ends lie beyond the cord.
    /// </summary>
    static SmoothingSpline Smooth(double[] positions, double[] values, double[] weights, double wavelength)
    {
        const double Span = 25;
        if (positions.Length < 5)
            return SmoothingSpline.Fit(positions, values, weights, wavelength);
        var step = (positions[^1] - positions[0]) / (positions.Length - 1);
        var extra = (int)Math.Clamp(Math.Ceiling(wavelength / 2 / step), 1, 200);
        var (x, y, w) = (new List<double>(), new List<double>(), new List<double>());
        var (low, high) = (Parabola(positions[0]), Parabola(positions[^1]));
        for (var n = extra; n >= 1; n--)
            Add(positions[0] - (n * step), low);
        x.AddRange(positions);
        y.AddRange(values);
        w.AddRange(weights);
        for (var n = 1; n <= extra; n++)
            Add(positions[^1] + (n * step), high);
        return SmoothingSpline.Fit([.. x], [.. y], [.. w], wavelength);

        void Add(double at, Func<double, double> curve)
        {
            x.Add(at);
            y.Add(curve(at));
            w.Add(weights.Average());
        }

        Func<double, double> Parabola(double end)
        {
            // Weighted least squares about the end, over at least five points.
            var near = Enumerable.Range(0, positions.Length).OrderBy(n => Math.Abs(positions[n] - end)).ToArray();
            var count = Math.Max(5, near.Count(n => Math.Abs(positions[n] - end) <= Span));
            var m = new double[5];
            var b = new double[3];
            foreach (var n in near.Take(count))
            {
                var u = positions[n] - end;
                for (var (k, power) = (0, weights[n]); k < 5; k++, power *= u)
                {
                    m[k] += power;
                    if (k < 3)
                        b[k] += power * values[n];
                }
            }
            var determinant = Determinant(m[0], m[1], m[2], m[1], m[2], m[3], m[2], m[3], m[4]);
            var c0 = Determinant(b[0], m[1], m[2], b[1], m[2], m[3], b[2], m[3], m[4]) / determinant;
            var c1 = Determinant(m[0], b[0], m[2], m[1], b[1], m[3], m[2], b[2], m[4]) / determinant;
            var c2 = Determinant(m[0], m[1], b[0], m[1], m[2], b[1], m[2], m[3], b[2]) / determinant;
            return at => c0 + (c1 * (at - end)) + (c2 * (at - end) * (at - end));
        }
    }

    static double Determinant(double a, double b, double c, double d, double e, double f, double g, double h, double i) =>
        (a * ((e * i) - (f * h))) - (b * ((d * i) - (f * g))) + (c * ((d * h) - (e * g)));

    /// <summary>Rising towards the head: patient z decides, then (a cord that lies flat in the scanner's axes) y.</summary>
    static double HeadSign(Vector3 v) => Math.Abs(v.Z) > 1e-6 * v.Length ? Math.Sign(v.Z) : Math.Abs(v.Y) > 1e-6 * v.Length ? -Math.Sign(v.Y) : 1;

    /// <summary>Sums of share over every plane of every axis, gathered in one pass.</summary>
    sealed class Moments
    {
        readonly PlaneSum[][] _planes;

        Moments(PlaneSum[][] planes, Vector3? longDirection) => (_planes, LongDirection) = (planes, longDirection);

        /// <summary>Direction of greatest extent, where the cord is clearly longer than wide.</summary>
        public Vector3? LongDirection { get; }

        public PlaneSum[] PlaneSums(int axis) => _planes[axis];

        public static Moments? Of(Volume mask)
        {
            PlaneSum[][] planes = [new PlaneSum[mask.Slices], new PlaneSum[mask.Rows], new PlaneSum[mask.Columns]];
            var index = 0;
            var (total, mean) = (0.0, Vector3.Zero);
            double xx = 0, yy = 0, zz = 0, xy = 0, xz = 0, yz = 0;
            var reference = mask.Affine.ToPatient(mask.Slices / 2.0, mask.Rows / 2.0, mask.Columns / 2.0);
            var any = false;
            for (var s = 0; s < mask.Slices; s++)
            {
                for (var r = 0; r < mask.Rows; r++)
                {
                    for (var c = 0; c < mask.Columns; c++, index++)
                    {
                        var share = mask.Voxels[index];
                        if (!(share > 0))
                            continue;
                        var clear = share >= 0.5f;
                        any |= clear;
                        planes[0][s].Add(s, r, c, share, clear);
                        planes[1][r].Add(s, r, c, share, clear);
                        planes[2][c].Add(s, r, c, share, clear);
                        var p = mask.Affine.ToPatient(s, r, c) - reference;
                        total += share;
                        mean += p * share;
                        xx += share * p.X * p.X;
                        yy += share * p.Y * p.Y;
                        zz += share * p.Z * p.Z;
                        xy += share * p.X * p.Y;
                        xz += share * p.X * p.Z;
                        yz += share * p.Y * p.Z;
                    }
                }
            }
            if (!any)
                return null;
            mean /= total;
            Vector3[] covariance =
            [
                new((xx / total) - (mean.X * mean.X), (xy / total) - (mean.X * mean.Y), (xz / total) - (mean.X * mean.Z)),
                new((xy / total) - (mean.X * mean.Y), (yy / total) - (mean.Y * mean.Y), (yz / total) - (mean.Y * mean.Z)),
                new((xz / total) - (mean.X * mean.Z), (yz / total) - (mean.Y * mean.Z), (zz / total) - (mean.Z * mean.Z)),
            ];
            // Power iteration, begun along the patient; 30 mm of cord have a variance of 75 mm2, its width about 6.
            var direction = new Vector3(0.01, 0.01, 1).Normalize();
            var variance = 0.0;
            for (var n = 0; n < 100; n++)
            {
                var next = new Vector3(covariance[0].Dot(direction), covariance[1].Dot(direction), covariance[2].Dot(direction));
                variance = next.Length;
                if (!(variance > 0))
                    break;
                direction = next / variance;
            }
            return new Moments(planes, variance > 75 ? direction : null);
        }
    }

    /// <summary>Sums over one plane of the volume.</summary>
    struct PlaneSum
    {
        public double Share, Slice, Row, Column;

        /// <summary>Some voxel of the plane is mostly cord.</summary>
        public bool HasCord;

        public void Add(int slice, int row, int column, double share, bool clear)
        {
            Share += share;
            Slice += share * slice;
            Row += share * row;
            Column += share * column;
            HasCord |= clear;
        }
    }
}
