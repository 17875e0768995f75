namespace SoftSeg.SegEngine.Tests.Preprocessing;

public sealed class PreprocessingTests
{
    [Fact]
    public void The_locator_grid_covers_the_field_of_view_at_4_by_2_by_2_mm_with_mean_0_and_deviation_1()
    {
        var image = LocatorInput.Prepare(Textured(50, 61, 40, Phantom.Spaced(3, 0.8, 1)));
        Assert.Equal((38, 25, 20), (image.Slices, image.Rows, image.Columns));
        Assert.Equal(0, image.Voxels.Average(), 1e-4);
        Assert.Equal(1, image.Voxels.Average(v => v * v), 1e-3);
        Assert.Equal((40, 32, 24), (LocatorInput.PaddedSide(38), LocatorInput.PaddedSide(25), LocatorInput.PaddedSide(20)));
    }

    [Fact]
    public void The_unit_of_the_scanner_does_not_reach_the_networks()
    {
        var volume = Textured(6, 90, 80, Phantom.Spaced(4, 0.7, 0.7));
        var other = volume.With([.. volume.Voxels.Select(v => (v * 37) + 1000)]);
        Close(LocatorInput.Prepare(volume).Voxels, LocatorInput.Prepare(other).Voxels, 1e-3f);
        Close(new FineInput(volume).Slice(3), new FineInput(other).Slice(3), 5e-3f);
    }

    [Fact]
    public void Preparing_leaves_the_volume_as_it_was()
    {
        var volume = Textured(6, 20, 20, Phantom.Spaced(4, 2, 2));
        var before = volume.Voxels.ToArray();
        LocatorInput.Prepare(volume);
        new FineInput(volume).Slice(0);
        Assert.Equal(before, volume.Voxels);
    }

    [Theory]
    [InlineData(-30, 20)]
    [InlineData(0, 0)]
    [InlineData(57, 33)]
    [InlineData(140, 100)]
    [InlineData(400, 0)]
    public void A_tile_holds_the_pixels_of_the_whole_slice_wherever_it_is_cut(int firstRow, int firstColumn)
    {
        var input = new FineInput(Textured(3, 150, 140, Phantom.Spaced(3, 0.9, 0.8)));
        var slice = input.Slice(1);
        var tile = new float[96 * 96];
        input.CutTile(1, firstRow, firstColumn, 96, 96, tile);
        for (var r = 0; r < 96; r++)
        {
            for (var c = 0; c < 96; c++)
            {
                var (row, column) = (firstRow + r, firstColumn + c);
                var inside = row >= 0 && row < input.Rows && column >= 0 && column < input.Columns;
                Assert.Equal(inside ? slice[(row * input.Columns) + column] : 0, tile[(r * 96) + c], 1e-4f);
            }
        }
    }

    [Fact]
    public void A_smaller_field_of_view_changes_nothing_beyond_the_reach_of_the_window()
    {
        var volume = Textured(2, 300, 300, Phantom.Spaced(3, 0.6, 0.6));
        var cropped = volume.Part(0, 2, 40, 220, 40, 220);
        var whole = new float[100 * 100];
        var part = new float[100 * 100];
        // The floor comes from the whole volume's range; texture this strong never reaches it.
        new FineInput(volume).CutTile(1, 100, 100, 100, 100, whole);
        new FineInput(cropped).CutTile(1, 60, 60, 100, 100, part);
        Close(whole, part, 1e-4f);
    }

    [Theory]
    [InlineData(0.8, 1, 40, 37)]
    [InlineData(0.5, 3, 33, 50)]
    [InlineData(0.6, 3, 41, 43)]
    public void Two_fields_of_view_of_one_scan_share_every_pixel(double pixel, double slice, int cutRows, int cutColumns)
    {
        var volume = Textured(9, 300, 300, Phantom.Turned(slice, pixel, pixel, 10, 20, 5, new Vector3(3.3, -40.7, 12.9)));
        var cropped = volume.Part(1, 7, cutRows, 300 - cutRows - 10, cutColumns, 300 - cutColumns - 20);
        var (whole, part) = (new FineInput(volume), new FineInput(cropped));
        var (wholeGrid, partGrid) = (whole.Sampling.Place(volume.Affine), part.Sampling.Place(cropped.Affine));
        var (s0, r0, c0) = wholeGrid.ToIndex(partGrid.ToPatient(2, 0, 0));
        Assert.Equal((Math.Round(s0), Math.Round(r0), Math.Round(c0)), (Math.Round(s0, 9), Math.Round(r0, 9), Math.Round(c0, 9)));
        // Tiles begin at the same places in the patient, too.
        Assert.Equal((0, 0), ((whole.RowPhase + (int)Math.Round(r0) - part.RowPhase) % 8, (whole.ColumnPhase + (int)Math.Round(c0) - part.ColumnPhase) % 8));
        var (one, other) = (new float[64 * 64], new float[64 * 64]);
        whole.CutTile((int)Math.Round(s0), (int)Math.Round(r0) + 70, (int)Math.Round(c0) + 70, 64, 64, one);
        part.CutTile(2, 70, 70, 64, 64, other);
        Close(one, other, 1e-3f);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(15)]
    public void The_robust_range_of_a_large_volume_does_not_come_from_one_of_its_columns(int columns)
    {
        // As a sagittal series of 512 x 512 lies in canonical order, its outermost slice empty.
        var random = new Random(2);
        var voxels = new float[512 * 512 * columns];
        for (var n = 0; n < voxels.Length; n++)
            voxels[n] = n % columns == 0 ? 0 : 100 + (900 * random.NextSingle());
        var range = RobustRange.Of(voxels);
        Assert.Equal(0, range.Low);
        Assert.InRange(range.High, 985, 1000);
    }

    [Fact]
    public void A_spike_leaves_its_surroundings_as_they_were()
    {
        var volume = Textured(3, 200, 200, Phantom.Spaced(3, 0.6, 0.6));
        var spiked = volume.With([.. volume.Voxels]);
        spiked[1, 100, 100] = 1e30f;
        var (without, with) = (new FineInput(volume).Slice(1), new FineInput(spiked).Slice(1));
        Assert.All(with, value => Assert.True(float.IsFinite(value)));
        for (var n = 0; n < with.Length; n++)
        {
            if (n != (100 * 200) + 100)
                Assert.Equal(without[n], with[n], 0.1f);
        }
    }

    [Fact]
    public void Half_a_pixel_from_the_patient_s_origin_tiles_still_begin_at_the_same_places()
    {
        var volume = Textured(2, 320, 320, new Affine(new Vector3(-159.5 * 0.6, -159.5 * 0.6, 0), new(0, 0, 3), new(0, 0.6, 0), new(0.6, 0, 0)));
        var whole = new FineInput(volume);
        for (var cut = 1; cut < 8; cut++)
        {
            var part = new FineInput(volume.Part(0, 2, cut, 300, cut, 300));
            Assert.Equal(((whole.RowPhase + cut) % 8, (whole.ColumnPhase + cut) % 8), (part.RowPhase, part.ColumnPhase));
        }
    }

    [Fact]
    public void The_window_is_a_Gaussian_of_about_12_mm()
    {
        // On a parabola the local mean lies above the value by half the variance of the window times the curvature, along each axis.
        const int Side = 201;
        var image = new float[Side * Side];
        for (var n = 0; n < image.Length; n++)
        {
            var (y, x) = ((n / Side) - 100.0, (n % Side) - 100.0);
            image[n] = (float)(((x * x) + (y * y)) * 1e-4);
        }
        LocalNormalisation.Apply(image, Side, Side, floor: 1000);
        var sigma = Math.Sqrt(-image[(100 * Side) + 100] * 1000 / 1e-4 / 2) * FineInput.PixelSpacing;
        Assert.InRange(sigma, 11.5, 12.5);
    }

    [Fact]
    public void A_flat_volume_becomes_all_zeros_for_both_networks()
    {
        var volume = new Volume([.. Enumerable.Repeat(812f, 4 * 40 * 40)], 4, 40, 40, Phantom.Spaced(4, 1, 1));
        Assert.All(LocatorInput.Prepare(volume).Voxels, v => Assert.Equal(0, v));
        Assert.All(new FineInput(volume).Slice(2), v => Assert.Equal(0, v));
    }

    [Theory]
    [InlineData(1, 0.3, 1, 12)]
    [InlineData(1, 0.79, 1, 32)]
    [InlineData(1, 0.8, 0.8, 40)]
    [InlineData(2, 0.3, 2, 6)]
    [InlineData(2, 1, 2, 20)]
    [InlineData(2, 1.59, 2, 32)]
    [InlineData(2, 1.6, 1.6, 40)]
    [InlineData(2, 5, 5, 40)]
    public void Only_thin_slices_are_averaged(int preprocessing, double spacing, double fine, int slices)
    {
        var volume = Textured(40, 8, 8, Phantom.Spaced(spacing, 1, 1));
        var sampling = FineInput.SamplingOf(volume, preprocessing);
        Assert.Equal(slices, sampling.Slice.Count);
        Assert.Equal(fine, sampling.Place(volume.Affine).Spacing.Slice, 1e-9);
        var resampled = Resampler.Resample(volume, sampling);
        LocalNormalisation.Apply(resampled.Slice(5), resampled.Rows, resampled.Columns, FineInput.FloorOf(volume.Voxels));
        Close(resampled.Slice(5).ToArray(), new FineInput(volume, preprocessing).Slice(5), 1e-3f);
    }

    [Fact]
    public void A_tile_is_centred_on_its_centre()
    {
        Assert.Equal(52, FineInput.FirstOf(99.5, 96));
        Assert.Equal(53, FineInput.FirstOf(100.6, 96));
        Assert.Equal(-48, FineInput.FirstOf(-0.5, 96));
    }

    /// <summary>Smooth waves with noise: no two regions alike.</summary>
    static Volume Textured(int slices, int rows, int columns, Affine affine)
    {
        var random = new Random(5);
        var volume = new Volume(new float[slices * rows * columns], slices, rows, columns, affine);
        for (var n = 0; n < volume.Voxels.Length; n++)
        {
            var (r, c) = (n / columns % rows, n % columns);
            volume.Voxels[n] = (float)(500 + (200 * Math.Sin(r * 0.11)) + (150 * Math.Cos((c * 0.07) + (r * 0.02))) + (random.NextDouble() * 80));
        }
        return volume;
    }

    static void Close(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var n = 0; n < expected.Length; n++)
            Assert.Equal(expected[n], actual[n], tolerance);
    }
}
