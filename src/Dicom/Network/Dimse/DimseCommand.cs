using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SoftSeg.Dicom.Network;

/// <summary>A command set (PS3.7 6.3, annex E): group 0000, always Implicit VR Little Endian. Only the elements that C-ECHO and C-STORE use.</summary>
sealed record DimseCommand
{
    // (0000,0800) with this value: no data set follows (PS3.7 E.1).
    const ushort NoDataSet = 0x0101;

    static readonly SearchValues<char> s_uidCharacters = SearchValues.Create("0123456789.");

    public ushort Field { get; init; }

    /// <summary>(0000,0110) of a request, (0000,0120) of a response.</summary>
    public ushort MessageId { get; init; }

    public string? AffectedSopClassUid { get; init; }

    public string? AffectedSopInstanceUid { get; init; }

    public ushort Priority { get; init; }

    public DicomStatus Status { get; init; } = DicomStatus.Success;

    public bool HasDataSet { get; init; }

    public bool IsResponse => (Field & CommandField.ResponseBit) != 0;

    /// <exception cref="DicomProtocolException">Not a command set, or without a command field, message id or data set type.</exception>
    public static DimseCommand Parse(ReadOnlySpan<byte> bytes)
    {
        ushort? field = null, id = null, respondedTo = null, dataSetType = null;
        ushort status = 0, priority = 0;
        string? sopClass = null, sopInstance = null, comment = null;
        while (!bytes.IsEmpty)
        {
            if (bytes.Length < 8)
                throw DicomProtocolException.Dimse($"command set: {bytes.Length} bytes where an element begins");
            ushort group = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            ushort element = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            if (group != 0)
                throw DicomProtocolException.Dimse($"command set: element ({group:X4},{element:X4})");
            if (length > bytes.Length - 8)
                throw DicomProtocolException.Dimse($"command set: (0000,{element:X4}) announces {length} bytes, {bytes.Length - 8} left");
            var value = bytes.Slice(8, (int)length);
            bytes = bytes[(8 + (int)length)..];
            switch (element)
            {
                case 0x0002: sopClass = Text(value); break;
                case 0x0100: field = UShort(element, value); break;
                case 0x0110: id = UShort(element, value); break;
                case 0x0120: respondedTo = UShort(element, value); break;
                case 0x0700: priority = UShort(element, value); break;
                case 0x0800: dataSetType = UShort(element, value); break;
                case 0x0900: status = UShort(element, value); break;
                case 0x0902: comment = Text(value); break;
                case 0x1000: sopInstance = Text(value); break;
                default: break;
            }
        }

        if (field is null)
            throw DicomProtocolException.Dimse("command set without CommandField (0000,0100)");
        if (dataSetType is null)
            throw DicomProtocolException.Dimse("command set without CommandDataSetType (0000,0800)");
        bool isReply = (field & CommandField.ResponseBit) != 0 || field == CommandField.CancelRq;
        if ((isReply ? respondedTo : id) is not { } message)
            throw DicomProtocolException.Dimse("command set without message id");
        return new DimseCommand
        {
            Field = field.Value,
            MessageId = message,
            AffectedSopClassUid = sopClass,
            AffectedSopInstanceUid = sopInstance,
            Priority = priority,
            Status = new DicomStatus(status, comment),
            HasDataSet = dataSetType != NoDataSet
        };
    }

    static ushort UShort(ushort element, ReadOnlySpan<byte> value) => value.Length == 2
        ? BinaryPrimitives.ReadUInt16LittleEndian(value)
        : throw DicomProtocolException.Dimse($"command set: (0000,{element:X4}) has {value.Length} bytes, not 2");

    static string Text(ReadOnlySpan<byte> value) => PduCursor.PrintableText(value.TrimEnd(" \0"u8));

    /// <summary>The response to this request, in the same message id and for the same SOP instance.</summary>
    public DimseCommand Respond(DicomStatus status) => new()
    {
        Field = (ushort)(Field | CommandField.ResponseBit),
        MessageId = MessageId,
        AffectedSopClassUid = IsUid(AffectedSopClassUid) ? AffectedSopClassUid : null,
        AffectedSopInstanceUid = IsUid(AffectedSopInstanceUid) ? AffectedSopInstanceUid : null,
        Status = status
    };

    /// <summary>1..64 digits and dots, no empty component: what may name a file.</summary>
    public static bool IsUid(string? text) =>
        text is { Length: > 0 and <= 64 } && text[0] != '.' && text[^1] != '.'
        && !text.Contains("..", StringComparison.Ordinal) && !text.AsSpan().ContainsAnyExcept(s_uidCharacters);

    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        WriteHeader(buffer, 0x0000, 4);
        buffer.Write("\0\0\0\0"u8);   // Group length, filled in below.
        if (AffectedSopClassUid is not null)
            WriteUid(buffer, 0x0002, AffectedSopClassUid);
        WriteUShort(buffer, 0x0100, Field);
        WriteUShort(buffer, (ushort)(IsResponse ? 0x0120 : 0x0110), MessageId);
        if (Field == CommandField.StoreRq)
            WriteUShort(buffer, 0x0700, Priority);
        WriteUShort(buffer, 0x0800, HasDataSet ? (ushort)1 : NoDataSet);
        if (IsResponse)
        {
            WriteUShort(buffer, 0x0900, Status.Code);
            if (Status.Comment is { Length: > 0 } comment)
                WriteText(buffer, 0x0902, comment.Length > 64 ? comment[..64] : comment, ' ');
        }
        if (AffectedSopInstanceUid is not null)
            WriteUid(buffer, 0x1000, AffectedSopInstanceUid);

        byte[] bytes = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), (uint)(bytes.Length - 12));
        return bytes;
    }

    static void WriteHeader(ArrayBufferWriter<byte> buffer, ushort element, int length)
    {
        var header = buffer.GetSpan(8);
        BinaryPrimitives.WriteUInt16LittleEndian(header, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], element);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)length);
        buffer.Advance(8);
    }

    static void WriteUShort(ArrayBufferWriter<byte> buffer, ushort element, ushort value)
    {
        WriteHeader(buffer, element, 2);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.GetSpan(2), value);
        buffer.Advance(2);
    }

    static void WriteUid(ArrayBufferWriter<byte> buffer, ushort element, string uid) => WriteText(buffer, element, uid, '\0');

    static void WriteText(ArrayBufferWriter<byte> buffer, ushort element, string text, char padding)
    {
        string even = text.Length % 2 == 0 ? text : text + padding;
        WriteHeader(buffer, element, even.Length);
        Encoding.ASCII.GetBytes(even, buffer);
    }
}
