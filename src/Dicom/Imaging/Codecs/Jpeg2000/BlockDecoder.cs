namespace SoftSeg.Dicom.Imaging.Codecs.Jpeg2000;

/// <summary>The bit planes of one code-block, T.800 annex D: three passes a plane over stripes of four rows.</summary>
sealed class BlockDecoder
{
    // What a coefficient knows of its neighbours: which are significant, the signs of the four nearest, and its own state.
    const int NE = 1, SE = 2, SW = 4, NW = 8, N = 16, E = 32, S = 64, W = 128;
    const int SignN = 256, SignE = 512, SignS = 1024, SignW = 2048, Significant = 4096, Refined = 8192, Visited = 16384;
    const int Neighbours = 255;

    const int RunContext = 17, UniformContext = 18;

    static readonly byte[][] ZeroContexts = [ZeroContextTable(BandOrientation.LL), ZeroContextTable(BandOrientation.HL), ZeroContextTable(BandOrientation.LH), ZeroContextTable(BandOrientation.HH)];

    readonly int width, height, stride;
    readonly byte[] zeroContexts;
    readonly BlockStyle style;
    readonly int[] flags, values;

    /// <summary>Negative coefficients.</summary>
    readonly bool[] signs;

    MQDecoder mq = new([]);
    RawBits raw = new([]);
    bool isRaw;

    public BlockDecoder(int width, int height, BandOrientation orientation, BlockStyle style)
    {
        (this.width, this.height, this.style) = (width, height, style);
        stride = width + 2;
        flags = new int[stride * (height + 2)];
        values = new int[width * height];
        signs = new bool[width * height];
        zeroContexts = ZeroContexts[(int)orientation];
    }

    /// <summary>Twice the coefficient: its magnitude with half a step of the last plane in which it was coded.</summary>
    public int TwiceValue(int x, int y)
    {
        var n = (y * width) + x;
        return signs[n] ? -values[n] : values[n];
    }

    public void Decode(CodeBlock block, int planes)
    {
        var (plane, kind, pass) = (planes - 1, 2, 0);
        foreach (var (passes, data) in block.Segments)
        {
            // D.6: from the fifth plane on, the first two passes bypass the arithmetic coder.
            isRaw = style.HasFlag(BlockStyle.Bypass) && kind < 2 && planes - 1 - plane >= 4;
            var bytes = data.ToArray();
            if (isRaw)
                raw = new RawBits(bytes);
            else
                mq.Begin(bytes);
            if (pass == 0)
                mq.ResetContexts();
            for (var n = 0; n < passes; n++, pass++)
            {
                if (plane < 0)
                    return;
                switch (kind)
                {
                    case 0:
                        SignificancePass(plane);
                        break;
                    case 1:
                        RefinementPass(plane);
                        break;
                    default:
                        CleanupPass(plane);
                        break;
                }
                if (style.HasFlag(BlockStyle.ResetContexts))
                    mq.ResetContexts();
                if (++kind == 3)
                    (kind, plane) = (0, plane - 1);
            }
        }
    }

    void SignificancePass(int plane)
    {
        for (var top = 0; top < height; top += 4)
        {
            for (var x = 0; x < width; x++)
            {
                for (var y = top; y < Math.Min(top + 4, height); y++)
                {
                    var p = Index(x, y);
                    var f = Seen(flags[p], y);
                    if ((f & Significant) != 0 || (f & Neighbours) == 0)
                        continue;
                    if (isRaw)
                    {
                        if (raw.Bit() == 1)
                            BecomeSignificant(p, x, y, raw.Bit(), plane);
                    }
                    else if (mq.Decode(zeroContexts[f & Neighbours]) == 1)
                    {
                        BecomeSignificant(p, x, y, Sign(f), plane);
                    }
                    flags[p] |= Visited;
                }
            }
        }
    }

    void RefinementPass(int plane)
    {
        for (var top = 0; top < height; top += 4)
        {
            for (var x = 0; x < width; x++)
            {
                for (var y = top; y < Math.Min(top + 4, height); y++)
                {
                    var p = Index(x, y);
                    if ((flags[p] & (Significant | Visited)) != Significant)
                        continue;
                    var f = Seen(flags[p], y);
                    var context = (f & Refined) != 0 ? 16 : (f & Neighbours) != 0 ? 15 : 14;
                    var bit = isRaw ? raw.Bit() : mq.Decode(context);
                    // In twice the value: half a step of this plane takes the place of half a step of the one before.
                    var n = (y * width) + x;
                    values[n] += bit == 1 ? 1 << plane : -(1 << plane);
                    flags[p] |= Refined;
                }
            }
        }
    }

    void CleanupPass(int plane)
    {
        for (var top = 0; top < height; top += 4)
        {
            for (var x = 0; x < width; x++)
            {
                var y = top;
                var isRun = top + 4 <= height;
                for (var n = 0; isRun && n < 4; n++)
                    isRun = (Seen(flags[Index(x, top + n)], top + n) & (Neighbours | Significant | Visited)) == 0;
                if (isRun)
                {
                    if (mq.Decode(RunContext) == 0)
                        continue;
                    y = top + (mq.Decode(UniformContext) << 1);
                    y += mq.Decode(UniformContext);
                    var p = Index(x, y);
                    BecomeSignificant(p, x, y, Sign(Seen(flags[p], y)), plane);
                    y++;
                }
                for (; y < Math.Min(top + 4, height); y++)
                {
                    var p = Index(x, y);
                    var f = Seen(flags[p], y);
                    if ((f & (Significant | Visited)) == 0 && mq.Decode(zeroContexts[f & Neighbours]) == 1)
                        BecomeSignificant(p, x, y, Sign(f), plane);
                }
            }
        }
        for (var p = 0; p < flags.Length; p++)
            flags[p] &= ~Visited;
        if (style.HasFlag(BlockStyle.SegmentationSymbols))
        {
            for (var n = 0; n < 4; n++)
                mq.Decode(UniformContext);
        }
    }

    int Index(int x, int y) => ((y + 1) * stride) + x + 1;

    /// <summary>D.7: in the vertically causal form a stripe knows nothing of the one below it.</summary>
    int Seen(int f, int y) => style.HasFlag(BlockStyle.VerticallyCausal) && (y & 3) == 3 ? f & ~(S | SE | SW | SignS) : f;

    void BecomeSignificant(int p, int x, int y, int sign, int plane)
    {
        var n = (y * width) + x;
        // Twice (1 + 1/2) of this plane's step.
        values[n] = 3 << plane;
        signs[n] = sign == 1;
        flags[p] |= Significant;
        flags[p - stride - 1] |= SE;
        flags[p - stride] |= sign == 1 ? S | SignS : S;
        flags[p - stride + 1] |= SW;
        flags[p - 1] |= sign == 1 ? E | SignE : E;
        flags[p + 1] |= sign == 1 ? W | SignW : W;
        flags[p + stride - 1] |= NE;
        flags[p + stride] |= sign == 1 ? N | SignN : N;
        flags[p + stride + 1] |= NW;
    }

    /// <summary>D.3.2: the sign, predicted from those of the four nearest.</summary>
    int Sign(int f)
    {
        var horizontal = Contribution(f, W, SignW) + Contribution(f, E, SignE);
        var vertical = Contribution(f, N, SignN) + Contribution(f, S, SignS);
        var (h, v) = (Math.Sign(horizontal), Math.Sign(vertical));
        // Table D.3 is point symmetric: what turns the signs turns the prediction.
        var flip = h < 0 || (h == 0 && v < 0);
        if (flip)
            (h, v) = (-h, -v);
        var context = h == 1 ? 12 + v : 9 + v;
        return mq.Decode(context) ^ (flip ? 1 : 0);
    }

    static int Contribution(int f, int significant, int negative) => (f & significant) == 0 ? 0 : (f & negative) != 0 ? -1 : 1;

    /// <summary>Table D.1.</summary>
    static byte[] ZeroContextTable(BandOrientation orientation)
    {
        var table = new byte[256];
        for (var f = 0; f < 256; f++)
        {
            var h = Count(f, W) + Count(f, E);
            var v = Count(f, N) + Count(f, S);
            var d = Count(f, NW) + Count(f, NE) + Count(f, SE) + Count(f, SW);
            if (orientation == BandOrientation.HL)
                (h, v) = (v, h);
            table[f] = (byte)(orientation == BandOrientation.HH
                ? (d, h + v) switch { ( >= 3, _) => 8, (2, >= 1) => 7, (2, _) => 6, (1, >= 2) => 5, (1, 1) => 4, (1, _) => 3, (_, >= 2) => 2, (_, 1) => 1, _ => 0 }
                : (h, v, d) switch { (2, _, _) => 8, (1, >= 1, _) => 7, (1, _, >= 1) => 6, (1, _, _) => 5, (_, 2, _) => 4, (_, 1, _) => 3, (_, _, >= 2) => 2, (_, _, 1) => 1, _ => 0 });
        }
        return table;

        static int Count(int f, int bit) => (f & bit) != 0 ? 1 : 0;
    }
}

/// <summary>The adaptive binary arithmetic decoder, T.800 annex C.</summary>
sealed class MQDecoder(byte[] data)
{
    /// <summary>Table C.2: probability, next state after the more and the less probable symbol, and whether the latter changes which is which.</summary>
    static readonly (ushort Qe, byte Mps, byte Lps, bool Switch)[] States =
    [
        (0x5601, 1, 1, true), (0x3401, 2, 6, false), (0x1801, 3, 9, false), (0x0AC1, 4, 12, false), (0x0521, 5, 29, false), (0x0221, 38, 33, false),
        (0x5601, 7, 6, true), (0x5401, 8, 14, false), (0x4801, 9, 14, false), (0x3801, 10, 14, false), (0x3001, 11, 17, false), (0x2401, 12, 18, false),
        (0x1C01, 13, 20, false), (0x1601, 29, 21, false), (0x5601, 15, 14, true), (0x5401, 16, 14, false), (0x5101, 17, 15, false), (0x4801, 18, 16, false),
        (0x3801, 19, 17, false), (0x3401, 20, 18, false), (0x3001, 21, 19, false), (0x2801, 22, 19, false), (0x2401, 23, 20, false), (0x2201, 24, 21, false),
        (0x1C01, 25, 22, false), (0x1801, 26, 23, false), (0x1601, 27, 24, false), (0x1401, 28, 25, false), (0x1201, 29, 26, false), (0x1101, 30, 27, false),
        (0x0AC1, 31, 28, false), (0x09C1, 32, 29, false), (0x08A1, 33, 30, false), (0x0521, 34, 31, false), (0x0441, 35, 32, false), (0x02A1, 36, 33, false),
        (0x0221, 37, 34, false), (0x0141, 38, 35, false), (0x0111, 39, 36, false), (0x0085, 40, 37, false), (0x0049, 41, 38, false), (0x0025, 42, 39, false),
        (0x0015, 43, 40, false), (0x0009, 44, 41, false), (0x0005, 45, 42, false), (0x0001, 45, 43, false), (0x5601, 46, 46, false),
    ];

    readonly byte[] states = new byte[19], symbols = new byte[19];
    byte[] data = data;
    int position;
    uint a, c;
    int ct;

    /// <summary>Table D.7.</summary>
    public void ResetContexts()
    {
        Array.Clear(states);
        Array.Clear(symbols);
        (states[0], states[17], states[18]) = (4, 3, 46);
    }

    /// <summary>Starts on a codeword segment; the contexts stay as they are.</summary>
    public void Begin(byte[] segment)
    {
        (data, position) = (segment, 0);
        c = (uint)At(0) << 16;
        ByteIn();
        c <<= 7;
        ct -= 7;
        a = 0x8000;
    }

    public int Decode(int context)
    {
        var (qe, mps, lps, isSwitch) = States[states[context]];
        int symbol = symbols[context];
        a -= qe;
        if (c >> 16 < qe)
        {
            var isMps = a < qe;
            a = qe;
            symbol = Next(isMps);
        }
        else
        {
            c -= (uint)qe << 16;
            if ((a & 0x8000) != 0)
                return symbol;
            symbol = Next(a >= qe);
        }
        do
        {
            if (ct == 0)
                ByteIn();
            a <<= 1;
            c <<= 1;
            ct--;
        }
        while ((a & 0x8000) == 0);
        return symbol;

        int Next(bool isMps)
        {
            states[context] = isMps ? mps : lps;
            if (isMps)
                return symbol;
            if (isSwitch)
                symbols[context] ^= 1;
            return 1 - symbol;
        }
    }

    /// <summary>Beyond the end everything is FF, as behind a marker.</summary>
    byte At(int index) => index < data.Length ? data[index] : (byte)0xFF;

    void ByteIn()
    {
        if (At(position) == 0xFF)
        {
            if (At(position + 1) > 0x8F)
            {
                c += 0xFF00;
                ct = 8;
            }
            else
            {
                position++;
                c += (uint)At(position) << 9;
                ct = 7;
            }
        }
        else
        {
            position++;
            c += (uint)At(position) << 8;
            ct = 8;
        }
    }
}

/// <summary>The bits of a segment that bypasses the arithmetic coder, D.6: after a byte of FF the next one has seven.</summary>
sealed class RawBits(byte[] data)
{
    int position, buffer, bits;

    public int Bit()
    {
        if (bits == 0)
        {
            bits = buffer == 0xFF ? 7 : 8;
            buffer = position < data.Length ? data[position++] : 0xFF;
        }
        return (buffer >> --bits) & 1;
    }
}
