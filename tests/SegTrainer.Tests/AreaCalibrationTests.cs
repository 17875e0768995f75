using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Evaluation;

namespace SoftSeg.SegTrainer.Tests;

public sealed class AreaCalibrationTests
{
    [Fact]
    public void The_fitted_interval_holds_95_percent_of_others_and_follows_the_haze()
    {
        // The error's spread grows with the haze: 1 % and 10 % of it.
        static List<AreaCalibration.Slice> Draw(int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, 4000).Select(_ =>
            {
                var haze = 0.05 + (0.3 * random.NextDouble());
                var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                return new AreaCalibration.Slice(Math.Abs(normal) * (0.01 + (0.1 * haze)), haze);
            })];
        }

        var interval = AreaCalibration.Fit(Draw(1));
        Assert.InRange(AreaCalibration.CoverageOf(interval, Draw(2)), 0.93, 0.97);
        Assert.InRange(interval.Offset + (interval.Slope * 0.05), 0.02, 0.04);
        Assert.InRange(interval.Offset + (interval.Slope * 0.35), 0.075, 0.1);
    }

    [Fact]
    public void Stations_are_compared_with_the_true_area_at_their_height_and_only_where_they_are_valid()
    {
        static Station At(double height, double area, bool valid) =>
            new(0, null, new Vector3(0, 0, height), new Vector3(0, 0, 1), area, 0, 0, 0, 0, 0, 0, 0, 1, valid, null) { AreaHalfWidth = 0.2 * area };
        var measured = new CordMeasurements([At(0, 66, true), At(1, 66, true), At(5, 80, false), At(10, 77, true), At(25, 70, true)], false,
            new CordSummary(0, 0, 0, 0, 0, 0, 0, 0, 0));
        var slices = AreaCalibration.Compare(measured, new CordAreas([(-10, 60.0), (10, 70.0), (20, 70.0)])).ToArray();
        // The one at 1 mm tells nothing new, the one at 25 mm has no truth.
        Assert.Equal(2, slices.Length);
        Assert.Equal(1 / 66.0, slices[0].Error, 9);
        Assert.Equal(7 / 77.0, slices[1].Error, 9);
        Assert.All(slices, slice => Assert.Equal(0.2, slice.Haze, 9));
    }
}
