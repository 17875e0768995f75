using System.Text;

namespace SoftSeg.Dicom;

/// <summary>
/// An attribute with a value of any representation but SQ. Immutable. The value's bytes are little endian whatever the file had, and padded to an even length
/// when this library wrote them. Text is decoded when asked for, and text that was read keeps its bytes.
/// </summary>
public sealed class DicomElement : DicomItem
{
    readonly ReadOnlyMemory<byte> bytes;

    /// <summary>The value of an element made from text: a string, not encoded until it is written. Otherwise the character set of the bytes, where it is known.</summary>
    object? content;

    /// <summary>An element with these bytes: little endian; text in the character set of the data set it will stand in.</summary>
    public DicomElement(DicomTag tag, DicomVR valueRepresentation, ReadOnlyMemory<byte> bytes) : base(tag, valueRepresentation) => this.bytes = bytes;

    internal DicomElement(DicomTag tag, DicomVR valueRepresentation, ReadOnlyMemory<byte> bytes, DicomCharacterSet? characterSet)
        : base(tag, valueRepresentation) => (this.bytes, content) = (bytes, valueRepresentation.UsesCharacterSet || valueRepresentation == DicomVR.UN ? characterSet : null);

    /// <summary>An element of text, encoded when it is written. Several values are separated by backslashes.</summary>
    public DicomElement(DicomTag tag, DicomVR valueRepresentation, string text) : base(tag, valueRepresentation)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!valueRepresentation.IsText)
            throw new DicomDataException($"{tag.Describe()} has the value representation {valueRepresentation}, which is not text.", tag);
        if (valueRepresentation.UsesCharacterSet && !Ascii.IsValid(text))
            content = text;
        else
            bytes = ElementText.Pad(ElementText.EncodeAscii(text, tag), valueRepresentation);
    }

    public bool IsEmpty => content is string text ? text.Length == 0 : bytes.IsEmpty;

    /// <summary>The value's bytes; text that isn't ASCII and isn't encoded yet is encoded in <paramref name="characterSet"/>.</summary>
    public ReadOnlyMemory<byte> GetBytes(DicomCharacterSet characterSet) => content switch
    {
        string text => ElementText.Pad(characterSet.Encode(text, ValueRepresentation, Tag), ValueRepresentation),
        DicomCharacterSet own when !own.Equals(characterSet) && ValueRepresentation.UsesCharacterSet && own.MayDiffer(bytes.Span, characterSet) =>
            ElementText.Pad(characterSet.Encode(own.Decode(bytes.Span, ValueRepresentation), ValueRepresentation, Tag), ValueRepresentation),
        _ => bytes,
    };

    /// <summary>Bytes as read or given; empty for text that waits to be encoded.</summary>
    internal ReadOnlyMemory<byte> RawBytes => bytes;

    /// <summary>UN of a standard attribute is read as the dictionary says (PS3.5 6.2.2, note 2).</summary>
    internal DicomVR EffectiveVR => ValueRepresentation == DicomVR.UN ? DicomDictionary.ImplicitVR(Tag.Value) : ValueRepresentation;

    /// <summary>The whole value as text: padding trimmed; numbers in the invariant culture, several values joined by backslashes.</summary>
    internal string GetText(DicomCharacterSet characterSet)
    {
        if (content is string text)
            return ElementText.Trim(text, ValueRepresentation);
        var vr = EffectiveVR;
        if (vr.IsText || vr == DicomVR.UN)
            return ElementText.Trim((content as DicomCharacterSet ?? characterSet).Decode(bytes.Span, vr), vr);
        return ElementNumbers.Format(this, vr);
    }

    /// <summary>The values as text; empty when the element is.</summary>
    internal string[] GetTexts(DicomCharacterSet characterSet)
    {
        var vr = EffectiveVR;
        var text = GetText(characterSet);
        if (text.Length == 0)
            return [];
        if (vr.IsText && !vr.IsMultiValued)
            return [text];
        var values = text.Split('\\');
        for (var i = 0; i < values.Length; i++)
            values[i] = ElementText.Trim(values[i], vr);
        return values;
    }
}
