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
        // Slices count from the foot, as in the toolbox, whichever way the stack is stored.
        var upwards = measurements.Stations.Count < 2 || measurements.Stations[0].SourceSlice is not { } first || first < measurements.Stations[^1].SourceSlice;
        var last = measurements.SourceSlices - 1;
        foreach (var station in measurements.Stations)
        {
            var slice = station.SourceSlice is { } source ? (upwards ? source : last - source) : station.Index;
            text.Append(Quoted(filename)).Append(',').Append(slice).Append(",,");
            double[] values =
            [
                station.Area, station.AngleAP, station.AngleRL, station.DiameterAP, station.DiameterRL,
                station.Eccentricity, station.Orientation, station.Solidity,
            ];
            foreach (var value in values)
            {
                // One slice has no spread: the toolbox writes 0 too.
                text.Append(',').Append(station.Valid ? Number(value) : "").Append(',').Append(station.Valid ? "0" : "");
            }
            text.Append(',').Append(Number(station.Length)).Append(',').Append(station.Valid ? "true" : "false")
                .Append(',').Append(Quoted(station.Reason ?? "")).Append(',').Append(station is { Valid: true, AreaHalfWidth: { } halfWidth } ? Number(halfWidth) : "").Append('\n');
        }
        return text.ToString();
    }

    static string Number(double value) => double.IsFinite(value) ? value.ToString("0.######", CultureInfo.InvariantCulture) : "";

    static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
