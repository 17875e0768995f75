using System.Globalization;
using System.Text;

namespace SoftSeg.SegEngine;

/// <summary>
/// Measurements as a table with the Spinal Cord Toolbox's column names, one row a station from foot to head, and three more
/// columns: Valid, Reason, and the half-width of the area's 95 % interval. The numbers of a station that is not valid are withheld.
/// </summary>
public static class MeasurementCsv
{
    static readonly string[] Measures = ["area", "angle_AP", "angle_RL", "diameter_AP", "diameter_RL", "eccentricity", "orientation", "solidity"];

    /// <summary>The column names, in order.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "Filename", "Slice (I->S)", "VertLevel", "DistancePMJ",
        .. Measures.SelectMany(m => new[] { $"MEAN({m})", $"STD({m})" }),
        "SUM(length)", "Valid", "Reason", "CI95(area)",
    ];

    /// <summary>Writes the table; it appears under its name only when it is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="measurements">The stations.</param>
    /// <param name="filename">What was measured, for the first column.</param>
    public static void Write(string path, CordMeasurements measurements, string filename)
    {
        var part = path + ".part";
        File.WriteAllText(part, ToText(measurements, filename), new UTF8Encoding(false));
        File.Move(part, path, overwrite: true);
    }

    /// <summary>The table as text, lines ended by \n.</summary>
    public static string ToText(CordMeasurements measurements, string filename)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        var text = new StringBuilder().AppendJoin(',', Columns).Append('\n');
        foreach (var station in measurements.Stations)
        {
            text.Append(Quoted(filename)).Append(',').Append(measurements.NumberOf(station)).Append(",,");
            foreach (var value in Values(station))
            {
                // One slice has no spread: the toolbox writes 0 too.
                text.Append(',').Append(station.Valid ? Number(value) : "").Append(',').Append(station.Valid ? "0" : "");
            }
            text.Append(',').Append(Number(station.Length)).Append(',').Append(station.Valid ? "true" : "false")
                .Append(',').Append(Quoted(station.Reason ?? "")).Append(',').Append(station is { Valid: true, AreaHalfWidth: { } halfWidth } ? Number(halfWidth) : "").Append('\n');
        }
        return text.ToString();
    }

    /// <summary>A part of the cord as one row, as the toolbox aggregates slices: means and (population) standard deviations over its valid stations.</summary>
    /// <param name="part">The part, from <see cref="CordMeasurements.Part"/>.</param>
    /// <param name="filename">What was measured, for the first column.</param>
    /// <param name="slices">What the part is, for the second column, for example <c>3:10</c>.</param>
    public static string AggregateToText(CordMeasurements part, string filename, string slices)
    {
        ArgumentNullException.ThrowIfNull(part);
        var valid = part.Stations.Where(station => station.Valid).Select(Values).ToArray();
        var text = new StringBuilder().AppendJoin(',', Columns).Append('\n').Append(Quoted(filename)).Append(',').Append(slices).Append(",,");
        for (var measure = 0; measure < Measures.Length; measure++)
        {
            var values = valid.Select(station => station[measure]).ToArray();
            var mean = values.DefaultIfEmpty(double.NaN).Average();
            text.Append(',').Append(Number(mean)).Append(',').Append(Number(Math.Sqrt(values.DefaultIfEmpty(double.NaN).Average(v => (v - mean) * (v - mean)))));
        }
        return text.Append(',').Append(Number(part.Whole.Length)).Append(',').Append(valid.Length > 0 ? "true" : "false")
            .Append(',').Append(Quoted(valid.Length > 0 ? "" : "no valid station")).Append(',').Append(part.Whole.MeanAreaHalfWidth is { } halfWidth ? Number(halfWidth) : "").Append('\n').ToString();
    }

    /// <summary>In the order of <see cref="Measures"/>.</summary>
    static double[] Values(Station station) =>
    [
        station.Area, station.AngleAP, station.AngleRL, station.DiameterAP, station.DiameterRL,
        station.Eccentricity, station.Orientation, station.Solidity,
    ];

    static string Number(double value) => double.IsFinite(value) ? value.ToString("0.######", CultureInfo.InvariantCulture) : "";

    static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
