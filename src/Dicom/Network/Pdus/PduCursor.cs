using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SoftSeg.Dicom.Network;

/// <summary>Reads big-endian fields from the body of a PDU; a length beyond the end is the peer's fault, never an index error of ours.</summary>
ref struct PduCursor(ReadOnlySpan<byte> body, string name)
{
    static readonly SearchValues<byte> s_uidBytes = SearchValues.Create("0123456789."u8);

    ReadOnlySpan<byte> _rest = body;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public readonly int Remaining => _rest.Length;

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public void Skip(int count) => Take(count);

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw DicomProtocolException.Invalid($"{name}: {count} bytes announced, {_rest.Length} left");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>Type, reserved byte, 2-byte length, content: the form of all items.</summary>
    public PduCursor ReadItem(out byte type)
    {
        type = ReadByte();
        Skip(1);
        return new PduCursor(Take(ReadUInt16()), $"item {type:X2}H of {name}");
    }

    /// <summary>An AE title: 16 bytes padded with spaces (PS3.5 6.2).</summary>
    public string ReadAeTitle(string role)
    {
        var field = Take(16);
        foreach (byte b in field)
        {
            if (b is < 0x20 or > 0x7E or (byte)'\\')
                throw DicomProtocolException.Invalid($"{name}: the {role} AE title has the byte {b:X2}H");
        }
        string title = Encoding.ASCII.GetString(field).Trim(' ');
        return title.Length > 0 ? title : throw DicomProtocolException.Invalid($"{name}: the {role} AE title is empty");
    }

    /// <summary>All that is left, as a UID. Padding that PS3.8 does not want (NUL, space) is common, and taken.</summary>
    public string ReadUid()
    {
        var field = Take(_rest.Length).TrimEnd(" \0"u8);
        if (field.Length is 0 or > 64 || field.ContainsAnyExcept(s_uidBytes))
            throw DicomProtocolException.Invalid($"{name}: not a UID ({field.Length} bytes)");
        return Encoding.ASCII.GetString(field);
    }

    /// <summary>All that is left, as text; what is not printable becomes a question mark.</summary>
    public string ReadText() => PrintableText.Of(Take(_rest.Length));
}
