using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SoftSeg.Dicom;

static class ByteOrder
{
    /// <summary>Turns units of 2, 4 or 8 bytes around in place; bytes left over at the end stay.</summary>
    public static void Swap(Span<byte> bytes, int unitSize)
    {
        switch (unitSize)
        {
            case 2:
                var words = MemoryMarshal.Cast<byte, ushort>(bytes);
                BinaryPrimitives.ReverseEndianness(words, words);
                break;
            case 4:
                var doubleWords = MemoryMarshal.Cast<byte, uint>(bytes);
                BinaryPrimitives.ReverseEndianness(doubleWords, doubleWords);
                break;
            case 8:
                var quadWords = MemoryMarshal.Cast<byte, ulong>(bytes);
                BinaryPrimitives.ReverseEndianness(quadWords, quadWords);
                break;
        }
    }
}
