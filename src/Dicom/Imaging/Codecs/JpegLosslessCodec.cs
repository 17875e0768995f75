using System.Buffers.Binary;

namespace SoftSeg.Dicom.Imaging.Codecs;

/// <summary>
/// JPEG Lossless, process 14, all selection values (ITU-T T.81 annex H; PS3.5 8.2.1): one component, 2 to 16 bits, Huffman coded differences to a
/// prediction from the neighbours.
/// </summary>
static class JpegLosslessCodec
{
    const byte Sof3 = 0xC3, Dht = 0xC4, Eoi = 0xD9, Sos = 0xDA, Dri = 0xDD;

    /// <param name="bitstream">From SOI to EOI.</param>
    /// <param name="cells">Room for rows x columns pixels, little endian.</param>
    /// <param name="bytesPerCell">1 or 2.</param>
    /// <param name="watch">Asked between markers and rows.</param>
    /// <exception cref="DicomDataException">The bitstream is damaged, of another process, or of another size than the data set says.</exception>
    public static void Decode(ReadOnlySpan<byte> bitstream, Span<byte> cells, int rows, int columns, int bytesPerCell, DecodeWatch watch)
    {
        var tables = new JpegHuffmanTable?[4];
        var (precision, restartInterval) = (0, 0);
        var markers = new JpegMarkers(bitstream, "JPEG Lossless");
        while (true)
        {
            watch.Check();
            var marker = markers.Next(out var segment);
            switch (marker)
            {
                case Sof3:
                    precision = ReadFrame(segment, rows, columns, bytesPerCell);
                    break;
                case >= 0xC0 and <= 0xCF and not Dht and not 0xC8 and not 0xCC:
                    throw Fault($"its frame is of process SOF{marker - 0xC0}, and SOF3 (lossless, Huffman) is expected");
                case Dht:
                    JpegHuffmanTable.Read(segment, tables, Fault);
                    break;
                case Dri:
                    restartInterval = segment.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(segment) : throw Fault("its restart interval is cut short");
                    break;
                case Sos:
                    if (precision == 0)
                        throw Fault("its scan begins before its frame header");
                    var scan = ReadScan(segment, tables, precision);
                    Decode(new JpegBitReader(markers.Rest), scan, restartInterval, cells, rows, columns, bytesPerCell, watch);
                    return;
                case Eoi:
                    throw Fault("it ends without a scan");
            }
        }
    }

    readonly record struct Scan(JpegHuffmanTable Table, int Predictor, int PointTransform, int Start);

    static void Decode(JpegBitReader bits, Scan scan, int restartInterval, Span<byte> cells, int rows, int columns, int bytesPerCell, DecodeWatch watch)
    {
        var above = new int[columns];
        var current = new int[columns];
        var untilRestart = restartInterval;
        var isFirstRow = true;
        for (var row = 0; row < rows; row++)
        {
            watch.Check();
            for (var column = 0; column < columns; column++)
            {
                if (restartInterval > 0 && untilRestart-- == 0)
                {
                    if (!bits.Restart())
                        throw Fault($"a restart marker is missing in row {row}");
                    untilRestart = restartInterval - 1;
                    isFirstRow = true;
                }
                var prediction = (isFirstRow, column) switch
                {
                    (true, 0) => scan.Start,
                    (true, _) => current[column - 1],
                    (false, 0) => above[0],
                    _ => Predict(scan.Predictor, current[column - 1], above[column], above[column - 1]),
                };
                if (!bits.TryReadDifference(scan.Table, out var difference))
                    throw Fault($"it ends in row {row} of {rows}");
                current[column] = (prediction + difference) & 0xFFFF;
            }
            Store(current, cells[(row * columns * bytesPerCell)..], scan.PointTransform, bytesPerCell);
            (above, current) = (current, above);
            isFirstRow = false;
        }
    }

    /// <summary>Table H.1. a is the pixel to the left, b above, c above left.</summary>
    static int Predict(int selection, int a, int b, int c) => selection switch
    {
        1 => a,
        2 => b,
        3 => c,
        4 => a + b - c,
        5 => a + ((b - c) >> 1),
        6 => b + ((a - c) >> 1),
        _ => (a + b) >> 1,
    };

    static void Store(ReadOnlySpan<int> row, Span<byte> cells, int pointTransform, int bytesPerCell)
    {
        for (var column = 0; column < row.Length; column++)
        {
            var value = row[column] << pointTransform;
            if (bytesPerCell == 1)
                cells[column] = (byte)value;
            else
                BinaryPrimitives.WriteUInt16LittleEndian(cells[(2 * column)..], (ushort)value);
        }
    }

    static int ReadFrame(ReadOnlySpan<byte> segment, int rows, int columns, int bytesPerCell)
    {
        if (segment.Length < 9)
            throw Fault("its frame header is cut short");
        int precision = segment[0], lines = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), samples = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        if (lines != rows || samples != columns)
            throw Fault($"it has {lines} x {samples} pixels, and Rows x Columns is {rows} x {columns}");
        if (segment[5] != 1)
            throw Fault($"it has {segment[5]} components, and 1 is expected");
        if (precision < 2 || precision > 8 * bytesPerCell)
            throw Fault($"it has {precision} bits a pixel, and Bits Allocated is {8 * bytesPerCell}");
        return precision;
    }

    static Scan ReadScan(ReadOnlySpan<byte> segment, JpegHuffmanTable?[] tables, int precision)
    {
        if (segment.Length < 6 || segment[0] != 1)
            throw Fault("its scan header is not that of one component");
        var table = segment[2] >> 4;
        var (predictor, pointTransform) = (segment[3], segment[5] & 15);
        if (table > 3 || tables[table] is not { } huffman)
            throw Fault($"Huffman table {table} is missing");
        if (predictor is < 1 or > 7)
            throw Fault($"its selection value is {predictor}, and 1 to 7 are expected");
        if (pointTransform >= precision)
            throw Fault($"its point transform of {pointTransform} leaves none of {precision} bits");
        return new Scan(huffman, predictor, pointTransform, 1 << (precision - pointTransform - 1));
    }

    static DicomDataException Fault(string what) => new($"PixelData (7FE0,0010) is not valid JPEG Lossless: {what}. Send the image again.", DicomTag.PixelData);
}
