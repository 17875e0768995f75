namespace SoftSeg.DicomWriter.Segmentations;

/// <summary>
/// The 1-bit pixel data of BINARY segmentations, PS3.5 8.1.1 and Annex D: the frames are one run of bits without alignment in
/// between, the first pixel in the least significant bit, padded with zero bits once at the end.
/// </summary>
static class BitPacking
{
    /// <summary>Bytes of <paramref name="bits"/> pixels, without the padding to an even length.</summary>
    public static int LengthInBytes(long bits) => checked((int)((bits + 7) / 8));

    /// <summary>Sets bit <paramref name="offset"/> + i for every true pixel i. The bits must be clear before.</summary>
    /// <param name="pixels">Pixels of one frame, <c>[row, column]</c>; any non-zero value is true.</param>
    /// <param name="packed">All frames.</param>
    /// <param name="offset">Index of the frame's first bit.</param>
    public static void Pack(ReadOnlySpan<byte> pixels, Span<byte> packed, long offset)
    {
        var i = 0;
        // Frames whose size is a multiple of 8 pixels start on a byte: eight pixels at a time.
        if (offset % 8 == 0)
        {
            var target = packed[(int)(offset / 8)..];
            for (; i + 8 <= pixels.Length; i += 8)
            {
                var p = pixels.Slice(i, 8);
                target[i / 8] = (byte)(Bit(p[0]) | (Bit(p[1]) << 1) | (Bit(p[2]) << 2) | (Bit(p[3]) << 3)
                    | (Bit(p[4]) << 4) | (Bit(p[5]) << 5) | (Bit(p[6]) << 6) | (Bit(p[7]) << 7));
            }
        }
        for (; i < pixels.Length; i++)
        {
            if (pixels[i] != 0)
                packed[(int)((offset + i) / 8)] |= (byte)(1 << (int)((offset + i) % 8));
        }
    }

    /// <summary>The pixel (0 or 1) at bit <paramref name="index"/>.</summary>
    public static byte At(ReadOnlySpan<byte> packed, long index) => (byte)((packed[(int)(index / 8)] >> (int)(index % 8)) & 1);

    static int Bit(byte pixel) => pixel != 0 ? 1 : 0;
}
