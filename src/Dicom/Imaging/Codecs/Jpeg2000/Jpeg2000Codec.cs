using System.Buffers.Binary;

namespace SoftSeg.Dicom.Imaging.Codecs.Jpeg2000;

/// <summary>
/// JPEG 2000, reversible and irreversible (ITU-T T.800; PS3.5 8.2.4): one component, any tiling, progression, precincts, layers and code-block style; no region of
/// interest, no packed headers, no change of progression.
/// </summary>
/// <remarks>
/// In managed code, because every size that a header claims is checked against Rows and Columns before memory is taken for it (decision 0017).
/// </remarks>
static class Jpeg2000Codec
{
    const ushort Soc = 0xFF4F, Siz = 0xFF51, Cod = 0xFF52, Coc = 0xFF53, Qcd = 0xFF5C, Qcc = 0xFF5D, Rgn = 0xFF5E, Poc = 0xFF5F, Ppm = 0xFF60, Ppt = 0xFF61, Sot = 0xFF90, Sod = 0xFF93, Eoc = 0xFFD9;

    /// <param name="codestream">From SOC to EOC; what a JP2 file puts in front of it is passed over.</param>
    /// <param name="cells">Room for rows x columns pixels, little endian.</param>
    /// <param name="bytesPerCell">1 or 2.</param>
    /// <param name="watch">Asked between markers, packets and code-blocks.</param>
    /// <exception cref="DicomDataException">The codestream is damaged, uses what is not read here, or is of another size than the data set says.</exception>
    public static void Decode(ReadOnlySpan<byte> codestream, Span<byte> cells, int rows, int columns, int bytesPerCell, DecodeWatch watch)
    {
        var start = codestream.IndexOf([(byte)0xFF, (byte)0x4F, (byte)0xFF, (byte)0x51]);
        if (start < 0)
            throw Fault("it has no start of codestream");
        var at = start + 2;
        Frame? frame = null;
        var (coding, quantisation) = (default(Coding), default(Quantisation));
        var tiles = new SortedDictionary<int, TileParts>();
        while (true)
        {
            watch.Check();
            if (at + 2 > codestream.Length)
                throw Fault("it ends in its headers");
            var marker = BinaryPrimitives.ReadUInt16BigEndian(codestream[at..]);
            if (marker == Eoc)
                break;
            var segment = Segment(codestream, ref at);
            switch (marker)
            {
                case Siz:
                    frame = Frame.Read(segment, rows, columns, bytesPerCell);
                    break;
                case Cod or Coc:
                    coding = Coding.Read(segment, coding, marker == Coc);
                    break;
                case Qcd or Qcc:
                    quantisation = Quantisation.Read(marker == Qcc ? OfComponent(segment) : segment);
                    break;
                case Rgn or Poc or Ppm:
                    throw Fault($"it uses the marker {marker:X4}, which is not read");
                case Sot:
                    if (frame is null || coding is null || quantisation is null)
                        throw Fault("a tile begins before the main header is whole");
                    if (ReadTilePart(codestream, segment, ref at, frame, coding, quantisation, tiles))
                        goto decode;
                    break;
            }
        }

    decode:
        if (frame is null || tiles.Count != frame.TileCount)
            throw Fault($"it has {tiles.Count} tiles; {frame?.TileCount ?? 1} are expected");
        foreach (var (index, tile) in tiles)
            new Tile(frame, index, tile.Coding, tile.Quantisation, watch).Decode(tile.Data.ToArray(), cells, columns, bytesPerCell);
    }

    public static DicomDataException Fault(string what) => JpegMarkers.Fault("JPEG 2000", what);

    sealed record TileParts(Coding Coding, Quantisation Quantisation)
    {
        public Coding Coding { get; set; } = Coding;

        public Quantisation Quantisation { get; set; } = Quantisation;

        public MemoryStream Data { get; } = new();
    }

    /// <returns>Whether this was the last tile-part, which goes to the end of the codestream.</returns>
    static bool ReadTilePart(ReadOnlySpan<byte> codestream, ReadOnlySpan<byte> sot, ref int at, Frame frame, Coding coding, Quantisation quantisation, SortedDictionary<int, TileParts> tiles)
    {
        if (sot.Length != 8)
            throw Fault("a start of tile-part is not valid");
        var begin = at - 12;
        int index = BinaryPrimitives.ReadUInt16BigEndian(sot);
        long length = BinaryPrimitives.ReadUInt32BigEndian(sot[2..]);
        var end = length == 0 ? codestream.Length : begin + length;
        if (index >= frame.TileCount || end > codestream.Length || end < at + 2)
            throw Fault($"tile-part {sot[6]} of tile {index} is {length} bytes long and goes beyond the end, or there is no such tile");
        if (!tiles.TryGetValue(index, out var tile))
            tiles[index] = tile = new TileParts(coding, quantisation);
        while (BinaryPrimitives.ReadUInt16BigEndian(codestream[at..]) is var marker && marker != Sod)
        {
            var segment = Segment(codestream, ref at);
            switch (marker)
            {
                case Cod or Coc:
                    tile.Coding = Coding.Read(segment, tile.Coding, marker == Coc);
                    break;
                case Qcd or Qcc:
                    tile.Quantisation = Quantisation.Read(marker == Qcc ? OfComponent(segment) : segment);
                    break;
                case Rgn or Poc or Ppt:
                    throw Fault($"it uses the marker {marker:X4}, which is not read");
            }
            if (at + 2 > end)
                throw Fault($"tile {index} ends in its headers");
        }
        var data = codestream[(at + 2)..(int)end];
        if (length == 0 && data.Length >= 2 && BinaryPrimitives.ReadUInt16BigEndian(data[^2..]) == Eoc)
            data = data[..^2];
        tile.Data.Write(data);
        at = (int)end;
        return length == 0;
    }

    /// <summary>The parameters of the marker at a position, which goes behind them.</summary>
    static ReadOnlySpan<byte> Segment(ReadOnlySpan<byte> codestream, ref int at)
    {
        if (at + 4 > codestream.Length || codestream[at] != 0xFF)
            throw Fault($"a marker is missing at byte {at}");
        int length = BinaryPrimitives.ReadUInt16BigEndian(codestream[(at + 2)..]);
        if (length < 2 || at + 2 + length > codestream.Length)
            throw Fault($"the segment of {length} bytes at byte {at} goes beyond the end");
        var segment = codestream.Slice(at + 4, length - 2);
        at += 2 + length;
        return segment;
    }

    static ReadOnlySpan<byte> OfComponent(ReadOnlySpan<byte> segment) => segment.Length > 1 && segment[0] == 0 ? segment[1..] : throw Fault("parameters of a component that is not there");
}

/// <summary>SIZ, T.800 A.5.1: the image and its tiles on the reference grid.</summary>
sealed record Frame(int X0, int Y0, int X1, int Y1, int TileX0, int TileY0, int TileWidth, int TileHeight, int Precision, bool IsSigned)
{
    public int TilesAcross => Ceil(X1 - TileX0, TileWidth);

    public int TileCount => TilesAcross * Ceil(Y1 - TileY0, TileHeight);

    public static Frame Read(ReadOnlySpan<byte> siz, int rows, int columns, int bytesPerCell)
    {
        if (siz.Length < 36)
            throw Jpeg2000Codec.Fault("its SIZ marker is cut short");
        Span<long> v = stackalloc long[8];
        for (var n = 0; n < 8; n++)
            v[n] = BinaryPrimitives.ReadUInt32BigEndian(siz[(2 + (4 * n))..]);
        int components = BinaryPrimitives.ReadUInt16BigEndian(siz[34..]);
        if (components != 1 || siz.Length != 39)
            throw Jpeg2000Codec.Fault($"it has {components} components, and 1 is expected");
        if (v[0] - v[2] != columns || v[1] - v[3] != rows || v[0] > int.MaxValue / 2 || v[1] > int.MaxValue / 2)
            throw Jpeg2000Codec.Fault($"it has {v[1] - v[3]} x {v[0] - v[2]} pixels, and Rows x Columns is {rows} x {columns}");
        if (siz[37] != 1 || siz[38] != 1)
            throw Jpeg2000Codec.Fault("its component is subsampled");
        var precision = (siz[36] & 0x7F) + 1;
        if (precision > 8 * bytesPerCell)
            throw Jpeg2000Codec.Fault($"it has {precision} bits a pixel, and Bits Allocated is {8 * bytesPerCell}");
        // Tiles may be larger than the image, but their grid begins at or before it and no tile of it is empty.
        if (v[4] == 0 || v[5] == 0 || v[6] > v[2] || v[7] > v[3] || v[6] + v[4] <= v[2] || v[7] + v[5] <= v[3])
            throw Jpeg2000Codec.Fault("its tiles do not cover the image");
        var frame = new Frame((int)v[2], (int)v[3], (int)v[0], (int)v[1], (int)v[6], (int)v[7],
            (int)Math.Min(v[4], int.MaxValue / 2), (int)Math.Min(v[5], int.MaxValue / 2), precision, siz[36] >= 0x80);
        return (long)frame.TilesAcross * Ceil(frame.Y1 - frame.TileY0, frame.TileHeight) <= 65535 ? frame : throw Jpeg2000Codec.Fault("it has more than 65535 tiles");
    }

    public static int Ceil(int value, int by) => (int)(((long)value + by - 1) / by);
}

/// <summary>COD and COC, T.800 A.6.1: how coefficients are split and coded.</summary>
sealed record Coding(int Progression, int Layers, bool HasSop, bool HasEph, int Levels, int BlockWidthBits, int BlockHeightBits, BlockStyle Style, bool IsReversible, byte[] Precincts)
{
    public static Coding Read(ReadOnlySpan<byte> segment, Coding? main, bool ofComponent)
    {
        if (segment.Length < (ofComponent ? 7 : 10))
            throw Jpeg2000Codec.Fault("its coding style is cut short");
        int progression, layers;
        bool sop, eph;
        var style = segment[ofComponent ? 1 : 0];
        if (ofComponent)
        {
            if (main is null || segment[0] != 0)
                throw Jpeg2000Codec.Fault("the coding style of a component comes before that of the image");
            (progression, layers, sop, eph) = (main.Progression, main.Layers, main.HasSop, main.HasEph);
            segment = segment[2..];
        }
        else
        {
            (progression, layers, sop, eph) = (segment[1], BinaryPrimitives.ReadUInt16BigEndian(segment[2..]), (style & 2) != 0, (style & 4) != 0);
            if (segment[4] != 0)
                throw Jpeg2000Codec.Fault("it mixes components, and has one");
            segment = segment[5..];
        }
        int levels = segment[0], width = segment[1] + 2, height = segment[2] + 2;
        if (levels > 32 || width > 10 || height > 10 || width + height > 12 || segment[4] > 1 || progression > 4 || layers == 0)
            throw Jpeg2000Codec.Fault("its coding style is not valid");
        var precincts = new byte[levels + 1];
        Array.Fill(precincts, (byte)0xFF);
        if ((style & 1) != 0)
        {
            if (segment.Length < 5 + precincts.Length)
                throw Jpeg2000Codec.Fault("its precinct sizes are cut short");
            segment.Slice(5, precincts.Length).CopyTo(precincts);
            if (precincts.AsSpan(1).ContainsAnyInRange((byte)0, (byte)0x0F) || precincts.AsSpan(1).ToArray().Any(size => (size & 15) == 0))
                throw Jpeg2000Codec.Fault("its precinct sizes are not valid");
        }
        return new Coding(progression, layers, sop, eph, levels, width, height, (BlockStyle)segment[3], segment[4] == 1, precincts);
    }
}

/// <summary>Code-block style, T.800 table A.19.</summary>
[Flags]
enum BlockStyle
{
    None = 0,
    Bypass = 1,
    ResetContexts = 2,
    TerminateEach = 4,
    VerticallyCausal = 8,
    PredictableTermination = 16,
    SegmentationSymbols = 32,
}

/// <summary>QCD and QCC, T.800 A.6.4: exponent and mantissa of the step of each subband.</summary>
sealed record Quantisation(int Style, int GuardBits, (int Exponent, int Mantissa)[] Steps)
{
    public static Quantisation Read(ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 2)
            throw Jpeg2000Codec.Fault("its quantisation is cut short");
        var (style, guard) = (segment[0] & 31, segment[0] >> 5);
        var steps = new List<(int, int)>();
        segment = segment[1..];
        switch (style)
        {
            case 0:
                foreach (var value in segment)
                    steps.Add((value >> 3, 0));
                break;
            case 1 or 2:
                for (; segment.Length >= 2; segment = segment[2..])
                {
                    int value = BinaryPrimitives.ReadUInt16BigEndian(segment);
                    steps.Add((value >> 11, value & 0x7FF));
                }
                break;
            default:
                throw Jpeg2000Codec.Fault($"its quantisation style is {style}");
        }
        return steps.Count > 0 ? new Quantisation(style, guard, [.. steps]) : throw Jpeg2000Codec.Fault("its quantisation is empty");
    }

    /// <param name="band">0 for LL, then HL, LH, HH from the coarsest level on.</param>
    public (int Exponent, int Mantissa) Step(int band)
    {
        // Derived (E-5): the exponent falls by one a level.
        if (Style == 1)
            return (Math.Max(0, Steps[0].Exponent - (band > 0 ? (band - 1) / 3 : 0)), Steps[0].Mantissa);
        return band < Steps.Length ? Steps[band] : throw Jpeg2000Codec.Fault($"its quantisation names {Steps.Length} subbands, and there are more");
    }
}
