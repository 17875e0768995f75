using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SoftSeg.Dicom.Imaging.Codecs.Jpeg2000;

/// <summary>The bit planes of a code-block, T.800 annex D: three passes a plane over stripes of four rows. It decodes one block after the other.</summary>
sealed class BlockDecoder(BlockStyle style)
{
    // What a coefficient knows of its neighbours: which are significant, the signs of the four nearest, and its own state.
    const int NE = 1, SE = 2, SW = 4, NW = 8, N = 16, E = 32, S = 64, W = 128;
    const int SignN = 256, SignE = 512, SignS = 1024, SignW = 2048, Significant = 4096, Refined = 8192, Visited = 16384;
    const int Neighbours = 255;

    const int RunContext = 17, UniformContext = 18;

    /// <summary>The same bit in each of the four flags of a column.</summary>
    const ulong EachRow = 0x0001_0001_0001_0001;

    static readonly byte[] SignPredictions = SignPredictionTable();

    static readonly byte[][] ZeroContexts = [ZeroContextTable(BandOrientation.LL), ZeroContextTable(BandOrientation.HL), ZeroContextTable(BandOrientation.LH), ZeroContextTable(BandOrientation.HH)];

    // What a coefficient that becomes significant tells its own column and those beside it, by twice its row plus its sign.
    static readonly ulong[] ToOwn = Told(S, Significant, N, SignS, 0, SignN), ToLeft = Told(SE, E, NE, 0, SignE, 0), ToRight = Told(SW, W, NW, 0, SignW, 0);

    readonly bool isCausal = style.HasFlag(BlockStyle.VerticallyCausal);
    readonly MQDecoder mq = new();
    int width, height, stride;
    byte[] zeroContexts = [];
    RawBits raw = new([], 0);
    bool isRaw;

    /// <summary>The flags of four rows of a column, so that one look passes over those with nothing to do: <c>[stripe, column]</c> with a stripe and a column more on each side.</summary>
    ulong[] flags = [];

    /// <summary>Twice the magnitude, and the sign in the uppermost bit.</summary>
    int[] values = [];

    /// <summary>Decodes what the packets brought of a block.</summary>
    /// <returns>
    /// For each coefficient twice its magnitude with half a step of the last plane in which it was coded, and the uppermost bit where it is negative: <c>[row, column]</c>. Valid until the next call.
    /// </returns>
    public ReadOnlySpan<int> Decode(CodeBlock block, BandOrientation orientation, int planes)
    {
        (width, height) = (block.Bounds.Width, block.Bounds.Height);
        stride = width + 2;
        zeroContexts = ZeroContexts[(int)orientation];
        Renew(ref flags, stride * (((height + 3) / 4) + 2));
        Renew(ref values, width * height);
        var (plane, kind, pass) = (planes - 1, 2, 0);
        foreach (var (passes, data) in block.Segments)
        {
            // D.6: from the fifth plane on, the first two passes bypass the arithmetic coder.
            isRaw = style.HasFlag(BlockStyle.Bypass) && kind < 2 && planes - 1 - plane >= 4;
            if (isRaw)
                raw = new RawBits(data.GetBuffer(), (int)data.Length);
            else
                mq.Begin(data);
            if (pass == 0)
                mq.ResetContexts();
            for (var n = 0; n < passes && plane >= 0; n++, pass++)
            {
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
        return values.AsSpan(0, width * height);
    }

    static void Renew<T>(ref T[] array, int length)
    {
        if (array.Length < length)
            array = new T[length];
        else
            array.AsSpan(0, length).Clear();
    }

    void SignificancePass(int plane)
    {
        ref var contexts = ref MemoryMarshal.GetArrayDataReference(zeroContexts);
        var (mq, isRaw) = (this.mq, this.isRaw);
        var (a, c) = mq.Registers;
        for (var top = 0; top < height; top += 4)
        {
            var end = 16 * Math.Min(4, height - top);
            ref var column = ref FirstColumn(top);
            for (var x = 0; x < width; x++, column = ref Unsafe.Add(ref column, 1))
            {
                var four = column;
                if ((four & (EachRow * Neighbours)) == 0)
                    continue;
                for (var shift = 0; shift < end; shift += 16)
                {
                    var f = (int)(four >> shift);
                    if ((f & Significant) != 0 || (f & Neighbours) == 0)
                        continue;
                    if (isRaw)
                    {
                        if (raw.Bit() == 1)
                            four |= BecomeSignificant(ref column, x, top, shift, raw.Bit(), plane);
                    }
                    else if (mq.Decode(Unsafe.Add(ref contexts, f & Neighbours), ref a, ref c) == 1)
                    {
                        four |= BecomeSignificant(ref column, x, top, shift, Sign(mq, f, ref a, ref c), plane);
                    }
                    four |= (ulong)Visited << shift;
                }
                column = four;
            }
        }
        mq.Registers = (a, c);
    }

    void RefinementPass(int plane)
    {
        var (mq, isRaw, values, width) = (this.mq, this.isRaw, this.values, this.width);
        var (a, c) = mq.Registers;
        for (var top = 0; top < height; top += 4)
        {
            var end = 16 * Math.Min(4, height - top);
            ref var column = ref FirstColumn(top);
            for (var x = 0; x < width; x++, column = ref Unsafe.Add(ref column, 1))
            {
                var four = column;
                if ((four & (EachRow * Significant)) == 0)
                    continue;
                for (var shift = 0; shift < end; shift += 16)
                {
                    var f = (int)(four >> shift);
                    if ((f & (Significant | Visited)) != Significant)
                        continue;
                    var context = (f & Refined) != 0 ? 16 : (f & Neighbours) != 0 ? 15 : 14;
                    var bit = isRaw ? raw.Bit() : mq.Decode(context, ref a, ref c);
                    // In twice the value: half a step of this plane takes the place of half a step of the one before.
                    values[((top + (shift >> 4)) * width) + x] += ((2 * bit) - 1) << plane;
                    four |= (ulong)Refined << shift;
                }
                column = four;
            }
        }
        mq.Registers = (a, c);
    }

    void CleanupPass(int plane)
    {
        ref var contexts = ref MemoryMarshal.GetArrayDataReference(zeroContexts);
        var mq = this.mq;
        var (a, c) = mq.Registers;
        for (var top = 0; top < height; top += 4)
        {
            var end = 16 * Math.Min(4, height - top);
            ref var column = ref FirstColumn(top);
            for (var x = 0; x < width; x++, column = ref Unsafe.Add(ref column, 1))
            {
                var four = column;
                var shift = 0;
                if (end == 64 && (four & (EachRow * (Neighbours | Significant | Visited))) == 0)
                {
                    if (mq.Decode(RunContext, ref a, ref c) == 0)
                        continue;
                    shift = mq.Decode(UniformContext, ref a, ref c) << 5;
                    shift += mq.Decode(UniformContext, ref a, ref c) << 4;
                    four |= BecomeSignificant(ref column, x, top, shift, Sign(mq, (int)(four >> shift), ref a, ref c), plane);
                    shift += 16;
                }
                for (; shift < end; shift += 16)
                {
                    var f = (int)(four >> shift);
                    if ((f & (Significant | Visited)) == 0 && mq.Decode(Unsafe.Add(ref contexts, f & Neighbours), ref a, ref c) == 1)
                        four |= BecomeSignificant(ref column, x, top, shift, Sign(mq, f, ref a, ref c), plane);
                }
                column = four & ~(EachRow * Visited);
            }
        }
        if (style.HasFlag(BlockStyle.SegmentationSymbols))
        {
            for (var n = 0; n < 4; n++)
                mq.Decode(UniformContext, ref a, ref c);
        }
        mq.Registers = (a, c);
    }

    /// <summary>The flags of the first column of a stripe; those of the next column follow.</summary>
    ref ulong FirstColumn(int top) => ref flags[(((top >> 2) + 1) * stride) + 1];

    /// <param name="column">Its column in memory, which is not changed: a pass has it in a register.</param>
    /// <param name="shift">16 times its row in the stripe.</param>
    /// <returns>What becomes true in its own column.</returns>
    ulong BecomeSignificant(ref ulong column, int x, int top, int shift, int sign, int plane)
    {
        // Twice (1 + 1/2) of this plane's step.
        values[((top + (shift >> 4)) * width) + x] = (3 << plane) | (sign << 31);
        var told = (shift >> 3) + sign;
        Unsafe.Add(ref column, -1) |= ToLeft[told];
        Unsafe.Add(ref column, 1) |= ToRight[told];
        if (shift == 48)
        {
            ref var below = ref Unsafe.Add(ref column, stride);
            Unsafe.Add(ref below, -1) |= NE;
            below |= sign == 1 ? N | SignN : (ulong)N;
            Unsafe.Add(ref below, 1) |= NW;
        }
        // D.7: in the vertically causal form a stripe knows nothing of the one below it.
        else if (shift == 0 && !isCausal)
        {
            ref var above = ref Unsafe.Add(ref column, -stride);
            Unsafe.Add(ref above, -1) |= (ulong)SE << 48;
            above |= (ulong)(sign == 1 ? S | SignS : S) << 48;
            Unsafe.Add(ref above, 1) |= (ulong)SW << 48;
        }
        return ToOwn[told];
    }

    /// <summary>What the coefficient of each row and sign says to the three rows of a column that are next to it.</summary>
    static ulong[] Told(int above, int beside, int below, int aboveSign, int besideSign, int belowSign)
    {
        var told = new ulong[8];
        for (var n = 0; n < 8; n++)
        {
            var (row, negative) = (n >> 1, n & 1);
            told[n] = (ulong)(uint)(beside | (negative * besideSign)) << (16 * row);
            if (row > 0)
                told[n] |= (ulong)(uint)(above | (negative * aboveSign)) << (16 * (row - 1));
            if (row < 3)
                told[n] |= (ulong)(uint)(below | (negative * belowSign)) << (16 * (row + 1));
        }
        return told;
    }

    /// <summary>D.3.2: the sign, predicted from those of the four nearest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Sign(MQDecoder mq, int f, ref uint a, ref uint c)
    {
        int prediction = SignPredictions[((f >> 4) & 15) | ((f >> 4) & 0xF0)];
        return mq.Decode(prediction >> 1, ref a, ref c) ^ (prediction & 1);
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

    /// <summary>A, as Qe in the upper half, and C: passes keep them in registers and bring them to each call.</summary>
    uint a, c;
    int ct;

    public (uint A, uint C) Registers
    {
        get => (a, c);
        set => (a, c) = value;
    }

    /// <summary>Table D.7.</summary>
    public void ResetContexts()
    {
        Array.Clear(contexts);
        (contexts[0], contexts[17], contexts[18]) = (2 * 4, 2 * 3, 2 * 46);
    }

    /// <summary>Starts on a codeword segment; the contexts stay as they are.</summary>
    public void Begin(MemoryStream segment)
    {
        // Beyond the end everything is FF, as behind a marker: there the position stays.
        segment.Write([0xFF, 0xFF]);
        (data, position) = (segment.GetBuffer(), 0);
        c = (uint)data[0] << 16;
        ByteIn();
        c <<= 7;
        ct -= 7;
        a = 0x8000_0000;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Decode(int context, ref uint a, ref uint c)
    {
        int state = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(contexts), context);
        var transition = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Transitions), state);
        var qe = transition & 0xFFFF_0000;
        var rest = a - qe;
        if (c >= qe && (int)rest < 0)
        {
            (a, c) = (rest, c - qe);
            return state & 1;
        }
        var bit = Exchange(context, state, transition, rest, c);
        (a, c) = (this.a, this.c);
        return bit;
    }

    /// <summary>C.3.2 where the interval has to be renormalised.</summary>
    /// <param name="rest">A - Qe.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    int Exchange(int context, int state, uint transition, uint rest, uint code)
    {
        var qe = transition & 0xFFFF_0000;
        bool isMoreProbable;
        if (code < qe)
        {
            isMoreProbable = rest < qe;
            a = qe;
        }
        else
        {
            code -= qe;
            isMoreProbable = rest >= qe;
            a = rest;
        }
        c = code;
        contexts[context] = (byte)(isMoreProbable ? transition >> 8 : transition);
        do
        {
            if (ct == 0)
                ByteIn();
            var shift = Math.Min(BitOperations.LeadingZeroCount(a), ct);
            a <<= shift;
            c <<= shift;
            ct -= shift;
        }
        while ((int)a >= 0);
        return isMoreProbable ? state & 1 : 1 - (state & 1);
    }

    void ByteIn()
    {
        if (data[position] != 0xFF)
        {
            c += (uint)data[++position] << 8;
            ct = 8;
        }
        else if (data[position + 1] > 0x8F)
        {
            c += 0xFF00;
            ct = 8;
        }
        else
        {
            c += (uint)data[++position] << 9;
            ct = 7;
        }
    }
}

/// <summary>The bits of a segment that bypasses the arithmetic coder, D.6: after a byte of FF the next one has seven.</summary>
sealed class RawBits(byte[] data, int length)
{
    int position, buffer, bits;

    public int Bit()
    {
        if (bits == 0)
        {
            bits = buffer == 0xFF ? 7 : 8;
            buffer = position < length ? data[position++] : 0xFF;
        }
        return (buffer >> --bits) & 1;
    }
}
