using System.Buffers.Binary;
using System.Numerics;

namespace SoftSeg.Dicom.Imaging.Codecs;

/// <summary>JPEG-LS, lossless and near-lossless (ITU-T T.87; PS3.5 8.2.3): one component, 2 to 16 bits.</summary>
static class JpegLSCodec
{
    const byte Eoi = 0xD9, Sos = 0xDA, Dri = 0xDD, Sof55 = 0xF7, Lse = 0xF8;
    const string Kind = "JPEG-LS";

    /// <param name="bitstream">From SOI to EOI.</param>
    /// <param name="cells">Room for rows x columns pixels, little endian.</param>
    /// <param name="bytesPerCell">1 or 2.</param>
    /// <param name="watch">Asked between markers and rows.</param>
    /// <exception cref="DicomDataException">The bitstream is damaged, or of another form or size than the data set says.</exception>
    public static void Decode(ReadOnlySpan<byte> bitstream, Span<byte> cells, int rows, int columns, int bytesPerCell, DecodeWatch watch)
    {
        var markers = new JpegMarkers(bitstream, Kind);
        var precision = 0;
        var preset = new JpegLSPreset();
        while (true)
        {
            watch.Check();
            var marker = markers.Next(out var segment);
            switch (marker)
            {
                case Sof55:
                    precision = ReadFrame(segment, rows, columns, bytesPerCell);
                    break;
                case >= 0xC0 and <= 0xCF and not 0xC4 and not 0xC8 and not 0xCC:
                    throw Fault($"its frame is of process SOF{marker - 0xC0}, and SOF55 (JPEG-LS) is expected");
                case Lse:
                    preset = ReadPreset(segment);
                    break;
                case Dri when segment.ContainsAnyExcept((byte)0):
                    throw Fault("it has restart markers, which are not read");
                case Sos:
                    if (precision == 0)
                        throw Fault("its scan begins before its frame header");
                    if (segment.Length < 6 || segment[0] != 1 || segment[4] != 0)
                        throw Fault("its scan header is not that of one component");
                    var (near, shift) = (segment[3], segment[5] & 15);
                    var parameters = JpegLSParameters.Of(preset, precision, near)
                        ?? throw Fault($"its parameters (near {near}, preset {preset}) are out of range for {precision} bits");
                    var decoder = new JpegLSScan(markers.Rest, parameters);
                    var line = new int[columns];
                    for (var row = 0; row < rows; row++)
                    {
                        watch.Check();
                        if (!decoder.TryReadLine(line))
                            throw Fault($"it ends in row {row} of {rows}");
                        Store(line, cells[(row * columns * bytesPerCell)..], shift, bytesPerCell);
                    }
                    return;
                case Eoi:
                    throw Fault("it ends without a scan");
            }
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

    /// <summary>LSE, T.87 C.2.4.1: coding parameters (type 1); mapping tables (2, 3) are for colours.</summary>
    static JpegLSPreset ReadPreset(ReadOnlySpan<byte> segment)
    {
        if (segment.Length != 11 || segment[0] != 1)
            throw Fault("its preset parameters are not coding parameters");
        int Value(ReadOnlySpan<byte> from, int n) => BinaryPrimitives.ReadUInt16BigEndian(from[(1 + (2 * n))..]);
        return new JpegLSPreset(Value(segment, 0), Value(segment, 1), Value(segment, 2), Value(segment, 3), Value(segment, 4));
    }

    static void Store(int[] line, Span<byte> cells, int shift, int bytesPerCell)
    {
        for (var column = 0; column < line.Length; column++)
        {
            var value = line[column] << shift;
            if (bytesPerCell == 1)
                cells[column] = (byte)value;
            else
                BinaryPrimitives.WriteUInt16LittleEndian(cells[(2 * column)..], (ushort)value);
        }
    }

    static DicomDataException Fault(string what) => JpegMarkers.Fault(Kind, what);
}

/// <summary>Preset coding parameters, T.87 C.2.4.1.1; 0 means the default.</summary>
readonly record struct JpegLSPreset(int MaxVal, int T1, int T2, int T3, int Reset);

/// <summary>What the code of a scan depends on, under the names of T.87.</summary>
readonly record struct JpegLSParameters(int MaxVal, int Near, int T1, int T2, int T3, int Reset)
{
    public int Step => (2 * Near) + 1;

    public int Range => ((MaxVal + (2 * Near)) / Step) + 1;

    public int Qbpp => BitsFor(Range);

    public int Limit => 2 * (Math.Max(2, BitsFor(MaxVal + 1)) + Math.Max(8, BitsFor(MaxVal + 1)));

    /// <returns>Null where a value is outside what T.87 C.2.4.1.1 allows.</returns>
    public static JpegLSParameters? Of(JpegLSPreset preset, int precision, int near)
    {
        var maxVal = preset.MaxVal > 0 ? preset.MaxVal : (1 << precision) - 1;
        if (maxVal >= 1 << precision || near > Math.Min(255, maxVal / 2))
            return null;
        var (d1, d2, d3) = Defaults(maxVal, near);
        var parameters = new JpegLSParameters(maxVal, near, Or(preset.T1, d1), Or(preset.T2, d2), Or(preset.T3, d3), Or(preset.Reset, 64));
        return parameters.T1 > near && parameters.T2 >= parameters.T1 && parameters.T3 >= parameters.T2 && parameters.T3 <= maxVal && parameters.Reset >= 3 ? parameters : null;

        static int Or(int value, int otherwise) => value > 0 ? value : otherwise;
    }

    static int BitsFor(int values) => values <= 1 ? 0 : 32 - BitOperations.LeadingZeroCount((uint)(values - 1));

    /// <summary>T.87 C.2.4.1.1.1.</summary>
    static (int T1, int T2, int T3) Defaults(int maxVal, int near)
    {
        int t1, t2, t3;
        if (maxVal >= 128)
        {
            var factor = (Math.Min(maxVal, 4095) + 128) / 256;
            t1 = Clamp(factor + 2 + (3 * near), near + 1);
            t2 = Clamp((4 * factor) + 3 + (5 * near), t1);
            t3 = Clamp((17 * factor) + 4 + (7 * near), t2);
        }
        else
        {
            var factor = 256 / (maxVal + 1);
            t1 = Clamp(Math.Max(2, (3 / factor) + (3 * near)), near + 1);
            t2 = Clamp(Math.Max(3, (7 / factor) + (5 * near)), t1);
            t3 = Clamp(Math.Max(4, (21 / factor) + (7 * near)), t2);
        }
        return (t1, t2, t3);

        int Clamp(int value, int least) => value > maxVal || value < least ? least : value;
    }
}

/// <summary>One scan, line by line: T.87 annex A.</summary>
ref struct JpegLSScan
{
    /// <summary>J of T.87 A.2.1: the order of the run code.</summary>
    static readonly byte[] RunOrder = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    /// <summary>Contexts of the regular mode; two more belong to the ends of runs.</summary>
    const int Regular = 365;

    readonly JpegLSParameters p;
    readonly int range, qbpp, limit, step;
    readonly int[] a = new int[Regular + 2], n = new int[Regular + 2], b = new int[Regular], c = new int[Regular];
    readonly int[] negatives = new int[2];
    JpegLSBits bits;

    /// <summary>The lines above and now, with one pixel more at each end.</summary>
    int[] above = [], line = [];
    int runIndex;

    public JpegLSScan(ReadOnlySpan<byte> data, JpegLSParameters parameters)
    {
        p = parameters;
        (range, qbpp, limit, step) = (p.Range, p.Qbpp, p.Limit, p.Step);
        bits = new JpegLSBits(data);
        Array.Fill(a, Math.Max(2, (range + 32) / 64));
        Array.Fill(n, 1);
    }

    /// <returns>False where the data ends before the line does.</returns>
    public bool TryReadLine(Span<int> samples)
    {
        var columns = samples.Length;
        if (line.Length == 0)
            (above, line) = (new int[columns + 2], new int[columns + 2]);
        line[0] = above[1];
        above[columns + 1] = above[columns];
        for (var x = 1; x <= columns;)
        {
            var (ra, rb, rc, rd) = (line[x - 1], above[x], above[x - 1], above[x + 1]);
            var (q1, q2, q3) = (Quantise(rd - rb), Quantise(rb - rc), Quantise(rc - ra));
            if ((q1 | q2 | q3) == 0)
            {
                if (!TryReadRun(ref x, columns))
                    return false;
                continue;
            }
            var context = (81 * q1) + (9 * q2) + q3;
            var sign = context < 0 ? -1 : 1;
            context *= sign;
            var predicted = rc >= Math.Max(ra, rb) ? Math.Min(ra, rb) : rc <= Math.Min(ra, rb) ? Math.Max(ra, rb) : ra + rb - rc;
            predicted = Math.Clamp(predicted + (sign * c[context]), 0, p.MaxVal);
            if (!TryReadError(context, out var error))
                return false;
            line[x++] = Reconstruct(predicted, sign * error);
        }
        line.AsSpan(1, columns).CopyTo(samples);
        (above, line) = (line, above);
        return true;
    }

    readonly int Quantise(int d) =>
        d <= -p.T3 ? -4 : d <= -p.T2 ? -3 : d <= -p.T1 ? -2 : d < -p.Near ? -1 : d <= p.Near ? 0 : d < p.T1 ? 1 : d < p.T2 ? 2 : d < p.T3 ? 3 : 4;

    /// <summary>A.5.2 to A.6: the error of a context of the regular mode, and what the context learns of it.</summary>
    bool TryReadError(int q, out int error)
    {
        var k = 0;
        while (n[q] << k < a[q])
            k++;
        error = 0;
        if (!bits.TryReadGolomb(k, limit, qbpp, out var mapped))
            return false;
        error = (mapped & 1) == 0 ? mapped >> 1 : -((mapped + 1) >> 1);
        if (p.Near == 0 && k == 0 && 2 * b[q] <= -n[q])
            error = -(error + 1);
        b[q] += error * step;
        a[q] += Math.Abs(error);
        if (n[q] == p.Reset)
            (a[q], b[q], n[q]) = (a[q] >> 1, b[q] >> 1, n[q] >> 1);
        n[q]++;
        if (b[q] <= -n[q])
        {
            b[q] = Math.Max(b[q] + n[q], 1 - n[q]);
            if (c[q] > -128)
                c[q]--;
        }
        else if (b[q] > 0)
        {
            b[q] = Math.Min(b[q] - n[q], 0);
            if (c[q] < 127)
                c[q]++;
        }
        return true;
    }

    /// <summary>A.7: equal pixels up to the end of the line, or to a pixel that ends the run.</summary>
    bool TryReadRun(ref int x, int columns)
    {
        var value = line[x - 1];
        while (true)
        {
            if (!bits.TryRead(1, out var goesOn))
                return false;
            if (goesOn == 0)
                break;
            var (length, room) = (1 << RunOrder[runIndex], columns + 1 - x);
            line.AsSpan(x, Math.Min(length, room)).Fill(value);
            x += Math.Min(length, room);
            if (length <= room && runIndex < 31)
                runIndex++;
            if (x > columns)
                return true;
        }
        if (!bits.TryRead(RunOrder[runIndex], out var rest) || rest > columns - x)
            return false;
        line.AsSpan(x, rest).Fill(value);
        x += rest;
        if (!TryReadRunEnd(value, above[x], out var sample))
            return false;
        line[x++] = sample;
        if (runIndex > 0)
            runIndex--;
        return true;
    }

    /// <summary>A.7.2: the pixel that ends a run.</summary>
    bool TryReadRunEnd(int ra, int rb, out int sample)
    {
        var type = Math.Abs(ra - rb) <= p.Near ? 1 : 0;
        var q = Regular + type;
        var size = type == 1 ? a[q] + (n[q] >> 1) : a[q];
        var k = 0;
        while (n[q] << k < size)
            k++;
        sample = 0;
        if (!bits.TryReadGolomb(k, limit - RunOrder[runIndex] - 1, qbpp, out var mapped))
            return false;
        var odd = (mapped + type) & 1;
        var error = (mapped + type + odd) >> 1;
        if ((k != 0 || 2 * negatives[type] >= n[q] ? 1 : 0) == odd)
            error = -error;
        if (error < 0)
            negatives[type]++;
        a[q] += (mapped + 1 - type) >> 1;
        if (n[q] == p.Reset)
            (a[q], n[q], negatives[type]) = (a[q] >> 1, n[q] >> 1, negatives[type] >> 1);
        n[q]++;
        sample = Reconstruct(type == 1 ? ra : rb, type == 0 && ra > rb ? -error : error);
        return true;
    }

    /// <summary>A.4.5: the error is known modulo the range.</summary>
    readonly int Reconstruct(int predicted, int error)
    {
        var value = predicted + (error * step);
        if (value < -p.Near)
            value += range * step;
        else if (value > p.MaxVal + p.Near)
            value -= range * step;
        return Math.Clamp(value, 0, p.MaxVal);
    }
}

/// <summary>The bits of a JPEG-LS scan (T.87 A.1): after a byte of FF the next one has seven.</summary>
ref struct JpegLSBits(ReadOnlySpan<byte> data)
{
    readonly ReadOnlySpan<byte> data = data;
    ulong buffer;
    int count;
    int position;

    /// <param name="length">0 to 16.</param>
    public bool TryRead(int length, out int value)
    {
        if (count < length)
            Fill();
        value = 0;
        if (count < length)
            return false;
        count -= length;
        value = (int)(buffer >> count) & ((1 << length) - 1);
        return true;
    }

    /// <summary>A Golomb code of limited length (A.5.3): zeros, a one, and <paramref name="k"/> bits; or the value itself behind the greatest number of zeros.</summary>
    public bool TryReadGolomb(int k, int limit, int qbpp, out int value)
    {
        var zeros = 0;
        value = 0;
        while (true)
        {
            if (count < 32)
                Fill();
            if (count == 0)
                return false;
            var window = buffer << (64 - count);
            var leading = Math.Min(BitOperations.LeadingZeroCount(window), count);
            zeros += leading;
            count -= leading;
            if (zeros > limit)
                return false;
            if (count > 0 && window != 0)
                break;
        }
        count--;
        if (zeros < limit - qbpp - 1)
        {
            if (k > 16 || !TryRead(k, out var low))
                return false;
            value = (zeros << k) | low;
            return true;
        }
        if (!TryRead(qbpp, out value))
            return false;
        value++;
        return true;
    }

    void Fill()
    {
        while (count <= 48 && position < data.Length)
        {
            var isStuffed = position > 0 && data[position - 1] == 0xFF;
            // A set bit where the stuffed zero should be: a marker.
            if (isStuffed && data[position] >= 0x80)
                return;
            var width = isStuffed ? 7 : 8;
            buffer = (buffer << width) | data[position++];
            count += width;
        }
    }
}
