namespace SoftSeg.SegEngine.Tests.Volumes;

public sealed class OrientationTests
{
    [Fact]
    public void Every_axis_order_of_one_volume_becomes_the_same_canonical_volume()
    {
        var canonical = Phantom.Asymmetric(3, 4, 5, Phantom.Turned(3, 0.5, 0.7, 12, -7, 20, new Vector3(-31, 8, 112)));
        var seen = new HashSet<AxisOrder>();
        foreach (var stored in Phantom.InAllAxisOrders(canonical))
        {
            var found = Orientation.ToCanonical(stored, out var order);
            Assert.True(seen.Add(order));
            Assert.Equal((3, 4, 5), (found.Slices, found.Rows, found.Columns));
            Assert.Equal(canonical.Voxels, found.Voxels);
            Assert.True((canonical.Affine.Origin - found.Affine.Origin).Length < 1e-10);
            Assert.Equal(canonical.Affine.SliceStep, found.Affine.SliceStep);
            Assert.Equal(canonical.Affine.RowStep, found.Affine.RowStep);
            Assert.Equal(canonical.Affine.ColumnStep, found.Affine.ColumnStep);
        }
        Assert.Equal(48, seen.Count);
    }

    [Fact]
    public void A_volume_returns_from_canonical_exactly_as_it_was_stored()
    {
        foreach (var stored in Phantom.InAllAxisOrders(Phantom.Asymmetric(2, 3, 4, Phantom.Turned(2, 1, 1.5, -20, 15, 5))))
        {
            var back = Orientation.FromCanonical(Orientation.ToCanonical(stored, out var order), order, stored);
            Assert.Equal(stored.Voxels, back.Voxels);
            Assert.Equal(stored.Affine, back.Affine);
            Assert.Equal((stored.Slices, stored.Rows, stored.Columns), (back.Slices, back.Rows, back.Columns));
        }
    }

    [Fact]
    public void A_voxel_stays_at_its_place_in_the_patient()
    {
        foreach (var stored in Phantom.InAllAxisOrders(Phantom.Asymmetric(2, 3, 4, Phantom.Turned(2, 1, 1.5, 30, -25, 10, new Vector3(5, 6, 7)))))
        {
            var canonical = Orientation.ToCanonical(stored, out _);
            for (var n = 0; n < stored.Voxels.Length; n++)
            {
                var m = Array.IndexOf(canonical.Voxels, stored.Voxels[n]);
                Assert.True((Place(stored, n) - Place(canonical, m)).Length < 1e-9);
            }
        }

        static Vector3 Place(Volume v, int n) => v.Affine.ToPatient(n / (v.Rows * v.Columns), n / v.Columns % v.Rows, n % v.Columns);
    }

    [Theory]
    [InlineData(45, 0, 0)]
    [InlineData(0, 45, 0)]
    [InlineData(0, 0, 45)]
    [InlineData(45, 45, 45)]
    public void Axes_at_45_degrees_are_still_ordered_the_same_way_however_they_are_stored(double x, double y, double z)
    {
        var first = Orientation.ToCanonical(Phantom.Asymmetric(3, 4, 5, Phantom.Turned(1, 1, 1, x, y, z)), out _);
        foreach (var stored in Phantom.InAllAxisOrders(first))
            Assert.Equal(first.Voxels, Orientation.ToCanonical(stored, out _).Voxels);
    }
}
