using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Data;

/// <summary>A labelled image on the locator's grid, before normalisation.</summary>
public sealed class LocatorVolume
{
    public LocatorVolume(LabelledVolume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var sampling = LocatorInput.SamplingOf(volume.Image);
        Image = Resampler.Resample(volume.Image, sampling);
        Share = Resampler.Resample(volume.Share, sampling);
        Weight = volume.Weight;
        var range = RobustRange.Of(Image.Voxels);
        var scale = 1 / Math.Max(range.Width, 1e-6f);
        Image = Image.With([.. Image.Voxels.Select(v => (v - range.Low) * scale)]);
        // A slice of the grid is known where the native slices that it is made of are labelled.
        Known = new float[Image.Slices];
        for (var slice = 0; slice < Image.Slices; slice++)
        {
            var native = Math.Clamp((int)Math.Round(sampling.Slice.ToSource(slice)), 0, volume.Image.Slices - 1);
            Known[slice] = volume.Labelled[native] ? 1 : 0;
        }
    }

    /// <summary>Intensities, the robust range at 0..1.</summary>
    public Volume Image { get; }

    /// <summary>Share of the voxel that is cord.</summary>
    public Volume Share { get; }

    /// <summary>1 for slices whose truth is known.</summary>
    public float[] Known { get; }

    public double Weight { get; }
}
