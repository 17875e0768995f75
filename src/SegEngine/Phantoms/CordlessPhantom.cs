namespace SoftSeg.SegEngine.Phantoms;

/// <summary>What a <see cref="CordlessPhantom"/> shows.</summary>
public enum CordlessScene
{
    /// <summary>A head above the skull's base: scalp, skull, folded cortex, white matter, ventricles.</summary>
    Brain,

    /// <summary>A belly in front of the spine: fat, muscle, liver, kidneys, round bowel and vessels.</summary>
    Abdomen,

    /// <summary>A bottle of water.</summary>
    Bottle,

    /// <summary>A bottle that holds a tube as thick as a cord, in water: what a quality phantom looks like.</summary>
    Tubes,
}

/// <summary>Generated MR volumes without a spinal cord: nothing may be found in them. The same arguments give the same voxels.</summary>
public static class CordlessPhantom
{
    /// <param name="scene">What is shown.</param>
    /// <param name="inverted">Dark where it would be bright, as T1w against T2w.</param>
    /// <param name="sliceSpacing">Distance between axial slices, mm.</param>
    /// <param name="pixelSpacing">Distance between rows and between columns, mm.</param>
    /// <param name="seed">Decides sizes, places and noise.</param>
    /// <returns>Intensities 0..1000, axial, 180 x 220 mm, 120 mm high.</returns>
    public static Volume Generate(CordlessScene scene, bool inverted = false, double sliceSpacing = 3, double pixelSpacing = 1, int seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sliceSpacing);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pixelSpacing);
        var random = new Random(seed);
        var signal = scene switch
        {
            CordlessScene.Brain => Brain(random),
            CordlessScene.Abdomen => Abdomen(random),
            CordlessScene.Bottle => Bottle([]),
            _ => Bottle([(-25, -10, 5), (18, 22, 6), (30, -30, 9), (0, 5, 4)]),
        };
        var (slices, rows, columns) = ((int)(120 / sliceSpacing), (int)(220 / pixelSpacing), (int)(180 / pixelSpacing));
        var affine = new Affine(new Vector3(-90, -110, -60), new Vector3(0, 0, sliceSpacing), new Vector3(0, pixelSpacing, 0), new Vector3(pixelSpacing, 0, 0));
        var voxels = new float[slices * rows * columns];
        Parallel.For(0, slices, slice =>
        {
            var noise = new Random((seed * 1_000_003) + slice);
            for (var n = 0; n < rows * columns; n++)
            {
                var p = affine.ToPatient(slice, n / columns, n % columns);
                var value = signal(p);
                value = inverted && value > 0 ? 0.9 - (0.8 * value) : value;
                voxels[(slice * rows * columns) + n] = (float)(1000 * Math.Abs(value + (0.02 * (noise.NextDouble() + noise.NextDouble() - 1))));
            }
        });
        return new Volume(voxels, slices, rows, columns, affine);
    }

    static Func<Vector3, double> Brain(Random random)
    {
        var folds = Waves(random, 5, 0.35);
        return p =>
        {
            var radius = Ellipsoid(p, new(0, 0, -15), new(72, 92, 75));
            return radius switch
            {
                > 1 => 0,
                > 0.95 => 0.75,                                   // scalp
                > 0.89 => 0.08,                                   // skull
                > 0.86 => 1,                                      // CSF
                _ when Ellipsoid(p, new(14, 0, 0), new(8, 34, 12)) < 1 || Ellipsoid(p, new(-14, 0, 0), new(8, 34, 12)) < 1 => 1,
                _ => radius + (0.05 * folds(p)) > 0.72 ? 0.55 : 0.4, // cortex, white matter
            };
        };
    }

    static Func<Vector3, double> Abdomen(Random random)
    {
        var bowel = Enumerable.Range(0, 14).Select(_ => (new Vector3(Between(-55, 55), Between(-60, 10), Between(-55, 55)), Between(7, 16), Between(0.2, 0.9))).ToArray();
        var vessels = new[] { (X: -8.0, Y: 28.0, R: 9.0), (X: 14.0, Y: 28.0, R: 11.0) };
        return p =>
        {
            var body = Ellipsoid(p with { Z = 0 }, default, new(84, 100, 1));
            if (body > 1)
                return 0;
            if (body > 0.9)
                return 0.9; // fat
            if (body > 0.82)
                return 0.25; // muscle
            if (Ellipsoid(p, new(-40, -20, 25), new(38, 55, 40)) < 1)
                return 0.35; // liver
            if (Ellipsoid(p, new(48, 40, 0), new(16, 18, 40)) < 1 || Ellipsoid(p, new(-48, 40, -5), new(16, 18, 40)) < 1)
                return 0.6; // kidneys
            foreach (var (x, y, r) in vessels)
            {
                if (Square(p.X - x) + Square(p.Y - y) < r * r)
                    return 0.08;
            }
            foreach (var (centre, r, value) in bowel)
            {
                var distance = (p - centre).Length;
                if (distance < r)
                    return distance > r - 2 ? 0.45 : value;
            }
            return 0.7;
        };

        double Between(double low, double high) => low + (random.NextDouble() * (high - low));
    }

    static Func<Vector3, double> Bottle((double X, double Y, double R)[] tubes) => p =>
    {
        if (Square(p.X) + Square(p.Y) > 60 * 60)
            return 0;
        foreach (var (x, y, r) in tubes)
        {
            if (Square(p.X - x) + Square(p.Y - y) < r * r)
                return 0.4;
        }
        return 0.95;
    };

    static Func<Vector3, double> Waves(Random random, int count, double frequency)
    {
        var waves = Enumerable.Range(0, count).Select(_ => (Wave: new Vector3(random.NextDouble() - 0.5, random.NextDouble() - 0.5, random.NextDouble() - 0.5) * (2 * frequency), Phase: 2 * Math.PI * random.NextDouble())).ToArray();
        return p => waves.Sum(w => Math.Sin(w.Wave.Dot(p) + w.Phase)) / Math.Sqrt(count);
    }

    /// <summary>Distance from the centre in units of the semi-axes.</summary>
    static double Ellipsoid(Vector3 p, Vector3 centre, Vector3 semiAxes) =>
        Math.Sqrt(Square((p.X - centre.X) / semiAxes.X) + Square((p.Y - centre.Y) / semiAxes.Y) + Square((p.Z - centre.Z) / semiAxes.Z));

    static double Square(double v) => v * v;
}
