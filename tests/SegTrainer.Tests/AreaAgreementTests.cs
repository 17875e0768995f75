using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Evaluation;

namespace SoftSeg.SegTrainer.Tests;

public sealed class AreaAgreementTests
{
    /// <summary>A straight tube of the given radius, 24 slices of 4 mm, beginning at a height.</summary>
    static Volume Tube(double radius, double foot = 0)
    {
        var volume = new Volume(new float[24 * 60 * 60], 24, 60, 60, new(new Vector3(0, 0, foot), new(0, 0, 4), new(0, 0.6, 0), new(0.6, 0, 0)));
        for (var slice = 0; slice < 24; slice++)
        {
            for (var row = 0; row < 60; row++)
            {
                for (var column = 0; column < 60; column++)
                    volume[slice, row, column] = (float)Math.Clamp(((radius - Math.Sqrt((Square(row - 29.5) + Square(column - 29.5)) * 0.36)) / 0.6) + 0.5, 0, 1);
            }
        }

        return volume;

        static double Square(double value) => value * value;
    }

    static readonly ImagePair Pair = new("a.nii.gz", "b.nii.gz", "anna", PairKind.ScanRescan);

    [Fact]
    public void Two_images_are_compared_over_the_heights_that_both_show()
    {
        var figures = PairFigures.Of(Pair, CordAreas.Of(Tube(5)), CordAreas.Of(Tube(5.5, foot: 30)));
        Assert.Equal(Math.PI * 25, figures.FirstArea, 1.0);
        Assert.Equal(Math.PI * 30.25, figures.SecondArea, 1.0);
        Assert.Equal(2 * 5.25 / 55.25, figures.Difference, 0.005);
        Assert.InRange(figures.Height, 40, 62);
    }

    [Fact]
    public void Images_without_a_common_stretch_of_cord_have_no_difference()
    {
        Assert.False(PairFigures.Of(Pair, CordAreas.Of(Tube(5)), CordAreas.Of(Tube(5, foot: 200))).Measured);
        Assert.False(PairFigures.Of(Pair, CordAreas.Of(Tube(5)), CordAreas.Of(Tube(5).LikeThis())).Measured);
    }

    [Fact]
    public void A_change_counts_from_the_scatter_of_repeated_scans()
    {
        // Within-subject variances 0.5, 2 and 0.5: mean 1.
        Assert.Equal(1.96 * Math.Sqrt(2), Repeatability.SmallestDetectableChange([1, -2, 1]), 1e-9);
    }

    [Fact]
    public void Contrasts_of_one_person_have_the_sample_deviation_of_their_areas()
    {
        var person = Assert.Single(PersonAreas.Of([
            ("anna", "T2w", "t2", CordAreas.Of(Tube(5))), ("anna", "T1w", "t1", CordAreas.Of(Tube(5.2))), ("anna", "MT", "mt", CordAreas.Of(Tube(5.4))),
            ("bert", "T2w", "b", CordAreas.Of(Tube(5)))]));
        Assert.Equal(("anna", 3), (person.Person, person.Areas.Count));
        Assert.Equal(Math.PI * 2.08, person.Deviation, 0.2);
    }

    [Fact]
    public void A_border_moved_by_a_voxel_is_a_voxel_away()
    {
        var (thin, thick) = (Tube(5), Tube(5.6));
        var all = Enumerable.Repeat(true, 24).ToArray();
        Assert.Equal((0.0, 0.0), (SurfaceDistance.Between(thin, thin, all).Mean, SurfaceDistance.Between(thin, thin, all).Percentile95));
        var apart = SurfaceDistance.Between(thin, thick, all);
        Assert.InRange(apart.Mean, 0.45, 0.75);
        Assert.InRange(apart.Percentile95, 0.6, 0.9);
        Assert.True(double.IsNaN(SurfaceDistance.Between(thin, thin.LikeThis(), all).Mean));
    }

    [Fact]
    public void A_pair_belongs_to_the_part_of_its_person()
    {
        static LabelledImage Image(string person) => new($"{person}.nii.gz", $"{person}_seg.nii.gz", person, "T2w");
        var manifest = new TrainingManifest
        {
            Train = [Image("anna")],
            Validation = [Image("bert")],
            Frozen = [Image("errsm_11")],
            Pairs = [Pair, Pair with { Person = "bert" }, Pair with { Person = "errsm_11" }, Pair with { Person = "carl" }],
        };
        Assert.Equal(["anna"], manifest.PairsOf("train").Select(pair => pair.Person));
        Assert.Equal(["bert", "carl"], manifest.PairsOf("validation").Select(pair => pair.Person));
        Assert.Equal(["errsm_11"], manifest.PairsOf("frozen").Select(pair => pair.Person));
    }
}
