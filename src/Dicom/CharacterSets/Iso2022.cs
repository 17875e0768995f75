using System.Text;

namespace SoftSeg.Dicom;

/// <summary>
/// Text with code extensions (PS3.5 6.1.2.5): the sets that are active at the start of a value, and again behind every delimiter, are those of the first defined term;
/// escapes call the others.
/// </summary>
/// <param name="initialLower">The lower half at the start: ASCII, or the romaji of JIS X 0201.</param>
/// <param name="initialUpper">The upper half at the start; null where only an escape can fill it.</param>
/// <param name="extensions">What escapes may call, in the order of preference.</param>
sealed class Iso2022(CodeElement initialLower, CodeElement? initialUpper, IReadOnlyList<CodeElement> extensions)
{
    const byte Escape = 0x1B;

    /// <summary>
    /// Reads bytes above 127 that no escape announced: the first extension of the upper half, since some writers announce it once or never; Latin-1 where nothing is declared.
    /// </summary>
    readonly CodeElement? fallbackUpper = initialUpper ?? extensions.FirstOrDefault(e => e.IsUpper) ?? CodeElement.OfRegistration(100);

    public string Decode(ReadOnlySpan<byte> bytes, DicomVR vr)
    {
        var text = new StringBuilder(bytes.Length);
        var (low, high) = (initialLower, fallbackUpper);
        while (!bytes.IsEmpty)
        {
            var first = bytes[0];
            if (first == Escape && CodeElement.OfEscape(bytes[1..]) is { } called)
            {
                if (called.IsUpper)
                    high = called;
                else
                    low = called;
                bytes = bytes[(1 + called.Escape.Length)..];
                continue;
            }
            var element = first >= 0x80 ? high : first <= 0x20 ? initialLower : low;
            if (element is null || element.BytesPerCharacter > bytes.Length || (element.BytesPerCharacter == 2 && !ArePair(first, bytes[1])))
            {
                text.Append(first < 0x80 ? (char)first : '\uFFFD');
                bytes = bytes[1..];
                continue;
            }
            element.Decode(bytes, text);
            bytes = bytes[element.BytesPerCharacter..];
            if (element.BytesPerCharacter == 1 && IsDelimiter((char)first, vr))
                (low, high) = (initialLower, fallbackUpper);
        }
        return text.ToString();
    }

    /// <summary>Null when a character is in none of the sets; <paramref name="failed"/> says which.</summary>
    public byte[]? Encode(string text, DicomVR vr, out Rune failed)
    {
        var bytes = new List<byte>(text.Length * 2);
        var (low, high) = (initialLower, initialUpper);
        Span<byte> coded = stackalloc byte[2];
        failed = default;
        foreach (var character in text.EnumerateRunes())
        {
            if (character.IsAscii)
            {
                if (low.BytesPerCharacter == 2)
                    Call(low = initialLower, bytes);
                bytes.Add((byte)character.Value);
                if (IsDelimiter((char)character.Value, vr))
                    (low, high) = (initialLower, initialUpper);
                continue;
            }
            var (element, length) = Find(character, low, high, coded);
            if (element is null)
            {
                failed = character;
                return null;
            }
            if (element.IsUpper && element != high)
                Call(high = element, bytes);
            else if (!element.IsUpper && element != low)
                Call(low = element, bytes);
            bytes.AddRange(coded[..length]);
        }
        if (low != initialLower)
            Call(initialLower, bytes);
        return [.. bytes];
    }

    /// <summary>The set to use: one that is active, else the first declared one.</summary>
    (CodeElement? Element, int Length) Find(Rune character, CodeElement low, CodeElement? high, Span<byte> coded)
    {
        if (high?.Encode(character, coded) is > 0 and var inUpper)
            return (high, inUpper);
        if (low.Encode(character, coded) is > 0 and var inLower)
            return (low, inLower);
        if (initialUpper?.Encode(character, coded) is > 0 and var inInitial)
            return (initialUpper, inInitial);
        foreach (var element in extensions)
            if (element.Encode(character, coded) is > 0 and var length)
                return (element, length);
        return (null, 0);
    }

    static void Call(CodeElement element, List<byte> bytes)
    {
        bytes.Add(Escape);
        bytes.AddRange(element.Escape);
    }

    static bool ArePair(byte first, byte second) => first is >= 0x21 and <= 0x7E
        ? second is >= 0x21 and <= 0x7E
        : first >= 0xA1 && second >= 0xA1;

    /// <summary>Where the initial sets are active again (PS3.5 6.1.2.5.3).</summary>
    static bool IsDelimiter(char character, DicomVR vr) => character switch
    {
        '\r' or '\n' or '\f' or '\t' => true,
        '\\' => vr.IsMultiValued,
        '^' or '=' => vr == DicomVR.PN,
        _ => false,
    };
}
