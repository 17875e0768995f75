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
}
