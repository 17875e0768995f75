using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Tests.Data;

public sealed class TransformTests
{
    const int Size = 96;

    /// <summary>A disc of 10 pixels radius at (row 40, column 60) with soft borders.</summary>
    static float[] Disc(double row = 40, double column = 60, double radius = 10)
    {
        var plane = new float[Size * Size];
        for (var i = 0; i < plane.Length; i++)
            plane[i] = (float)Math.Clamp(0.5 + radius - Math.Sqrt(Math.Pow((i / Size) - row, 2) + Math.Pow((i % Size) - column, 2)), 0, 1);
        return plane;
    }

    static (double Row, double Column) Centroid(ReadOnlySpan<float> plane)
    {
        double sum = 0, row = 0, column = 0;
        for (var i = 0; i < plane.Length; i++)
            (sum, row, column) = (sum + plane[i], row + (plane[i] * (i / Size)), column + (plane[i] * (i % Size)));
        return (row / sum, column / sum);
    }

    static float[] Warped(float[] plane, PlaneAffine affine, int seed, float elastic)
    {
        var warp = new PlaneWarp(Size, 1);
        warp.Fill(affine, new Random(seed), elastic);
        var result = new float[plane.Length];
        warp.Sample(plane, Size, Size, 1, 1, (Size - 1) / 2f, (Size - 1) / 2f, result);
        return result;
    }

    [Theory]
    [InlineData(90, 1, false, 60, 55)] // (row 40, column 60) is 7.5 above and 12.5 right of the middle (47.5, 47.5)
    [InlineData(0, 1, true, 40, 35)]
    [InlineData(0, 1.5, false, 36.25, 66.25)]
    public void Rotation_scale_and_flip_move_the_content_where_they_say(double degrees, double scale, bool flip, double row, double column)
    {
        var (r, c) = Centroid(Warped(Disc(radius: 6), PlaneAffine.From(degrees, scale, scale, 0, flip, false), 1, 0));
        Assert.Equal(row, r, 0.05);
        Assert.Equal(column, c, 0.05);
    }

    [Fact]
    public void The_area_changes_by_the_transforms_own_factor()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var affine = PlaneAffine.Draw(new Random(seed));
            var disc = Disc(47, 48);
            Assert.InRange(Phantoms.Area(Warped(disc, affine, seed, 0)) / Phantoms.Area(disc) / affine.AreaFactor, 0.99, 1.01);
            Assert.InRange(affine.AreaFactor, 0.6, 1.7);
        }
    }

    [Fact]
    public void Image_and_truth_move_together_under_every_spatial_transform()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            var disc = Disc(45, 50);
            var warp = new PlaneWarp(Size, 1);
            warp.Fill(PlaneAffine.Draw(random), random, 3);
            float[] image = new float[disc.Length], share = new float[disc.Length];
            var bright = disc.Select(v => 100 + (50 * v)).ToArray();
            warp.Sample(bright, Size, Size, 1, 1, 47.5f, 47.5f, image);
            warp.Sample(disc, Size, Size, 1, 1, 47.5f, 47.5f, share);
            float[] scratch = new float[2 * (Size + 1) * (Size + 1)], acquired = new float[(Size + 1) * (Size + 1)];
            var acquisition = new Acquisition(1, 1, (2.5f, -3f), 0, 0, false, 0, 0, false);
            acquisition.Apply(random, image, share, Size, scratch, acquired);
            for (var i = 0; i < image.Length; i++)
                Assert.Equal(share[i], (image[i] - 100) / 50, 1e-3f);
            Assert.True(share.Max() > 0.5);

            // Large pixels blur the image where it is; the truth stays as fine as it was.
            var before = share.ToArray();
            (acquisition with { RowFactor = 1.7f, ColumnFactor = 3.1f, Smear = (0, 0) }).Apply(random, image, share, Size, scratch, acquired);
            Assert.Equal(before, share);
            var measured = image.Select(v => (v - 100) / 50).ToArray();
            Assert.InRange(measured.Sum() / share.Sum(), 0.97, 1.03);
            Assert.InRange(Middle(measured).Row - Middle(share).Row, -0.3, 0.3);
            Assert.InRange(Middle(measured).Column - Middle(share).Column, -0.3, 0.3);
        }

        static (double Row, double Column) Middle(float[] plane)
        {
            var (sum, row, column) = (0.0, 0.0, 0.0);
            for (var i = 0; i < plane.Length; i++)
                (sum, row, column) = (sum + plane[i], row + (plane[i] * (i / Size)), column + (plane[i] * (i % Size)));
            return (row / sum, column / sum);
        }
    }

    [Fact]
    public void Elastic_displacement_bends_smoothly()
    {
        var warp = new PlaneWarp(Size, 0.6f);
        warp.Fill(PlaneAffine.Identity, new Random(5), 2);
        double largest = 0, roughest = 0;
        for (var row = 0; row < Size; row++)
        {
            for (var column = 1; column < Size; column++)
            {
                var at = (row * Size) + column;
                largest = Math.Max(largest, Math.Abs(warp.X[at] - ((column - 47.5) * 0.6)));
                roughest = Math.Max(roughest, Math.Abs(warp.X[at] - warp.X[at - 1] - 0.6));
            }
        }
        Assert.InRange(largest, 0.8, 5);
        Assert.True(roughest < 0.4, $"neighbours differ by {roughest:0.00} mm from their spacing");
    }

    [Theory]
    [InlineData(1, 3.7f)]
    [InlineData(2.3f, 1)]
    [InlineData(1.8f, 5)]
    public void Thick_pixels_keep_the_area_and_lose_the_detail(float rowFactor, float columnFactor)
    {
        var plane = Disc();
        var (down, up) = (new float[2 * (Size + 1) * (Size + 1)], new float[plane.Length]);
        var scratch = new float[2 * (Size + 1) * (Size + 1)];
        foreach (var phase in new[] { 0, 0.3f, 0.9f })
        {
            var (rows, columns) = ResolutionTransforms.AverageDown(plane, Size, rowFactor, columnFactor, phase, phase, scratch, down);
            ResolutionTransforms.LinearUp(down, rows, columns, Size, rowFactor, columnFactor, phase, phase, scratch, up);
            Assert.InRange(Phantoms.Area(up) / Phantoms.Area(plane), 0.99, 1.01);
            var (row, column) = Centroid(up);
            Assert.Equal(40, row, 0.05);
            Assert.Equal(60, column, 0.05);
            Assert.True(up.Count(v => v is > 0.05f and < 0.95f) > 1.3 * plane.Count(v => v is > 0.05f and < 0.95f));
        }
    }

    [Fact]
    public void A_thick_slice_smears_along_the_cords_slope_only()
    {
        var plane = Disc();
        ResolutionTransforms.DirectionalBlur(plane, Size, 8, 0, new float[plane.Length]);
        Assert.InRange(Phantoms.Area(plane) / Phantoms.Area(Disc()), 0.995, 1.005);
        Assert.True(plane[(52 * Size) + 60] > 0.1 && plane[(40 * Size) + 72] < 0.01);
    }

    [Fact]
    public void Blur_widens_a_point_by_its_sigma()
    {
        var plane = new float[Size * Size];
        plane[(48 * Size) + 48] = 1;
        ResolutionTransforms.GaussianBlur(plane, Size, Size, 2, new float[plane.Length]);
        var variance = 0.0;
        for (var i = 0; i < plane.Length; i++)
            variance += plane[i] * Math.Pow((i % Size) - 48, 2);
        Assert.Equal(1, Phantoms.Area(plane), 1e-3);
        Assert.InRange(variance, 3.4, 4.1);
        var flat = Enumerable.Repeat(7f, Size * Size).ToArray();
        ResolutionTransforms.GaussianBlur(flat, Size, Size, 3, new float[flat.Length]);
        Assert.All(flat, v => Assert.Equal(7, v, 1e-3f));
    }

    [Fact]
    public void Gamma_is_a_power()
    {
        float[] values = [0, 0.001f, 0.01f, 0.25f, 0.5f, 1, 1.3f, -0.2f];
        var image = (float[])values.Clone();
        IntensityTransforms.Gamma(image, 0.6f);
        for (var i = 0; i < values.Length; i++)
            Assert.Equal(MathF.CopySign(MathF.Pow(Math.Abs(values[i]), 0.6f), values[i]), image[i], 1e-4f);
    }

    [Fact]
    public void A_monotone_remap_keeps_the_order_and_the_other_does_not()
    {
        var ramp = Enumerable.Range(0, 200).Select(i => i / 199f).ToArray();
        var broken = 0;
        for (var seed = 0; seed < 20; seed++)
        {
            var monotone = (float[])ramp.Clone();
            IntensityTransforms.Remap(monotone, new Random(seed), monotone: true);
            Assert.Equal(monotone.Order(), monotone);
            Assert.NotEqual(ramp, monotone);
            var free = (float[])ramp.Clone();
            IntensityTransforms.Remap(free, new Random(seed), monotone: false);
            broken += free.Order().SequenceEqual(free) ? 0 : 1;
        }
        Assert.True(broken >= 18);
    }

    [Fact]
    public void Recolouring_sets_cord_and_ring_and_leaves_the_rest()
    {
        var share = Disc();
        var distance = DistanceMap.FromShare(share, Size, Size, 1, 1, 12);
        var image = share.Select((s, i) => 0.5f + (0.2f * s) + (0.01f * (i % 3))).ToArray();
        var before = (float[])image.Clone();
        IntensityTransforms.Recolour(image, share, distance, 0.1f, 1, 0.9f, 4, 1);
        Assert.Equal(0.1f, image[(40 * Size) + 60], 0.03f);
        Assert.Equal(0.9f, image[(40 * Size) + 72], 0.02f);
        Assert.Equal(before[(40 * Size) + 90], image[(40 * Size) + 90]);
    }

    [Fact]
    public void A_bias_field_is_smooth_and_positive()
    {
        var image = Enumerable.Repeat(1f, Size * Size).ToArray();
        IntensityTransforms.BiasField(image, Size, new Random(3), 0.5f);
        Assert.True(image.Max() / image.Min() > 1.3);
        for (var i = 1; i < image.Length; i++)
        {
            Assert.True(image[i] > 0);
            if (i % Size > 0)
                Assert.InRange(image[i] / image[i - 1], 0.93f, 1.07f);
        }
        // A second-order polynomial: the third difference of its logarithm is 0.
        for (var c = 3; c < Size; c++)
            Assert.Equal(0, MathF.Log(image[c]) - (3 * MathF.Log(image[c - 1])) + (3 * MathF.Log(image[c - 2])) - MathF.Log(image[c - 3]), 1e-4f);
    }

    [Fact]
    public void A_ghost_is_a_weak_copy_elsewhere()
    {
        var image = Disc();
        IntensityTransforms.Ghost(image, Size, Size, alongRows: true, 3, 0.2f, new float[Size * Size]);
        Assert.Equal(0.8f, image[(40 * Size) + 60], 1e-4f);
        Assert.Equal(0.2f, image[(8 * Size) + 60], 1e-4f);
        Assert.Equal(0, image[(72 * Size) + 60], 1e-4f);
    }

    [Fact]
    public void Rician_noise_raises_air_to_its_own_mean_and_leaves_strong_signal_unbiased()
    {
        var air = new float[40000];
        NoiseTable.AddRician(new Random(1), air, 0.1f);
        Assert.Equal(0.1 * Math.Sqrt(Math.PI / 2), air.Average(), 0.002);
        var signal = Enumerable.Repeat(2f, 40000).ToArray();
        NoiseTable.AddRician(new Random(1), signal, 0.1f);
        Assert.Equal(2.0025, signal.Average(), 0.002);
    }

    [Fact]
    public void Sharpening_overshoots_at_a_border_and_keeps_flat_places()
    {
        var image = Disc();
        IntensityTransforms.Sharpen(image, Size, Size, 1, new float[2 * Size * Size]);
        Assert.Equal(1, image[(40 * Size) + 60], 1e-3f);
        Assert.True(image.Max() > 1.1 && image.Min() < -0.1);
        Assert.InRange(Phantoms.Area(image) / Phantoms.Area(Disc()), 0.99, 1.01);
    }

    [Fact]
    public void A_spike_is_one_wave_of_its_amplitude()
    {
        var image = new float[Size * Size];
        IntensityTransforms.Stripes(image, Size, 0.5f, 0.25f, 0.1f);
        Assert.Equal(0.1f, image[0]);
        Assert.Equal(0.1f * MathF.Cos((0.5f * 7) + (0.25f * 9)), image[(7 * Size) + 9], 1e-6f);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Wrap_lays_one_side_over_the_other_and_leaves_the_middle(bool alongRows, bool atStart)
    {
        var image = Enumerable.Range(0, Size * Size).Select(n => (float)n).ToArray();
        var before = (float[])image.Clone();
        Artefacts.Wrap(image, Size, alongRows, 20, atStart, 0.5f, new float[Size * Size]);
        int At(int along, int across) => alongRows ? (along * Size) + across : (across * Size) + along;
        var (to, from) = atStart ? (3, Size - 17) : (Size - 17, 3);
        Assert.Equal(before[At(to, 40)] + (0.5f * before[At(from, 40)]), image[At(to, 40)], 1e-2f);
        for (var along = 20; along < Size - 20; along++)
            Assert.Equal(before[At(along, 40)], image[At(along, 40)]);
        Assert.Equal(before[At(from, 40)], image[At(from, 40)]);
    }

    [Fact]
    public void Motion_is_a_weaker_second_picture_beside_the_first()
    {
        var image = Disc();
        Artefacts.Move(image, Size, 30, 0, 0.25f, new float[Size * Size]);
        Assert.Equal(0.75f, image[(40 * Size) + 60], 1e-4f);
        Assert.Equal(0.25f, image[(70 * Size) + 60], 1e-4f);
        Assert.Equal(1, Phantoms.Area(image) / Phantoms.Area(Disc()), 0.01);
    }

    [Fact]
    public void Metal_takes_the_signal_of_a_disc_to_its_rim()
    {
        var image = Enumerable.Repeat(0.5f, Size * Size).ToArray();
        Artefacts.Void(image, Size, 50, 40, 8, 0.9f);
        Assert.Equal(0, image[(50 * Size) + 40], 1e-3f);
        Assert.True(image[(60 * Size) + 40] > 1.2f, "the rim is bright");
        Assert.Equal(0.5f, image[(50 * Size) + 60]);
    }

    [Fact]
    public void No_artefact_hides_the_cord_and_all_change_the_image()
    {
        var share = Disc();
        for (var seed = 0; seed < 200; seed++)
        {
            var image = Enumerable.Range(0, Size * Size).Select(n => 0.5f + (0.2f * share[n]) + (0.1f * MathF.Sin(n / 7f))).ToArray();
            var before = (float[])image.Clone();
            Artefacts.Draw(new Random(seed), image, share, Size, 0.6f, new float[Size * Size]);
            Assert.All(image, value => Assert.True(float.IsFinite(value)));
            for (var n = 0; n < image.Length; n++)
            {
                if (share[n] == 1)
                    Assert.True(image[n] > 0.3f, $"seed {seed}: the cord's signal is gone");
            }
            Assert.False(before.SequenceEqual(image), $"seed {seed} changed nothing");
        }
    }
}
