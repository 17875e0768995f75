using System.Text;

namespace SoftSeg.Dicom;

/// <summary>Padding, trimming and plain ASCII of text values (PS3.5 6.2).</summary>
static class ElementText
{
    /// <summary>Spaces that only pad are no part of a value; a NUL never is.</summary>
    public static string Trim(string text, DicomVR vr)
    {
        var span = text.AsSpan().TrimEnd("\0 ");
        if (!vr.KeepsLeadingSpaces)
            span = span.TrimStart("\0 ");
        return span.Length == text.Length ? text : span.ToString();
    }

    public static byte[] EncodeAscii(string text, DicomTag tag)
    {
        if (!Ascii.IsValid(text))
            throw new DicomDataException($"{tag.Describe()} can hold ASCII only, not \"{text}\".", tag);
        return Encoding.ASCII.GetBytes(text);
    }

    public static byte[] Pad(byte[] bytes, DicomVR vr)
    {
        if ((bytes.Length & 1) == 0)
            return bytes;
        var padded = new byte[bytes.Length + 1];
        bytes.CopyTo(padded, 0);
        padded[^1] = vr.PaddingByte;
        return padded;
    }
}
