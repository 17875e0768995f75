namespace SoftSeg.SegEngine.Tests.Volumes;

public sealed class ResamplerTests
{
    [Theory]
    [InlineData(0.6, 2.0)]
    [InlineData(1.0, 1.7)]
    [InlineData(0.3, 4.0)]
    [InlineData(2.5, 5.0)]
    public void A_share_is_conserved_by_area_averaging(double from, double to)
    {
        var ball = Ball(40, from, radius: 0.3 * 40 * from);
        var coarse = Resampler.ToSpacing(ball, to, to, to);
        var before = ball.Voxels.Sum(v => (double)v) * ball.Affine.VoxelVolume;
        var after = coarse.Voxels.Sum(v => (double)v) * coarse.Affine.VoxelVolume;
        Assert.Equal(1, after / before, 1e-5);
        Assert.All(coarse.Voxels, v => Assert.InRange(v, 0, 1.00001f));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.8)]
    [InlineData(1.3)]
    [InlineData(4)]
    public void A_ramp_keeps_its_place_in_the_patient_whatever_the_spacing(double spacing)
    {
        var affine = Phantom.Turned(2, 1, 0.7, 10, 20, 30, new Vector3(3, -4, 5));
        var volume = new Volume(new float[20 * 24 * 30], 20, 24, 30, affine);
        Fill(volume, p => (float)(p.X + (2 * p.Y) - p.Z));
        var other = Resampler.ToSpacing(volume, spacing, spacing, spacing);
        var margin = (int)Math.Ceiling(2.5 / spacing) + 1;
        // A voxel is a box of one value: where its box is cut by a wider sample, the ramp within it is lost (at most 1/12 voxel).
        double Loss(Vector3 step) => spacing > step.Length ? Math.Abs(step.X + (2 * step.Y) - step.Z) / 12 : 0;
        var tolerance = 1e-3 + Loss(affine.SliceStep) + Loss(affine.RowStep) + Loss(affine.ColumnStep);
        var compared = 0;
        for (var s = margin; s < other.Slices - margin; s++)
        {
            for (var r = margin; r < other.Rows - margin; r++)
            {
                for (var c = margin; c < other.Columns - margin; c++, compared++)
                {
                    var p = other.Affine.ToPatient(s, r, c);
                    Assert.Equal(p.X + (2 * p.Y) - p.Z, other[s, r, c], tolerance);
                }
            }
        }
        Assert.True(compared > 0);
    }

    [Fact]
    public void The_field_of_view_stays_centred()
    {
        var volume = Phantom.Asymmetric(10, 11, 13, Phantom.Turned(2, 1, 0.7, 10, 20, 30, new Vector3(3, -4, 5)));
        var other = Resampler.ToSpacing(volume, 3.3, 0.6, 1.1);
        var centre = volume.Affine.ToPatient(4.5, 5, 6);
        var otherCentre = other.Affine.ToPatient((other.Slices - 1) / 2.0, (other.Rows - 1) / 2.0, (other.Columns - 1) / 2.0);
        Assert.True((centre - otherCentre).Length < 1e-9);
        Assert.Equal((3.3, 0.6, 1.1), (Math.Round(other.Affine.Spacing.Slice, 9), Math.Round(other.Affine.Spacing.Row, 9), Math.Round(other.Affine.Spacing.Column, 9)));
    }

    [Fact]
    public void The_same_spacing_changes_nothing()
    {
        var volume = Phantom.Asymmetric(3, 4, 5, Phantom.Spaced(3, 0.5, 0.5));
        Assert.Equal(volume.Voxels, Resampler.ToSpacing(volume, 3, 0.5, 0.5).Voxels);
    }

    [Fact]
    public void A_share_that_goes_to_another_grid_and_back_keeps_its_volume()
    {
        var ball = Ball(40, 1, radius: 9);
        var sampling = VolumeSampling.Cover(ball, 1.3, 0.6, 0.6);
        var fine = Resampler.Resample(ball, sampling);
        var back = Resampler.Resample(fine, sampling.Inverse(ball));
        Assert.Equal((ball.Slices, ball.Rows, ball.Columns), (back.Slices, back.Rows, back.Columns));
        Assert.True((ball.Affine.Origin - back.Affine.Origin).Length < 1e-9);
        Assert.Equal(1, back.Voxels.Sum(v => (double)v) / ball.Voxels.Sum(v => (double)v), 2e-3);
    }

    [Theory]
    [InlineData(30, 0.9, -13.37, 0.6)]
    [InlineData(31, 0.35, 100.2, 0.6)]
    [InlineData(9, 1, 0.5, 2)]
    [InlineData(1, 1, 1, 2)]
    [InlineData(12, 0.5, 0.1, 0.6)]
    public void Anchored_samples_cover_the_axis_at_multiples_of_their_spacing(int count, double voxel, double origin, double spacing)
    {
        var sampling = AxisSampling.Anchored(count, voxel, origin, spacing);
        double Place(double k) => origin + (sampling.ToSource(k) * voxel);
        for (var k = 0; k < sampling.Count; k++)
            Assert.Equal(Math.Round(Place(k) / spacing) * spacing, Place(k), 1e-9);
        var (begin, end) = (origin - (0.5 * voxel), origin + ((count - 0.5) * voxel));
        Assert.InRange(begin, Place(-0.5) - 1e-9, Place(0.5));
        Assert.InRange(end, Place(sampling.Count - 1.5), Place(sampling.Count - 0.5) + 1e-9);
    }

    [Fact]
    public void Anchored_samples_take_voxels_of_their_own_spacing_as_they_are()
    {
        Assert.Equal(AxisSampling.Identity(30), AxisSampling.Anchored(30, 0.6, 0.17, 0.6));
    }

    [Fact]
    public void Anchored_samples_of_a_sheared_grid_stay_where_they_are_when_it_is_cut()
    {
        var volume = new Volume(new float[20 * 30 * 30], 20, 30, 30, new Affine(new(7, -3, 5), new(0.4, 0.3, 3), new(0.1, 0.9, 0.05), new(0.8, 0.2, 0)));
        var whole = VolumeSampling.Anchored(volume, 3, 0.6, 0.6).Place(volume.Affine);
        var part = volume.Part(3, 15, 5, 20, 9, 20);
        var (slice, row, column) = whole.ToIndex(VolumeSampling.Anchored(part, 3, 0.6, 0.6).Place(part.Affine).Origin);
        Assert.Equal((Math.Round(row), Math.Round(column)), (Math.Round(row, 9), Math.Round(column, 9)));
    }

    [Fact]
    public void One_slice_resampled_in_its_plane_equals_the_volume_resampled()
    {
        var volume = Ball(30, 0.9, 8);
        var sampling = VolumeSampling.Cover(volume, 0.9, 0.6, 2);
        var whole = Resampler.Resample(volume, sampling);
        var slice = Resampler.ResampleSlice(volume.Slice(14), 30, 30, sampling.Row, sampling.Column);
        Assert.Equal(whole.Slice(14).ToArray(), slice);
        var part = Resampler.ResampleSlice(volume.Slice(14), 30, 30, sampling.Row.Part(7, 5), sampling.Column.Part(2, 3));
        for (var r = 0; r < 5; r++)
        {
            for (var c = 0; c < 3; c++)
                Assert.Equal(whole[14, r + 7, c + 2], part[(r * 3) + c], 1e-5f);
        }
    }

    [Fact]
    public void Trilinear_sampling_finds_every_voxel_on_an_oblique_grid_and_nothing_outside()
    {
        var volume = Phantom.Asymmetric(4, 5, 6, Phantom.Turned(3, 1, 2, 33, -12, 71, new Vector3(9, 9, -9)));
        for (var n = 0; n < volume.Voxels.Length; n++)
        {
            var point = volume.Affine.ToPatient(n / 30, n / 6 % 5, n % 6);
            Assert.Equal(volume.Voxels[n], Resampler.Sample(volume, point), 1e-3);
        }
        Assert.Equal((volume[1, 2, 3] + volume[2, 2, 3]) / 2, Resampler.SampleIndex(volume, 1.5, 2, 3), 1e-4);
        Assert.Equal(volume[0, 0, 0], Resampler.SampleIndex(volume, -0.4, -0.4, -0.4));
        Assert.Equal(-7, Resampler.SampleIndex(volume, -0.6, 0, 0, outside: -7));
        Assert.Equal(-7, Resampler.SampleIndex(volume, 0, 0, 5.6, outside: -7));
    }

    [Fact]
    public void A_grid_of_one_slice_is_resampled_without_reading_past_its_end()
    {
        var volume = Phantom.Asymmetric(1, 4, 4, Phantom.Spaced(5, 1, 1));
        var other = Resampler.ToSpacing(volume, 1, 0.5, 2);
        Assert.Equal((5, 8, 2), (other.Slices, other.Rows, other.Columns));
        Assert.Equal(other.Slice(0).ToArray(), other.Slice(4).ToArray());
    }

    static Volume Ball(int side, double spacing, double radius)
    {
        var volume = new Volume(new float[side * side * side], side, side, side, Phantom.Spaced(spacing, spacing, spacing));
        var centre = volume.Affine.ToPatient((side - 1) / 2.0, (side - 1) / 2.0, (side - 1) / 2.0);
        Fill(volume, p => (float)Math.Clamp((radius - (p - centre).Length) / spacing + 0.5, 0, 1));
        return volume;
    }

    static void Fill(Volume volume, Func<Vector3, float> value)
    {
        for (var s = 0; s < volume.Slices; s++)
        {
            for (var r = 0; r < volume.Rows; r++)
            {
                for (var c = 0; c < volume.Columns; c++)
                    volume[s, r, c] = value(volume.Affine.ToPatient(s, r, c));
            }
        }
    }
}
