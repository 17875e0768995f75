using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Evaluation;
using SoftSeg.SegTrainer.Export;
using SoftSeg.SegTrainer.Networks;

namespace SoftSeg.SegTrainer.Tests;

public sealed class EvaluationTests
{
    static readonly Affine Grid = new(Vector3.Zero, new(0, 0, 4), new(0, 1, 0), new(1, 0, 0));

    static Volume Disc(double radius, double row = 30, double column = 40)
    {
        var volume = new Volume(new float[5 * 60 * 80], 5, 60, 80, Grid);
        for (var slice = 0; slice < 4; slice++)
        {
            for (var r = 0; r < 60; r++)
            {
                for (var c = 0; c < 80; c++)
                    volume[slice, r, c] = Math.Pow(r - row, 2) + Math.Pow(c - column, 2) <= radius * radius ? 1 : 0;
            }
        }

        return volume;
    }

    static VolumeFigures Figures(Volume predicted)
    {
        var truth = new LabelledVolume("disc", "nobody", "T2w", Disc(6), Disc(6));
        return VolumeFigures.Of("disc", "T2w", predicted, truth.Share, Disc(6), truth.Distance, truth.Labelled);
    }

    [Fact]
    public void The_truth_itself_scores_full_marks()
    {
        var figures = Figures(Disc(6));
        Assert.Equal(1, figures.Dice, 6);
        Assert.InRange(figures.SoftDice, 0.95, 1);
        Assert.InRange(figures.AreaBias, -0.02, 0.02);
        Assert.Equal((0, 0.0), (figures.EmptySlices, figures.FarVolume));
    }

    [Fact]
    public void An_empty_prediction_is_empty_in_every_labelled_slice()
    {
        var figures = Figures(Disc(6).LikeThis());
        Assert.Equal((0.0, -1.0, 4), (figures.Dice, figures.AreaBias, figures.EmptySlices));
    }

    [Fact]
    public void A_wider_disc_has_the_area_bias_of_its_radius()
    {
        Assert.InRange(Figures(Disc(7)).AreaBias, (49 / 36.0) - 1 - 0.05, (49 / 36.0) - 1 + 0.05);
    }

    [Fact]
    public void What_lies_far_from_the_cord_is_counted_in_millilitres()
    {
        var predicted = Disc(6);
        for (var slice = 0; slice < 4; slice++)
            predicted.Slice(slice)[..10].Fill(1);
        Assert.Equal(40 * 4 / 1000.0, Figures(predicted).FarVolume, 6);
    }

    [Fact]
    public void Negatives_are_cut_clear_of_the_cord()
    {
        var truth = new LabelledVolume("disc", "nobody", "T2w", Disc(6), Disc(6));
        var cuts = Negatives.BesideCord(truth).ToList();
        Assert.Equal(["disc, right of the cord", "disc, left of the cord"], cuts.Select(cut => cut.Name));
        Assert.All(cuts, cut => Assert.Equal(0, cut.Image.Voxels.Max()));
        Assert.Equal(truth.Image.Affine.ToPatient(0, 0, 55), cuts[1].Image.Affine.Origin);
    }

    [Fact]
    public void The_fine_network_around_the_truth_answers_on_the_images_own_grid()
    {
        var network = new UNet(new UNetSpec(2, [4, 8, 8, 8]));
        var onnx = UNetExport.ToOnnx(network, network.InitialParameters(1, 0.7), network.InitialStatistics(), "test", "1");
        using var fine = new FineAroundTruth(onnx, ModelManifest.CurrentPreprocessing);
        var share = fine.Segment(new LabelledVolume("disc", "nobody", "T2w", Disc(6), Disc(6)));
        Assert.Equal((5, 60, 80), (share.Slices, share.Rows, share.Columns));
        Assert.InRange(share[1, 30, 40], 0.3f, 1f);
        Assert.Equal(0, share.Slice(4).ToArray().Max());
    }

    [Fact]
    public void A_cylinder_keeps_its_area_with_larger_voxels()
    {
        var image = Cylinder();
        using var segmenter = new SoftSegmenter(new Threshold(), new Threshold(), new PresenceGate());
        var figures = VariantFigures.WithLargerVoxels(segmenter, "cylinder", image, segmenter.Segment(image).SoftMask).ToList();
        Assert.Equal(
            ["pixels of 1.2 mm", "pixels of 1.6 mm", "pixels of 2 mm", "axial slices of 5 mm", "axial slices of 8 mm", "sagittal slices of 3 mm", "sagittal slices of 4 mm"],
            figures.Select(figure => figure.Variant));
        Assert.All(figures, figure => Assert.InRange(figure.Difference, -0.25, 0.25));
        Assert.All(figures, figure => Assert.InRange(figure.Dice, 0.8, 1));
        Assert.InRange(figures[3].Difference, -0.01, 0.01);

        var report = new EvaluationReport();
        figures.ForEach(report.Add);
        Assert.Equal(Math.Round(figures[6].Difference, 4), report.Summary()["variant.areaDifference.sagittal slices of 4 mm"]);
    }

    [Fact]
    public void A_slope_below_one_says_that_people_are_drawn_like_each_other()
    {
        var report = new EvaluationReport();
        foreach (var area in new[] { 60.0, 70, 90 })
            report.Add(new SimulatedFigures("person", [new("T1w", 70 * Math.Pow(area / 70, 0.8), area, 0.9), new("T2w", 1.1 * area, area, 0.9), new("DWI", area, 70, 0.9)]));
        var summary = report.Summary();
        Assert.Equal(0.8, summary["simulated.areaSlope.T1w"]);
        Assert.Equal(1, summary["simulated.areaSlope.T2w"]);
        Assert.DoesNotContain("simulated.areaSlope.DWI", summary.Keys);
    }

    [Fact]
    public void A_cylinder_keeps_its_area_in_smaller_fields_of_view()
    {
        var image = Cylinder();
        using var segmenter = new SoftSegmenter(new Threshold(), new Threshold(), new PresenceGate());
        var figures = VariantFigures.WithSmallerFields(segmenter, "cylinder", image, segmenter.Segment(image).SoftMask).ToList();
        Assert.Equal(["foot half", "head half", "10 mm around the cord", "15 mm around the cord", "25 mm around the cord"], figures.Select(figure => figure.Variant));
        Assert.All(figures.Take(2), figure => Assert.InRange(figure.Difference, -0.001, 0.001));
        Assert.All(figures.Take(2), figure => Assert.InRange(figure.Dice, 0.999, 1));
        Assert.InRange(figures[4].Difference, -0.02, 0.02);
    }

    static Volume Cylinder()
    {
        var image = new Volume(new float[40 * 80 * 80], 40, 80, 80, new Affine(Vector3.Zero, new(0, 0, 1), new(0, 0.8, 0), new(0.8, 0, 0)));
        for (var n = 0; n < image.Voxels.Length; n++)
        {
            var (row, column) = ((n / 80 % 80) - 39.5, (n % 80) - 39.5);
            image.Voxels[n] = 100 + (900 * (float)Math.Clamp(((5 - (0.8 * Math.Sqrt((row * row) + (column * column)))) / 0.8) + 0.5, 0, 1));
        }
        return image;
    }

    /// <summary>What is far brighter than its surroundings.</summary>
    sealed class Threshold : INetwork
    {
        public float[] Run(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default) => [.. image.Select(v => Math.Clamp((v - 0.8f) / 2, 0, 1))];
    }
}
