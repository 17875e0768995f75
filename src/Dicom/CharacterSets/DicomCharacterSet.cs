using System.Collections.Concurrent;
using System.Text;

namespace SoftSeg.Dicom;

/// <summary>What Specific Character Set (0008,0005) says of a data set's text (PS3.3 C.12.1.1.2, PS3.5 6.1).</summary>
public sealed class DicomCharacterSet : IEquatable<DicomCharacterSet>
{
    /// <summary>Sets that were parsed; a hostile sender can't fill it.</summary>
    static readonly ConcurrentDictionary<string, DicomCharacterSet> cache = new();
    const int MaxCached = 256, LongestCached = 128;

    readonly string value;

    /// <summary>One of the encodings that know no escapes: UTF-8, GB18030, GBK. Otherwise null.</summary>
    readonly Encoding? encoding;
    readonly Iso2022? iso2022;

    DicomCharacterSet(string value)
    {
        this.value = value;
        DefinedTerms = [.. value.Split('\\').Select(term => term.Trim(' ', '\0'))];
        encoding = DefinedTerms[0].ToUpperInvariant() switch
        {
            "ISO_IR 192" => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            "GB18030" => CodePages.Get(54936),
            "GBK" => CodePages.Get(936),
            _ => null,
        };
        if (encoding is null)
            iso2022 = ParseIso2022(DefinedTerms);
    }

    /// <summary>ASCII, when the attribute is absent or empty. Bytes above 127, which are not allowed then, are read as Latin-1.</summary>
    public static DicomCharacterSet Default { get; } = new("");

    /// <summary>The defined terms that are understood: sets alone, sets that ISO 2022 escapes call, and encodings of their own.</summary>
    public static IReadOnlyList<string> Supported { get; } =
    [
        .. CodeElement.All.Where(e => e.BytesPerCharacter == 1 && e != CodeElement.Romaji).Select(e => $"ISO_IR {e.Registration}").Order(StringComparer.Ordinal),
        .. CodeElement.All.Select(e => $"ISO 2022 IR {e.Registration}").Order(StringComparer.Ordinal),
        "ISO_IR 192", "GB18030", "GBK",
    ];

    /// <summary>The values of Specific Character Set; the first may be empty.</summary>
    public IReadOnlyList<string> DefinedTerms { get; }

    /// <summary>Terms that are none of the standard's are as good as absent; common misspellings ("ISO-IR 100") are understood.</summary>
    public static DicomCharacterSet Parse(params IReadOnlyList<string> definedTerms)
    {
        ArgumentNullException.ThrowIfNull(definedTerms);
        return Parse(string.Join('\\', definedTerms).AsSpan());
    }

    internal static DicomCharacterSet Parse(ReadOnlySpan<byte> value)
    {
        Span<char> characters = stackalloc char[LongestCached];
        if (value.Length > LongestCached)
            return Parse(Encoding.Latin1.GetString(value).AsSpan());
        return Parse(characters[..Encoding.Latin1.GetChars(value, characters)]);
    }

    static DicomCharacterSet Parse(ReadOnlySpan<char> value)
    {
        value = value.TrimEnd(" \0");
        if (value.IsEmpty)
            return Default;
        if (cache.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(value, out var known))
            return known;
        var text = value.ToString();
        if (cache.Count >= MaxCached || text.Length > LongestCached)
            return new DicomCharacterSet(text);
        return cache.GetOrAdd(text, static t => new DicomCharacterSet(t));
    }

    public string Decode(ReadOnlySpan<byte> bytes, DicomVR vr)
    {
        ArgumentNullException.ThrowIfNull(vr);
        if (Ascii.IsValid(bytes) && (iso2022 is null || !bytes.Contains((byte)0x1B)))
            return Encoding.ASCII.GetString(bytes);
        if (!vr.UsesCharacterSet && vr != DicomVR.UN)
            return Encoding.Latin1.GetString(bytes);
        return encoding is not null ? encoding.GetString(bytes) : iso2022!.Decode(bytes, vr);
    }

    /// <exception cref="DicomDataException">A character is not in the set.</exception>
    internal byte[] Encode(string text, DicomVR vr, DicomTag tag)
    {
        if (encoding is null)
            return iso2022!.Encode(text, vr, out var failed) ?? throw Unencodable(tag, failed);
        foreach (var character in text.EnumerateRunes())
            if (!character.IsAscii && encoding.GetByteCount(character.ToString()) == 0)
                throw Unencodable(tag, character);
        return encoding.GetBytes(text);
    }

    /// <summary>Whether these bytes, in this set, could mean something else in the other one.</summary>
    internal bool MayDiffer(ReadOnlySpan<byte> bytes, DicomCharacterSet other) => !Equals(other) && (!Ascii.IsValid(bytes) || bytes.Contains((byte)0x1B));

    public bool Equals(DicomCharacterSet? other) => other is not null && value == other.value;
    public override bool Equals(object? obj) => Equals(obj as DicomCharacterSet);
    public override int GetHashCode() => value.GetHashCode(StringComparison.Ordinal);
    public override string ToString() => value.Length == 0 ? "ISO_IR 6" : value;

    static Iso2022 ParseIso2022(IReadOnlyList<string> terms)
    {
        var first = Registration(terms[0]) is { } registration ? CodeElement.OfRegistration(registration) : null;
        var extensions = new List<CodeElement>();
        foreach (var term in terms)
            if (Registration(term) is { } number && CodeElement.OfRegistration(number) is { } element && element != CodeElement.Ascii)
                extensions.Add(element);
        // Only sets of one byte a character can be active from the start.
        var initialUpper = first is { IsUpper: true, BytesPerCharacter: 1 } ? first : null;
        return new Iso2022(first?.Registration == 13 ? CodeElement.Romaji : CodeElement.Ascii, initialUpper, extensions);
    }

    /// <summary>The number of "ISO_IR 100", "ISO 2022 IR 87", and of their misspellings with other separators.</summary>
    static int? Registration(string term)
    {
        var words = term.ToUpperInvariant().Split([' ', '_', '-'], StringSplitOptions.RemoveEmptyEntries);
        return words is ["ISO", "IR", var a] && int.TryParse(a, out var plain) ? plain
            : words is ["ISO", "2022", "IR", var b] && int.TryParse(b, out var extended) ? extended
            : words is ["ISO", "2022", var c] && int.TryParse(c, out var shortened) ? shortened
            : null;
    }

    DicomDataException Unencodable(DicomTag tag, Rune character) =>
        new($"{tag.Describe()}: '{character}' (U+{character.Value:X4}) is not in the character set {this}; set SpecificCharacterSet to ISO_IR 192 (UTF-8) for any text.", tag);
}
