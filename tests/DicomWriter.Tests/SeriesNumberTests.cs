using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Segmentations;
using SoftSeg.DicomWriter.Tests.Sources;

namespace SoftSeg.DicomWriter.Tests;

public sealed class SeriesNumberTests
{
    [Theory]
    [InlineData("3", "301")]
    [InlineData("0", "1")]
    [InlineData("21474835", "2147483501")]
    [InlineData("21474836", "1")]
    [InlineData("-4", "1")]
    [InlineData("", "1")]
    public void Is_the_sources_times_100_and_stays_an_integer_string(string source, string expected)
    {
        var context = Source.Classic(Phantom.Tube(1, 8, 8, Phantom.Axial()), change: d => d.AddOrUpdate(DicomTag.SeriesNumber, source));
        Assert.Equal(expected, SegmentationBuilder.BuildHard(context).Dataset.GetString(DicomTag.SeriesNumber));
    }
}
