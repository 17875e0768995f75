using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary>One sequence of a protocol.</summary>
/// <param name="Name">As reports call it.</param>
/// <param name="Kind">What <see cref="TissueIntensities.Imitate"/> calls it.</param>
/// <param name="InPlane">Acquired pixel, mm.</param>
/// <param name="SliceSpacing">From slice to slice, mm: slices have no gap.</param>
/// <param name="Sagittal">Sagittal slices from right to left; otherwise axial ones from foot to head.</param>
/// <param name="PointSpread">Standard deviation of the blur beyond the pixel's own, acquired pixels.</param>
/// <param name="Noise">Standard deviation in each channel, where the brightest tissue is about 1.</param>
public sealed record SimulatedSequence(string Name, string Kind, double InPlane, double SliceSpacing, bool Sagittal, float PointSpread, float Noise)
{
    /// <summary>The six contrasts of the Spine Generic protocol (Cohen-Adad et al., Scientific Data 8:219, 2021), at its resolutions.</summary>
    public static IReadOnlyList<SimulatedSequence> SpineGeneric { get; } =
    [
        new("T1w", "T1w", 1, 1, true, 0.35f, 0.02f),
        new("T2w", "T2w", 0.8, 0.8, true, 0.35f, 0.02f),
        new("T2star", "T2star", 0.5, 5, false, 0.4f, 0.025f),
        new("MTon", "MTon", 0.9, 5, false, 0.3f, 0.02f),
        new("MToff", "MToff", 0.9, 5, false, 0.3f, 0.02f),
        new("DWI", "DWI", 0.9, 5, false, 0.5f, 0.03f),
    ];

    /// <summary>The same, and what hospitals acquire besides: spinal fMRI's EPI, STIR and T1w in thick sagittal slices, axial T2w.</summary>
    public static IReadOnlyList<SimulatedSequence> Routine { get; } =
    [
        .. SpineGeneric,
        new("EPI", "EPI", 1, 5, false, 0.6f, 0.03f),
        new("STIR", "STIR", 0.75, 3, true, 0.35f, 0.03f),
        new("T1w-sag3", "T1w", 0.75, 3, true, 0.35f, 0.02f),
        new("T2w-ax4", "T2w", 0.6, 4, false, 0.35f, 0.02f),
    ];
}

/// <summary>What simulated people are scanned with.</summary>
/// <param name="Name">As commands call it.</param>
/// <param name="FirstSeed">People are numbered from here; nothing is trained on them.</param>
/// <param name="Width">Side of the axial field of view, mm.</param>
/// <param name="Length">Extent from foot to head, mm.</param>
/// <param name="Sequences">One scan each.</param>
public sealed record SimulatedProtocol(string Name, int FirstSeed, double Width, double Length, IReadOnlyList<SimulatedSequence> Sequences)
{
    /// <summary>Six contrasts around the spine: what <c>gate</c> measures.</summary>
    public static SimulatedProtocol SpineGeneric { get; } = new("spine-generic", 4_000_000, 112, 80, SimulatedSequence.SpineGeneric);

    /// <summary>Ten acquisitions with more of the neck in view: what a locator may take for a cord.</summary>
    public static SimulatedProtocol Routine { get; } = new("routine", 5_400_000, 144, 64, SimulatedSequence.Routine);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SimulatedProtocol> All { get; } = [SpineGeneric, Routine];
}

/// <summary>One image of a simulated person.</summary>
/// <param name="Sequence">How it was acquired.</param>
/// <param name="Image">Intensities, 0..about 1000, on the acquired grid.</param>
/// <param name="Share">Share of the voxel that is cord, 0..1, on the same grid.</param>
/// <param name="Shift">How far the person lay from where the first contrast found them, LPS mm.</param>
public sealed record SimulatedScan(SimulatedSequence Sequence, Volume Image, Volume Share, Vector3 Shift)
{
    /// <summary>What a rater would draw who draws without error: the voxels that are cord for the most part.</summary>
    public Volume HardMask() => Share.With([.. Share.Voxels.Select(share => share >= 0.5f ? 1f : 0f)]);
}

/// <summary>
/// A healthy neck that can be scanned again and again: one anatomy, any sequence. Every acquired voxel is the average of a grid at
/// least three times finer on which the scene is painted, image and share alike; then the image alone gets point spread, coil shading and noise.
/// </summary>
public sealed class SimulatedPerson
{
    /// <summary>Changes when the same seed gives other images: figures of two versions are not comparable.</summary>
    public const int Version = 1;

    /// <summary>Painted pixels and planes are at most this far apart, mm.</summary>
    const double Finest = 0.34;

    /// <summary>Planes within a thick slice, mm.</summary>
    const double FinestAlong = 0.5;

    const float Brightest = 1000;

    readonly int _seed;
    readonly IReadOnlyList<CordShape> _shapes;

    /// <param name="seed">Decides the anatomy and every scan of it.</param>
    /// <param name="shapes">Real outlines and grey matter; ellipses and a drawn grey matter where there are none.</param>
    public SimulatedPerson(int seed, IReadOnlyList<CordShape>? shapes = null) => (_seed, _shapes) = (seed, shapes ?? []);

    /// <summary>Side of the axial field of view, mm.</summary>
    public double Width { get; init; } = SimulatedProtocol.SpineGeneric.Width;

    /// <summary>Extent from foot to head, mm.</summary>
    public double Length { get; init; } = SimulatedProtocol.SpineGeneric.Length;

    /// <summary>Standard deviation of the person's movement between scans, mm.</summary>
    public double Movement { get; init; } = 1;

    /// <summary>The same between the slices of an axial scan.</summary>
    public double SliceMovement { get; init; } = 1 / 3.0;

    /// <summary>Scans with every sequence of a protocol.</summary>
    public IReadOnlyList<SimulatedScan> Scan(IReadOnlyList<SimulatedSequence>? protocol = null) =>
        [.. (protocol ?? SimulatedSequence.SpineGeneric).Select((sequence, n) => Scan(sequence, n))];

    /// <summary>Scans once.</summary>
    /// <param name="sequence">How.</param>
    /// <param name="number">Number of the scan: others with the same sequence differ in place, noise and shading.</param>
    public SimulatedScan Scan(SimulatedSequence sequence, int number)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        var scene = new SpineScene(new Random(_seed), _shapes, SceneKind.Cord, SceneVariety.Healthy);
        var random = new Random((_seed * 7919) + number + 1);
        scene.Tissues = TissueIntensities.Imitate(sequence.Kind, random);
        var shift = number == 0 ? Vector3.Zero : new Vector3(random.Normal(Movement), random.Normal(Movement), random.Normal(Movement));

        // Canonical spacings: slices cross the cord whatever the acquisition's own slices do.
        var (along, deep, across) = sequence.Sagittal ? (sequence.InPlane, sequence.InPlane, sequence.SliceSpacing) : (sequence.SliceSpacing, sequence.InPlane, sequence.InPlane);
        var (slices, rows, columns) = (Count(Length, along), Count(Width, deep), Count(Width, across));
        var (centreX, centreY) = scene.CanalAt(0);
        var affine = new Affine(
            new Vector3(centreX - ((columns - 1) / 2.0 * across), centreY - ((rows - 1) / 2.0 * deep), -(slices - 1) / 2.0 * along),
            new Vector3(0, 0, along), new Vector3(0, deep, 0), new Vector3(across, 0, 0));
        var image = new Volume(new float[slices * rows * columns], slices, rows, columns, affine);
        var share = image.LikeThis();
        var moved = Enumerable.Range(0, slices).Select(_ => sequence.Sagittal ? shift : shift + new Vector3(random.Normal(SliceMovement), random.Normal(SliceMovement), 0)).ToArray();
        Paint(scene, image, share, (centreX, centreY), moved);

        var shading = new Shading(random, Width);
        var noise = random.Next();
        Parallel.For(0, slices, slice =>
        {
            var plane = image.Slice(slice);
            ResolutionTransforms.GaussianBlur(plane, rows, columns, sequence.PointSpread, new float[plane.Length]);
            for (var n = 0; n < plane.Length; n++)
                plane[n] *= shading.At(affine.ToPatient(slice, n / columns, n % columns) - new Vector3(centreX, centreY, 0));
            NoiseTable.AddRician(new Random(noise + slice), plane, sequence.Noise);
            System.Numerics.Tensors.TensorPrimitives.Multiply(plane, Brightest, plane);
        });
        return sequence.Sagittal
            ? new(sequence, ToSagittal(image), ToSagittal(share), shift)
            : new(sequence, image, share, shift);
    }

    static int Count(double extent, double spacing) => (int)Math.Round(extent / spacing);

    /// <summary>Paints finely and averages over the acquired voxels.</summary>
    static void Paint(SpineScene scene, Volume image, Volume share, (double X, double Y) centre, Vector3[] moved)
    {
        var (along, deep, across) = image.Affine.Spacing;
        var fine = Math.Min(deep, across);
        fine /= Math.Ceiling(fine / Finest);
        // A whole number of painted pixels and planes in every voxel.
        var (downRows, downColumns, planes) = ((int)Math.Round(deep / fine), (int)Math.Round(across / fine), (int)Math.Ceiling(along / (along > 2 ? FinestAlong : Finest)));
        if (Math.Abs((downRows * fine) - deep) + Math.Abs((downColumns * fine) - across) > 1e-3)
            throw new ArgumentException($"Pixels of {deep} x {across} mm are not made of whole squares of one size.", nameof(image));
        var side = Math.Max(image.Rows * downRows, image.Columns * downColumns);
        var (top, left) = ((side - (image.Rows * downRows)) / 2, (side - (image.Columns * downColumns)) / 2);
        // Where the rest that is cut off on both sides is odd, the canvas lies half a painted pixel aside.
        var (asideX, asideY) = ((((side - (image.Columns * downColumns)) / 2.0) - left) * fine, (((side - (image.Rows * downRows)) / 2.0) - top) * fine);
        Parallel.For(0, image.Slices, () => new SliceCanvas(side, (float)fine), (slice, _, canvas) =>
        {
            var imagePlane = image.Slice(slice);
            var sharePlane = share.Slice(slice);
            var scale = 1f / (planes * downRows * downColumns);
            for (var plane = 0; plane < planes; plane++)
            {
                var z = image.Affine.ToPatient(slice + ((plane + 0.5) / planes) - 0.5, 0, 0).Z - moved[slice].Z;
                canvas.Centre = ((float)(centre.X + asideX - moved[slice].X), (float)(centre.Y + asideY - moved[slice].Y));
                scene.Paint(canvas, (float)z);
                for (var row = 0; row < image.Rows * downRows; row++)
                {
                    var from = ((top + row) * side) + left;
                    var to = row / downRows * image.Columns;
                    for (var column = 0; column < image.Columns * downColumns; column++)
                    {
                        imagePlane[to + (column / downColumns)] += canvas.Image[from + column] * scale;
                        sharePlane[to + (column / downColumns)] += canvas.Share[from + column] * scale;
                    }
                }
            }
            return canvas;
        }, _ => { });
        // Sums of equal parts miss 1 by a rounding.
        for (var n = 0; n < share.Voxels.Length; n++)
            share.Voxels[n] = share.Voxels[n] > 0.9999f ? 1 : share.Voxels[n];
    }

    /// <summary>The same voxels as sagittal slices from right to left, rows from head to foot, columns from front to back.</summary>
    static Volume ToSagittal(Volume canonical)
    {
        var (slices, rows, columns) = (canonical.Columns, canonical.Slices, canonical.Rows);
        var affine = canonical.Affine;
        var sagittal = new Volume(new float[canonical.Voxels.Length], slices, rows, columns,
            new Affine(affine.ToPatient(rows - 1, 0, 0), affine.ColumnStep, -affine.SliceStep, affine.RowStep));
        for (var slice = 0; slice < slices; slice++)
        {
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < columns; column++)
                    sagittal[slice, row, column] = canonical[rows - 1 - row, column, slice];
            }
        }
        return sagittal;
    }

    /// <summary>A surface coil behind the neck: brighter there, with a tilt to a side and along.</summary>
    sealed class Shading(Random random, double width)
    {
        readonly double _back = random.Uniform(0.2, 0.8) / width;
        readonly double _side = random.Normal(0.15) / width;
        readonly double _along = random.Normal(0.15) / width;

        public float At(Vector3 fromCentre) => (float)Math.Exp((fromCentre.Y * _back) + (fromCentre.X * _side) + (fromCentre.Z * _along));
    }
}
