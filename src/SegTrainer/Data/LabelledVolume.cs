using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Data;

/// <summary>An image with its soft truth, in canonical order, ready to be drawn from.</summary>
public sealed class LabelledVolume
{
    /// <summary>Distances are known up to this far from the cord, mm.</summary>
    public const float DistanceLimit = 12;

    /// <param name="name">For messages.</param>
    /// <param name="person">Who was scanned.</param>
    /// <param name="contrast">T1w, T2w, ...</param>
    /// <param name="image">Canonical image.</param>
    /// <param name="mask">Hard mask on the same grid.</param>
    /// <param name="slicesBelowCord">Slices at the lower end that are known to have no cord.</param>
    /// <param name="weight">How often it is drawn, relative to others.</param>
    /// <exception cref="InvalidDataException">The mask is on another grid or empty.</exception>
    public LabelledVolume(string name, string person, string contrast, Volume image, Volume mask, double weight = 1, int slicesBelowCord = 0)
        : this(name, person, contrast, image, SoftTruth.FromHardMask(CheckedMask(name, image, mask)), SoftTruth.LabelledSlices(mask), weight)
    {
        var lowest = Array.IndexOf(Labelled, true);
        if (slicesBelowCord > lowest)
            throw new InvalidDataException($"The lowest {slicesBelowCord} slices of {name} are said to have no cord, but its mask begins in slice {lowest}.");
        for (var slice = 0; slice < slicesBelowCord; slice++)
            (Labelled[slice], Centres[slice]) = (true, Centres[lowest]);
        LabelledIndices = Indices(Labelled);
    }

    /// <param name="name">For messages.</param>
    /// <param name="person">Who was scanned.</param>
    /// <param name="contrast">T1w, T2w, ...</param>
    /// <param name="image">Canonical image.</param>
    /// <param name="share">Share of the voxel that is cord, on the same grid.</param>
    /// <param name="labelled">The slices whose share is to be believed; each shows cord.</param>
    /// <param name="weight">How often it is drawn, relative to others.</param>
    public LabelledVolume(string name, string person, string contrast, Volume image, Volume share, bool[] labelled, double weight)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(share);
        (Name, Person, Contrast, Image, Share, Labelled, Weight) = (name, person, contrast, image, share, labelled, weight);
        Distance = image.LikeThis();
        Centres = new (float Row, float Column)[image.Slices];
        var spacing = image.Affine.Spacing;
        for (var slice = 0; slice < image.Slices; slice++)
        {
            DistanceMap.FromShare(Share.Slice(slice), image.Rows, image.Columns, spacing.Row, spacing.Column, DistanceLimit).CopyTo(Distance.Slice(slice));
            Centres[slice] = Centroid(Share.Slice(slice), image.Columns);
        }
        LabelledIndices = Indices(Labelled);
    }

    /// <summary>The same with the cord's border where the image has it, half-way between the intensities on both of its sides, instead of where it was drawn.</summary>
    public LabelledVolume ToHalfway(HalfwayBorder border)
    {
        ArgumentNullException.ThrowIfNull(border);
        var input = new FineInput(Image);
        // Where the fine grid is the image's own this would be the share itself.
        var fine = Resampler.Resample(Share.With([.. Share.Voxels]), input.Sampling);
        var shifts = border.Move(fine, slice => input.Intensities(input.Sampling, slice), input.Pixel);
        var moved = Share.With([.. Share.Voxels]);
        foreach (var slice in LabelledIndices)
            HalfwayBorder.Shift(moved, slice, shifts[(int)Math.Clamp(Math.Round(input.Sampling.Slice.FromSource(slice)), 0, shifts.Length - 1)]);
        var volume = new LabelledVolume(Name, Person, Contrast, Image, moved, Labelled, Weight);
        // Below the cord's end there is no cord that a centre could be computed from.
        Centres.CopyTo(volume.Centres, 0);
        return volume;
    }

    public string Name { get; }

    public string Person { get; }

    public string Contrast { get; }

    public double Weight { get; }

    /// <summary>Intensities as stored.</summary>
    public Volume Image { get; }

    /// <summary>Share of the voxel that is cord, 0..1.</summary>
    public Volume Share { get; }

    /// <summary>Signed in-plane distance to the cord's border, mm, cut at <see cref="DistanceLimit"/>.</summary>
    public Volume Distance { get; }

    /// <summary>Whether the slice's truth is known.</summary>
    public bool[] Labelled { get; }

    public int[] LabelledIndices { get; }

    /// <summary>Centroid of the cord in each labelled slice, pixels; below the cord's end that of its last slice.</summary>
    public (float Row, float Column)[] Centres { get; }

    static Volume CheckedMask(string name, Volume image, Volume mask)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(mask);
        TrainingData.RequireSameGrid($"The mask of {name}", image, mask);
        return mask.Voxels.AsSpan().ContainsAnyInRange(0.5f, float.MaxValue) ? mask : throw new InvalidDataException($"The mask of {name} is empty.");
    }

    static int[] Indices(bool[] labelled) => [.. Enumerable.Range(0, labelled.Length).Where(slice => labelled[slice])];

    static (float, float) Centroid(ReadOnlySpan<float> share, int columns)
    {
        double sum = 0, row = 0, column = 0;
        for (var i = share.IndexOfAnyExcept(0f); i >= 0 && i < share.Length; i++)
        {
            sum += share[i];
            row += share[i] * (i / columns);
            column += share[i] * (i % columns);
        }
        return sum > 0 ? ((float)(row / sum), (float)(column / sum)) : (float.NaN, float.NaN);
    }
}
