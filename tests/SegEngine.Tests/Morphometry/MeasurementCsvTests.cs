namespace SoftSeg.SegEngine.Tests.Morphometry;

public sealed class MeasurementCsvTests
{
    [Fact]
    public void The_columns_are_those_of_the_Spinal_Cord_Toolbox_and_three_more()
    {
        Assert.Equal(
            "Filename,Slice (I->S),VertLevel,DistancePMJ,MEAN(area),STD(area),MEAN(angle_AP),STD(angle_AP),MEAN(angle_RL),STD(angle_RL),"
            + "MEAN(diameter_AP),STD(diameter_AP),MEAN(diameter_RL),STD(diameter_RL),MEAN(eccentricity),STD(eccentricity),"
            + "MEAN(orientation),STD(orientation),MEAN(solidity),STD(solidity),SUM(length),Valid,Reason,CI95(area)",
            string.Join(',', MeasurementCsv.Columns));
    }

    [Fact]
    public void One_row_a_station_from_foot_to_head_and_no_numbers_where_they_are_withheld()
    {
        // Stored from head to foot.
        var affine = new Affine(Vector3.Zero, new(0, 0, -3), new(0, 0.7, 0), new(0.7, 0, 0));
        var mask = AnalyticShapes.Cylinder(6, 40, 40, affine, new(0, 0, 1), new(1, 0, 0), 5, 5);
        mask.Slice(0).Clear();
        var rows = MeasurementCsv.ToText(CordMorphometry.Measure(mask), "a, \"b\".nii.gz").TrimEnd('\n').Split('\n');
        Assert.Equal(6, rows.Length);
        Assert.StartsWith("\"a, \"\"b\"\".nii.gz\",0,,,,,", rows[1]);
        Assert.EndsWith("false,edge of the field of view,", rows[1]);
        var cells = rows[2].Replace("\"a, \"\"b\"\".nii.gz\"", "name", StringComparison.Ordinal).Split(',');
        Assert.Equal(MeasurementCsv.Columns.Count, cells.Length);
        Assert.Equal("1", cells[1]);
        Assert.Equal(Math.PI * 25, double.Parse(cells[4], System.Globalization.CultureInfo.InvariantCulture), 0.5);
        Assert.Equal("true", cells[21]);
        Assert.Equal("3", cells[20]);
        Assert.Contains(",4,,,", rows[5]);
        Assert.EndsWith("end of the cord's mask,", rows[5]);
    }

    [Fact]
    public void Without_a_cord_there_is_the_header_alone()
    {
        var measured = CordMorphometry.Measure(new Volume(new float[8], 2, 2, 2, Phantom.Spaced(1, 1, 1)));
        Assert.Equal(string.Join(',', MeasurementCsv.Columns) + "\n", MeasurementCsv.ToText(measured, "x"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_part_of_the_cord_is_one_row_whichever_way_the_stack_is_stored(int direction)
    {
        var affine = new Affine(Vector3.Zero, new(0, 0, 3 * direction), new(0, 0.5, 0), new(0.5, 0, 0));
        // A cone: wider towards the head, 0.1 mm a millimetre.
        var mask = AnalyticShapes.Share(20, 60, 60, affine, p => Math.Sqrt((p.X * p.X) + (p.Y * p.Y)) <= 5 + (0.1 * p.Z), p => Math.Sqrt((p.X * p.X) + (p.Y * p.Y)) - 5 - (0.1 * p.Z));
        var part = CordMorphometry.Measure(mask).Part(3, 6);
        Assert.Equal([3, 4, 5, 6], part.Stations.Select(part.NumberOf));
        var one = CordMorphometry.Measure(mask).Part(5, 5);
        Assert.Equal(5, one.NumberOf(Assert.Single(one.Stations)));
        var radii = Enumerable.Range(3, 4).Select(n => 5 + (0.1 * 3 * (n - 9.5))).ToArray();
        Assert.Equal(radii.Average(r => Math.PI * r * r), part.Whole.MeanArea, 0.5);
        Assert.Equal(12, part.Whole.Length, 0.05);
        Assert.Equal(12 * radii.Average(r => Math.PI * r * r), part.Whole.Volume, 8.0);
        var cells = MeasurementCsv.AggregateToText(part, "cone", "3:6").Split('\n')[1].Split(',');
        Assert.Equal(MeasurementCsv.Columns.Count, cells.Length);
        Assert.Equal(["cone", "3:6"], cells[..2]);
        Assert.Equal(part.Whole.MeanArea, double.Parse(cells[4], System.Globalization.CultureInfo.InvariantCulture), 0.001);
        Assert.Equal(2 * radii.Average(), double.Parse(cells[12], System.Globalization.CultureInfo.InvariantCulture), 0.1);
        Assert.Throws<ArgumentException>(() => part.Part(6, 3));
    }
}
