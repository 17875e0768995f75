using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SoftSeg.Dicom.Imaging.Codecs.Jpeg2000;

/// <summary>The bit planes of one code-block, T.800 annex D: three passes a plane over stripes of four rows.</summary>
sealed class BlockDecoder
{
    // What a coefficient knows of its neighbours: which are significant, the signs of the four nearest, and its own state.
    const int NE = 1, SE = 2, SW = 4, NW = 8, N = 16, E = 32, S = 64, W = 128;
    const int SignN = 256, SignE = 512, SignS = 1024, SignW = 2048, Significant = 4096, Refined = 8192, Visited = 16384;
    const int Neighbours = 255;

    const int RunContext = 17, UniformContext = 18;

    static readonly byte[] SignPredictions = SignPredictionTable();

    static readonly byte[][] ZeroContexts = [ZeroContextTable(BandOrientation.LL), ZeroContextTable(BandOrientation.HL), ZeroContextTable(BandOrientation.LH), ZeroContextTable(BandOrientation.HH)];

    /// <summary>The same bit in each of the four flags of a column.</summary>
    const ulong EachRow = 0x0001_0001_0001_0001;

    readonly int width, height, stride;
    readonly byte[] zeroContexts;
    readonly BlockStyle style;
    readonly bool isCausal;

    /// <summary>Four rows of a column together, so that one look passes over those with nothing to do: <c>[stripe, column, row]</c> with a stripe and a column more on each side.</summary>
    readonly ushort[] flags;

    readonly int[] values;

    /// <summary>Negative coefficients.</summary>
    readonly bool[] signs;

    readonly MQDecoder mq = new();
    RawBits raw = new([]);
    bool isRaw;

    public BlockDecoder(int width, int height, BandOrientation orientation, BlockStyle style)
    {
        (this.width, this.height, this.style) = (width, height, style);
        isCausal = style.HasFlag(BlockStyle.VerticallyCausal);
        stride = 4 * (width + 2);
        flags = new ushort[stride * (((height + 3) / 4) + 2)];
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
            var rows = Math.Min(4, height - top);
            for (var x = 0; x < width; x++)
            {
                var first = Index(x, top);
                if ((Column(first) & (EachRow * Neighbours)) == 0)
                    continue;
                for (var row = 0; row < rows; row++)
                {
                    int f = flags[first + row];
                    if ((f & Significant) != 0 || (f & Neighbours) == 0)
                        continue;
                    if (isRaw)
                    {
                        if (raw.Bit() == 1)
                            BecomeSignificant(first + row, x, top + row, raw.Bit(), plane);
                    }
                    else if (mq.Decode(zeroContexts[f & Neighbours]) == 1)
                    {
                        BecomeSignificant(first + row, x, top + row, Sign(f), plane);
                    }
                    flags[first + row] |= Visited;
                }
            }
        }
    }

    void RefinementPass(int plane)
    {
        for (var top = 0; top < height; top += 4)
        {
            var rows = Math.Min(4, height - top);
            for (var x = 0; x < width; x++)
            {
                var first = Index(x, top);
                if ((Column(first) & (EachRow * Significant)) == 0)
                    continue;
                for (var row = 0; row < rows; row++)
                {
                    int f = flags[first + row];
                    if ((f & (Significant | Visited)) != Significant)
                        continue;
                    var context = (f & Refined) != 0 ? 16 : (f & Neighbours) != 0 ? 15 : 14;
                    var bit = isRaw ? raw.Bit() : mq.Decode(context);
                    // In twice the value: half a step of this plane takes the place of half a step of the one before.
                    values[((top + row) * width) + x] += bit == 1 ? 1 << plane : -(1 << plane);
                    flags[first + row] |= Refined;
                }
            }
        }
    }

    void CleanupPass(int plane)
    {
        for (var top = 0; top < height; top += 4)
        {
            var rows = Math.Min(4, height - top);
            for (var x = 0; x < width; x++)
            {
                var first = Index(x, top);
                var row = 0;
                if (rows == 4 && (Column(first) & (EachRow * (Neighbours | Significant | Visited))) == 0)
                {
                    if (mq.Decode(RunContext) == 0)
                        continue;
                    row = mq.Decode(UniformContext) << 1;
                    row += mq.Decode(UniformContext);
                    BecomeSignificant(first + row, x, top + row, Sign(flags[first + row]), plane);
                    row++;
                }
                for (; row < rows; row++)
                {
                    int f = flags[first + row];
                    if ((f & (Significant | Visited)) == 0 && mq.Decode(zeroContexts[f & Neighbours]) == 1)
                        BecomeSignificant(first + row, x, top + row, Sign(f), plane);
                }
            }
        }
        foreach (ref var column in MemoryMarshal.Cast<ushort, ulong>(flags.AsSpan()))
            column &= ~(EachRow * Visited);
        if (style.HasFlag(BlockStyle.SegmentationSymbols))
        {
            for (var n = 0; n < 4; n++)
                mq.Decode(UniformContext);
        }
    }

    /// <summary>Where the flags of a pixel are; those of the rows below it in its stripe follow.</summary>
    int Index(int x, int y) => (((y >> 2) + 1) * stride) + (4 * (x + 1)) + (y & 3);

    ulong Column(int first) => MemoryMarshal.Cast<ushort, ulong>(flags)[first >> 2];

    void BecomeSignificant(int p, int x, int y, int sign, int plane)
    {
        var n = (y * width) + x;
        // Twice (1 + 1/2) of this plane's step.
        values[n] = 3 << plane;
        signs[n] = sign == 1;
        flags[p] |= Significant;
        var (above, below) = ((y & 3) > 0 ? p - 1 : p - stride + 3, (y & 3) < 3 ? p + 1 : p + stride - 3);
        // D.7: in the vertically causal form a stripe knows nothing of the one below it.
        if (!isCausal || (y & 3) > 0)
        {
            flags[above - 4] |= SE;
            flags[above] |= (ushort)(sign == 1 ? S | SignS : S);
            flags[above + 4] |= SW;
        }
        flags[p - 4] |= (ushort)(sign == 1 ? E | SignE : E);
        flags[p + 4] |= (ushort)(sign == 1 ? W | SignW : W);
        flags[below - 4] |= NE;
        flags[below] |= (ushort)(sign == 1 ? N | SignN : N);
        flags[below + 4] |= NW;
    }

    /// <summary>D.3.2: the sign, predicted from those of the four nearest.</summary>
    int Sign(int f)
    {
        int prediction = SignPredictions[((f >> 4) & 15) | ((f >> 4) & 0xF0)];
        return mq.Decode(prediction >> 1) ^ (prediction & 1);
    }

    /// <summary>Context and flip of the sign, table D.3, by the significance and the signs of the four nearest as flags have them (from N and SignN on).</summary>
    static byte[] SignPredictionTable()
    {
        var table = new byte[256];
        for (var n = 0; n < 256; n++)
        {
            var f = ((n & 15) << 4) | ((n & 0xF0) << 4);
            var h = Math.Sign(Contribution(f, W, SignW) + Contribution(f, E, SignE));
            var v = Math.Sign(Contribution(f, N, SignN) + Contribution(f, S, SignS));
            // The table is point symmetric: what turns the signs turns the prediction.
            var flip = h < 0 || (h == 0 && v < 0);
            if (flip)
                (h, v) = (-h, -v);
            table[n] = (byte)(((h == 1 ? 12 + v : 9 + v) << 1) | (flip ? 1 : 0));
        }
        return table;

        static int Contribution(int f, int significant, int negative) => (f & significant) == 0 ? 0 : (f & negative) != 0 ? -1 : 1;
    }

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
sealed class MQDecoder
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

    /// <summary>The same by twice the state plus the more probable symbol: Qe in the upper half, then the next after the more, then after the less probable symbol.</summary>
    static readonly uint[] Transitions = [.. Enumerable.Range(0, 2 * States.Length).Select(n =>
    {
        var (qe, mps, lps, isSwitch) = States[n / 2];
        return ((uint)qe << 16) | (uint)(((2 * mps) + (n & 1)) << 8) | (uint)((2 * lps) + ((n & 1) ^ (isSwitch ? 1 : 0)));
    })];

    /// <summary>By context, as <see cref="Transitions"/> counts them.</summary>
    readonly byte[] contexts = new byte[19];

    byte[] data = [];
    int position;
    uint a, c;
    int ct;

    /// <summary>Table D.7.</summary>
    public void ResetContexts()
    {
        Array.Clear(contexts);
        (contexts[0], contexts[17], contexts[18]) = (2 * 4, 2 * 3, 2 * 46);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Decode(int context)
    {
        int state = contexts[context];
        var transition = Transitions[state];
        var qe = transition >> 16;
        var rest = a - qe;
        if (c >> 16 >= qe && (rest & 0x8000) != 0)
        {
            (a, c) = (rest, c - (qe << 16));
            return state & 1;
        }
        return Exchange(context, state, transition);
    }

    /// <summary>C.3.2 where the interval has to be renormalised.</summary>
    int Exchange(int context, int state, uint transition)
    {
        var qe = transition >> 16;
        a -= qe;
        bool isMoreProbable;
        if (c >> 16 < qe)
        {
            isMoreProbable = a < qe;
            a = qe;
        }
        else
        {
            c -= qe << 16;
            isMoreProbable = a >= qe;
        }
        contexts[context] = (byte)(isMoreProbable ? transition >> 8 : transition);
        do
        {
            if (ct == 0)
                ByteIn();
            var shift = Math.Min(BitOperations.LeadingZeroCount(a) - 16, ct);
            a <<= shift;
            c <<= shift;
            ct -= shift;
        }
        while ((a & 0x8000) == 0);
        return isMoreProbable ? state & 1 : 1 - (state & 1);
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
