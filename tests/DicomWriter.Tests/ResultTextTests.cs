using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Tests.Sources;

namespace SoftSeg.DicomWriter.Tests;

public sealed class ResultTextTests
{
    static string Describe(string source, string kind = "", bool notForClinicalUse = true) => ResultText.SeriesDescription(
        Source.Classic(Phantom.Tube(1, 8, 8, Phantom.Axial()), change: d => d.AddOrUpdate(DicomTag.SeriesDescription, source))
            with { NotForClinicalUse = notForClinicalUse }, kind);

    [Fact]
    public void A_long_source_description_is_shortened_and_the_warning_stays()
    {
        var text = Describe(new string('x', 64), "soft");
        Assert.Equal(64, text.Length);
        Assert.StartsWith("SoftSeg cord soft v0.1.0 [xxx", text, StringComparison.Ordinal);
        Assert.EndsWith("x] NOT FOR CLINICAL USE", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_warning_the_source_description_has_its_room() =>
        Assert.Equal("SoftSeg cord v0.1.0 [t2_tse sag p2 C-spine]", Describe("t2_tse sag p2 C-spine", notForClinicalUse: false));

    [Fact]
    public void A_backslash_of_the_source_does_not_make_two_values() =>
        Assert.Equal("SoftSeg cord v0.1.0 [a/b]", Describe(@"a\b", notForClinicalUse: false));

    [Fact]
    public void Text_is_never_cut_inside_a_character()
    {
        Assert.Equal("ab", ResultText.Truncate("ab😀", 3));
        Assert.Equal("ab😀", ResultText.Truncate("ab😀c", 4));
    }
}
