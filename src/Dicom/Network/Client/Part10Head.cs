using System.Buffers.Binary;
using System.Text;

namespace SoftSeg.Dicom.Network;

/// <summary>What C-STORE needs of a Part 10 file's meta information (PS3.10 7.1), and where its data set begins. Nothing of the data set is read.</summary>
readonly record struct Part10Head(string SopClassUid, string SopInstanceUid, string TransferSyntaxUid, long DataSetOffset)
{
    const int PreambleLength = 132;
    const int MostMeta = 64 * 1024;

    /// <param name="stream">Seekable; left at the data set.</param>
    /// <param name="name">Of the file, for messages.</param>
    /// <exception cref="InvalidDataException">Not a Part 10 file, or without one of the three UIDs.</exception>
    public static Part10Head Read(Stream stream, string name)
    {
        byte[] bytes = new byte[(int)Math.Min(stream.Length, MostMeta)];
        stream.Position = 0;
        stream.ReadExactly(bytes);
        if (bytes.Length < PreambleLength || !bytes.AsSpan(128).StartsWith("DICM"u8))
            throw new InvalidDataException($"{name}: not a DICOM file with file meta information (no DICM at byte 128).");

        string sopClass = "", sopInstance = "", syntax = "";
        int offset = PreambleLength;
        while (offset + 8 <= bytes.Length && BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(offset)) == 0x0002)
        {
            ushort element = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(offset + 2));
            bool isLong = bytes.AsSpan(offset + 4, 2) is [(byte)'O', (byte)'B'] or [(byte)'U', (byte)'N' or (byte)'T'];
            int header = isLong ? 12 : 8;
            if (offset + header > bytes.Length)
                break;
            uint length = isLong ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(offset + 8)) : BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(offset + 6));
            if (length > bytes.Length - offset - header)
                throw new InvalidDataException($"{name}: (0002,{element:X4}) announces {length} bytes, beyond the file or {MostMeta} bytes of file meta information.");
            var value = bytes.AsSpan(offset + header, (int)length).TrimEnd(" \0"u8);
            if (element == 0x0002)
                sopClass = Encoding.ASCII.GetString(value);
            else if (element == 0x0003)
                sopInstance = Encoding.ASCII.GetString(value);
            else if (element == 0x0010)
                syntax = Encoding.ASCII.GetString(value);
            offset += header + (int)length;
        }

        if (!DimseCommand.IsUid(sopClass) || !DimseCommand.IsUid(sopInstance) || !DimseCommand.IsUid(syntax))
            throw new InvalidDataException($"{name}: the file meta information lacks a SOP class, SOP instance or transfer syntax UID.");
        stream.Position = offset;
        return new Part10Head(sopClass, sopInstance, syntax, offset);
    }
}
