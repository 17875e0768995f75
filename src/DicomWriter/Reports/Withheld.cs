using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Reports;

/// <summary>Says which stations have no number, and why.</summary>
static class Withheld
{
    /// <summary>A sentence per reason, as in <c>Withheld: images 1-3, 17: touches the edge of the image</c>.</summary>
    public static IEnumerable<string> Sentences(ResultContext context, CordMeasurements measurements) =>
        measurements.Stations.Where(s => !s.Valid)
            .GroupBy(s => (Reason: s.Reason ?? "no reason given", Name(context, s).Word))
            .Select(group =>
            {
                var numbers = group.Select(s => Name(context, s).Number).Order().ToArray();
                return $"Withheld: {group.Key.Word}{(numbers.Length == 1 ? "" : "s")} {Ranges(numbers)}: {group.Key.Reason}";
            });

    /// <summary>A station as people find it: the image that they see in a viewer, or a station along the centre line counted from 1.</summary>
    public static (string Word, int Number) Name(ResultContext context, Station station) =>
        station.SourceSlice is int slice ? (context.Source.FrameWord, context.Source.FrameNumbers[slice]) : ("station", station.Index + 1);

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
