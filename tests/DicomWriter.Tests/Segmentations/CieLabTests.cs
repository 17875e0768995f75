using SoftSeg.DicomWriter.Segmentations;

namespace SoftSeg.DicomWriter.Tests.Segmentations;

public sealed class CieLabTests
{
    // CIELab under D50 (Bradford) of sRGB colours, from the ICC's reference values.
    [Theory]
    [InlineData(255, 255, 255, 100, 0, 0)]
    [InlineData(0, 0, 0, 0, 0, 0)]
    [InlineData(255, 0, 0, 54.29, 80.81, 69.89)]
    [InlineData(0, 255, 0, 87.82, -79.29, 80.99)]
    [InlineData(0, 0, 255, 29.57, 68.30, -112.03)]
    public void Srgb_is_converted_to_the_lab_of_the_profile_connection_space(byte r, byte g, byte b, double lightness, double a, double bb)
    {
        var lab = CieLab.FromRgb(r, g, b);
        Assert.Equal(lightness, lab.L, 0.05);
        Assert.Equal(a, lab.A, 0.05);
        Assert.Equal(bb, lab.B, 0.05);
    }

    [Fact]
    public void Encoded_values_span_the_unsigned_range()
    {
        Assert.Equal([65535, 0, 65535], CieLab.Encode((100, -128, 127)));
        Assert.Equal([0, 0x8080, 0x8080], CieLab.Encode((0, 0, 0)));
    }
}
