namespace SoftSeg.SegEngine.Tests.Morphometry;

public sealed class ContoursTests
{
    [Fact]
    public void A_disc_has_one_round_contour_of_its_area()
    {
        var mask = AnalyticShapes.Cylinder(1, 40, 44, Phantom.Spaced(5, 1, 1), new(0, 0, 1), new(1, 0, 0), 9, 9);
        var contour = Assert.Single(Contours.At(mask, 0));
        Assert.Equal(Math.PI * 81, Contours.SignedArea(contour), 1.5);
        Assert.All(contour, p => Assert.Equal(9, Math.Sqrt(Math.Pow(p.Row - 19.5, 2) + Math.Pow(p.Column - 21.5, 2)), 0.15));
        Assert.All(contour.Zip(contour.Skip(1).Append(contour[0])), pair =>
            Assert.True(Math.Abs(pair.First.Row - pair.Second.Row) <= 1 && Math.Abs(pair.First.Column - pair.Second.Column) <= 1));
    }

    [Fact]
    public void A_full_pixel_alone_is_a_diamond_around_its_centre()
    {
        var plane = new float[5 * 7];
        plane[(2 * 7) + 4] = 1;
        var contour = Assert.Single(Contours.At(plane, 5, 7));
        Assert.Equal([(1.5, 4.0), (2, 3.5), (2, 4.5), (2.5, 4)], contour.Order());
    }

    [Fact]
    public void A_region_at_the_border_closes_along_it()
    {
        var contour = Assert.Single(Contours.At([.. Enumerable.Repeat(1f, 12)], 3, 4));
        Assert.Equal(-0.5, contour.Min(p => p.Row));
        Assert.Equal(3.5, contour.Max(p => p.Column));
        Assert.InRange(Contours.SignedArea(contour), 11, 12);
    }

    [Fact]
    public void A_hole_runs_the_other_way_round()
    {
        var plane = new float[9 * 9];
        for (var n = 0; n < 81; n++)
            plane[n] = n / 9 is >= 1 and <= 7 && n % 9 is >= 1 and <= 7 && n != 40 ? 1 : 0;
        var areas = Contours.At(plane, 9, 9).Select(Contours.SignedArea).Order().ToArray();
        Assert.Equal(2, areas.Length);
        Assert.True(areas[0] < 0 && areas[1] > 0);
    }

    [Theory]
    [InlineData(1f, 2)]
    [InlineData(0.9f, 2)]
    public void Two_pixels_that_meet_at_a_corner_are_told_apart_by_the_mean_between_them(float value, int contours)
    {
        // (1 + 0 + 0 + 0.9) / 4 lies below 0.5 in the middle, so they stay apart; exactly at 0.5 they join.
        var plane = new float[16];
        plane[5] = 1;
        plane[10] = value;
        Assert.Equal(value == 1 ? 1 : contours, Contours.At(plane, 4, 4).Count);
    }

    [Fact]
    public void An_empty_plane_has_no_contour()
    {
        Assert.Empty(Contours.At(new float[12], 3, 4));
    }

    [Fact]
    public void The_hull_of_a_shape_with_a_dent_is_larger_than_the_shape()
    {
        (double, double)[] dented = [(0, 0), (0, 4), (2, 2), (4, 4), (4, 0)];
        var hull = Contours.ConvexHull(dented);
        Assert.Equal(4, hull.Count);
        Assert.Equal(16, Math.Abs(Contours.SignedArea(hull)), 1e-9);
        Assert.Equal(12, Math.Abs(Contours.SignedArea(dented)), 1e-9);
    }

    [Fact]
    public void Random_planes_give_closed_contours_whose_areas_sum_to_the_area_inside()
    {
        var random = new Random(3);
        for (var round = 0; round < 50; round++)
        {
            var plane = new float[15 * 17];
            for (var n = 0; n < plane.Length; n++)
                plane[n] = random.NextSingle();
            var contours = Contours.At(plane, 15, 17);
            var crossed = 0;
            float At(int r, int c) => r is >= 0 and < 15 && c is >= 0 and < 17 ? plane[(r * 17) + c] : 0;
            for (var r = -1; r < 15; r++)
            {
                for (var c = -1; c < 17; c++)
                    crossed += ((At(r, c) >= 0.5f) != (At(r, c + 1) >= 0.5f) ? 1 : 0) + ((At(r, c) >= 0.5f) != (At(r + 1, c) >= 0.5f) ? 1 : 0);
            }
            Assert.Equal(crossed, contours.Sum(c => c.Count));
        }
    }
}
