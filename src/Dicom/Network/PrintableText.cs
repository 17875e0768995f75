namespace SoftSeg.Dicom.Network;

/// <summary>What a peer says ends in logs and messages: one line of ASCII stays one, and what is not printable becomes a question mark.</summary>
static class PrintableText
{
    public static string Of(ReadOnlySpan<byte> bytes) => string.Create(bytes.Length, bytes, static (text, from) =>
    {
        for (int i = 0; i < text.Length; i++)
            text[i] = from[i] is >= 0x20 and <= 0x7E ? (char)from[i] : '?';
    }).Trim();

    public static string Of(string raw) => string.Create(raw.Length, raw, static (text, from) =>
    {
        for (int i = 0; i < text.Length; i++)
            text[i] = from[i] is >= ' ' and <= '~' ? from[i] : '?';
    }).Trim();
}
