using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SoftSeg.Dicom.Imaging;

/// <summary>How the stored values of an instance lie in its uncompressed pixel data: one value a pixel, in whole bytes (PS3.3 C.7.6.3, PS3.5 8.1.1).</summary>
/// <param name="Rows">1..65535.</param>
/// <param name="Columns">1..65535.</param>
/// <param name="Frames">At least 1.</param>
/// <param name="BitsAllocated">8 or 16.</param>
/// <param name="BitsStored">1..BitsAllocated.</param>
/// <param name="HighBit">The most significant of the stored bits.</param>
/// <param name="IsSigned">Stored values are two's complement (PixelRepresentation 1).</param>
/// <param name="IsInverted">MONOCHROME1: the lowest value is meant to be shown white. The stored values are as they are.</param>
public sealed record PixelFormat(int Rows, int Columns, int Frames, int BitsAllocated, int BitsStored, int HighBit, bool IsSigned, bool IsInverted)
{
    public int PixelsPerFrame => checked(Rows * Columns);

    /// <summary>Bytes of one frame.</summary>
    public long FrameLength => (long)Rows * Columns * (BitsAllocated / 8);

    /// <summary>Bytes of all frames, without the padding to an even length.</summary>
    public long TotalLength => checked(FrameLength * Frames);

    /// <exception cref="DicomDataException">An attribute is missing, or the format is one that this library does not read.</exception>
    public static PixelFormat Of(DicomDataset instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        var samples = instance.GetInt32OrNull(DicomTag.SamplesPerPixel) ?? 1;
        Expect(samples == 1, DicomTag.SamplesPerPixel, samples, "1 (grey values; colour is not read)");
        var photometric = instance.GetStringOrNull(DicomTag.PhotometricInterpretation) ?? "MONOCHROME2";
        if (photometric is not ("MONOCHROME1" or "MONOCHROME2"))
            throw new DicomDataException($"PhotometricInterpretation (0028,0004) is {photometric}; MONOCHROME1 or MONOCHROME2 is expected.", DicomTag.PhotometricInterpretation);
        var allocated = instance.GetInt32(DicomTag.BitsAllocated);
        Expect(allocated is 8 or 16, DicomTag.BitsAllocated, allocated, "8 or 16");
        var stored = instance.GetInt32OrNull(DicomTag.BitsStored) ?? allocated;
        Expect(stored >= 1 && stored <= allocated, DicomTag.BitsStored, stored, $"1 to {allocated}");
        var high = instance.GetInt32OrNull(DicomTag.HighBit) ?? stored - 1;
        Expect(high >= stored - 1 && high < allocated, DicomTag.HighBit, high, $"{stored - 1} to {allocated - 1}");
        var representation = instance.GetInt32OrNull(DicomTag.PixelRepresentation) ?? 0;
        Expect(representation is 0 or 1, DicomTag.PixelRepresentation, representation, "0 or 1");
        var rows = instance.GetInt32(DicomTag.Rows);
        Expect(rows is >= 1 and <= ushort.MaxValue, DicomTag.Rows, rows, "1 to 65535");
        var columns = instance.GetInt32(DicomTag.Columns);
        Expect(columns is >= 1 and <= ushort.MaxValue, DicomTag.Columns, columns, "1 to 65535");
        Expect((long)rows * columns <= Array.MaxLength, DicomTag.Columns, columns, $"at most {Array.MaxLength / rows} with {rows} rows");
        var frames = instance.GetInt32OrNull(DicomTag.NumberOfFrames) ?? 1;
        Expect(frames >= 1, DicomTag.NumberOfFrames, frames, "at least 1");
        return new(rows, columns, frames, allocated, stored, high, representation == 1, photometric == "MONOCHROME1");
    }

    /// <summary>Turns the bytes of one frame into stored values: the stored bits alone, sign extended where they are signed.</summary>
    /// <param name="frame">The frame's bytes, little endian, <see cref="FrameLength"/> of them.</param>
    /// <param name="stored">Room for <see cref="PixelsPerFrame"/> values, <c>[row, column]</c>.</param>
    public void Decode(ReadOnlySpan<byte> frame, Span<float> stored)
    {
        frame = frame[..checked((int)FrameLength)];
        stored = stored[..PixelsPerFrame];
        // The stored bits are moved to the top of an int, and then down with or without their sign.
        var (left, right) = (31 - HighBit, 32 - BitsStored);
        switch (BitsAllocated, IsSigned)
        {
            case (8, false):
                for (var i = 0; i < stored.Length; i++)
                    stored[i] = (int)((uint)frame[i] << left >> right);
                break;
            case (8, true):
                for (var i = 0; i < stored.Length; i++)
                    stored[i] = frame[i] << left >> right;
                break;
            case (16, false):
                for (var i = DecodeVectors(frame, stored, left, right); i < stored.Length; i++)
                    stored[i] = (int)((uint)BinaryPrimitives.ReadUInt16LittleEndian(frame[(2 * i)..]) << left >> right);
                break;
            default:
                for (var i = DecodeVectors(frame, stored, left, right); i < stored.Length; i++)
                    stored[i] = BinaryPrimitives.ReadUInt16LittleEndian(frame[(2 * i)..]) << left >> right;
                break;
        }
    }

    /// <summary>The loops for 16 bits, as many pixels at once as the processor takes.</summary>
    /// <returns>How many pixels are done.</returns>
    int DecodeVectors(ReadOnlySpan<byte> frame, Span<float> stored, int left, int right)
    {
        if (!BitConverter.IsLittleEndian)
            return 0;
        var cells = MemoryMarshal.Cast<byte, ushort>(frame);
        var i = 0;
        for (; i <= stored.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(cells[i..]), out var low, out var high);
            Move(low).CopyTo(stored[i..]);
            Move(high).CopyTo(stored[(i + Vector<float>.Count)..]);
        }
        return i;

        Vector<float> Move(Vector<uint> cell)
        {
            var top = Vector.ShiftLeft(Vector.AsVectorInt32(cell), left);
            return Vector.ConvertToSingle(IsSigned ? Vector.ShiftRightArithmetic(top, right) : Vector.ShiftRightLogical(top, right));
        }
    }

    static void Expect(bool condition, DicomTag tag, int value, string expected)
    {
        if (!condition)
            throw new DicomDataException($"{DicomDictionary.Lookup(tag)?.Keyword} {tag} is {value}; {expected} is expected.", tag);
    }
}
