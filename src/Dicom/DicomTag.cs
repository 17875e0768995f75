using System.Globalization;

namespace SoftSeg.Dicom;

/// <summary>
/// A data element tag. Ordered by group and element, as data sets are (PS3.5 7.1).
/// The standard's attributes are static properties named by their keyword.
/// </summary>
public readonly partial record struct DicomTag(ushort Group, ushort Element) : IComparable<DicomTag>
{
    internal DicomTag(uint value) : this((ushort)(value >> 16), (ushort)value) { }

    /// <summary>Group and element as one number.</summary>
    internal uint Value => ((uint)Group << 16) | Element;

    /// <summary>An odd group belongs to a vendor (PS3.5 7.8).</summary>
    public bool IsPrivate => (Group & 1) != 0;

    /// <summary>An element that reserves a block of its private group: (gggg,0010-00FF).</summary>
    public bool IsPrivateCreator => IsPrivate && Element is >= 0x10 and <= 0xFF;

    public bool IsGroupLength => Element == 0;

    /// <summary>The keyword of PS3.6, or null.</summary>
    public string? Keyword => DicomDictionary.Lookup(this)?.Keyword;

    public int CompareTo(DicomTag other) => Value.CompareTo(other.Value);

    public static bool operator <(DicomTag left, DicomTag right) => left.Value < right.Value;
    public static bool operator >(DicomTag left, DicomTag right) => left.Value > right.Value;
    public static bool operator <=(DicomTag left, DicomTag right) => left.Value <= right.Value;
    public static bool operator >=(DicomTag left, DicomTag right) => left.Value >= right.Value;

    /// <summary>Accepts "(0010,0010)", "0010,0010", "00100010" and a keyword of PS3.6.</summary>
    /// <exception cref="FormatException"></exception>
    public static DicomTag Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var tag) ? tag : throw new FormatException($"\"{text}\" is neither a tag, such as (0010,0010), nor an attribute's keyword.");
    }

    public static bool TryParse(string? text, out DicomTag tag)
    {
        tag = default;
        if (text is null)
            return false;
        var digits = text.Trim().TrimStart('(').TrimEnd(')').Replace(",", "", StringComparison.Ordinal);
        if (digits.Length == 8 && uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            tag = new DicomTag(value);
            return true;
        }
        if (DicomDictionary.LookupKeyword(text) is not { } entry)
            return false;
        tag = entry.Tag;
        return true;
    }

    public override string ToString() => $"({Group:X4},{Element:X4})";

    public override int GetHashCode() => (int)Value;

    /// <summary>"(0010,0010) PatientName", for messages.</summary>
    internal string Describe() => Keyword is { } keyword ? $"{this} {keyword}" : ToString();
}
