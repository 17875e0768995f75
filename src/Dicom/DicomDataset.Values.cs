namespace SoftSeg.Dicom;

// Reading values. An absent attribute is an error for Get..., and null or empty for the others; a value of a wrong kind is always an error that names the attribute.
public sealed partial class DicomDataset
{
    /// <summary>The whole value, trimmed of padding, in the data set's character set; "" when the element is empty. Numbers are formatted; several values keep their backslashes.</summary>
    /// <exception cref="DicomDataException">The attribute is absent, or a sequence.</exception>
    public string GetString(DicomTag tag) => (FindElement(tag) ?? throw Missing(tag)).GetText(CharacterSet);

    /// <summary>As <see cref="GetString"/>; null when the attribute is absent or empty.</summary>
    public string? GetStringOrNull(DicomTag tag) => FindElement(tag)?.GetText(CharacterSet) is { Length: > 0 } text ? text : null;

    /// <summary>The values, each trimmed; an empty array when the attribute is absent or empty.</summary>
    public string[] GetStrings(DicomTag tag) => FindElement(tag)?.GetTexts(CharacterSet) ?? [];

    /// <exception cref="DicomDataException">Absent, empty, not a whole number, or beyond 32 bits.</exception>
    public int GetInt32(DicomTag tag, int index = 0) => ToInt32(tag, GetInt64(tag, index));

    /// <exception cref="DicomDataException">Absent, empty, or not a whole number.</exception>
    public long GetInt64(DicomTag tag, int index = 0) => ElementNumbers.GetInt64(FindElement(tag) ?? throw Missing(tag), index);

    /// <exception cref="DicomDataException">Absent, empty, or not a number.</exception>
    public double GetDouble(DicomTag tag, int index = 0) => ElementNumbers.GetDouble(FindElement(tag) ?? throw Missing(tag), index);

    /// <summary>Null when the attribute is absent, empty, or has no such value.</summary>
    /// <exception cref="DicomDataException">There is a value, but it is no whole number.</exception>
    public int? GetInt32OrNull(DicomTag tag, int index = 0) => HasNumber(tag, index, out var element) ? ToInt32(tag, ElementNumbers.GetInt64(element, index)) : null;

    /// <summary>Null when the attribute is absent, empty, or has no such value.</summary>
    /// <exception cref="DicomDataException">There is a value, but it is no number.</exception>
    public double? GetDoubleOrNull(DicomTag tag, int index = 0) => HasNumber(tag, index, out var element) ? ElementNumbers.GetDouble(element, index) : null;

    /// <summary>All numbers of the attribute; an empty array when it is absent or empty.</summary>
    /// <exception cref="DicomDataException">A value is no number.</exception>
    public double[] GetDoubles(DicomTag tag) => GetAll(tag, ElementNumbers.GetDouble);

    /// <summary>All whole numbers of the attribute; an empty array when it is absent or empty.</summary>
    public int[] GetInt32s(DicomTag tag) => GetAll(tag, (element, i) => ToInt32(tag, ElementNumbers.GetInt64(element, i)));

    /// <summary>The tags of an AT attribute, such as Dimension Index Pointer; an empty array when it is absent or empty.</summary>
    public DicomTag[] GetTags(DicomTag tag) => GetAll(tag, ElementNumbers.TagAt, DicomVR.AT);

    /// <summary>The items of a sequence; none when it is absent. Of one that came as bytes (UN) the items are read anew at each call.</summary>
    /// <exception cref="DicomDataException">Not a sequence.</exception>
    public IReadOnlyList<DicomDataset> GetSequence(DicomTag tag)
    {
        if (!TryGetItem(tag, out var item))
            return [];
        return item switch
        {
            DicomSequence sequence => (IReadOnlyList<DicomDataset>)sequence.Items,
            DicomElement { IsEmpty: true } => [],
            DicomElement element when element.ValueRepresentation == DicomVR.UN => DatasetReader.ReadItems(element.RawBytes.Span, CharacterSet),
            _ => throw new DicomDataException($"{tag.Describe()} should be a sequence, but its value representation is {item.ValueRepresentation}.", tag),
        };
    }

    /// <summary>The value's bytes, padding included, little endian; none when the attribute is absent.</summary>
    /// <exception cref="DicomDataException">A sequence or encapsulated pixel data.</exception>
    public ReadOnlyMemory<byte> GetBytes(DicomTag tag) => FindElement(tag)?.GetBytes(CharacterSet) ?? default;

    /// <summary>The name; an empty one when the attribute is absent or empty.</summary>
    public DicomPersonName GetPersonName(DicomTag tag) => DicomPersonName.Parse(GetStrings(tag) is [var first, ..] ? first : "");

    /// <summary>The UID; null when the attribute is absent or empty.</summary>
    public DicomUID? GetUID(DicomTag tag) => GetStringOrNull(tag) is { } value ? new DicomUID(value) : null;

    DicomElement? FindElement(DicomTag tag)
    {
        if (!TryGetItem(tag, out var item))
            return null;
        return item as DicomElement ?? throw new DicomDataException(
            $"{tag.Describe()} is {(item is DicomSequence ? "a sequence" : "encapsulated")}, not a single value.", tag);
    }

    bool HasNumber(DicomTag tag, int index, out DicomElement element)
    {
        element = FindElement(tag)!;
        return element is not null && ElementNumbers.HasValue(element, index);
    }

    T[] GetAll<T>(DicomTag tag, Func<DicomElement, int, T> read, DicomVR? vr = null)
    {
        if (FindElement(tag) is not { IsEmpty: false } element)
            return [];
        var values = new T[ElementNumbers.Count(element, vr ?? element.EffectiveVR)];
        for (var i = 0; i < values.Length; i++)
            values[i] = read(element, i);
        return values;
    }

    static int ToInt32(DicomTag tag, long value) => value is >= int.MinValue and <= int.MaxValue ? (int)value
        : throw new DicomDataException($"{tag.Describe()} is {value}, which is beyond 32 bits.", tag);

    static DicomDataException Missing(DicomTag tag) => new($"{tag.Describe()} is missing.", tag);
}
