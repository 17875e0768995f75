using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SoftSeg.Dicom.Network;

/// <summary>Writes the fields of a control PDU; lengths are filled in when an item or the PDU is closed.</summary>
sealed class PduBuilder
{
    readonly ArrayBufferWriter<byte> _buffer = new(512);

    public static byte[] Build(PduType type, Action<PduBuilder> body)
    {
        var builder = new PduBuilder();
        builder.WriteByte((byte)type);
        builder.WriteZeros(5);
        body(builder);
        byte[] pdu = builder._buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(pdu.AsSpan(2), (uint)(pdu.Length - 6));
        return pdu;
    }

    public void WriteByte(byte value) => _buffer.Write([value]);

    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.GetSpan(2), value);
        _buffer.Advance(2);
    }

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    public void WriteZeros(int count)
    {
        _buffer.GetSpan(count)[..count].Clear();
        _buffer.Advance(count);
    }

    public void WriteText(string text) => Encoding.ASCII.GetBytes(text, _buffer);

    /// <summary>A 2-byte length and the bytes.</summary>
    public void WriteField(ReadOnlySpan<byte> bytes)
    {
        WriteUInt16(checked((ushort)bytes.Length));
        _buffer.Write(bytes);
    }

    public void WriteAeTitle(string title) => WriteText(title.PadRight(16)[..16]);

    public void WriteItem(byte type, string content) => WriteItem(type, b => b.WriteText(content));

    public void WriteItem(byte type, Action<PduBuilder> content)
    {
        var item = new PduBuilder();
        content(item);
        WriteByte(type);
        WriteByte(0);
        WriteUInt16(checked((ushort)item._buffer.WrittenCount));
        _buffer.Write(item._buffer.WrittenSpan);
    }
}
