using System.Globalization;
using SoftSeg.DicomNode.Segment;
using Spectre.Console;

namespace SoftSeg.DicomNode.Commands;

/// <summary>The measurements of a volume as a person reads them: whole cord first, and what was withheld.</summary>
static class MeasurementTable
{
    public static void Print(IAnsiConsole terminal, SegmentedVolume result)
    {
        if (!result.CordFound)
        {
            terminal.MarkupLine("No cord was found: the mask is empty, and there is nothing to measure.");
            return;
        }
        var measurements = result.Measurements;
        var valid = measurements.Stations.Where(station => station.Valid).ToArray();
        var table = new Table().AddColumns("Measure", "Value").Border(TableBorder.Simple);
        Row("Cross-sections", $"{measurements.Stations.Count}, {valid.Length} valid ({(measurements.StationsAreSlices ? "the slices" : "planes across the cord")})");
        if (valid.Length > 0)
        {
            Row("Area, mean (min to max)", Invariant($"{measurements.Whole.MeanArea:0.0} ({valid.Min(s => s.Area):0.0} to {valid.Max(s => s.Area):0.0}) mm2"));
            Row("Diameter AP, mean", Invariant($"{valid.Average(s => s.DiameterAP):0.0} mm"));
            Row("Diameter RL, mean", Invariant($"{valid.Average(s => s.DiameterRL):0.0} mm"));
        }
        Row("Length of cord", Invariant($"{measurements.Whole.Length:0.0} mm"));
        Row("Volume of cord", Invariant($"{measurements.Whole.Volume / 1000:0.00} ml"));
        foreach (var withheld in measurements.Stations.Where(station => !station.Valid).GroupBy(station => station.Reason))
            Row($"Withheld: {withheld.Key}", $"{withheld.Count()}");
        Row("Time", Invariant($"{result.SegmentTime.TotalSeconds:0.0} s to segment, {result.MeasureTime.TotalSeconds:0.00} s to measure"));
        terminal.Write(table);

        void Row(string measure, string value) => table.AddRow(Markup.Escape(measure), Markup.Escape(value));
    }

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
