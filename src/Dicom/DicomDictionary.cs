using System.Text;

namespace SoftSeg.Dicom;

/// <summary>An attribute of PS3.6 or PS3.7.</summary>
/// <param name="VR">The first of the permitted ones where it depends on other attributes (US of "US or SS", OW of "OB or OW").</param>
/// <param name="HasAmbiguousVR">"US or SS", "OB or OW", "US or OW".</param>
public sealed record DicomDictionaryEntry(DicomTag Tag, string Keyword, DicomVR VR, string VM, bool IsRetired, bool HasAmbiguousVR)
{
    /// <summary>The keyword's words: "Image Position Patient".</summary>
    public string Name => field ??= Words(Keyword);

    static string Words(string keyword)
    {
        var name = new StringBuilder(keyword.Length + 8);
        for (var i = 0; i < keyword.Length; i++)
        {
            var startsWord = i > 0 && char.IsAsciiLetterUpper(keyword[i])
                && (!char.IsAsciiLetterUpper(keyword[i - 1]) || (i + 1 < keyword.Length && char.IsAsciiLetterLower(keyword[i + 1])));
            if (startsWord)
                name.Append(' ');
            name.Append(keyword[i]);
        }
        return name.ToString();
    }
}

/// <summary>
/// The attributes of the standard. The tables are constants in the assembly: nothing is initialised until an entry is asked for.
/// </summary>
public static partial class DicomDictionary
{
    const int VRMask = 0x3F, AmbiguousFlag = 0x40, RetiredFlag = 0x80;

    static readonly DicomDictionaryEntry?[] entries = new DicomDictionaryEntry?[Tags.Length];

    public static int Count => Tags.Length;

    /// <summary>The entry of a tag, or null. Overlay and curve groups (60xx, 50xx) are found at any of their groups.</summary>
    public static DicomDictionaryEntry? Lookup(DicomTag tag)
    {
        var index = IndexOf(tag.Value);
        if (index < 0)
            return null;
        var entry = entries[index] ??= Read(index);
        return entry.Tag == tag ? entry : entry with { Tag = tag };
    }

    public static DicomDictionaryEntry? LookupKeyword(string keyword)
    {
        ArgumentNullException.ThrowIfNull(keyword);
        var (low, high) = (0, KeywordOrder.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = CompareOrdinal(KeywordAt(KeywordOrder[middle]), keyword);
            if (order == 0)
                return Lookup(new DicomTag(Tags[KeywordOrder[middle]]));
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return null;
    }

    /// <summary>The VR with which an implicit VR element is read (PS3.5 A.1): UL for group lengths, LO for private creators, UN for what is unknown.</summary>
    internal static DicomVR ImplicitVR(uint tag)
    {
        var element = (ushort)tag;
        if (element == 0)
            return DicomVR.UL;
        if ((tag & 0x10000) != 0)
            return element is >= 0x10 and <= 0xFF ? DicomVR.LO : DicomVR.UN;
        var index = IndexOf(tag);
        return index < 0 ? DicomVR.UN : DicomVR.FromIndex(VRs[index] & VRMask);
    }

    static int IndexOf(uint tag)
    {
        var index = Tags.BinarySearch(tag);
        if (index >= 0)
            return index;
        // Repeating groups stand at the first of their tags (PS3.5 7.6).
        var first = tag;
        if ((tag >> 24) is 0x50 or 0x60 or 0x7F && (tag & 0x10000) == 0)
            first = tag & 0xFF00FFFF;
        else if (tag is >= 0x00203100 and <= 0x002031FF)
            first = 0x00203100;
        return first == tag ? -1 : Tags.BinarySearch(first);
    }

    static DicomDictionaryEntry Read(int index) => new(
        new DicomTag(Tags[index]),
        Encoding.ASCII.GetString(KeywordAt(index)),
        DicomVR.FromIndex(VRs[index] & VRMask),
        MultiplicityNames[VMs[index]],
        (VRs[index] & RetiredFlag) != 0,
        (VRs[index] & AmbiguousFlag) != 0);

    static ReadOnlySpan<byte> KeywordAt(int index) => Keywords[KeywordOffsets[index]..KeywordOffsets[index + 1]];

    static int CompareOrdinal(ReadOnlySpan<byte> ascii, string text)
    {
        for (var i = 0; i < ascii.Length && i < text.Length; i++)
            if (ascii[i] != text[i])
                return ascii[i] - text[i];
        return ascii.Length - text.Length;
    }
}
