using System.Globalization;

namespace SoftSeg.DicomWriter.Tests;

public sealed class DecimalStringTests
{
    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(-0.0, "0")]
    [InlineData(-20.123456789, "-20.123456789")]
    [InlineData(1.0 / 3, "0.33333333333333")]
    [InlineData(-1.0 / 3, "-0.3333333333333")]
    public void Numbers_keep_what_fits_16_characters(double value, string expected) => Assert.Equal(expected, DecimalString.Format(value));

    [Fact]
    public void Any_finite_number_fits_and_reads_back_closely()
    {
        var random = new Random(7);
        for (var i = 0; i < 2000; i++)
        {
            var value = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-12, 12));
            var text = DecimalString.Format(value);
            Assert.InRange(text.Length, 1, 16);
            Assert.Equal(value, double.Parse(text, CultureInfo.InvariantCulture), Math.Abs(value) * 1e-8);
        }
        Assert.Throws<ArgumentException>(() => DecimalString.Format(double.NaN));
    }
}
