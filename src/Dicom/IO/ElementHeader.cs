using System.Buffers.Binary;

namespace SoftSeg.Dicom;

/// <summary>Tag, value representation and length of a data element, or tag and length of an item or delimiter (PS3.5 7.1 and 7.5).</summary>
readonly struct ElementHeader(uint tag, DicomVR? vr, uint length, int size)
{
    public const uint UndefinedLength = 0xFFFFFFFF;
    public const uint Item = 0xFFFEE000, ItemDelimitation = 0xFFFEE00D, SequenceDelimitation = 0xFFFEE0DD;

    /// <summary>The longest header.</summary>
    public const int MaxSize = 12;

    public uint Tag { get; } = tag;

    /// <summary>Null for items and delimiters; and in explicit VR where the two bytes are no value representation.</summary>
    public DicomVR? VR { get; } = vr;

    public uint Length { get; } = length;

    /// <summary>Bytes of the header itself.</summary>
    public int Size { get; } = size;

    public bool IsUndefinedLength => Length == UndefinedLength;

    public bool IsItemOrDelimiter => Tag is Item or ItemDelimitation or SequenceDelimitation;

    /// <summary>Reads a header at the start of <paramref name="bytes"/>; false when there are too few bytes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, bool isExplicit, bool isBigEndian, out ElementHeader header)
    {
        header = default;
        if (bytes.Length < 8)
            return false;
        var tag = isBigEndian
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : ((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16) | BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        if (tag is Item or ItemDelimitation or SequenceDelimitation)
        {
            header = new ElementHeader(tag, null, UInt32(bytes[4..], isBigEndian), 8);
            return true;
        }
        if (!isExplicit)
        {
            header = new ElementHeader(tag, DicomDictionary.ImplicitVR(tag), UInt32(bytes[4..], isBigEndian), 8);
            return true;
        }
        var vr = DicomVR.Lookup(bytes[4], bytes[5]);
        if (vr is null && char.IsAsciiLetterUpper((char)bytes[4]) && char.IsAsciiLetterUpper((char)bytes[5]))
            vr = DicomVR.UN; // a representation of a later edition has a length of four bytes (PS3.5 6.2.2)
        if (vr is null)
        {
            header = new ElementHeader(tag, null, 0, 8);
            return true;
        }
        if (!vr.IsLongLength)
        {
            var length = isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
            header = new ElementHeader(tag, vr, length, 8);
            return true;
        }
        if (bytes.Length < 12)
            return false;
        header = new ElementHeader(tag, vr, UInt32(bytes[8..], isBigEndian), 12);
        return true;
    }

    static uint UInt32(ReadOnlySpan<byte> bytes, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
