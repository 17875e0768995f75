namespace SoftSeg.SegEngine.Tests.Volumes;

public sealed class UprightGridTests
{
    [Theory]
    [InlineData(4, 0, 0, 19)]
    [InlineData(4, 40, 0, 0)]
    [InlineData(1, 0, 0, 36)]
    public void Slices_that_are_nearly_upright_within_their_planes_or_thin_stay(double slice, double aboutX, double aboutY, double aboutZ) =>
        Assert.Null(UprightGrid.Of(Phantom.Asymmetric(5, 6, 7, Phantom.Turned(slice, 1, 1, aboutX, aboutY, aboutZ)), out _));

    [Theory]
    [InlineData(0, 0, 35)]
    [InlineData(0, 0, -44)]
    [InlineData(25, -10, 30)]
    public void Thick_slices_are_turned_within_their_planes_and_every_pixel_is_at_its_place(double aboutX, double aboutY, double aboutZ)
    {
        var volume = new Volume(new float[6 * 30 * 40], 6, 30, 40, Phantom.Turned(4, 0.7, 0.8, aboutX, aboutY, aboutZ, new Vector3(3, -40, 17)));
        // Within a slice a slope, which is interpolated without error; a mix of two slices would show.
        static double Value(double slice, Vector3 at) => 1000 * (slice + 1) + at.X + (2 * at.Y);
        for (var n = 0; n < volume.Voxels.Length; n++)
            volume.Voxels[n] = (float)Value(n / (30 * 40), volume.Affine.ToPatient(n / (30 * 40), n / 40 % 30, n % 40));

        var upright = UprightGrid.Of(volume, out var turn)!;
        Assert.Equal(Math.Abs(aboutZ), turn, aboutX == 0 ? 1e-6 : 5);
        Assert.Equal(volume.Slices, upright.Slices);
        Assert.Equal(volume.Affine.SliceStep, upright.Affine.SliceStep);
        Assert.Equal(0.7, upright.Affine.Spacing.Row, 1e-9);
        Assert.Equal(0.7, upright.Affine.Spacing.Column, 1e-9);
        Assert.Equal(upright.Affine.RowStep.X, upright.Affine.ColumnStep.Y, 1e-9); // as near to the patient's axes as a turn can bring them
        var seen = 0;
        for (var n = 0; n < upright.Voxels.Length; n++)
        {
            var at = upright.Affine.ToPatient(n / (upright.Rows * upright.Columns), n / upright.Columns % upright.Rows, n % upright.Columns);
            var (s, r, c) = volume.Affine.ToIndex(at);
            Assert.Equal(Math.Round(s), s, 1e-9);
            if (r is < 0 or > 29 || c is < 0 or > 39)
                continue;
            seen++;
            Assert.Equal(Value(s, at), upright.Voxels[n], 1e-2);
        }
        Assert.InRange(seen, 6 * 29 * 39 * (0.8 / 0.7) * 0.97, 6 * 30 * 40 * (0.8 / 0.7));
        foreach (var (r, c) in new[] { (0, 0), (29, 0), (0, 39), (29, 39) })
        {
            var (_, row, column) = upright.Affine.ToIndex(volume.Affine.ToPatient(3, r, c));
            Assert.True(row > -0.5 && row < upright.Rows - 0.5 && column > -0.5 && column < upright.Columns - 0.5);
        }
    }
}
