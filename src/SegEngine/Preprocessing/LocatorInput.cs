namespace SoftSeg.SegEngine;

/// <summary>
/// What the locator network sees: the whole field of view on a grid of 4 mm (foot to head) x 2 mm x 2 mm with global
/// normalisation. Training and inference both prepare their input here, so that they cannot diverge.
/// </summary>
public static class LocatorInput
{
    /// <summary>Grid spacing along canonical slices, mm.</summary>
    public const double SliceSpacing = 4;

    /// <summary>Grid spacing along canonical rows and columns, mm.</summary>
    public const double PixelSpacing = 2;

    /// <summary>The network halves its grid three times: sides are padded at their ends, with zeros after normalisation, to a multiple of this.</summary>
    public const int SideMultiple = 8;

    /// <summary>The locator grid of a canonical volume. Shares come onto it by <see cref="Resampler.Resample"/> with the same sampling.</summary>
    public static VolumeSampling SamplingOf(Volume canonical) =>
        VolumeSampling.Cover(canonical, SliceSpacing, PixelSpacing, PixelSpacing);

    /// <summary>Resamples a canonical volume onto its locator grid and normalises it.</summary>
    /// <param name="canonical">A volume in canonical axis order (<see cref="Orientation.ToCanonical"/>).</param>
    /// <returns>The normalised image <c>[slice, row, column]</c>, not padded.</returns>
    public static Volume Prepare(Volume canonical)
    {
        var image = Resampler.Resample(canonical, SamplingOf(canonical));
        // Without resampling the voxels would still be the caller's.
        if (ReferenceEquals(image.Voxels, canonical.Voxels))
            image = image.With([.. image.Voxels]);
        Normalize(image.Voxels);
        return image;
    }

    /// <summary>
    /// Clips to the robust range of all given voxels (0.5 % to 99.5 %), then shifts and scales to mean 0 and standard
    /// deviation 1. Equal voxels all become 0.
    /// </summary>
    public static void Normalize(Span<float> voxels)
    {
        var range = RobustRange.Of(voxels);
        if (!(range.Width > 0))
        {
            voxels.Clear();
            return;
        }
        double sum = 0, squares = 0;
        for (var n = 0; n < voxels.Length; n++)
        {
            var v = (Math.Clamp(voxels[n], range.Low, range.High) - range.Low) / range.Width;
            voxels[n] = v;
            sum += v;
            squares += (double)v * v;
        }
        var mean = sum / voxels.Length;
        var deviation = Math.Sqrt(Math.Max(1e-12, (squares / voxels.Length) - (mean * mean)));
        for (var n = 0; n < voxels.Length; n++)
            voxels[n] = (float)((voxels[n] - mean) / deviation);
    }

    /// <summary>The smallest multiple of <see cref="SideMultiple"/> that holds <paramref name="side"/>.</summary>
    public static int PaddedSide(int side) => (side + SideMultiple - 1) / SideMultiple * SideMultiple;
}
