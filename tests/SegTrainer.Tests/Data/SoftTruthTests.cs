using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Tests.Data;

public sealed class SoftTruthTests
{
    const double A = 6.5;
    const double B = 4;

    /// <summary>Ellipses at many places relative to the grid, one a slice, as a person who fills pixels would draw them.</summary>
    static (Volume Mask, Volume Truth) Ellipses(double pixel, double thick, int slices, Func<int, (double X, double Y)> centre)
    {
        var side = (int)(24 / pixel);
        var mask = new Volume(new float[slices * side * side], slices, side, side, Phantoms.Grid(thick, pixel, pixel));
        var truth = mask.LikeThis();
        for (var slice = 0; slice < slices; slice++)
        {
            var (x0, y0) = centre(slice);
            for (var row = 0; row < side; row++)
            {
                for (var column = 0; column < side; column++)
                {
                    var cover = Phantoms.Cover((x, y) => Phantoms.Ellipse(x - x0, y - y0, A, B, 0.3), column * pixel, row * pixel, pixel, pixel);
                    truth[slice, row, column] = (float)cover;
                    mask[slice, row, column] = cover >= 0.5 ? 1 : 0;
                }
            }
        }
        return (mask, truth);
    }

    static (double, double) Scattered(int slice) => (11 + (slice * 0.37 % 1), 12 + (slice * 0.61 % 1));

    [Theory]
    [InlineData(0.5, 5)]
    [InlineData(0.7, 2.5)]
    [InlineData(1.0, 5)]
    public void The_share_of_an_ellipse_has_its_area(double pixel, double thick)
    {
        const int slices = 24;
        var (mask, _) = Ellipses(pixel, thick, slices, Scattered);
        var share = SoftTruth.FromHardMask(mask);
        Assert.InRange(Phantoms.Area(share.Voxels) * pixel * pixel / slices / (Math.PI * A * B), 0.99, 1.01);
    }

    [Fact]
    public void Every_thick_slice_keeps_the_area_of_its_own_mask()
    {
        var (mask, _) = Ellipses(0.7, 5, 12, Scattered);
        var share = SoftTruth.FromHardMask(mask);
        for (var slice = 0; slice < 12; slice++)
            Assert.InRange(Phantoms.Area(share.Slice(slice)) / Phantoms.Area(mask.Slice(slice)), 0.998, 1.002);
    }

    [Fact]
    public void The_share_is_much_nearer_to_the_truth_than_the_mask()
    {
        var (mask, truth) = Ellipses(1, 5, 12, Scattered);
        var share = SoftTruth.FromHardMask(mask);
        double soft = 0, hard = 0;
        for (var i = 0; i < truth.Voxels.Length; i++)
        {
            soft += Math.Abs(share.Voxels[i] - truth.Voxels[i]);
            hard += Math.Abs(mask.Voxels[i] - truth.Voxels[i]);
        }
        Assert.True(soft < 0.55 * hard, $"soft {soft:0.0}, hard {hard:0.0}");
    }

    [Fact]
    public void Thin_slices_of_a_slanted_cord_become_smooth_along_it_and_keep_its_volume()
    {
        var (mask, truth) = Ellipses(1, 1, 40, slice => (10 + (0.07 * slice), 11 + (0.05 * slice)));
        var share = SoftTruth.FromHardMask(mask);
        Assert.InRange(Phantoms.Area(share.Voxels) / Phantoms.Area(truth.Voxels), 0.99, 1.01);
        double before = 0, after = 0;
        for (var slice = 5; slice < 34; slice++)
        {
            before += Math.Abs(Phantoms.Area(mask.Slice(slice + 1)) - Phantoms.Area(mask.Slice(slice)));
            after += Math.Abs(Phantoms.Area(share.Slice(slice + 1)) - Phantoms.Area(share.Slice(slice)));
        }
        Assert.True(after < 0.5 * before, $"steps of the area: {before:0.0} before, {after:0.0} after");
    }

    [Fact]
    public void Slices_without_a_label_stay_empty_and_do_not_thin_their_neighbours()
    {
        var (mask, _) = Ellipses(1, 1, 20, _ => (11.3, 12.2));
        var expected = Phantoms.Area(mask.Slice(10));
        for (var slice = 0; slice < 5; slice++)
            mask.Slice(slice).Clear();
        var share = SoftTruth.FromHardMask(mask);
        Assert.Equal(0, Phantoms.Area(share.Slice(4)));
        Assert.InRange(Phantoms.Area(share.Slice(5)) / expected, 0.99, 1.01);
    }

    [Fact]
    public void Distances_to_the_border_are_those_of_the_ellipse()
    {
        var (_, truth) = Ellipses(0.5, 5, 1, _ => (12, 12));
        var distance = DistanceMap.FromShare(truth.Slice(0), truth.Rows, truth.Columns, 0.5, 0.5, 12);
        for (var i = 0; i < distance.Length; i += 7)
        {
            var expected = Nearest((i % truth.Columns * 0.5) - 12, (i / truth.Columns * 0.5) - 12);
            Assert.InRange(distance[i] - expected, -0.36, 0.36);
        }

        static double Nearest(double x, double y)
        {
            var nearest = double.MaxValue;
            var (sin, cos) = Math.SinCos(0.3);
            for (var t = 0.0; t < Math.Tau; t += 0.005)
            {
                double u = A * Math.Cos(t), v = B * Math.Sin(t);
                nearest = Math.Min(nearest, Math.Sqrt(Math.Pow((cos * u) - (sin * v) - x, 2) + Math.Pow((sin * u) + (cos * v) - y, 2)));
            }
            return Phantoms.Ellipse(x, y, A, B, 0.3) < 0 ? -nearest : nearest;
        }
    }
}
