using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.GroundTruth;

/// <summary>
/// Finds where a person lay in another scan of the same session, by the images around the cord: the turn and shift with the greatest normalised
/// mutual information (Studholme et al., Pattern Recognition 32:71, 1999), from where the two masks' middles meet.
/// </summary>
sealed class RigidRegistration
{
    const int Bins = 24;
    const int Points = 6000;

    /// <summary>Anatomy around the cord that moves with it, mm: canal, vertebrae, and muscles behind them.</summary>
    const double Radius = 24;

    /// <summary>A person in a coil moves no farther between two scans, mm and radians.</summary>
    const double MostShift = 12;
    const double MostTurn = 8 * Math.PI / 180;

    readonly Volume _moving;
    readonly RobustRange _movingRange;
    readonly Vector3[] _points;
    readonly int[] _fixedBins;
    readonly Vector3 _centre;

    RigidRegistration(Volume fixedImage, Volume fixedMask, Volume moving)
    {
        _moving = moving;
        _movingRange = RobustRange.Of(moving.Voxels);
        var line = Centres(fixedMask);
        _centre = line.Aggregate(Vector3.Zero, (sum, point) => sum + point) / line.Count;
        var range = RobustRange.Of(fixedImage.Voxels);
        var random = new Random(1);
        var (points, bins) = (new List<Vector3>(), new List<int>());
        for (var n = 0; n < Points; n++)
        {
            // Even over discs around the cord.
            var (sin, cos) = Math.SinCos(random.NextDouble() * Math.Tau);
            var radius = Radius * Math.Sqrt(random.NextDouble());
            var point = line[random.Next(line.Count)] + new Vector3(radius * cos, radius * sin, 0);
            var value = Resampler.Sample(fixedImage, point, float.NaN);
            if (float.IsNaN(value))
                continue;
            points.Add(point);
            bins.Add(BinOf(value, range));
        }
        (_points, _fixedBins) = ([.. points], [.. bins]);
    }

    /// <param name="fixedImage">The reference's image, canonical.</param>
    /// <param name="fixedMask">Its mask.</param>
    /// <param name="moving">The other image, canonical.</param>
    /// <param name="movingMask">Its mask.</param>
    /// <returns>From the reference's space to the other's.</returns>
    public static RigidTransform Find(Volume fixedImage, Volume fixedMask, Volume moving, Volume movingMask)
    {
        var registration = new RigidRegistration(fixedImage, fixedMask, moving);
        var start = Parameters(Middles(fixedMask, movingMask));
        return registration.Transform(registration.Search(start));
    }

    /// <summary>Centre of every labelled slice, LPS mm.</summary>
    public static IReadOnlyList<Vector3> Centres(Volume mask)
    {
        var centres = new List<Vector3>();
        for (var slice = 0; slice < mask.Slices; slice++)
        {
            if (CentreOf(mask, slice) is { } centre)
                centres.Add(mask.Affine.ToPatient(slice, centre.Row, centre.Column));
        }
        return centres;
    }

    /// <summary>Centroid of a slice, pixels; null where it is empty.</summary>
    public static (double Row, double Column, double Sum)? CentreOf(Volume mask, int slice)
    {
        var plane = mask.Slice(slice);
        double sum = 0, row = 0, column = 0;
        for (var n = 0; n < plane.Length; n++)
        {
            if (plane[n] > 0)
                (sum, row, column) = (sum + plane[n], row + (plane[n] * (n / mask.Columns)), column + (plane[n] * (n % mask.Columns)));
        }
        return sum > 0 ? (row / sum, column / sum, sum) : null;
    }

    /// <summary>How far the masks are apart sideways, over the heights that both show.</summary>
    static Vector3 Middles(Volume first, Volume second)
    {
        var (a, b) = (Centres(first), Centres(second));
        var (low, high) = (Math.Max(a.Min(p => p.Z), b.Min(p => p.Z)), Math.Min(a.Max(p => p.Z), b.Max(p => p.Z)));
        Vector3[] Shared(IReadOnlyList<Vector3> all) => [.. all.Where(p => p.Z >= low && p.Z <= high)];
        var (shared, others) = (Shared(a), Shared(b));
        if (shared.Length == 0 || others.Length == 0)
            return Vector3.Zero;
        static Vector3 Mean(Vector3[] points) => points.Aggregate(Vector3.Zero, (sum, point) => sum + point) / points.Length;
        var apart = Mean(others) - Mean(shared);
        return new(apart.X, apart.Y, 0);
    }

    static double[] Parameters(Vector3 shift) => [shift.X, shift.Y, shift.Z, 0, 0, 0];

    RigidTransform Transform(double[] p) => new(_centre, new(p[0], p[1], p[2]), new(p[3], p[4], p[5]));

    /// <summary>Pattern search: steps along every parameter, halved when none helps.</summary>
    double[] Search(double[] start)
    {
        var best = (double[])start.Clone();
        var (least, limits) = (0.1, new[] { MostShift, MostShift, MostShift, MostTurn, MostTurn, MostTurn });
        var score = Score(best);
        // A degree moves the rim of the discs by as much as 0.4 mm.
        for (var step = 2.0; step >= least; step /= 2)
        {
            for (var improved = true; improved;)
            {
                improved = false;
                for (var axis = 0; axis < best.Length; axis++)
                {
                    foreach (var sign in new[] { -1, 1 })
                    {
                        var tried = (double[])best.Clone();
                        tried[axis] += sign * (axis < 3 ? step : step / Radius);
                        if (Math.Abs(tried[axis] - start[axis]) > limits[axis])
                            continue;
                        var got = Score(tried);
                        if (got > score + 1e-6)
                            (best, score, improved) = (tried, got, true);
                    }
                }
            }
        }
        return best;
    }

    /// <summary>(H(a) + H(b)) / H(a, b) of the points within the other image.</summary>
    double Score(double[] parameters)
    {
        var transform = Transform(parameters);
        Span<double> joint = stackalloc double[Bins * Bins];
        joint.Clear();
        var seen = 0;
        for (var n = 0; n < _points.Length; n++)
        {
            var value = Resampler.Sample(_moving, transform.Apply(_points[n]), float.NaN);
            if (float.IsNaN(value))
                continue;
            seen++;
            // Shared between two bins, so that the score is smooth.
            var position = Math.Clamp((value - _movingRange.Low) / Math.Max(_movingRange.Width, 1e-6f), 0, 1) * (Bins - 1);
            var below = Math.Min((int)position, Bins - 2);
            joint[(_fixedBins[n] * Bins) + below] += 1 - (position - below);
            joint[(_fixedBins[n] * Bins) + below + 1] += position - below;
        }
        // Two images that hardly overlap agree by chance.
        if (seen < _points.Length / 5)
            return 0;
        Span<double> a = stackalloc double[Bins], b = stackalloc double[Bins];
        a.Clear();
        b.Clear();
        var both = 0.0;
        for (var i = 0; i < Bins; i++)
        {
            for (var j = 0; j < Bins; j++)
            {
                var p = joint[(i * Bins) + j] / seen;
                (a[i], b[j]) = (a[i] + p, b[j] + p);
                both += p > 0 ? p * Math.Log(p) : 0;
            }
        }
        return both < 0 ? (Entropy(a) + Entropy(b)) / -both : 0;

        static double Entropy(Span<double> parts)
        {
            var sum = 0.0;
            foreach (var p in parts)
                sum -= p > 0 ? p * Math.Log(p) : 0;
            return sum;
        }
    }

    static int BinOf(float value, RobustRange range) => (int)Math.Round(Math.Clamp((value - range.Low) / Math.Max(range.Width, 1e-6f), 0, 1) * (Bins - 1));
}
