using System.Collections.Concurrent;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Synthesis;

namespace SoftSeg.SegTrainer.Data;

/// <summary>Patches for the locator: 4 x 2 x 2 mm, from real images under augmentation and from synthesis.</summary>
public sealed class LocatorSamples : ISampleSource
{
    readonly LocatorVolume[] _volumes;
    readonly double[] _cumulative;
    readonly IReadOnlyList<CordShape> _shapes;
    readonly ConcurrentBag<VolumePatch> _patches = [];
    readonly int _slices;
    readonly int _side;

    /// <param name="data">What to draw from.</param>
    /// <param name="slices">Slices of a patch (4 mm), a multiple of 8.</param>
    /// <param name="side">Rows and columns of a patch (2 mm), a multiple of 8.</param>
    public LocatorSamples(TrainingData data, int slices = 24, int side = 64)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNotEqual(slices % LocatorInput.SideMultiple, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(side % LocatorInput.SideMultiple, 0);
        (_slices, _side) = (slices, side);
        _volumes = [.. data.Volumes.Select(volume => new LocatorVolume(volume))];
        _cumulative = FineSamples.CumulativeWeights(data.Volumes);
        _shapes = [.. data.Shapes.SelectMany(shape => CordShape.From(shape, 24))];
    }

    public int[] Shape => [_slices, _side, _side];

    /// <summary>Part of the samples that come from real images (when there are any).</summary>
    public double RealShare { get; init; } = 0.45;

    /// <summary>Part of the synthetic spines that are healthy necks in usual contrasts.</summary>
    public double UsualShare { get; init; }

    /// <summary>Draws as real images are: no augmentation but the patch's place. For validation.</summary>
    public bool AsTheyAre { get; init; }

    public AcquiredPixel Draw(Random random, Span<float> image, Span<float> share, Span<float> weight)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (!_patches.TryTake(out var patch))
            patch = new VolumePatch(_slices, _side);
        VolumeView view;
        if (_volumes.Length > 0 && (AsTheyAre || random.Chance(RealShare)))
        {
            view = DrawReal(random, patch);
        }
        else
        {
            VolumeSynthesis.Paint(random, patch, _shapes, UsualShare);
            view = VolumeView.Draw(random, _slices, _side);
        }
        patch.Cut(view, image, share, weight);
        _patches.Add(patch);
        return default;
    }

    VolumeView DrawReal(Random random, VolumePatch patch)
    {
        var at = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        var volume = _volumes[Math.Min(at < 0 ? ~at : at, _volumes.Length - 1)];
        var warp = AsTheyAre ? VolumeWarp.Identity(random) : VolumeWarp.Draw(random);
        // A patch lies over the image with its middle anywhere in it.
        var centre = (
            Middle(random, volume.Image.Slices, _slices),
            Middle(random, volume.Image.Rows, _side),
            Middle(random, volume.Image.Columns, _side));
        var view = warp.Sample(volume, centre, patch);
        if (AsTheyAre)
            return view;
        if (random.Chance(0.3))
            Recolour(random, patch);
        switch (random.NextDouble())
        {
            case < 0.35:
                IntensityTransforms.Gamma(patch.Image, random.LogUniform(0.5, 2));
                break;
            case < 0.6:
                IntensityTransforms.Remap(patch.Image, random, monotone: true);
                break;
            case < 0.75:
                IntensityTransforms.Remap(patch.Image, random, monotone: false);
                break;
            default:
                break;
        }
        if (random.Chance(0.12))
            IntensityTransforms.Invert(patch.Image);
        VolumeSynthesis.Measure(random, patch, real: true);
        var drawn = VolumeView.Draw(random, _slices, _side);
        return view.And(drawn) is { } both && both.IsLargerThan(12) ? both : view;
    }

    /// <summary>Where a patch's middle lies along an axis: anywhere in an image that is larger than the patch; a smaller one starts about
    /// where the patch starts, as inference pads at the end.</summary>
    static float Middle(Random random, int count, int side)
    {
        if (count <= side)
            return ((side - 1) / 2f) - random.Uniform(0, Math.Min(8, side - count + 2));
        var slack = ((count - side) / 2f) + 3;
        return ((count - 1) / 2f) + random.Uniform(-slack, slack);
    }

    static void Recolour(Random random, VolumePatch patch)
    {
        var target = random.Uniform(0.05, 0.95);
        for (var i = 0; i < patch.Image.Length; i++)
            patch.Image[i] += patch.Share[i] * 0.9f * (target - patch.Image[i]);
    }
}
