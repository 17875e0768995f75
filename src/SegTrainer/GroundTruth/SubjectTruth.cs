using System.Globalization;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.GroundTruth;

/// <summary>One contrast of a subject, canonical.</summary>
/// <param name="Name">For reports.</param>
/// <param name="Contrast">T1w, T2w, ...</param>
/// <param name="Image">Intensities.</param>
/// <param name="Mask">0 or 1 on the same grid.</param>
sealed record SubjectContrast(string Name, string Contrast, Volume Image, Volume Mask);

/// <summary>What became of a contrast.</summary>
/// <param name="Contrast">It.</param>
/// <param name="Share">Share on its own grid, 0 where it is not known.</param>
/// <param name="Known">Which slices of <paramref name="Share"/> are known.</param>
/// <param name="Alignment">How it lies to the reference.</param>
/// <param name="Agreement">Dice of its mask and the reference's, brought to it.</param>
sealed record ContrastTruth(SubjectContrast Contrast, Volume Share, bool[] Known, SliceAlignment Alignment, double Agreement);

/// <summary>The soft ground truth of one subject.</summary>
/// <param name="Contrasts">Those that took part.</param>
/// <param name="LeftOut">Those that did not, and why.</param>
sealed record SubjectTruth(IReadOnlyList<ContrastTruth> Contrasts, IReadOnlyList<(string Name, string Reason)> LeftOut)
{
    /// <summary>Two masks of one cord that agree less were not brought together.</summary>
    const double LeastAgreement = 0.6;

    /// <summary>The part of a slice that must be known, of the cord in it.</summary>
    const double LeastKnown = 0.99;

    /// <summary>Contrasts that are taken as reference, the best first: fine in all directions, and a sharp border.</summary>
    static readonly string[] References = ["T2w", "T1w", "T2star", "MTon", "MToff", "GRE-T1w", "DWI"];

    /// <summary>Averages the masks of all contrasts.</summary>
    /// <param name="contrasts">One or more images of one session.</param>
    /// <param name="reference">The contrast whose space is the common one; null for the best that there is.</param>
    /// <exception cref="InvalidDataException">The subject has to be excluded; the message says why.</exception>
    public static SubjectTruth Of(IReadOnlyList<SubjectContrast> contrasts, string? reference = null)
    {
        if (contrasts.Count < 2)
            throw new InvalidDataException($"{contrasts.Count} contrast with a mask, and an average needs two");
        var chosen = reference is null
            ? References.Select(name => contrasts.FirstOrDefault(contrast => contrast.Contrast == name)).FirstOrDefault(found => found is not null) ?? contrasts[0]
            : contrasts.FirstOrDefault(contrast => contrast.Contrast == reference) ?? throw new InvalidDataException($"no {reference} with a mask, which is the reference");

        var (masks, taken, leftOut) = (new List<RegisteredMask>(), new List<(SubjectContrast Contrast, SliceAlignment Alignment, double Agreement)>(), new List<(string, string)>());
        var believed = Believed(chosen.Mask);
        foreach (var contrast in contrasts)
        {
            var covered = Believed(contrast.Mask);
            var alignment = contrast == chosen ? SliceAlignment.Identity(contrast.Mask)
                : SliceAlignment.Find(RigidRegistration.Find(chosen.Image, chosen.Mask, contrast.Image, contrast.Mask), (chosen.Mask, believed), contrast.Mask, covered);
            var agreement = contrast == chosen ? 1 : Agreement(chosen.Mask, believed, contrast.Mask, covered, alignment);
            if (double.IsNaN(agreement))
                leftOut.Add((contrast.Name, $"has no slice in common with {chosen.Name}"));
            else if (agreement < LeastAgreement)
                leftOut.Add((contrast.Name, string.Create(CultureInfo.InvariantCulture, $"its mask and that of {chosen.Name} do not come together (Dice {agreement:0.00})")));
            else
            {
                taken.Add((contrast, alignment, agreement));
                masks.Add(new(contrast.Mask, alignment.ToNative, covered));
            }
        }
        if (masks.Count < 2)
            throw new InvalidDataException($"only {chosen.Name} is left: {string.Join("; ", leftOut.Select(one => $"{one.Item1} {one.Item2}"))}");

        var average = SoftAverage.Of(masks, Extended(chosen.Mask, taken));
        return new([.. taken.Select(one =>
        {
            var (share, known) = SoftAverage.Back(average, one.Contrast.Mask, one.Alignment.ToReference);
            var slices = known.Select(part => part > LeastKnown).ToArray();
            for (var slice = 0; slice < share.Slices; slice++)
            {
                if (!slices[slice])
                    share.Slice(slice).Clear();
            }
            return new ContrastTruth(one.Contrast, share, slices, one.Alignment, one.Agreement);
        })], leftOut);
    }

    /// <summary>Slices with a mask, less those at which the field of view ends: they show part of a voxel's cord only.</summary>
    internal static bool[] Believed(Volume mask)
    {
        var labelled = SoftTruth.LabelledSlices(mask);
        if (labelled.Length > 2)
            labelled[0] = labelled[^1] = false;
        return labelled;
    }

    /// <summary>The reference's grid, long enough for every contrast.</summary>
    static Volume Extended(Volume reference, IReadOnlyList<(SubjectContrast Contrast, SliceAlignment Alignment, double Agreement)> taken)
    {
        var (low, high) = (0.0, reference.Slices - 1.0);
        foreach (var (contrast, alignment, _) in taken)
        {
            foreach (var point in RigidRegistration.Centres(contrast.Mask))
            {
                var slice = reference.Affine.ToIndex(alignment.ToReference(point)).Slice;
                (low, high) = (Math.Min(low, slice - 1), Math.Max(high, slice + 1));
            }
        }
        var (first, last) = ((int)Math.Floor(low), (int)Math.Ceiling(high));
        return new Volume(new float[(last - first + 1) * reference.Rows * reference.Columns], last - first + 1, reference.Rows, reference.Columns,
            reference.Affine with { Origin = reference.Affine.ToPatient(first, 0, 0) });
    }

    /// <summary>Dice of the reference's mask, brought to the native grid, and the native one, over slices that both show; NaN where there is none.</summary>
    static double Agreement(Volume reference, bool[] referenceCovered, Volume native, bool[] covered, SliceAlignment alignment)
    {
        var (brought, known) = SoftAverage.Back(SoftAverage.Of([new(reference, point => point, referenceCovered)], reference), native, alignment.ToReference);
        long both = 0, sum = 0;
        for (var slice = 0; slice < native.Slices; slice++)
        {
            if (!covered[slice] || known[slice] < LeastKnown)
                continue;
            var a = native.Slice(slice);
            var b = brought.Slice(slice);
            for (var n = 0; n < a.Length; n++)
            {
                var (first, second) = (a[n] >= 0.5f, b[n] >= 0.5f);
                both += first && second ? 1 : 0;
                sum += (first ? 1 : 0) + (second ? 1 : 0);
            }
        }
        return sum == 0 ? double.NaN : 2.0 * both / sum;
    }
}
