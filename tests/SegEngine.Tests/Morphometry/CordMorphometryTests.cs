namespace SoftSeg.SegEngine.Tests.Morphometry;

/// <summary>Against shapes whose area, diameters and angles are known by formula.</summary>
public sealed class CordMorphometryTests
{
    const double OnePercent = 0.01;

    [Theory]
    [InlineData(3, 0.3)]
    [InlineData(5, 0.5)]
    [InlineData(1, 1.0)]
    [InlineData(2, 2.0)]
    public void An_ellipse_across_the_slices_has_its_area_and_diameters_within_1_percent(double slice, double pixel)
    {
        var side = (int)(24 / pixel);
        var mask = AnalyticShapes.Cylinder((int)(40 / slice), side, side + 1, Phantom.Spaced(slice, pixel, pixel), new(0, 0, 1), new(1, 0, 0), 6.5, 4);
        var measured = CordMorphometry.Measure(mask);
        Assert.True(measured.StationsAreSlices);
        foreach (var station in Valid(measured))
        {
            Near(Math.PI * 6.5 * 4, station.Area);
            // An 8 mm diameter is four pixels of 2 mm: the shares alone hold its second moment no better.
            Near(13, station.DiameterRL, pixel < 2 ? OnePercent : 0.03);
            Near(8, station.DiameterAP, pixel < 2 ? OnePercent : 0.03);
            Assert.Equal(Math.Sqrt(1 - (16 / 42.25)), station.Eccentricity, pixel < 2 ? 0.01 : 0.02);
            Assert.Equal(0, station.Orientation, 0.5);
            Assert.InRange(station.Solidity, 0.985, 1);
            Near(slice, station.Length);
            Assert.Equal(0, station.AngleAP, 0.1);
            Assert.Equal(0, station.AngleRL, 0.1);
        }
    }

    [Theory]
    [InlineData(15, 0)]
    [InlineData(-30, 0)]
    [InlineData(0, 30)]
    [InlineData(44, 0)]
    [InlineData(30, 30)]
    public void A_cylinder_that_is_tilted_against_the_slices_keeps_its_area_and_diameters(double tiltAP, double tiltRL)
    {
        var axis = new Vector3(Math.Tan(tiltRL * Math.PI / 180), Math.Tan(tiltAP * Math.PI / 180), 1);
        var mask = AnalyticShapes.Cylinder(14, 110, 110, Phantom.Spaced(3, 0.6, 0.6), axis, new(1, 0, 0), 6.5, 4);
        var measured = CordMorphometry.Measure(mask);
        Assert.True(measured.StationsAreSlices);
        foreach (var station in Valid(measured))
        {
            Near(Math.PI * 6.5 * 4, station.Area);
            Near(3 * axis.Length, station.Length);
            Near(13, station.DiameterRL, 0.02);
            Near(8, station.DiameterAP, 0.02);
            Assert.Equal(tiltAP, station.AngleAP, 0.5);
            Assert.Equal(tiltRL, station.AngleRL, 0.5);
        }
    }

    [Theory]
    [InlineData(20)]
    [InlineData(-35)]
    public void A_turned_ellipse_shows_its_orientation(double degrees)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        var mask = AnalyticShapes.Cylinder(8, 60, 60, Phantom.Spaced(5, 0.5, 0.5), new(0, 0, 1), new(cos, sin, 0), 6.5, 4);
        foreach (var station in Valid(CordMorphometry.Measure(mask)))
        {
            Assert.Equal(degrees, station.Orientation, 0.5);
            Near(13, station.DiameterRL);
            Near(8, station.DiameterAP);
        }
    }

    [Theory]
    [InlineData(1.0, 1.0)]
    [InlineData(2.0, 0.8)]
    [InlineData(0.5, 0.5)]
    public void A_sagittal_series_is_measured_on_planes_across_the_cord(double slice, double pixel)
    {
        // Slices from right to left, rows from head to foot.
        var affine = new Affine(Vector3.Zero, new Vector3(slice, 0, 0), new Vector3(0, 0, -pixel), new Vector3(0, pixel, 0));
        var mask = AnalyticShapes.Cylinder((int)(26 / slice), (int)(60 / pixel), (int)(50 / pixel), affine, new(0.1, 0.3, 1), new(1, 0, 0), 6.5, 4);
        var measured = CordMorphometry.Measure(mask);
        Assert.False(measured.StationsAreSlices);
        var valid = Valid(measured);
        Assert.InRange(valid.Count, 40, 65);
        foreach (var station in valid)
        {
            Assert.Null(station.SourceSlice);
            Near(Math.PI * 6.5 * 4, station.Area);
            Near(13, station.DiameterRL, 0.02);
            Near(8, station.DiameterAP, 0.02);
            Near(1, station.Length);
        }
        Near(60 * new Vector3(0.1, 0.3, 1).Length, measured.Whole.Length, 0.03);
    }

    [Theory]
    [InlineData(1.0, 1.0, false)]
    [InlineData(0.3, 0.6, false)]
    [InlineData(2.0, 0.5, true)]
    public void A_bent_cord_keeps_its_area_along_the_bend(double slice, double pixel, bool axial)
    {
        const double Ring = 60, Radius = 4.5;
        var affine = axial
            ? Phantom.Spaced(slice, pixel, pixel)
            : new Affine(Vector3.Zero, new Vector3(slice, 0, 0), new Vector3(0, 0, -pixel), new Vector3(0, pixel, 0));
        var mask = axial
            ? AnalyticShapes.Torus((int)(70 / slice), (int)(50 / pixel), (int)(20 / pixel), affine, Ring, Radius)
            : AnalyticShapes.Torus((int)(20 / slice), (int)(70 / pixel), (int)(50 / pixel), affine, Ring, Radius);
        var measured = CordMorphometry.Measure(mask);
        Assert.Equal(axial, measured.StationsAreSlices);
        var valid = Valid(measured);
        foreach (var station in valid)
        {
            Near(Math.PI * Radius * Radius, station.Area, station.Index < 5 || station.Index > measured.Stations.Count - 6 ? 0.02 : OnePercent);
            // Tangents of a ring: perpendicular to the radius.
            var radius = (station.Centre - Centre(mask) + new Vector3(0, Ring, 0)).Normalize();
            Assert.Equal(0, station.Tangent.Dot(radius), 0.03);
        }
        Near(Math.PI * Radius * Radius, valid.Average(s => s.Area));
        Near(2 * Radius, measured.Whole.MeanDiameterAP, 0.02);
    }

    [Fact]
    public void Every_axis_order_of_one_axial_mask_is_measured_alike()
    {
        var mask = AnalyticShapes.Cylinder(12, 34, 36, Phantom.Turned(4, 0.8, 0.8, 10, -5, 20, new(7, -8, 9)), new(0.1, 0.2, 1), new(1, 0, 0), 6.5, 4);
        var areas = new List<double>();
        foreach (var stored in Phantom.InAllAxisOrders(mask))
        {
            var measured = CordMorphometry.Measure(stored);
            // The mask is axial only where its slices are stored as slices; else it is cut like a sagittal one.
            Near(Math.PI * 6.5 * 4, measured.Whole.MeanArea, measured.StationsAreSlices ? OnePercent : 0.03);
            for (var n = 1; n < measured.Stations.Count; n++)
                Assert.True(measured.Stations[n].Centre.Z > measured.Stations[n - 1].Centre.Z);
            areas.Add(measured.Whole.MeanArea);
        }
        Assert.Equal(16, areas.Count(a => Math.Abs(a - areas[0]) < 1e-9 * a));
    }

    [Fact]
    public void The_volume_is_the_sum_of_shares()
    {
        var mask = AnalyticShapes.Cylinder(10, 40, 40, Phantom.Spaced(3, 0.7, 0.7), new(0, 0, 1), new(1, 0, 0), 6, 4);
        Near(Math.PI * 24 * 30, CordMorphometry.Measure(mask).Whole.Volume, 0.005);
    }

    [Fact]
    public void Each_reason_for_withholding_a_station_is_given_by_name()
    {
        Volume Cord(double semi = 5) => AnalyticShapes.Cylinder(21, 60, 60, Phantom.Spaced(3, 0.7, 0.7), new(0, 0, 1), new(1, 0, 0), semi, semi);

        var measured = CordMorphometry.Measure(Cord());
        Assert.Equal(["edge of the field of view", "edge of the field of view"], measured.Stations.Where(s => !s.Valid).Select(s => s.Reason));
        Assert.Equal(19, measured.Whole.ValidStations);

        var faint = Cord();
        Change(faint, 8, v => v * 0.55f);
        Assert.StartsWith("faint", Reason(faint, 8));

        var jump = Cord();
        Cord(7).Slice(9).CopyTo(jump.Slice(9));
        Assert.StartsWith("jump", Reason(jump, 9));

        var two = Cord();
        for (var r = 2; r < 8; r++)
            two.Slice(7).Slice((r * 60) + 3, 8).Fill(1);
        Assert.Equal("several components", Reason(two, 7));

        var off = Cord();
        var shifted = off.LikeThis();
        Cord().Slice(10).CopyTo(shifted.Slice(10));
        for (var r = 0; r < 60; r++)
            shifted.Slice(10).Slice(r * 60, 52).CopyTo(off.Slice(10).Slice((r * 60) + 8, 52));
        Assert.StartsWith("off the centre line", Reason(off, 10));

        var border = Cord();
        border.Slice(6).Slice(20 * 60, 60).Fill(1);
        Assert.Equal("touches the border of the field of view", Reason(border, 6));

        var ends = Cord();
        ends.Slice(19).Clear();
        ends.Slice(20).Clear();
        Assert.Equal("end of the cord's mask", Reason(ends, 18));

        static string? Reason(Volume mask, int slice) => CordMorphometry.Measure(mask).Stations.Single(s => s.SourceSlice == slice).Reason;

        static void Change(Volume mask, int slice, Func<float, float> change)
        {
            foreach (ref var v in mask.Slice(slice))
                v = change(v);
        }
    }

    [Fact]
    public void A_withheld_station_does_not_move_the_summary()
    {
        var mask = AnalyticShapes.Cylinder(21, 60, 60, Phantom.Spaced(3, 0.7, 0.7), new(0, 0, 1), new(1, 0, 0), 5, 5);
        var before = CordMorphometry.Measure(mask).Whole;
        AnalyticShapes.Cylinder(21, 60, 60, mask.Affine, new(0, 0, 1), new(1, 0, 0), 8, 8).Slice(9).CopyTo(mask.Slice(9));
        var after = CordMorphometry.Measure(mask).Whole;
        Assert.Equal(before.ValidStations - 1, after.ValidStations);
        Near(before.MeanArea, after.MeanArea, 0.002);
    }

    [Fact]
    public void An_empty_mask_and_a_single_slice_are_measured_without_complaint()
    {
        var empty = CordMorphometry.Measure(new Volume(new float[1000], 10, 10, 10, Phantom.Spaced(1, 1, 1)));
        Assert.Empty(empty.Stations);
        Assert.True(double.IsNaN(empty.Whole.MeanArea));
        var single = CordMorphometry.Measure(AnalyticShapes.Cylinder(1, 40, 40, Phantom.Spaced(5, 0.6, 0.6), new(0, 0, 1), new(1, 0, 0), 6, 4));
        Near(Math.PI * 24, Assert.Single(single.Stations).Area);
        Assert.True(single.Stations[0].Valid);
    }

    static List<Station> Valid(CordMeasurements measured)
    {
        var valid = measured.Stations.Where(s => s.Valid).ToList();
        Assert.InRange(valid.Count, measured.Stations.Count * 0.5, measured.Stations.Count);
        return valid;
    }

    static Vector3 Centre(Volume v) => v.Affine.ToPatient((v.Slices - 1) / 2.0, (v.Rows - 1) / 2.0, (v.Columns - 1) / 2.0);

    static void Near(double expected, double actual, double tolerance = OnePercent) => Assert.Equal(1, actual / expected, tolerance);
}
