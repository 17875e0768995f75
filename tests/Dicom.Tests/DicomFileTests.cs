using SoftSeg.Dicom.Tests.Support;

namespace SoftSeg.Dicom.Tests;

public sealed class DicomFileTests : IDisposable
{
    readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.1.99")]
    public void A_saved_file_is_what_dcmdump_and_we_read(string syntax)
    {
        var path = directory.File("phantom.dcm");
        new DicomFile(Phantom.MRImage(), DicomTransferSyntax.Lookup(syntax)).Save(path);

        var dump = Dcmtk.Run("dcmdump", "-q", "+L", path);
        Assert.Contains("(0010,0020) LO [P-1]", dump);
        Assert.Contains(@"(0020,0032) DS [-120.5\33.25\1e-3]", dump);
        Assert.Contains("(0028,0106) SS -7", dump);

        var read = DicomFile.Open(path);
        Assert.Equal(syntax, read.TransferSyntax.UID.Value);
        Assert.Equal("Müller^Jörg", read.Dataset.GetString(DicomTag.PatientName));
        Assert.Equal(-7, read.Dataset.GetInt32(DicomTag.SmallestImagePixelValue));
        Assert.Equal(2500.5, read.Dataset.GetDouble(DicomTag.RepetitionTime));
        Assert.Equal("Rückenmark", read.Dataset.GetSequence(DicomTag.ProcedureCodeSequence)[0].GetString(DicomTag.CodeMeaning));
        Assert.Equal(new DicomTag(0x0019, 0x100C), read.Dataset.PrivateTag("SOFTSEG TEST", 0x0019, 0x0C));
    }

    [Fact]
    public void Every_file_of_a_scanner_is_read_to_its_end()
    {
        foreach (var path in RealFiles.All)
        {
            var file = DicomFile.Open(path);
            Assert.Equal(file.FileMetaInfo.GetString(DicomTag.MediaStorageSOPInstanceUID), file.Dataset.GetString(DicomTag.SOPInstanceUID));
            Assert.True(file.Dataset.Contains(DicomTag.PixelData), path);
        }
    }

    [Fact]
    public void Reading_stops_before_the_tag_that_was_named()
    {
        var path = directory.File("phantom.dcm");
        new DicomFile(Phantom.MRImage()).Save(path);

        var dataset = DicomFile.Open(path, new DicomReadOptions { StopBefore = DicomTag.PixelData }).Dataset;

        Assert.False(dataset.Contains(DicomTag.PixelData));
        Assert.Equal(32, dataset.GetInt32(DicomTag.Rows));
    }
}
