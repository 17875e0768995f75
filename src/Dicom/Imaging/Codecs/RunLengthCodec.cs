using System.Buffers.Binary;

namespace SoftSeg.Dicom.Imaging.Codecs;

/// <summary>RLE Lossless, PS3.5 annex G: byte planes, each packed by PackBits, the most significant first.</summary>
static class RunLengthCodec
{
    const int HeaderLength = 64;
    const int MostSegments = 15;

    /// <param name="frame">The RLE header and the segments.</param>
    /// <param name="cells">Room for the pixels, little endian.</param>
    /// <param name="bytesPerCell">Bits Allocated / 8.</param>
    /// <param name="watch">Asked now and then.</param>
    /// <exception cref="DicomDataException">The bitstream is damaged; the message says where.</exception>
    public static void Decode(ReadOnlySpan<byte> frame, Span<byte> cells, int bytesPerCell, DecodeWatch watch)
    {
        if (frame.Length < HeaderLength)
            throw Fault($"{frame.Length} bytes are too short for a header of {HeaderLength}");
        var segments = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        if (segments != bytesPerCell)
            throw Fault($"{segments} segments, and {bytesPerCell} are expected for pixels of {bytesPerCell} byte{(bytesPerCell == 1 ? "" : "s")} (at most {MostSegments})");
        for (var segment = 0; segment < bytesPerCell; segment++)
        {
            var start = Offset(frame, segment);
            var end = segment + 1 < bytesPerCell ? Offset(frame, segment + 1) : (uint)frame.Length;
            if (start < HeaderLength || end < start || end > frame.Length)
                throw Fault($"segment {segment + 1} is at bytes {start} to {end} of {frame.Length}");
            // The first segment holds the most significant bytes; cells are little endian.
            Unpack(frame[(int)start..(int)end], cells, bytesPerCell - 1 - segment, bytesPerCell, segment, watch);
        }
    }

    /// <param name="cells">Pixels, little endian.</param>
    /// <param name="bytesPerCell">Bits Allocated / 8.</param>
    /// <param name="columns">Each row is packed by itself (G.3.1).</param>
    public static byte[] Encode(ReadOnlySpan<byte> cells, int bytesPerCell, int columns)
    {
        using var frame = new MemoryStream();
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)bytesPerCell);
        frame.Write(header);
        var plane = new byte[columns];
        for (var segment = 0; segment < bytesPerCell; segment++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header[(4 + (4 * segment))..], (uint)frame.Length);
            for (var row = 0; row < cells.Length; row += columns * bytesPerCell)
            {
                for (var column = 0; column < columns; column++)
                    plane[column] = cells[row + (column * bytesPerCell) + bytesPerCell - 1 - segment];
                Pack(plane, frame);
            }
            // Segments and frames are of even length.
            if (frame.Length % 2 != 0)
                frame.WriteByte(0);
        }
        frame.Position = 0;
        frame.Write(header);
        return frame.ToArray();
    }

    /// <summary>PackBits: runs of three and more, and literals between them.</summary>
    static void Pack(ReadOnlySpan<byte> row, MemoryStream to)
    {
        var literal = 0;
        for (var at = 0; at < row.Length;)
        {
            var run = 1;
            while (at + run < row.Length && run < 128 && row[at + run] == row[at])
                run++;
            if (run < 3)
            {
                at += run;
                continue;
            }
            Literals(row[literal..at], to);
            to.WriteByte((byte)(1 - run));
            to.WriteByte(row[at]);
            literal = at += run;
        }
        Literals(row[literal..], to);
    }

    static void Literals(ReadOnlySpan<byte> bytes, MemoryStream to)
    {
        for (; bytes.Length > 0; bytes = bytes[Math.Min(128, bytes.Length)..])
        {
            var count = Math.Min(128, bytes.Length);
            to.WriteByte((byte)(count - 1));
            to.Write(bytes[..count]);
        }
    }

    static uint Offset(ReadOnlySpan<byte> frame, int segment) => BinaryPrimitives.ReadUInt32LittleEndian(frame[(4 + (4 * segment))..]);

    static void Unpack(ReadOnlySpan<byte> packed, Span<byte> cells, int at, int stride, int segment, DecodeWatch watch)
    {
        var position = 0;
        for (var runs = 0; at < cells.Length; runs++)
        {
            if (runs % 65536 == 0)
                watch.Check();
            if (position >= packed.Length)
                throw Short();
            var control = (sbyte)packed[position++];
            if (control >= 0)
            {
                // A literal run. What goes beyond the last pixel is padding.
                var count = control + 1;
                if (position + count > packed.Length)
                    throw Short();
                for (var n = 0; n < count && at < cells.Length; n++, at += stride)
                    cells[at] = packed[position + n];
                position += count;
            }
            else if (control != sbyte.MinValue)
            {
                if (position >= packed.Length)
                    throw Short();
                var value = packed[position++];
                for (var n = 0; n < 1 - control && at < cells.Length; n++, at += stride)
                    cells[at] = value;
            }
        }

        DicomDataException Short() => Fault($"segment {segment + 1} ends before the last pixel");
    }

    static DicomDataException Fault(string what) => new($"PixelData (7FE0,0010) is not valid RLE Lossless: {what}. Send the image again.", DicomTag.PixelData);
}
