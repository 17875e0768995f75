using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SoftSeg.Dicom.Network;

/// <summary>Preamble, prefix and file meta information (PS3.10 7.1) of a received instance, as bytes.</summary>
static class FileMetaHeader
{
    /// <summary>Where the elements behind the group length begin.</summary>
    public const int FirstElement = 128 + 4 + 12;

    /// <summary>The header for an instance received over the network.</summary>
    /// <param name="context">Who sent what to whom.</param>
    /// <param name="identityEnd">Offset behind SOP class, SOP instance and transfer syntax: from <see cref="FirstElement"/> to here two headers are equal if these are.</param>
    public static byte[] Build(StoreContext context, out int identityEnd)
    {
        var header = new ArrayBufferWriter<byte>(512);
        header.GetSpan(128)[..128].Clear();
        header.Advance(128);
        header.Write("DICM"u8);
        header.Write("\u0002\0\0\0UL\u0004\0\0\0\0\0"u8);              // (0002,0000), filled in below.
        header.Write("\u0002\0\u0001\0OB\0\0\u0002\0\0\0\0\u0001"u8);  // (0002,0001) version 00\01.
        WriteText(header, 0x0002, "UI", context.SopClassUid);
        WriteText(header, 0x0003, "UI", context.SopInstanceUid);
        WriteText(header, 0x0010, "UI", context.TransferSyntaxUid);
        identityEnd = header.WrittenCount;
        WriteText(header, 0x0012, "UI", DicomFile.ImplementationClassUID);
        WriteText(header, 0x0013, "SH", DicomFile.ImplementationVersionName);
        WriteText(header, 0x0016, "AE", context.SendingAeTitle);     // SourceApplicationEntityTitle
        WriteText(header, 0x0017, "AE", context.SendingAeTitle);     // SendingApplicationEntityTitle
        WriteText(header, 0x0018, "AE", context.ReceivingAeTitle);   // ReceivingApplicationEntityTitle

        byte[] bytes = header.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(FirstElement - 4), (uint)(bytes.Length - FirstElement));
        return bytes;
    }

    /// <summary>Offset of the data set in a file whose first bytes are <paramref name="start"/>; -1 where it is not such a file.</summary>
    public static long DataSetOffset(ReadOnlySpan<byte> start)
    {
        if (start.Length < FirstElement || !start[128..].StartsWith("DICM\u0002\0\0\0UL\u0004\0"u8))
            return -1;
        return FirstElement + (long)BinaryPrimitives.ReadUInt32LittleEndian(start[(FirstElement - 4)..]);
    }

    static void WriteText(ArrayBufferWriter<byte> header, ushort element, string vr, string text)
    {
        int length = text.Length + text.Length % 2;
        var span = header.GetSpan(8 + length);
        BinaryPrimitives.WriteUInt16LittleEndian(span, 0x0002);
        BinaryPrimitives.WriteUInt16LittleEndian(span[2..], element);
        Encoding.ASCII.GetBytes(vr, span[4..]);
        BinaryPrimitives.WriteUInt16LittleEndian(span[6..], (ushort)length);
        if (length > 0)
            span[8 + length - 1] = vr == "UI" ? (byte)0 : (byte)' ';
        Encoding.ASCII.GetBytes(text, span[8..]);
        header.Advance(8 + length);
    }
}
