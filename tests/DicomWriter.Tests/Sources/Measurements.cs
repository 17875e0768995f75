using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Tests.Sources;

/// <summary>Measurements with known numbers.</summary>
static class Measurements
{
    /// <summary>One station per slice that holds the structure; area 70 + slice, and those in <paramref name="withheld"/> have none.</summary>
    public static CordMeasurements Slices(Volume mask, params int[] withheld) => Of(stationsAreSlices: true,
        [.. Enumerable.Range(0, mask.Slices).Where(s => mask.Slice(s).ContainsAnyExcept(0f)).Select((slice, index) =>
            Station(index, slice, 70 + slice, withheld.Contains(slice) ? "touches the edge of the image" : null))]);

    /// <summary>Stations along a centre line that no source slice crosses; areas 70, 71, 72, ...</summary>
    public static CordMeasurements AlongCentreLine(int count) => Of(stationsAreSlices: false,
        [.. Enumerable.Range(0, count).Select(i => Station(i, null, 70 + i, i == 0 ? "at the end of the cord" : null))]);

    static CordMeasurements Of(bool stationsAreSlices, Station[] stations)
    {
        double[] areas = [.. stations.Where(s => s.Valid).Select(s => s.Area)];
        if (areas.Length == 0)
            return new(stations, stationsAreSlices, new CordSummary(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 1, 1, 0));
        var mean = areas.Average();
        var deviation = areas.Length > 1 ? Math.Sqrt(areas.Sum(a => (a - mean) * (a - mean)) / (areas.Length - 1)) : 0;
        return new(stations, stationsAreSlices, new CordSummary(mean, deviation, areas.Min(), areas.Max(), 7.1, 12.3, 4321.5, 60, areas.Length));
    }

    static Station Station(int index, int? slice, double area, string? reason) => new(
        index, slice, Vector3.Zero, new Vector3(0, 0, 1), area, 7.1, 12.3, 0.8123, 3, 0.97, 0, 0, 1, reason is null, reason);
}
