using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace SoftSeg.Dicom;

/// <summary>A unique identifier (PS3.5 9). Those of PS3.6 Annex A are static properties named by their keyword.</summary>
public sealed partial class DicomUID : IEquatable<DicomUID>
{
    static readonly DicomUID?[] standard = new DicomUID?[StandardCount];
    static readonly Lazy<Dictionary<string, (string Type, string Keyword, string Name, int Index)>> names = new(ReadTable);
    static readonly Lazy<string[]> values = new(() => [.. names.Value.OrderBy(n => n.Value.Index).Select(n => n.Key)]);

    public DicomUID(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Value = value;
    }

    public string Value { get; }

    /// <summary>The standard's name, or the value where the standard has none.</summary>
    public string Name => names.Value.TryGetValue(Value, out var known) ? known.Name : Value;

    /// <summary>"SOP Class", "Transfer Syntax", ... of PS3.6 table A-1, or null.</summary>
    public string? Type => names.Value.TryGetValue(Value, out var known) ? known.Type : null;

    /// <summary>The standard's keyword, such as MRImageStorage, or null.</summary>
    public string? Keyword => names.Value.TryGetValue(Value, out var known) ? known.Keyword : null;

    /// <summary>Those of PS3.6 Annex A, in its order.</summary>
    public static IEnumerable<DicomUID> Registered => Enumerable.Range(0, StandardCount).Select(Standard);

    /// <summary>1 to 64 characters of digits and dots; no empty component, and no component with a leading zero (PS3.5 9.1).</summary>
    public static bool IsValid(ReadOnlySpan<char> value)
    {
        if (value.Length is 0 or > 64)
            return false;
        var start = 0;
        for (var i = 0; i <= value.Length; i++)
        {
            if (i < value.Length && value[i] != '.')
            {
                if (!char.IsAsciiDigit(value[i]))
                    return false;
                continue;
            }
            var length = i - start;
            if (length == 0 || (length > 1 && value[start] == '0'))
                return false;
            start = i + 1;
        }
        return true;
    }

    /// <summary>
    /// The UID that belongs to these texts: "2.25." and the first 128 bits of their SHA-256 (marked as a UUID of version 8), as PS3.5 B.2 allows.
    /// The same texts in the same order always give the same UID; ("ab", "c") and ("a", "bc") differ.
    /// </summary>
    public static DicomUID Derive(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
        var uuid = hash.GetHashAndReset().AsSpan(0, 16);
        uuid[6] = (byte)((uuid[6] & 0x0F) | 0x80);
        uuid[8] = (byte)((uuid[8] & 0x3F) | 0x80);
        return new DicomUID("2.25." + new BigInteger(uuid, isUnsigned: true, isBigEndian: true).ToString(CultureInfo.InvariantCulture));
    }

    public bool Equals(DicomUID? other) => other is not null && Value == other.Value;
    public override bool Equals(object? obj) => Equals(obj as DicomUID);
    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);
    public override string ToString() => Value;

    public static bool operator ==(DicomUID? left, DicomUID? right) => left is null ? right is null : left.Equals(right);
    public static bool operator !=(DicomUID? left, DicomUID? right) => !(left == right);

    static DicomUID Standard(int index) => standard[index] ??= new DicomUID(values.Value[index]);

    static Dictionary<string, (string Type, string Keyword, string Name, int Index)> ReadTable()
    {
        var table = new Dictionary<string, (string, string, string, int)>(StandardCount);
        foreach (var line in Encoding.UTF8.GetString(StandardTable).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split('\t');
            table.Add(fields[0], (fields[1], fields[2], fields[3], table.Count));
        }
        return table;
    }
}
