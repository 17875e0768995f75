using System.Buffers.Binary;

namespace SoftSeg.Dicom.Imaging.Codecs;

/// <summary>The marker segments of a JPEG or JPEG-LS bitstream, up to its scan (ITU-T T.81 annex B).</summary>
ref struct JpegMarkers
{
    const byte Soi = 0xD8, Eoi = 0xD9;

    readonly ReadOnlySpan<byte> bitstream;
    readonly string kind;
    int at = 2;

    /// <param name="bitstream">From SOI to EOI.</param>
    /// <param name="kind">What it should be, for messages.</param>
    /// <exception cref="DicomDataException">It does not begin with SOI.</exception>
    public JpegMarkers(ReadOnlySpan<byte> bitstream, string kind)
    {
        this.bitstream = bitstream;
        this.kind = kind;
        if (bitstream.Length < 2 || bitstream[0] != 0xFF || bitstream[1] != Soi)
            throw Fault(kind, "it does not begin with a start of image marker");
    }

    /// <summary>What lies behind the segment that was read last.</summary>
    public readonly ReadOnlySpan<byte> Rest => bitstream[at..];

    public static DicomDataException Fault(string kind, string what) =>
        new($"PixelData (7FE0,0010) is not valid {kind}: {what}. Send the image again.", DicomTag.PixelData);

    /// <summary>The next marker (any number of FF may fill in front of it) and the parameters behind it.</summary>
    public byte Next(out ReadOnlySpan<byte> segment)
    {
        if (at + 4 > bitstream.Length || bitstream[at] != 0xFF)
            throw Fault(kind, $"a marker is missing at byte {at}");
        while (at + 1 < bitstream.Length && bitstream[at + 1] == 0xFF)
            at++;
        if (at + 4 > bitstream.Length)
            throw Fault(kind, "it ends in its headers");
        var marker = bitstream[at + 1];
        segment = default;
        if (marker == Eoi)
            return marker;
        int length = BinaryPrimitives.ReadUInt16BigEndian(bitstream[(at + 2)..]);
        if (length < 2 || at + 2 + length > bitstream.Length)
            throw Fault(kind, $"the segment FF{marker:X2} of {length} bytes goes beyond the end");
        segment = bitstream.Slice(at + 4, length - 2);
        at += 2 + length;
        return marker;
    }
}
