using System.Text;

namespace SoftSeg.Dicom;

/// <summary>
/// A registered set of characters that ISO 2022 escapes call into the lower (G0, bytes 21-7E) or upper (G1, bytes A0-FF) half of the code table
/// (PS3.3 tables C.12-3 and C.12-4).
/// </summary>
sealed class CodeElement
{
    /// <summary>How a character's bytes relate to those of the code page that knows the set.</summary>
    enum Form { Ascii, SingleByte, Katakana, Jis208, Jis212, DoubleByte }

    public static readonly CodeElement Ascii = new(6, "(B", Form.Ascii);
    public static readonly CodeElement Romaji = new(14, "(J", Form.Ascii);

    static readonly CodeElement[] upper =
    [
        new(100, "-A", Form.SingleByte, 28591), new(101, "-B", Form.SingleByte, 28592), new(109, "-C", Form.SingleByte, 28593), new(110, "-D", Form.SingleByte, 28594),
        new(144, "-L", Form.SingleByte, 28595), new(127, "-G", Form.SingleByte, 28596), new(126, "-F", Form.SingleByte, 28597), new(138, "-H", Form.SingleByte, 28598),
        new(148, "-M", Form.SingleByte, 28599), new(203, "-b", Form.SingleByte, 28605), new(166, "-T", Form.SingleByte, 874),
        new(13, ")I", Form.Katakana), new(149, "$)C", Form.DoubleByte, 20949), new(58, "$)A", Form.DoubleByte, 20936),
    ];

    static readonly CodeElement[] lower = [Ascii, Romaji, new(87, "$B", Form.Jis208, 20932), new(159, "$(D", Form.Jis212, 20932)];

    readonly Form form;
    readonly Encoding? encoding;

    CodeElement(int registration, string escape, Form form, int codePage = 0)
    {
        (Registration, Escape, this.form) = (registration, Encoding.ASCII.GetBytes(escape), form);
        if (codePage != 0)
            encoding = CodePages.Get(codePage);
    }

    /// <summary>Number in the ISO-IR registry, as in "ISO 2022 IR 87".</summary>
    public int Registration { get; }

    /// <summary>The bytes behind ESC.</summary>
    public byte[] Escape { get; }

    public bool IsUpper => form is Form.SingleByte or Form.Katakana or Form.DoubleByte;

    public int BytesPerCharacter => form is Form.Jis208 or Form.Jis212 or Form.DoubleByte ? 2 : 1;

    public static IEnumerable<CodeElement> All => [.. lower, .. upper];

    public static CodeElement? OfRegistration(int registration) =>
        Array.Find(upper, e => e.Registration == registration) ?? Array.Find(lower, e => e.Registration == registration);

    /// <summary>The set that these bytes behind ESC call, or null.</summary>
    public static CodeElement? OfEscape(ReadOnlySpan<byte> bytes)
    {
        foreach (var element in lower)
            if (bytes.StartsWith(element.Escape))
                return element;
        foreach (var element in upper)
            if (bytes.StartsWith(element.Escape))
                return element;
        return null;
    }

    /// <summary>Adds the character of <see cref="BytesPerCharacter"/> bytes.</summary>
    public void Decode(ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        Span<byte> coded = stackalloc byte[2];
        Span<char> characters = stackalloc char[4];
        switch (form)
        {
            case Form.Ascii:
                text.Append((char)bytes[0]);
                return;
            case Form.Katakana:
                text.Append(bytes[0] is >= 0xA1 and <= 0xDF ? (char)(bytes[0] - 0xA1 + '\uFF61') : '\uFFFD');
                return;
            case Form.Jis208:
                (coded[0], coded[1]) = ((byte)(bytes[0] | 0x80), (byte)(bytes[1] | 0x80));
                break;
            case Form.Jis212:
                (coded[0], coded[1]) = ((byte)(bytes[0] | 0x80), (byte)(bytes[1] & 0x7F));
                break;
            default:
                bytes[..BytesPerCharacter].CopyTo(coded);
                break;
        }
        var count = encoding!.GetChars(coded[..BytesPerCharacter], characters);
        text.Append(characters[..count]);
    }

    /// <summary>The bytes of a character; 0 when the set doesn't have it.</summary>
    public int Encode(Rune character, Span<byte> bytes)
    {
        switch (form)
        {
            case Form.Ascii:
                bytes[0] = (byte)character.Value;
                return character.IsAscii ? 1 : 0;
            case Form.Katakana:
                bytes[0] = (byte)(character.Value - 0xFF61 + 0xA1);
                return character.Value is >= 0xFF61 and <= 0xFF9F ? 1 : 0;
        }
        if (character.IsAscii)
            return 0;
        Span<char> characters = stackalloc char[2];
        Span<byte> coded = stackalloc byte[8];
        var count = encoding!.GetBytes(characters[..character.EncodeToUtf16(characters)], coded);
        if (count != BytesPerCharacter || coded[0] < 0x80 || (count == 2 && coded[1] < 0x80 != (form == Form.Jis212)))
            return 0;
        (bytes[0], bytes[1]) = IsUpper ? (coded[0], coded[1]) : ((byte)(coded[0] & 0x7F), (byte)(coded[1] & 0x7F));
        // Half-width katakana has two bytes in the code page, but isn't in JIS X 0208.
        return form == Form.Jis208 && coded[0] < 0xA1 ? 0 : count;
    }
}

/// <summary>The shared framework's code pages; what one can't encode becomes nothing.</summary>
static class CodePages
{
    public static Encoding Get(int codePage)
    {
        var (encode, decode) = (new EncoderReplacementFallback(""), new DecoderReplacementFallback("\uFFFD"));
        return codePage == 28591
            ? Encoding.GetEncoding(codePage, encode, decode)
            : CodePagesEncodingProvider.Instance.GetEncoding(codePage, encode, decode)!;
    }
}
