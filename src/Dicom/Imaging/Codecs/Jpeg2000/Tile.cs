using System.Buffers.Binary;
using System.Runtime.ExceptionServices;

namespace SoftSeg.Dicom.Imaging.Codecs.Jpeg2000;

/// <summary>One tile of one component: its resolutions, subbands, precincts and code-blocks (T.800 annex B), from packets to pixels.</summary>
sealed class Tile
{
    /// <summary>Precincts and code-blocks of a tile: 16384 x 16384 pixels in code-blocks of 32 x 32 are a quarter million.</summary>
    const long MostParts = 1 << 19;

    /// <summary>Pixels of a tile from which on several processors are faster than one.</summary>
    const int WorthSharing = 128 * 1024;

    readonly Frame frame;
    readonly Coding coding;
    readonly Quantisation quantisation;
    readonly Resolution[] resolutions;
    readonly DecodeWatch watch;

    public Tile(Frame frame, int index, Coding coding, Quantisation quantisation, DecodeWatch watch)
    {
        (this.frame, this.coding, this.quantisation, this.watch) = (frame, coding, quantisation, watch);
        var (p, q) = (index % frame.TilesAcross, index / frame.TilesAcross);
        Bounds = new Box(
            Math.Max(frame.TileX0 + (int)Math.Min((long)p * frame.TileWidth, int.MaxValue / 2), frame.X0),
            Math.Max(frame.TileY0 + (int)Math.Min((long)q * frame.TileHeight, int.MaxValue / 2), frame.Y0),
            (int)Math.Min(frame.TileX0 + ((p + 1L) * frame.TileWidth), frame.X1),
            (int)Math.Min(frame.TileY0 + ((q + 1L) * frame.TileHeight), frame.Y1));
        // Precincts and code-blocks cost memory, about a kilobyte each, however small they are said to be.
        var budget = Math.Min(4096L + ((long)Bounds.Width * Bounds.Height / 4), MostParts);
        resolutions = [.. Enumerable.Range(0, coding.Levels + 1).Select(r => new Resolution(this, r, ref budget))];
    }

    /// <summary>On the reference grid.</summary>
    public Box Bounds { get; }

    public void Decode(byte[] data, Span<byte> cells, int columns, int bytesPerCell)
    {
        var packets = new PacketReader(data, coding);
        foreach (var (layer, resolution, precinct) in Packets())
        {
            watch.Check();
            packets.Read(resolutions[resolution].Precincts[precinct], layer);
        }

        var half = coding.IsReversible ? null : new float[Bounds.Width * Bounds.Height];
        var whole = coding.IsReversible ? new int[Bounds.Width * Bounds.Height] : null;
        var blocks = resolutions.SelectMany(resolution => resolution.Bands).SelectMany(band => band.Blocks.Where(block => block.Passes > 0).Select(block => (band, block))).ToArray();
        if (blocks.Length < 2 || Bounds.Width * Bounds.Height < WorthSharing)
        {
            var decoder = new BlockDecoder(coding.Style);
            foreach (var (band, block) in blocks)
                Place(decoder, block, band, whole, half);
        }
        else
        {
            Share(blocks, whole, half);
        }
        for (var r = 1; r < resolutions.Length; r++)
        {
            if (whole is not null)
                Wavelet.Reverse53(whole, Bounds.Width, resolutions[r].Bounds, resolutions[r - 1].Bounds);
            else
                Wavelet.Reverse97(half!, Bounds.Width, resolutions[r].Bounds, resolutions[r - 1].Bounds);
        }
        Store(whole, half, cells, columns, bytesPerCell);
    }

    /// <summary>All processors take part; a fault in a block is the tile's.</summary>
    void Share((Subband Band, CodeBlock Block)[] blocks, int[]? whole, float[]? half)
    {
        try
        {
            Parallel.ForEach(blocks, () => new BlockDecoder(coding.Style), (next, _, decoder) =>
            {
                Place(decoder, next.Block, next.Band, whole, half);
                return decoder;
            }, _ => { });
        }
        catch (AggregateException faults)
        {
            ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
        }
    }

    /// <summary>Decodes a code-block into the place that its subband has before the inverse transform.</summary>
    void Place(BlockDecoder decoder, CodeBlock block, Subband band, int[]? whole, float[]? half)
    {
        watch.Check();
        var (exponent, mantissa) = quantisation.Step(band.Index);
        var planes = quantisation.GuardBits + exponent - 1 - block.ZeroPlanes;
        if (planes is < 1 or > 30 || block.Passes > (3 * planes) - 2)
            throw Jpeg2000Codec.Fault($"a code-block has {block.Passes} passes on {planes} bit planes");
        var step = (float)Math.ScaleB(1 + (mantissa / 2048.0), frame.Precision + band.Gain - exponent);
        var values = decoder.Decode(block, band.Orientation, planes);
        var width = block.Bounds.Width;
        for (var y = 0; y < block.Bounds.Height; y++)
        {
            var at = ((band.Place.Y + block.Bounds.Y0 - band.Bounds.Y0 + y) * Bounds.Width) + band.Place.X + block.Bounds.X0 - band.Bounds.X0;
            var row = values.Slice(y * width, width);
            if (whole is not null)
            {
                var to = whole.AsSpan(at, width);
                for (var x = 0; x < row.Length; x++)
                    to[x] = Signed((row[x] & int.MaxValue) >> 1, row[x]);
            }
            else
            {
                var to = half.AsSpan(at, width);
                for (var x = 0; x < row.Length; x++)
                    to[x] = Signed(row[x] & int.MaxValue, row[x]) * 0.5f * step;
            }
        }

        static int Signed(int magnitude, int sign) => (magnitude ^ (sign >> 31)) - (sign >> 31);
    }

    void Store(int[]? whole, float[]? half, Span<byte> cells, int columns, int bytesPerCell)
    {
        var (shift, low, high) = frame.IsSigned
            ? (0, -(1 << (frame.Precision - 1)), (1 << (frame.Precision - 1)) - 1)
            : (1 << (frame.Precision - 1), 0, (1 << frame.Precision) - 1);
        for (var y = 0; y < Bounds.Height; y++)
        {
            var to = cells[((((Bounds.Y0 - frame.Y0 + y) * columns) + Bounds.X0 - frame.X0) * bytesPerCell)..];
            for (var x = 0; x < Bounds.Width; x++)
            {
                var n = (y * Bounds.Width) + x;
                var value = Math.Clamp((whole is not null ? whole[n] : (int)MathF.Round(Math.Clamp(half![n], -1e9f, 1e9f))) + shift, low, high);
                if (bytesPerCell == 1)
                    to[x] = (byte)value;
                else
                    BinaryPrimitives.WriteUInt16LittleEndian(to[(2 * x)..], (ushort)value);
            }
        }
    }

    /// <summary>The order of packets, B.12, of a single component.</summary>
    IEnumerable<(int Layer, int Resolution, int Precinct)> Packets() => coding.Progression switch
    {
        0 => from layer in Enumerable.Range(0, coding.Layers)
             from r in Enumerable.Range(0, resolutions.Length)
             from precinct in Enumerable.Range(0, resolutions[r].Precincts.Length)
             select (layer, r, precinct),
        1 => from r in Enumerable.Range(0, resolutions.Length)
             from layer in Enumerable.Range(0, coding.Layers)
             from precinct in Enumerable.Range(0, resolutions[r].Precincts.Length)
             select (layer, r, precinct),
        2 => from r in Enumerable.Range(0, resolutions.Length)
             from precinct in Enumerable.Range(0, resolutions[r].Precincts.Length)
             from layer in Enumerable.Range(0, coding.Layers)
             select (layer, r, precinct),
        _ => from place in (from r in Enumerable.Range(0, resolutions.Length)
                            from precinct in Enumerable.Range(0, resolutions[r].Precincts.Length)
                            let at = resolutions[r].Precincts[precinct].Position
                            orderby at.Y, at.X, r, precinct
                            select (r, precinct))
             from layer in Enumerable.Range(0, coding.Layers)
             select (layer, place.r, place.precinct),
    };

    /// <summary>A resolution level, B.5: 0 is the coarsest.</summary>
    sealed class Resolution
    {
        public Resolution(Tile tile, int r, ref long budget)
        {
            var coding = tile.coding;
            var down = coding.Levels - r;
            Bounds = tile.Bounds.Shrunk(down);
            var (px, py) = (coding.Precincts[r] & 15, coding.Precincts[r] >> 4);
            var lower = tile.Bounds.Shrunk(down + 1);
            Bands = r == 0
                ? [new Subband(0, BandOrientation.LL, Bounds, (0, 0))]
                :
                [
                    new Subband((3 * r) - 2, BandOrientation.HL, tile.Bounds.Band(down + 1, 1, 0), (lower.Width, 0)),
                    new Subband((3 * r) - 1, BandOrientation.LH, tile.Bounds.Band(down + 1, 0, 1), (0, lower.Height)),
                    new Subband(3 * r, BandOrientation.HH, tile.Bounds.Band(down + 1, 1, 1), (lower.Width, lower.Height)),
                ];
            if (Bounds.IsEmpty)
                return;
            var (firstX, firstY) = (Bounds.X0 >> px, Bounds.Y0 >> py);
            var (across, high) = (((Bounds.X1 - 1) >> px) - firstX + 1, ((Bounds.Y1 - 1) >> py) - firstY + 1);
            budget -= (long)across * high;
            if (budget < 0)
                throw Jpeg2000Codec.Fault($"{across} x {high} precincts are more than the image can need");
            var inBand = r > 0 ? 1 : 0;
            Precincts = new Precinct[across * high];
            for (var n = 0; n < Precincts.Length; n++)
            {
                var (x, y) = (firstX + (n % across), firstY + (n / across));
                var position = (X: Math.Max((long)x << (px + down), tile.Bounds.X0), Y: Math.Max((long)y << (py + down), tile.Bounds.Y0));
                var parts = new PrecinctBand[Bands.Length];
                for (var b = 0; b < parts.Length; b++)
                    parts[b] = new PrecinctBand(Bands[b], Cut(Bands[b].Bounds, x, px - inBand, y, py - inBand), Math.Min(coding.BlockWidthBits, px - inBand), Math.Min(coding.BlockHeightBits, py - inBand), ref budget);
                Precincts[n] = new Precinct(position, parts);
            }
        }

        public Box Bounds { get; }

        public Subband[] Bands { get; }

        public Precinct[] Precincts { get; } = [];

        static Box Cut(Box band, int x, int xBits, int y, int yBits) => new(
            Math.Max(band.X0, x << xBits), Math.Max(band.Y0, y << yBits), (int)Math.Min(band.X1, (x + 1L) << xBits), (int)Math.Min(band.Y1, (y + 1L) << yBits));
    }
}

/// <summary>Half-open rectangle.</summary>
readonly record struct Box(int X0, int Y0, int X1, int Y1)
{
    public int Width => Math.Max(0, X1 - X0);

    public int Height => Math.Max(0, Y1 - Y0);

    public bool IsEmpty => X1 <= X0 || Y1 <= Y0;

    /// <summary>Halved so many times, rounded up (B-14).</summary>
    public Box Shrunk(int times) => Band(times, 0, 0);

    /// <summary>The bounds of a subband (B-15).</summary>
    public Box Band(int level, int xHigh, int yHigh)
    {
        if (level == 0)
            return this;
        return new Box(Part(X0, xHigh), Part(Y0, yHigh), Part(X1, xHigh), Part(Y1, yHigh));

        int Part(int value, int high)
        {
            var offset = high == 0 ? 0L : 1L << (level - 1);
            return (int)((value - offset + (1L << level) - 1) >> level);
        }
    }
}

enum BandOrientation
{
    LL,
    HL,
    LH,
    HH,
}

/// <summary>A subband and where its coefficients stand in the tile before the inverse transform.</summary>
sealed record Subband(int Index, BandOrientation Orientation, Box Bounds, (int X, int Y) Place)
{
    /// <summary>log2 of the nominal gain, table E.1.</summary>
    public int Gain => Orientation switch { BandOrientation.LL => 0, BandOrientation.HH => 2, _ => 1 };

    public List<CodeBlock> Blocks { get; } = [];
}

sealed record Precinct((long X, long Y) Position, PrecinctBand[] Bands);

/// <summary>The code-blocks of one precinct in one subband, with the tag trees over them.</summary>
sealed class PrecinctBand
{
    public PrecinctBand(Subband band, Box area, int widthBits, int heightBits, ref long budget)
    {
        if (area.IsEmpty)
            return;
        var (firstX, firstY) = (area.X0 >> widthBits, area.Y0 >> heightBits);
        var (across, high) = (((area.X1 - 1) >> widthBits) - firstX + 1, ((area.Y1 - 1) >> heightBits) - firstY + 1);
        budget -= (long)across * high;
        if (budget < 0)
            throw Jpeg2000Codec.Fault($"{across} x {high} code-blocks in a precinct are more than the image can need");
        Blocks = new CodeBlock[across * high];
        for (var n = 0; n < Blocks.Length; n++)
        {
            var (x, y) = (firstX + (n % across), firstY + (n / across));
            Blocks[n] = new CodeBlock(new Box(
                Math.Max(area.X0, x << widthBits), Math.Max(area.Y0, y << heightBits), Math.Min(area.X1, (x + 1) << widthBits), Math.Min(area.Y1, (y + 1) << heightBits)));
        }
        band.Blocks.AddRange(Blocks);
        (Inclusion, ZeroPlanes) = (new TagTree(across, high), new TagTree(across, high));
    }

    public CodeBlock[] Blocks { get; } = [];

    public TagTree? Inclusion { get; }

    public TagTree? ZeroPlanes { get; }
}

/// <summary>A code-block and what the packets brought of it.</summary>
sealed class CodeBlock(Box bounds)
{
    public Box Bounds { get; } = bounds;

    public bool IsIncluded { get; set; }

    public int ZeroPlanes { get; set; }

    public int LengthBits { get; set; } = 3;

    public int Passes { get; set; }

    /// <summary>Codeword segments: passes that share one run of the arithmetic decoder.</summary>
    public List<(int Passes, MemoryStream Data)> Segments { get; } = [];
}
