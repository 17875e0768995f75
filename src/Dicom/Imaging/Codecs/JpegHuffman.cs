namespace SoftSeg.Dicom.Imaging.Codecs;

/// <summary>A Huffman table (ITU-T T.81 annex C) as one look-up by the next 16 bits.</summary>
sealed class JpegHuffmanTable
{
    readonly byte[] symbols = new byte[1 << 16];
    readonly byte[] lengths = new byte[1 << 16];

    /// <param name="counts">Number of codes of each length, 1 to 16.</param>
    /// <param name="values">Their symbols, in the order of the codes.</param>
    /// <returns>Null where more codes are asked for than there are.</returns>
    public static JpegHuffmanTable? TryBuild(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> values)
    {
        var table = new JpegHuffmanTable();
        var (next, code) = (0, 0);
        for (var length = 1; length <= 16; length++, code <<= 1)
        {
            for (var n = 0; n < counts[length - 1]; n++, code++, next++)
            {
                if (code >= 1 << length)
                    return null;
                var first = code << (16 - length);
                var count = 1 << (16 - length);
                table.symbols.AsSpan(first, count).Fill(values[next]);
                table.lengths.AsSpan(first, count).Fill((byte)length);
            }
        }
        return table;
    }

    /// <summary>Reads the tables of a DHT segment into their places: 0 to 3, or for AC coefficients 16 to 19.</summary>
    /// <param name="tables">4 places, or 20 where there may be AC tables.</param>
    public static void Read(ReadOnlySpan<byte> segment, JpegHuffmanTable?[] tables, Func<string, DicomDataException> fault)
    {
        while (segment.Length > 0)
        {
            if (segment.Length < 17)
                throw fault("a Huffman table is cut short");
            var destination = segment[0];
            var counts = segment.Slice(1, 16);
            var codes = 0;
            foreach (var count in counts)
                codes += count;
            if ((destination & 15) > 3 || destination >= tables.Length || segment.Length < 17 + codes)
                throw fault($"Huffman table {destination:X2} is not valid");
            tables[destination] = TryBuild(counts, segment.Slice(17, codes)) ?? throw fault($"Huffman table {destination:X2} is not a prefix code");
            segment = segment[(17 + codes)..];
        }
    }

    /// <param name="bits">The next 16 bits.</param>
    /// <returns>The symbol and the length of its code; length 0 where no code fits.</returns>
    public (byte Symbol, byte Length) Look(int bits) => (symbols[bits], lengths[bits]);
}

/// <summary>The bits of an entropy coded segment (T.81 F.2.2.5): stuffed zeros are left out, and nothing is read beyond a marker.</summary>
ref struct JpegBitReader(ReadOnlySpan<byte> data)
{
    readonly ReadOnlySpan<byte> data = data;
    ulong buffer;
    int count;
    int position;

    /// <summary>Reads a difference: its category by the table, then its bits (T.81 H.1.2.2).</summary>
    /// <returns>False at the end of the segment or where no code fits.</returns>
    public bool TryReadDifference(JpegHuffmanTable table, out int difference)
    {
        difference = 0;
        if (!TryReadSymbol(table, out var category) || category > 16)
            return false;
        if (category == 16)
            difference = 32768;
        return category == 16 || TryReadSigned(category, out difference);
    }

    public bool TryReadSymbol(JpegHuffmanTable table, out int symbol)
    {
        if (count < 32)
            Fill();
        (symbol, var length) = table.Look(Peek(16));
        if (length == 0 || length > count)
            return false;
        count -= length;
        return true;
    }

    /// <summary>A value of so many bits, negative where the first of them is 0 (T.81 F.2.2.1, EXTEND).</summary>
    /// <param name="length">0 to 15.</param>
    public bool TryReadSigned(int length, out int value)
    {
        value = 0;
        if (count < length)
            Fill();
        if (count < length)
            return false;
        if (length == 0)
            return true;
        count -= length;
        var bits = (int)(buffer >> count) & ((1 << length) - 1);
        value = bits < 1 << (length - 1) ? bits - (1 << length) + 1 : bits;
        return true;
    }

    /// <summary>Drops the bits left and goes behind the restart marker that must be here.</summary>
    public bool Restart()
    {
        (buffer, count) = (0, 0);
        while (position + 1 < data.Length && data[position] == 0xFF && data[position + 1] == 0xFF)
            position++;
        if (position + 1 >= data.Length || data[position] != 0xFF || data[position + 1] is < 0xD0 or > 0xD7)
            return false;
        position += 2;
        return true;
    }

    /// <summary>The next bits; beyond the end they are zeros, which <see cref="count"/> does not count.</summary>
    readonly int Peek(int bits) => count >= bits
        ? (int)(buffer >> (count - bits)) & ((1 << bits) - 1)
        : (int)(buffer << (bits - count)) & ((1 << bits) - 1);

    void Fill()
    {
        while (count <= 48 && position < data.Length)
        {
            var value = data[position];
            if (value == 0xFF)
            {
                if (position + 1 >= data.Length || data[position + 1] != 0)
                    return;
                position++;
            }
            position++;
            buffer = (buffer << 8) | value;
            count += 8;
        }
    }
}
