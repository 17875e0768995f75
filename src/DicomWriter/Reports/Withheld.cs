using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Reports;

/// <summary>Says which stations have no number, and why.</summary>
static class Withheld
{
    /// <summary>A sentence per reason, as in <c>Withheld: slices 1-3, 17: touches the edge of the image.</c></summary>
    public static IEnumerable<string> Sentences(CordMeasurements measurements)
    {
        var (one, many) = measurements.StationsAreSlices ? ("slice", "slices") : ("station", "stations");
        return measurements.Stations.Where(s => !s.Valid)
            .GroupBy(s => s.Reason ?? "no reason given", StringComparer.Ordinal)
            .Select(group =>
            {
                var numbers = group.Select(Number).Order().ToArray();
                return $"Withheld: {(numbers.Length == 1 ? one : many)} {Ranges(numbers)}: {group.Key}";
            });
    }

    /// <summary>A station's number as people count: source slices ascending from 1, or stations along the centre line from 1.</summary>
    public static int Number(Station station) => (station.SourceSlice ?? station.Index) + 1;

    /// <summary>1, 2, 3, 7 as <c>1-3, 7</c>.</summary>
    internal static string Ranges(IReadOnlyList<int> ascending)
    {
        var ranges = new List<string>();
        for (var i = 0; i < ascending.Count;)
        {
            var last = i;
            while (last + 1 < ascending.Count && ascending[last + 1] == ascending[last] + 1)
                last++;
            ranges.Add(last == i ? $"{ascending[i]}" : $"{ascending[i]}-{ascending[last]}");
            i = last + 1;
        }
        return string.Join(", ", ranges);
    }
}
