using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Evaluation;
using SoftSeg.SegTrainer.Synthesis;

namespace SoftSeg.SegTrainer.Tests.Synthesis;

public sealed class SimulatedPersonTests
{
    static readonly Lazy<IReadOnlyList<SimulatedScan>> Scans = new(() => new SimulatedPerson(5) { Width = 64, Length = 40, Movement = 0.5 }.Scan());

    [Fact]
    public void Six_contrasts_have_the_protocols_grids()
    {
        var spacings = Scans.Value.Select(scan => (scan.Sequence.Name, Spacing: Orientation.ToCanonical(scan.Image, out _).Affine.Spacing)).ToDictionary(scan => scan.Name, scan => scan.Spacing);
        Near((1, 1, 1), spacings["T1w"]);
        Near((0.8, 0.8, 0.8), spacings["T2w"]);
        Near((5, 0.5, 0.5), spacings["T2star"]);
        Near((5, 0.9, 0.9), spacings["MTon"]);
        Near((5, 0.9, 0.9), spacings["MToff"]);
        Near((5, 0.9, 0.9), spacings["DWI"]);

        static void Near((double, double, double) expected, (double, double, double) got)
        {
            Assert.Equal(expected.Item1, got.Item1, 9);
            Assert.Equal(expected.Item2, got.Item2, 9);
            Assert.Equal(expected.Item3, got.Item3, 9);
        }
    }

    [Fact]
    public void Every_acquisition_of_a_routine_shows_the_cord_at_its_own_spacing()
    {
        var scans = new SimulatedPerson(6) { Width = 60, Length = 24 }.Scan(SimulatedProtocol.Routine.Sequences);
        Assert.Equal(10, scans.Select(scan => scan.Sequence.Name).Distinct().Count());
        Assert.All(scans, scan =>
        {
            var (along, deep, across) = Orientation.ToCanonical(scan.Image, out _).Affine.Spacing;
            Assert.Equal(scan.Sequence.InPlane, deep, 9);
            Assert.Equal(scan.Sequence.SliceSpacing, scan.Sequence.Sagittal ? across : along, 9);
            Assert.InRange(scan.Share.Voxels.Sum() * scan.Share.Affine.VoxelVolume / 24, 45, 100);
        });
    }

    [Fact]
    public void The_true_area_is_one_in_all_contrasts()
    {
        var areas = Scans.Value.Select(scan => CordAreas.Of(scan.Share)).ToArray();
        var common = CordAreas.Common(areas)!.Value;
        var means = areas.Select(area => area.Mean(common.From, common.To)).ToArray();
        Assert.InRange(means.Average(), 45, 100);
        Assert.All(means, mean => Assert.Equal(1, mean / means.Average(), 0.01));
    }

    [Fact]
    public void A_share_is_the_part_of_the_voxel_that_a_grid_four_times_finer_finds()
    {
        var person = new SimulatedPerson(9) { Width = 40, Length = 20, Movement = 0, SliceMovement = 0 };
        var coarse = person.Scan(new("coarse", "T2w", 1.2, 4, false, 0.3f, 0.01f), 0).Share;
        var fine = person.Scan(new("fine", "T2w", 0.3, 1, false, 0.3f, 0.01f), 0).Share;
        // 40 mm hold 33 coarse and 133 fine pixels, both centred.
        var averaged = Resampler.Resample(fine, new VolumeSampling(
            new(coarse.Slices, fine.Affine.ToIndex(coarse.Affine.Origin).Slice, 4),
            new(coarse.Rows, fine.Affine.ToIndex(coarse.Affine.Origin).Row, 4),
            new(coarse.Columns, fine.Affine.ToIndex(coarse.Affine.Origin).Column, 4)));
        double worst = 0, mean = 0;
        for (var n = 0; n < coarse.Voxels.Length; n++)
        {
            var difference = Math.Abs(coarse.Voxels[n] - averaged.Voxels[n]);
            (worst, mean) = (Math.Max(worst, difference), mean + difference);
        }
        Assert.InRange(worst, 0, 0.04);
        Assert.InRange(mean / coarse.Voxels.Sum(), 0, 0.015);
    }

    [Fact]
    public void A_seed_repeats_a_person_and_another_number_moves_it()
    {
        var sequence = SimulatedSequence.SpineGeneric[0];
        var person = new SimulatedPerson(13) { Width = 40, Length = 20, Movement = 2 };
        var (first, again, moved) = (person.Scan(sequence, 0), person.Scan(sequence, 0), person.Scan(sequence, 2));
        Assert.Equal(first.Image.Voxels, again.Image.Voxels);
        Assert.NotEqual(first.Shift, moved.Shift);
        // The cord runs almost upright seen from the front, so that moving along it shows little there.
        var (a, b) = (Centroid(first.Share), Centroid(moved.Share));
        Assert.True(Math.Abs(moved.Shift.X - first.Shift.X) > 0.7, $"moved by {moved.Shift.X - first.Shift.X}");
        Assert.Equal(moved.Shift.X - first.Shift.X, b - a, 0.35);
    }

    [Theory]
    [InlineData("T1w", -1)]
    [InlineData("T2w", 1)]
    [InlineData("T2star", 1)]
    [InlineData("MTon", 1)]
    [InlineData("DWI", -1)]
    public void The_cerebrospinal_fluid_is_brighter_or_darker_than_the_cord_as_the_contrast_says(string name, int sign)
    {
        var scan = Scans.Value.Single(scan => scan.Sequence.Name == name);
        var (cord, ring) = (new List<float>(), new List<float>());
        var (image, share) = (Orientation.ToCanonical(scan.Image, out _), Orientation.ToCanonical(scan.Share, out _));
        var (row, column) = ((int)Math.Round(1.6 / image.Affine.Spacing.Row), (int)Math.Round(1.6 / image.Affine.Spacing.Column));
        for (var slice = 1; slice < image.Slices - 1; slice++)
        {
            for (var r = row; r < image.Rows - row; r++)
            {
                for (var c = column; c < image.Columns - column; c++)
                {
                    if (share[slice, r, c] == 1)
                        cord.Add(image[slice, r, c]);
                    else if (share[slice, r, c] == 0 && (share[slice, r, c - column] > 0.5 || share[slice, r, c + column] > 0.5))
                        ring.Add(image[slice, r, c]);
                }
            }
        }
        Assert.True(sign * (ring.Average() - cord.Average()) > 40, $"beside the cord {ring.Average():0}, in it {cord.Average():0}");
    }

    static double Centroid(Volume share)
    {
        double sum = 0, x = 0;
        for (var n = 0; n < share.Voxels.Length; n++)
        {
            var point = share.Affine.ToPatient(n / (share.Rows * share.Columns), n / share.Columns % share.Rows, n % share.Columns);
            (sum, x) = (sum + share.Voxels[n], x + (share.Voxels[n] * point.X));
        }
        return x / sum;
    }
}
