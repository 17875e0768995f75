namespace SoftSeg.SegEngine.Tests.Geometry;

public sealed class SmoothingSplineTests
{
    [Fact]
    public void A_straight_line_stays_as_it_is_and_goes_on_beyond_its_ends()
    {
        double[] x = [0, 1, 2.5, 3, 7, 8];
        var spline = SmoothingSpline.Fit(x, [.. x.Select(v => 3 - (2 * v))], [1, 5, 1, 0, 2, 1], 20);
        foreach (var v in new[] { -4, 0, 0.3, 2.5, 5, 8, 12 })
        {
            Assert.Equal(3 - (2 * v), spline.At(v), 1e-9);
            Assert.Equal(-2, spline.Slope(v), 1e-9);
        }
    }

    [Fact]
    public void A_wave_of_the_given_length_is_halved_longer_ones_stay_and_shorter_ones_go()
    {
        Assert.Equal(0.5, Amplitude(wave: 30, wavelength: 30), 0.03);
        Assert.InRange(Amplitude(wave: 90, wavelength: 30), 0.97, 1.0);
        Assert.InRange(Amplitude(wave: 10, wavelength: 30), 0, 0.03);
        Assert.Equal(Amplitude(30, 30), Amplitude(30, 30, step: 0.5), 0.02);

        static double Amplitude(double wave, double wavelength, double step = 1)
        {
            var x = Enumerable.Range(0, (int)(360 / step)).Select(n => n * step).ToArray();
            var spline = SmoothingSpline.Fit(x, [.. x.Select(v => Math.Sin(2 * Math.PI * v / wave))], [.. x.Select(_ => 1.0)], wavelength);
            return Enumerable.Range(120, 120).Max(v => spline.At(v));
        }
    }

    [Fact]
    public void Without_smoothing_it_passes_through_every_point_with_a_continuous_slope()
    {
        double[] x = [0, 1, 2, 4, 5];
        double[] y = [1, 3, 2, -1, 0];
        var spline = SmoothingSpline.Fit(x, y, [1, 1, 1, 1, 1], 0);
        for (var n = 0; n < x.Length; n++)
            Assert.Equal(y[n], spline.At(x[n]), 1e-9);
        Assert.Equal(spline.Slope(2 - 1e-7), spline.Slope(2 + 1e-7), 1e-5);
        Assert.Equal((spline.At(3 + 1e-6) - spline.At(3 - 1e-6)) / 2e-6, spline.Slope(3), 1e-5);
    }

    [Fact]
    public void A_point_without_weight_is_bridged()
    {
        double[] x = [.. Enumerable.Range(0, 21).Select(n => (double)n)];
        var spline = SmoothingSpline.Fit(x, [.. x.Select(v => v == 10 ? 100.0 : v)], [.. x.Select(v => v == 10 ? 0.0 : 1.0)], 5);
        Assert.Equal(10, spline.At(10), 0.01);
    }

    [Fact]
    public void One_or_two_points_are_enough()
    {
        Assert.Equal(7, SmoothingSpline.Fit([3], [7], [1], 30).At(-100));
        var two = SmoothingSpline.Fit([3, 5], [7, 8], [1, 1], 30);
        Assert.Equal(9, two.At(7), 1e-9);
        Assert.Equal(0.5, two.Slope(0), 1e-9);
    }
}
