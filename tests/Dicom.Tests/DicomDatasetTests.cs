namespace SoftSeg.Dicom.Tests;

public sealed class DicomDatasetTests
{
    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(-120.5, "-120.5")]
    [InlineData(1.0 / 3, "0.33333333333333")]
    [InlineData(-1.0 / 3, "-0.3333333333333")]
    [InlineData(1e-20, "1E-20")]
    [InlineData(-1.2345678901234567e-200, "-1.23456789E-200")]
    [InlineData(123456789012345678, "1.23456789012E+17")]
    public void A_decimal_string_has_at_most_16_characters(double value, string expected)
    {
        var text = new DicomDataset().AddOrUpdate(DicomTag.SliceThickness, value).GetString(DicomTag.SliceThickness);
        Assert.InRange(text.Length, 1, 16);
        Assert.Equal(double.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), double.Parse(text, System.Globalization.CultureInfo.InvariantCulture), Math.Abs(value) * 1e-8);
    }

    [Fact]
    public void A_number_that_does_not_fit_is_an_error_with_the_attribute()
    {
        var dataset = new DicomDataset();
        Assert.Contains("(0028,0010) Rows", Assert.Throws<DicomDataException>(() => dataset.AddOrUpdate(DicomTag.Rows, 70000)).Message);
        Assert.Throws<DicomDataException>(() => dataset.AddOrUpdate(DicomTag.Rows, -1));
        Assert.Throws<DicomDataException>(() => dataset.AddOrUpdate(DicomTag.Rows, 1.5));
        Assert.Throws<DicomDataException>(() => dataset.AddOrUpdate(DicomTag.InstanceNumber, 1.5));
        Assert.Throws<DicomDataException>(() => dataset.AddOrUpdate(DicomTag.SliceThickness, double.NaN));
        Assert.Throws<DicomDataException>(() => dataset.AddOrUpdate(DicomTag.PatientName, 1));
        Assert.Throws<DicomDataException>(() => dataset.AddOrUpdate(DicomTag.Modality, "磁"));
        Assert.Empty(dataset);
    }

    [Fact]
    public void Padding_is_no_part_of_text_or_numbers()
    {
        var dataset = new DicomDataset()
            .AddOrUpdate(new DicomElement(DicomTag.SliceThickness, DicomVR.DS, " 1.5 "u8.ToArray()))
            .AddOrUpdate(new DicomElement(DicomTag.InstanceNumber, DicomVR.IS, "12\0\0"u8.ToArray()))
            .AddOrUpdate(new DicomElement(DicomTag.PixelSpacing, DicomVR.DS, @" 0.5\ 0.25 "u8.ToArray()))
            .AddOrUpdate(new DicomElement(DicomTag.SOPClassUID, DicomVR.UI, "1.2.3\0"u8.ToArray()))
            .AddOrUpdate(new DicomElement(DicomTag.InstitutionAddress, DicomVR.ST, "  indented "u8.ToArray()));
        Assert.Equal(1.5, dataset.GetDouble(DicomTag.SliceThickness));
        Assert.Equal("1.5", dataset.GetString(DicomTag.SliceThickness));
        Assert.Equal(12, dataset.GetInt32(DicomTag.InstanceNumber));
        Assert.Equal([0.5, 0.25], dataset.GetDoubles(DicomTag.PixelSpacing));
        Assert.Equal(["0.5", "0.25"], dataset.GetStrings(DicomTag.PixelSpacing));
        Assert.Equal("1.2.3", dataset.GetString(DicomTag.SOPClassUID));
        Assert.Equal("  indented", dataset.GetString(DicomTag.InstitutionAddress));
    }

    [Fact]
    public void What_is_missing_empty_or_no_number_says_so()
    {
        var dataset = new DicomDataset().AddOrUpdate(DicomTag.PatientID).AddOrUpdate(DicomTag.EchoTime, "abc").AddOrUpdate(DicomTag.PixelSpacing, "0.5");
        Assert.Equal("(0020,0032) ImagePositionPatient is missing.", Assert.Throws<DicomDataException>(() => dataset.GetString(DicomTag.ImagePositionPatient)).Message);
        Assert.Equal("", dataset.GetString(DicomTag.PatientID));
        Assert.Null(dataset.GetStringOrNull(DicomTag.PatientID));
        Assert.Null(dataset.GetDoubleOrNull(DicomTag.PixelSpacing, 1));
        Assert.Null(dataset.GetInt32OrNull(DicomTag.Rows));
        Assert.Empty(dataset.GetDoubles(DicomTag.ImagePositionPatient));
        Assert.Empty(dataset.GetSequence(DicomTag.SegmentSequence));
        Assert.Contains("(0028,0030) PixelSpacing has no value 2: it has 1", Assert.Throws<DicomDataException>(() => dataset.GetDouble(DicomTag.PixelSpacing, 1)).Message);
        Assert.Contains("\"abc\"", Assert.Throws<DicomDataException>(() => dataset.GetDouble(DicomTag.EchoTime)).Message);
        Assert.Contains("should be a sequence", Assert.Throws<DicomDataException>(() => dataset.GetSequence(DicomTag.EchoTime)).Message);
    }

    [Fact]
    public void Items_stand_in_order_and_only_once()
    {
        var dataset = new DicomDataset().AddOrUpdate(DicomTag.Rows, 1).AddOrUpdate(DicomTag.Modality, "CT").AddOrUpdate(DicomTag.PatientID, "x").AddOrUpdate(DicomTag.Modality, "MR");
        Assert.Equal([DicomTag.Modality, DicomTag.PatientID, DicomTag.Rows], dataset.Select(item => item.Tag));
        Assert.Equal("MR", dataset.GetString(DicomTag.Modality));
        Assert.True(dataset.Remove(DicomTag.PatientID));
        Assert.False(dataset.Remove(DicomTag.PatientID));
        Assert.Equal(2, dataset.Count);
    }

    [Fact]
    public void A_clone_can_change_without_the_original()
    {
        var original = new DicomDataset().AddOrUpdate(DicomTag.Modality, "MR").AddOrUpdate(DicomTag.ProcedureCodeSequence, new DicomDataset().AddOrUpdate(DicomTag.CodeValue, "1"));
        var clone = original.Clone();
        clone.AddOrUpdate(DicomTag.Modality, "SEG");
        clone.GetSequence(DicomTag.ProcedureCodeSequence)[0].AddOrUpdate(DicomTag.CodeValue, "2");
        Assert.Equal("MR", original.GetString(DicomTag.Modality));
        Assert.Equal("1", original.GetSequence(DicomTag.ProcedureCodeSequence)[0].GetString(DicomTag.CodeValue));
    }

    [Fact]
    public void Two_creators_share_a_private_group()
    {
        var dataset = new DicomDataset();
        var first = dataset.ReservePrivateTag("ONE", 0x0019, 0x0C);
        var second = dataset.ReservePrivateTag("TWO", 0x0019, 0x0C);
        Assert.Equal((new DicomTag(0x0019, 0x100C), new DicomTag(0x0019, 0x110C)), (first, second));
        Assert.Equal(second, dataset.ReservePrivateTag("TWO", 0x0019, 0x0C));
        Assert.Null(dataset.PrivateTag("THREE", 0x0019, 0x0C));
        Assert.Throws<DicomDataException>(() => dataset.ReservePrivateTag("ONE", 0x0018, 0x0C));
    }

    [Fact]
    public void A_command_set_is_implicit_VR_with_its_length()
    {
        var command = new DicomDataset()
            .AddOrUpdate(DicomTag.AffectedSOPClassUID, DicomUID.Verification)
            .AddOrUpdate(DicomTag.CommandField, 0x0030).AddOrUpdate(DicomTag.MessageID, 1).AddOrUpdate(DicomTag.CommandDataSetType, 0x0101);
        var bytes = DicomCommandSet.Encode(command);
        Assert.Equal([0, 0, 0, 0, 4, 0, 0, 0, 56, 0, 0, 0, 0, 0, 2, 0, 18, 0, 0, 0], bytes[..20]);
        Assert.Equal(68, bytes.Length);
        var decoded = DicomCommandSet.Decode(bytes);
        Assert.Equal(56, decoded.GetInt32(DicomTag.CommandGroupLength));
        Assert.Equal(0x0030, decoded.GetInt32(DicomTag.CommandField));
        Assert.Equal(DicomUID.Verification, decoded.GetUID(DicomTag.AffectedSOPClassUID));
        Assert.Throws<DicomDataException>(() => DicomCommandSet.Decode([8, 0, 0x60, 0, 2, 0, 0, 0, 77, 82]));
        Assert.Throws<DicomDataException>(() => DicomCommandSet.Decode(bytes.AsSpan(0, 66)));
    }

    [Fact]
    public void A_short_representation_above_64K_is_written_as_UN_and_read_as_itself()
    {
        var dataset = new DicomDataset().AddOrUpdate(DicomTag.SOPClassUID, "1.2").AddOrUpdate(DicomTag.SOPInstanceUID, "1.2.3")
            .AddOrUpdate(DicomTag.ContourData, Enumerable.Range(0, 30_000).Select(i => (double)i).ToArray())
            .AddOrUpdate(DicomTag.PatientComments, new string('x', 70_001));
        var stream = new MemoryStream();
        new DicomFile(dataset).Save(stream);
        var read = DicomFile.Open(stream.ToArray()).Dataset;
        Assert.True(read.TryGetItem(DicomTag.ContourData, out var item));
        Assert.Equal(DicomVR.UN, item.ValueRepresentation);
        Assert.Equal(29_999, read.GetDoubles(DicomTag.ContourData)[^1]);
        Assert.Equal(70_001, read.GetString(DicomTag.PatientComments).Length);
    }
}
