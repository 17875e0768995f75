using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace SoftSeg.Dicom.Imaging.Codecs;

/// <summary>JPEG Baseline and Extended, processes 1, 2 and 4 (ITU-T T.81 annex F; PS3.5 8.2.1): one component of 8 or 12 bits, sequential, Huffman coded. Lossy.</summary>
static class JpegDctCodec
{
    const byte Sof0 = 0xC0, Sof1 = 0xC1, Dht = 0xC4, Eoi = 0xD9, Sos = 0xDA, Dqt = 0xDB, Dri = 0xDD;
    const string Kind = "JPEG";

    static readonly byte[] ZigZag =
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <summary>Basis functions of A.3.3: value of frequency u at place x, <c>[x, u]</c>.</summary>
    static readonly float[] Basis = [.. Enumerable.Range(0, 64).Select(n => (float)((n % 8 == 0 ? Math.Sqrt(0.125) : 0.5) * Math.Cos(((2 * (n / 8)) + 1) * (n % 8) * Math.PI / 16)))];

    /// <summary>The same, for each frequency its values at the eight places.</summary>
    static readonly Vector256<float>[] Waves = [.. Enumerable.Range(0, 8).Select(u => Vector256.Create(Enumerable.Range(0, 8).Select(x => Basis[(x * 8) + u]).ToArray()))];

    /// <param name="bitstream">From SOI to EOI.</param>
    /// <param name="cells">Room for rows x columns pixels, little endian.</param>
    /// <param name="bytesPerCell">1 or 2.</param>
    /// <param name="watch">Asked between markers and rows.</param>
    /// <exception cref="DicomDataException">The bitstream is damaged, of another process, or of another size than the data set says.</exception>
    public static void Decode(ReadOnlySpan<byte> bitstream, Span<byte> cells, int rows, int columns, int bytesPerCell, DecodeWatch watch)
    {
        var markers = new JpegMarkers(bitstream, Kind);
        var tables = new JpegHuffmanTable?[20];
        var quantisation = new float[4][];
        var (precision, quantiser, restartInterval) = (0, 0, 0);
        while (true)
        {
            watch.Check();
            var marker = markers.Next(out var segment);
            switch (marker)
            {
                case Sof0 or Sof1:
                    (precision, quantiser) = ReadFrame(segment, rows, columns, bytesPerCell);
                    break;
                case >= 0xC0 and <= 0xCF and not Dht and not 0xC8 and not 0xCC:
                    throw Fault($"its frame is of process SOF{marker - 0xC0}, and SOF0 or SOF1 (sequential, Huffman) is expected");
                case Dht:
                    JpegHuffmanTable.Read(segment, tables, Fault);
                    break;
                case Dqt:
                    ReadQuantisation(segment, quantisation);
                    break;
                case Dri:
                    restartInterval = segment.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(segment) : throw Fault("its restart interval is cut short");
                    break;
                case Sos:
                    if (precision == 0)
                        throw Fault("its scan begins before its frame header");
                    if (segment.Length < 6 || segment[0] != 1)
                        throw Fault("its scan header is not that of one component");
                    var (dc, ac) = (segment[2] >> 4, segment[2] & 15);
                    if (dc > 3 || ac > 3 || tables[dc] is not { } dcTable || tables[16 + ac] is not { } acTable || quantisation[quantiser] is not { } steps)
                        throw Fault("a table that its scan uses is missing");
                    new Scan(dcTable, acTable, steps, restartInterval, precision).Decode(new JpegBitReader(markers.Rest), cells, rows, columns, bytesPerCell, watch);
                    return;
                case Eoi:
                    throw Fault("it ends without a scan");
            }
        }
    }

    static (int Precision, int Quantiser) ReadFrame(ReadOnlySpan<byte> segment, int rows, int columns, int bytesPerCell)
    {
        if (segment.Length < 9)
            throw Fault("its frame header is cut short");
        int precision = segment[0], lines = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), samples = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        if (lines != rows || samples != columns)
            throw Fault($"it has {lines} x {samples} pixels, and Rows x Columns is {rows} x {columns}");
        if (segment[5] != 1)
            throw Fault($"it has {segment[5]} components, and 1 is expected");
        if (precision is not (8 or 12) || precision > 8 * bytesPerCell)
            throw Fault($"it has {precision} bits a pixel, and Bits Allocated is {8 * bytesPerCell}");
        return segment[8] <= 3 ? (precision, segment[8]) : throw Fault($"its quantisation table is {segment[8]}");
    }

    static void ReadQuantisation(ReadOnlySpan<byte> segment, float[][] tables)
    {
        while (segment.Length > 0)
        {
            var (wide, destination) = (segment[0] >> 4, segment[0] & 15);
            var length = wide == 0 ? 64 : 128;
            if (wide > 1 || destination > 3 || segment.Length < 1 + length)
                throw Fault("a quantisation table is not valid");
            var steps = new float[64];
            for (var n = 0; n < 64; n++)
                steps[ZigZag[n]] = wide == 0 ? segment[1 + n] : BinaryPrimitives.ReadUInt16BigEndian(segment[(1 + (2 * n))..]);
            tables[destination] = steps;
            segment = segment[(1 + length)..];
        }
    }

    sealed record Scan(JpegHuffmanTable Dc, JpegHuffmanTable Ac, float[] Steps, int RestartInterval, int Precision)
    {
        public void Decode(JpegBitReader bits, Span<byte> cells, int rows, int columns, int bytesPerCell, DecodeWatch watch)
        {
            Span<float> block = stackalloc float[64];
            var (across, down) = ((columns + 7) / 8, (rows + 7) / 8);
            var (predicted, untilRestart) = (0, RestartInterval);
            for (var n = 0; n < across * down; n++)
            {
                if (n % across == 0)
                    watch.Check();
                if (RestartInterval > 0 && untilRestart-- == 0)
                {
                    if (!bits.Restart())
                        throw Fault($"a restart marker is missing at block {n}");
                    (predicted, untilRestart) = (0, RestartInterval - 1);
                }
                if (!TryReadBlock(ref bits, block, ref predicted))
                    throw Fault($"it ends at block {n} of {across * down}");
                Invert(block);
                Store(block, cells, n / across * 8, n % across * 8, rows, columns, bytesPerCell);
            }
        }

        /// <summary>F.2.2: the difference of the mean, then runs of zeros and the coefficients behind them.</summary>
        bool TryReadBlock(ref JpegBitReader bits, scoped Span<float> block, ref int predicted)
        {
            block.Clear();
            if (!bits.TryReadDifference(Dc, out var difference))
                return false;
            // A damaged stream may add up to anything.
            predicted = Math.Clamp(predicted + difference, -(1 << 20), 1 << 20);
            block[0] = predicted * Steps[0];
            for (var k = 1; k < 64; k++)
            {
                if (!bits.TryReadSymbol(Ac, out var symbol))
                    return false;
                var (run, size) = (symbol >> 4, symbol & 15);
                if (size == 0)
                {
                    if (run != 15)
                        return true;
                    k += 15;
                    continue;
                }
                k += run;
                if (k > 63 || !bits.TryReadSigned(size, out var value))
                    return false;
                block[ZigZag[k]] = value * Steps[ZigZag[k]];
            }
            return true;
        }

        /// <summary>A.3.3, along the rows and then along the columns; a vector is a row of the block.</summary>
        static void Invert(Span<float> block)
        {
            Span<Vector256<float>> rows = stackalloc Vector256<float>[8];
            for (var v = 0; v < 8; v++)
            {
                var sum = Vector256<float>.Zero;
                for (var u = 0; u < 8; u++)
                    sum += Waves[u] * block[(v * 8) + u];
                rows[v] = sum;
            }
            for (var y = 0; y < 8; y++)
            {
                var sum = Vector256<float>.Zero;
                for (var v = 0; v < 8; v++)
                    sum += rows[v] * Basis[(y * 8) + v];
                sum.CopyTo(block[(y * 8)..]);
            }
        }

        void Store(ReadOnlySpan<float> block, Span<byte> cells, int row, int column, int rows, int columns, int bytesPerCell)
        {
            var (middle, most) = (1 << (Precision - 1), (1 << Precision) - 1);
            for (var y = 0; y < Math.Min(8, rows - row); y++)
            {
                for (var x = 0; x < Math.Min(8, columns - column); x++)
                {
                    var value = (int)Math.Clamp(MathF.Round(block[(y * 8) + x]) + middle, 0, most);
                    var at = ((row + y) * columns) + column + x;
                    if (bytesPerCell == 1)
                        cells[at] = (byte)value;
                    else
                        BinaryPrimitives.WriteUInt16LittleEndian(cells[(2 * at)..], (ushort)value);
                }
            }
        }
    }

    static DicomDataException Fault(string what) => JpegMarkers.Fault(Kind, what);
}
