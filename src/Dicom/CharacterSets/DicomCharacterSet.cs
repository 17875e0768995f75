using System.Text;

namespace SoftSeg.Dicom;

/// <summary>What Specific Character Set (0008,0005) says of a data set's text (PS3.3 C.12.1.1.2).</summary>
public sealed class DicomCharacterSet : IEquatable<DicomCharacterSet>
{
    readonly Encoding encoding;

    /// <summary>ASCII, when the attribute is absent or empty. Bytes above 127 are read as Latin-1, since none is allowed.</summary>
    public static DicomCharacterSet Default { get; } = new("");

    DicomCharacterSet(string definedTerm)
    {
        DefinedTerm = definedTerm;
        encoding = definedTerm switch
        {
            "ISO_IR 192" => new UTF8Encoding(false),
            "GB18030" => CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!,
            "GBK" => CodePagesEncodingProvider.Instance.GetEncoding(936)!,
            _ => Encoding.Latin1,
        };
    }

    public string DefinedTerm { get; }

    public static DicomCharacterSet Parse(params IReadOnlyList<string> definedTerms)
    {
        ArgumentNullException.ThrowIfNull(definedTerms);
        return definedTerms.Count == 0 || definedTerms[0].Length == 0 ? Default : new(definedTerms[0]);
    }

    public string Decode(ReadOnlySpan<byte> bytes, DicomVR vr) => encoding.GetString(bytes);

    internal byte[] Encode(string text, DicomVR vr, DicomTag tag) => encoding.GetBytes(text);

    /// <summary>Whether these bytes, in this set, could mean something else in the other one.</summary>
    internal bool MayDiffer(ReadOnlySpan<byte> bytes, DicomCharacterSet other) =>
        !Equals(other) && (bytes.IndexOfAnyExceptInRange((byte)0, (byte)0x7F) >= 0 || bytes.Contains((byte)0x1B));

    public bool Equals(DicomCharacterSet? other) => other is not null && DefinedTerm == other.DefinedTerm;
    public override bool Equals(object? obj) => Equals(obj as DicomCharacterSet);
    public override int GetHashCode() => DefinedTerm.GetHashCode(StringComparison.Ordinal);
}
