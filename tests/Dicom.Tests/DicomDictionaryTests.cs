namespace SoftSeg.Dicom.Tests;

public sealed class DicomDictionaryTests
{
    [Theory]
    [InlineData("(0010,0010)", "PatientName", "PN", "1")]
    [InlineData("(0008,0008)", "ImageType", "CS", "2-n")]
    [InlineData("(0020,0037)", "ImageOrientationPatient", "DS", "6")]
    [InlineData("(0062,0002)", "SegmentSequence", "SQ", "1")]
    [InlineData("(5200,9230)", "PerFrameFunctionalGroupsSequence", "SQ", "1")]
    [InlineData("(7FE0,0010)", "PixelData", "OW", "1")]
    [InlineData("(0028,0106)", "SmallestImagePixelValue", "US", "1")]
    [InlineData("(6000,3000)", "OverlayData", "OW", "1")]
    [InlineData("(6022,3000)", "OverlayData", "OW", "1")]
    [InlineData("(5004,0010)", "NumberOfPoints", "US", "1")]
    [InlineData("(0020,31A0)", "SourceImageIDs", "CS", "1-n")]
    [InlineData("(0000,0100)", "CommandField", "US", "1")]
    [InlineData("(0002,0010)", "TransferSyntaxUID", "UI", "1")]
    public void An_attribute_is_found_by_its_tag(string tag, string keyword, string vr, string vm)
    {
        var entry = DicomDictionary.Lookup(DicomTag.Parse(tag))!;
        Assert.Equal((DicomTag.Parse(tag), keyword, vr, vm), (entry.Tag, entry.Keyword, entry.VR.Code, entry.VM));
    }

    [Fact]
    public void Every_keyword_leads_to_its_attribute()
    {
        Assert.True(DicomDictionary.Count > 4900);
        foreach (var property in typeof(DicomTag).GetProperties(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Public))
        {
            var tag = (DicomTag)property.GetValue(null)!;
            Assert.Equal(property.Name, DicomDictionary.Lookup(tag)!.Keyword);
            Assert.Equal(tag, DicomDictionary.LookupKeyword(property.Name)!.Tag);
        }
    }

    [Fact]
    public void What_the_standard_does_not_have_is_not_found()
    {
        Assert.Null(DicomDictionary.Lookup(new DicomTag(0x0009, 0x1010)));
        Assert.Null(DicomDictionary.Lookup(new DicomTag(0x0010, 0x0011)));
        Assert.Null(DicomDictionary.LookupKeyword("PatientsName"));
        Assert.Null(DicomDictionary.LookupKeyword(""));
    }

    [Fact]
    public void A_name_is_the_keyword_in_words() =>
        Assert.Equal(["Image Position Patient", "SOP Class UID", "MR Acquisition Type"],
            new[] { DicomTag.ImagePositionPatient, DicomTag.SOPClassUID, DicomTag.MRAcquisitionType }.Select(tag => DicomDictionary.Lookup(tag)!.Name));

    [Theory]
    [InlineData("1.2.840.10008.5.1.4.1.1.4", true)]
    [InlineData("2.25.0", true)]
    [InlineData("", false)]
    [InlineData("1..2", false)]
    [InlineData(".1", false)]
    [InlineData("1.", false)]
    [InlineData("1.02", false)]
    [InlineData("1.2.x", false)]
    [InlineData("../../etc/passwd", false)]
    [InlineData("1.2345678901234567890123456789012345678901234567890123456789012345", false)]
    public void A_UID_has_digits_and_dots(string uid, bool valid) => Assert.Equal(valid, DicomUID.IsValid(uid));

    [Fact]
    public void A_derived_UID_depends_on_every_text_and_on_nothing_else()
    {
        Assert.Equal(DicomUID.Derive("a", "b"), DicomUID.Derive("a", "b"));
        Assert.NotEqual(DicomUID.Derive("a", "b"), DicomUID.Derive("ab"));
        Assert.NotEqual(DicomUID.Derive("a", "b"), DicomUID.Derive("b", "a"));
        Assert.True(DicomUID.IsValid(DicomUID.Derive("a").Value));
        Assert.StartsWith("2.25.", DicomUID.Derive("a").Value);
    }

    [Fact]
    public void Standard_UIDs_have_names()
    {
        Assert.Equal("1.2.840.10008.5.1.4.1.1.4", DicomUID.MRImageStorage.Value);
        Assert.Equal("MR Image Storage", new DicomUID("1.2.840.10008.5.1.4.1.1.4").Name);
        Assert.Equal("Transfer Syntax", DicomUID.JPEGLSLossless.Type);
        Assert.Equal("1.2.3", new DicomUID("1.2.3").Name);
    }
}
