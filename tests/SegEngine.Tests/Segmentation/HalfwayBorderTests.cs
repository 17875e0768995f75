namespace SoftSeg.SegEngine.Tests;

public class HalfwayBorderTests
{
    const int Slices = 9;
    const int Side = 64;

    static readonly Affine Fine = new(Vector3.Zero, new(0, 0, 4), new(0, 0.6, 0), new(0.6, 0, 0));

    [Theory]
    [InlineData(-0.15, 1000, 300, 0.3)] // drawn too small, cord brighter
    [InlineData(0.15, 200, 1000, 0.3)] // drawn too large, cord darker
    [InlineData(0.1, 1000, 300, 0.6)] // more blur
    [InlineData(0, 0.02, 0.01, 0.45)] // where it belongs, in another unit
    public void The_border_comes_to_where_the_image_has_it(double outside, double cord, double around, double blur)
    {
        var share = Ellipse(6, 4, outside, 0.35);
        var image = Image(6, 4, cord, around, blur);
        var before = Area(share, 4);
        var shifts = new HalfwayBorder(0).Move(share, slice => image, new(0.6, 0.6));
        var (after, truth) = (Area(share, 4), Math.PI * 6 * 4);
        Assert.InRange(after / truth, 0.99, 1.01);
        Assert.All(shifts, shift => Assert.InRange(shift, -outside - 0.04, -outside + 0.04));
        if (outside != 0)
            Assert.True(Math.Abs(before - truth) > 3 * Math.Abs(after - truth), $"{before:0.0} mm2 became {after:0.0}, and {truth:0.0} are true");
        Assert.All(share.Voxels, p => Assert.InRange(p, 0, 1.000001f));
    }

    [Fact]
    public void Inside_is_so_far_inside_of_half_way()
    {
        var image = Image(6, 4, 1000, 300, 0.3);
        var (halfway, inside) = (Ellipse(6, 4, 0, 0.35), Ellipse(6, 4, 0, 0.35));
        new HalfwayBorder(0).Move(halfway, _ => image, new(0.6, 0.6));
        new HalfwayBorder(0.1).Move(inside, _ => image, new(0.6, 0.6));
        var border = Math.PI * ((3 * (6 + 4)) - Math.Sqrt(((3 * 6) + 4) * (6 + (3 * 4)))); // Ramanujan's approximation of an ellipse's perimeter
        Assert.InRange((Area(halfway, 4) - Area(inside, 4)) / border, 0.08, 0.11);
    }

    [Fact]
    public void A_border_that_the_image_does_not_show_stays_where_it_was_drawn()
    {
        var random = new Random(1);
        float[] noise = [.. Enumerable.Range(0, Side * Side).Select(_ => random.NextSingle())];
        float[] flat = [.. Enumerable.Repeat(5f, Side * Side)];
        foreach (var (image, acquired) in new[] { (noise, 0.6), (flat, 0.6), (Image(6, 4, 1000, 300, 0.3), 3.0) })
        {
            var share = Ellipse(6, 4, 0.15, 0.35);
            var before = share.Voxels.ToArray();
            Assert.All(new HalfwayBorder(0.04).Move(share, _ => image, new(acquired, acquired)), shift => Assert.Equal(0, shift));
            Assert.Equal(before, share.Voxels);
        }
    }

    /// <summary>The larger the acquired pixel, the less its half-way is trusted.</summary>
    [Theory]
    [InlineData(1.0, 1)]
    [InlineData(1.15, 0.5)]
    [InlineData(1.3, 0)]
    public void Large_pixels_leave_the_border_nearer_to_where_it_was_drawn(double acquired, double part)
    {
        var image = Image(6, 4, 1000, 300, 0.3);
        var whole = new HalfwayBorder(0).Move(Ellipse(6, 4, 0.15, 0.35), _ => image, new(0.6, 0.6))[4];
        Assert.InRange(new HalfwayBorder(0).Move(Ellipse(6, 4, 0.15, 0.35), _ => image, new(0.6, acquired))[4] / whole, part - 0.15, part + 0.05);
    }

    /// <summary>A network errs by another amount at the foot than at the head; each half alone should be moved as it is in the whole.</summary>
    [Theory]
    [InlineData(null, 0.03, 0.1)]
    [InlineData(12.0, 0, 0.03)]
    public void The_shorter_the_neighbourhood_the_less_the_other_half_of_a_scan_matters(double? neighbourhood, double least, double most)
    {
        var image = Image(6, 4, 1000, 300, 0.3);
        var (small, large) = (Ellipse(6, 4, -0.1, 0.35), Ellipse(6, 4, 0.1, 0.35));
        var whole = Stack(12, slice => slice < 6 ? small : large);
        var (border, pixel) = (new HalfwayBorder(0, neighbourhood), new AcquiredPixel(0.6, 0.6));
        var together = border.Move(whole, _ => image, pixel);
        var alone = border.Move(Stack(6, _ => small), _ => image, pixel);
        Assert.All(alone, shift => Assert.InRange(shift, 0.07, 0.12));
        Assert.InRange(alone[..5].Zip(together, (a, b) => Math.Abs(a - b)).Average(), least, most);

        static Volume Stack(int slices, Func<int, Volume> of) =>
            new([.. Enumerable.Range(0, slices).SelectMany(slice => of(slice).Slice(0).ToArray())], slices, Side, Side, Fine);
    }

    [Fact]
    public void Where_it_touches_something_else_the_rest_of_the_border_decides()
    {
        // The lower quarter of the surroundings is as bright as the cord, as where it lies on the wall of its canal.
        var image = Image(6, 4, 1000, 300, 0.3);
        for (var n = 0; n < image.Length; n++)
            image[n] = (n / Side) - 31.5 > 0.75 * 4 / 0.6 ? 1000 : image[n];
        var share = Ellipse(6, 4, -0.15, 0.35);
        Assert.All(new HalfwayBorder(0).Move(share, _ => image, new(0.6, 0.6)), shift => Assert.InRange(shift, 0.1, 0.2));
    }

    /// <summary>MT off: CSF a little darker than the cord, the wall of the canal much darker and 1.4 mm away in front and behind.</summary>
    [Fact]
    public void A_wall_close_by_does_not_pass_for_what_surrounds_the_cord()
    {
        var (cord, canal) = (Image(6, 4, 140, 0, 0.4), Image(10, 5.4, 360, 0, 0.4));
        float[] image = [.. cord.Zip(canal, (inner, outer) => 100 + inner + outer)];
        foreach (var outside in new[] { -0.1, 0, 0.1 })
            Assert.All(new HalfwayBorder(0).Move(Ellipse(6, 4, outside, 0.4), _ => image, new(0.6, 0.6)), shift => Assert.InRange(shift, -outside - 0.05, -outside + 0.05));
    }

    [Fact]
    public void A_slice_is_moved_by_its_neighbourhood_and_by_nothing_farther_away()
    {
        // 60 slices of 4 mm; the drawn border is too small in the lower half and too large in the upper one.
        var (image, share) = (Image(6, 4, 1000, 300, 0.3), Long(60));
        var whole = new HalfwayBorder(0).Move(share, _ => image, new(0.6, 0.6));
        Assert.InRange(whole[5], 0.11, 0.19);
        Assert.InRange(whole[54], -0.19, -0.11);
        var lower = new Volume(Long(60).Voxels[..(30 * Side * Side)], 30, Side, Side, Fine);
        var part = new HalfwayBorder(0).Move(lower, _ => image, new(0.6, 0.6));
        // What lies two neighbourhoods away is not seen; farther on, pass by pass, it matters ever less.
        for (var slice = 0; slice < 17; slice++)
            Assert.InRange(part[slice], whole[slice] - 0.001, whole[slice] + 0.001);

        static Volume Long(int slices)
        {
            var (small, large) = (Ellipse(6, 4, -0.15, 0.35), Ellipse(6, 4, 0.15, 0.35));
            return new([.. Enumerable.Range(0, slices).SelectMany(slice => (slice < slices / 2 ? small : large).Slice(0).ToArray())], slices, Side, Side, Fine);
        }
    }

    /// <summary>Shares whose border lies <paramref name="outside"/> mm outside of an ellipse's and falls with a deviation of <paramref name="blur"/> mm.</summary>
    static Volume Ellipse(double a, double b, double outside, double blur)
    {
        var plane = Image(a + outside, b + outside, 1, 0, blur);
        return new([.. Enumerable.Range(0, Slices).SelectMany(_ => plane)], Slices, Side, Side, Fine);
    }

    /// <summary>An ellipse on a slice of the fine grid: averaged over pixels, then blurred.</summary>
    static float[] Image(double a, double b, double inside, double outside, double blur)
    {
        const int fine = 5;
        const int radius = 12;
        var spacing = 0.6 / fine;
        var n = Side * fine;
        var kernel = Enumerable.Range(-radius, (2 * radius) + 1).Select(i => Math.Exp(-0.5 * Math.Pow(i * spacing / blur, 2))).ToArray();
        var sum = kernel.Sum();
        var values = new double[n, n];
        for (var row = 0; row < n; row++)
        {
            for (var column = 0; column < n; column++)
            {
                var (y, x) = ((row - ((n - 1) / 2.0)) * spacing, (column - ((n - 1) / 2.0)) * spacing);
                values[row, column] = (x * x / (a * a)) + (y * y / (b * b)) <= 1 ? inside : outside;
            }
        }
        var across = new double[n, n];
        var result = new float[Side * Side];
        for (var row = 0; row < n; row++)
        {
            for (var column = 0; column < n; column++)
            {
                for (var i = -radius; i <= radius; i++)
                    across[row, column] += kernel[i + radius] / sum * values[row, Math.Clamp(column + i, 0, n - 1)];
            }
        }
        for (var row = 0; row < n; row++)
        {
            for (var column = 0; column < n; column++)
            {
                for (var i = -radius; i <= radius; i++)
                    result[(row / fine * Side) + (column / fine)] += (float)(kernel[i + radius] / sum * across[Math.Clamp(row + i, 0, n - 1), column] / (fine * fine));
            }
        }
        return result;
    }

    static double Area(Volume share, int slice) => share.Slice(slice).ToArray().Sum(p => (double)p) * 0.36;
}
