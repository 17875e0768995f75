using System.Globalization;

namespace DictionaryGenerator;

/// <summary>A line of dicom.dic. A repeating group stands at its first tag, e.g. (6000,0010) for (60xx,0010).</summary>
sealed record AttributeLine(uint Tag, string VR, string Keyword, string VM, bool Retired, bool Repeating);

/// <summary>A line of uids.tsv.</summary>
sealed record UidLine(string Value, string Keyword, string Type, string Name, bool Retired);

static class DictionarySource
{
    /// <summary>Value representations in the order of <c>DicomVR</c>'s table.</summary>
    public static readonly string[] VRs =
    [
        "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "OB", "OD", "OF", "OL", "OV", "OW", "PN",
        "SH", "SL", "SQ", "SS", "ST", "SV", "TM", "UC", "UI", "UL", "UN", "UR", "US", "UT", "UV",
    ];

    public static List<AttributeLine> ReadAttributes(string path)
    {
        const string RetiredPrefix = "RETIRED_";
        var byTag = new SortedDictionary<uint, AttributeLine>();
        foreach (var line in File.ReadLines(path))
        {
            var fields = line.Split('\t', StringSplitOptions.RemoveEmptyEntries);
            // Group lengths and private creators of any group are rules, not entries: DicomDictionary knows them.
            if (line.StartsWith('#') || fields.Length < 5 || fields[4] is "PRIVATE" or "ILLEGAL" or "GENERIC")
                continue;
            var parts = fields[0].Trim('(', ')').Split(',');
            var tag = (First(parts[0]) << 16) | First(parts[1]);
            var retired = fields[2].StartsWith(RetiredPrefix, StringComparison.Ordinal);
            var keyword = retired ? fields[2][RetiredPrefix.Length..] : fields[2];
            byTag[tag] = new AttributeLine(tag, fields[1], keyword, fields[3], retired, fields[0].Contains('-'));
        }
        return [.. byTag.Values];
    }

    public static List<UidLine> ReadUids(string path) =>
    [
        .. from line in File.ReadLines(path)
           where !line.StartsWith('#')
           let fields = line.Split('\t')
           orderby StringKey(fields[0])
           select new UidLine(fields[0], fields[1], fields[2], fields[3], fields.Length > 4),
    ];

    static string StringKey(string uid) => string.Join('.', uid.Split('.').Select(c => c.PadLeft(12, '0')));

    static uint First(string range) =>
        uint.Parse(range.Split('-')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
