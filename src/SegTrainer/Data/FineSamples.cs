using System.Collections.Concurrent;
using System.Numerics.Tensors;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Synthesis;

namespace SoftSeg.SegTrainer.Data;

/// <summary>Tiles for the fine network: axial, 0.6 mm, from real images under augmentation and from synthesis.</summary>
public sealed class FineSamples : ISampleSource
{
    const float Spacing = (float)FineInput.PixelSpacing;

    /// <summary><see cref="RealShare"/> of a recipe that does not say.</summary>
    public const double DefaultRealShare = 0.6;

    /// <summary><see cref="NegativeShare"/> of a recipe that does not say.</summary>
    public const double DefaultNegativeShare = 0.32;

    /// <summary>No cord reaches farther from its centroid, with what is recoloured around it, mm.</summary>
    const float CordReach = 22;

    readonly LabelledVolume[] _volumes;
    readonly RobustRange[] _ranges;
    readonly double[] _cumulative;
    readonly IReadOnlyList<CordShape> _shapes;
    readonly ConcurrentBag<PlanePatch> _patches = [];
    readonly int _tile;

    /// <param name="data">What to draw from.</param>
    /// <param name="tile">Side of a tile, pixels; a multiple of 8.</param>
    public FineSamples(TrainingData data, int tile = FineInput.TileSide)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNotEqual(tile % FineInput.SideMultiple, 0);
        _tile = tile;
        _volumes = [.. data.Volumes];
        _ranges = [.. _volumes.Select(volume => RobustRange.Of(volume.Image.Voxels))];
        _cumulative = CumulativeWeights(_volumes);
        _shapes = [.. data.Shapes.SelectMany(shape => CordShape.From(shape, 24))];
    }

    public int[] Shape => [_tile, _tile];

    /// <summary>Part of the samples that come from real images (when there are any).</summary>
    public double RealShare { get; init; } = DefaultRealShare;

    /// <summary>Part of the samples without a cord, or with it at the tile's border.</summary>
    public double NegativeShare { get; init; } = DefaultNegativeShare;

    /// <summary>Part of the real tiles whose cord is replaced by one of another shape.</summary>
    public double ReplacedShare { get; init; } = 0.12;

    /// <summary>Part of the real tiles whose contrast is changed.</summary>
    public double RecontrastedShare { get; init; } = 0.7;

    /// <summary>Part of the tiles with an artefact (<see cref="Data.Artefacts"/>), and of the synthetic cords that are swollen or wasted.</summary>
    public double Artefacts { get; init; }

    /// <summary>Part of the synthetic spines, and of the recoloured real cords, whose cord is about as bright as the CSF.</summary>
    public double FaintShare { get; init; }

    /// <summary>Part of the synthetic spines that are ordinary scans of a healthy neck.</summary>
    public double UsualShare { get; init; }

    /// <summary>Half of the synthetic tiles are negatives: half of the answer of a network that is exported for both polarities comes from those (decision 0076).</summary>
    public bool BothPolarities { get; init; }

    /// <summary>Draws as real images are: no augmentation but the tile's place. For validation.</summary>
    public bool AsTheyAre { get; init; }

    public AcquiredPixel Draw(Random random, Span<float> image, Span<float> share, Span<float> weight)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (!_patches.TryTake(out var patch))
            patch = new PlanePatch(_tile);
        PlaneView view;
        AcquiredPixel pixel;
        if (_volumes.Length > 0 && (AsTheyAre || random.Chance(RealShare)))
        {
            (view, pixel) = DrawReal(random, patch);
        }
        else
        {
            pixel = PlaneSynthesis.Paint(random, patch, _shapes, NegativeShare, Artefacts, FaintShare, UsualShare);
            if (BothPolarities && random.Chance(0.5))
                TensorPrimitives.Negate(patch.Image, patch.Image);
            view = PlaneView.Draw(random, patch.Size, _tile);
        }
        patch.Cut(view, FloorOf(random, patch, view), image, share, weight);
        _patches.Add(patch);
        return pixel;
    }

    /// <returns>The field of view, which is the part of the plane that the image covers; and the pixel that it was acquired with.</returns>
    (PlaneView View, AcquiredPixel Pixel) DrawReal(Random random, PlanePatch patch)
    {
        var (volume, range) = Pick(random);
        var spacing = volume.Image.Affine.Spacing;
        var (row, column) = (0f, 0f);
        int slice;
        if (random.Chance(NegativeShare))
        {
            slice = random.Pick(volume.LabelledIndices);
            row = random.Uniform(0, volume.Image.Rows - 1);
            column = random.Uniform(0, volume.Image.Columns - 1);
        }
        else
        {
            slice = random.Pick(volume.LabelledIndices);
            var far = random.Chance(0.12);
            var centre = volume.Centres[slice];
            row = centre.Row + ((far ? random.Uniform(-24, 24) : random.Normal(5)) / (float)spacing.Row);
            column = centre.Column + ((far ? random.Uniform(-24, 24) : random.Normal(5)) / (float)spacing.Column);
        }
        var affine = AsTheyAre ? PlaneAffine.Identity : PlaneAffine.Draw(random);
        var pixel = new AcquiredPixel(spacing.Row / affine.ScaleY, spacing.Column / affine.ScaleX);
        patch.Warp.Fill(affine, random, !AsTheyAre && random.Chance(0.4) ? random.Uniform(0.3, 2.5) : 0);
        Sample(volume.Image, patch.Image);
        var (middleX, middleY) = ((volume.Centres[slice].Column - column) * (float)spacing.Column, (volume.Centres[slice].Row - row) * (float)spacing.Row);
        SampleNear(volume.Share, patch.Share, 0);
        SampleNear(volume.Distance, patch.Distance, LabelledVolume.DistanceLimit);
        var scale = 1 / Math.Max(range.Width, 1e-6f);
        for (var i = 0; i < patch.Image.Length; i++)
            patch.Image[i] = (patch.Image[i] - range.Low) * scale;
        if (!AsTheyAre)
        {
            if (random.Chance(ReplacedShare) && CordReplacement.Apply(random, patch, _shapes))
                ResolutionTransforms.GaussianBlur(patch.Image, patch.Size, patch.Size, random.Uniform(0.5, 0.9), patch.Scratch);
            if (random.Chance(RecontrastedShare))
                ContrastChange.Apply(random, patch.Image, patch.Share, patch.Distance, FaintShare);
            if (random.Chance(0.4))
                IntensityTransforms.BiasField(patch.Image, patch.Size, random, random.Uniform(0.05, 0.5));
            if (Artefacts > 0 && random.Chance(Artefacts))
                Data.Artefacts.Draw(random, patch.Image, patch.Share, patch.Size, Spacing, patch.Scratch);
            var smear = random.Chance(0.2) ? (random.Normal(0.6), random.Normal(1.5)) : (0f, 0f);
            if (random.Chance(0.75))
            {
                var acquisition = Acquisition.Draw(random, real: true, smear, Spacing);
                acquisition.Apply(random, patch.Image, patch.Share, patch.Size, patch.Scratch, patch.Acquired);
                pixel = new(Math.Max(pixel.Row, acquisition.RowFactor * Spacing), Math.Max(pixel.Column, acquisition.ColumnFactor * Spacing));
            }
        }
        var covered = Covered(volume.Image, affine, row, column, patch.Size);
        if (AsTheyAre)
            return (covered, pixel);
        var view = PlaneView.Draw(random, patch.Size, _tile);
        var shown = new PlaneView(Math.Max(view.Top, covered.Top), Math.Min(view.Bottom, covered.Bottom), Math.Max(view.Left, covered.Left), Math.Min(view.Right, covered.Right)) is { } both
            && both.Bottom - both.Top >= 16 && both.Right - both.Left >= 16 ? both : covered;
        return (shown, pixel);

        void Sample(Volume from, float[] to) => patch.Warp.Sample(from.Slice(slice), from.Rows, from.Columns,
            (float)spacing.Row, (float)spacing.Column, row, column, to);

        void SampleNear(Volume from, float[] to, float elsewhere) => patch.Warp.SampleNear(from.Slice(slice), from.Rows, from.Columns,
            (float)spacing.Row, (float)spacing.Column, row, column, middleX, middleY, CordReach, elsewhere, to);
    }

    (LabelledVolume, RobustRange) Pick(Random random)
    {
        var at = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        var index = Math.Min(at < 0 ? ~at : at, _volumes.Length - 1);
        return (_volumes[index], _ranges[index]);
    }

    internal static double[] CumulativeWeights(IReadOnlyList<LabelledVolume> volumes)
    {
        var cumulative = new double[volumes.Count];
        for (var i = 0; i < cumulative.Length; i++)
            cumulative[i] = (i > 0 ? cumulative[i - 1] : 0) + volumes[i].Weight;
        return cumulative;
    }

    /// <summary>The image's extent on the planes, from the transform without the elastic part (a mirror image fills the corners that a rotation opens).</summary>
    static PlaneView Covered(Volume image, PlaneAffine affine, float row, float column, int size)
    {
        var spacing = image.Affine.Spacing;
        // Extent along the axis that each target axis mostly follows: the scale along it is enough.
        var (scaleX, scaleY) = (affine.ScaleX, affine.ScaleY);
        var (left, right) = (-(column + 0.5) * spacing.Column, (image.Columns - column - 0.5) * spacing.Column);
        var (top, bottom) = (-(row + 0.5) * spacing.Row, (image.Rows - row - 0.5) * spacing.Row);
        if (affine.XX < 0)
            (left, right) = (-right, -left);
        if (affine.YY < 0)
            (top, bottom) = (-bottom, -top);
        return new PlaneView(Pixel(top / scaleY), Pixel(bottom / scaleY), Pixel(left / scaleX), Pixel(right / scaleX));

        int Pixel(double millimetres) => (int)Math.Clamp(Math.Round((millimetres / Spacing) + (size / 2.0)), 0, size);
    }

    /// <summary>
    /// The floor comes from the whole volume's robust range, of which a patch shows a part: the volume's range is 1 for a real
    /// image as it is, and at least the patch's own elsewhere.
    /// </summary>
    float FloorOf(Random random, PlanePatch patch, PlaneView view)
    {
        Span<float> sample = stackalloc float[1024];
        var count = 0;
        var pixels = (view.Bottom - view.Top) * (view.Right - view.Left);
        var columns = view.Right - view.Left;
        for (var i = 0; i < sample.Length && columns > 0; i++)
        {
            var (row, column) = Math.DivRem((int)((long)i * pixels / sample.Length), columns);
            sample[count++] = patch.Image[((row + view.Top) * patch.Size) + column + view.Left];
        }
        if (count == 0)
            return 0;
        if (AsTheyAre)
            return FineInput.FloorShare;
        sample.Sort();
        var width = sample[^6] - sample[5];
        return FineInput.FloorShare * Math.Max(width, random.Uniform(0.4, 0.9)) * random.LogUniform(0.9, 1.5);
    }
}
