using System.Numerics;

namespace SoftSeg.Dicom.Imaging.Codecs.Jpeg2000;

/// <summary>Reads the packets of a tile, T.800 B.9 and B.10: which code-blocks they bring, and their bytes.</summary>
sealed class PacketReader(byte[] data, Coding coding)
{
    int position;
    int buffer;
    int bits;

    /// <exception cref="DicomDataException">The data ends before the packet does, or a header is not valid.</exception>
    public void Read(Precinct precinct, int layer)
    {
        if (coding.HasSop && position + 6 <= data.Length && data[position] == 0xFF && data[position + 1] == 0x91)
            position += 6;
        (buffer, bits) = (0, 0);
        var parts = new List<(MemoryStream To, int Length)>();
        if (Bit() == 1)
        {
            foreach (var band in precinct.Bands)
            {
                for (var n = 0; n < band.Blocks.Length; n++)
                    ReadBlock(band, n, layer, parts);
            }
        }
        // A header ends with a whole byte; one of FF is followed by a stuffed one.
        if (buffer == 0xFF && bits >= 0 && position > 0 && data[position - 1] == 0xFF)
            position++;
        if (coding.HasEph && position + 2 <= data.Length && data[position] == 0xFF && data[position + 1] == 0x92)
            position += 2;
        foreach (var (to, length) in parts)
        {
            if (length > data.Length - position)
                throw Short();
            to.Write(data, position, length);
            position += length;
        }
    }

    void ReadBlock(PrecinctBand band, int n, int layer, List<(MemoryStream, int)> parts)
    {
        var block = band.Blocks[n];
        if (!block.IsIncluded)
        {
            if (!band.Inclusion!.IsBelow(n, layer + 1, Bit))
                return;
            block.IsIncluded = true;
            var planes = 0;
            while (!band.ZeroPlanes!.IsBelow(n, planes + 1, Bit))
            {
                if (++planes > 80)
                    throw Jpeg2000Codec.Fault("a code-block has more than 80 empty bit planes");
            }
            block.ZeroPlanes = planes;
        }
        else if (Bit() == 0)
        {
            return;
        }

        var passes = Passes();
        while (Bit() == 1)
            block.LengthBits++;
        if (block.LengthBits > 31)
            throw Jpeg2000Codec.Fault("a code-block's length has more than 31 bits");
        while (passes > 0)
        {
            var room = block.Segments.Count > 0 ? SegmentPasses(block.Segments.Count - 1) - block.Segments[^1].Passes : 0;
            if (room == 0)
            {
                block.Segments.Add((0, new MemoryStream()));
                room = SegmentPasses(block.Segments.Count - 1);
            }
            var count = Math.Min(room, passes);
            var length = Bits(block.LengthBits + BitOperations.Log2((uint)count));
            block.Segments[^1] = (block.Segments[^1].Passes + count, block.Segments[^1].Data);
            parts.Add((block.Segments[^1].Data, length));
            block.Passes += count;
            passes -= count;
        }
    }

    /// <summary>How many passes a codeword segment holds at most (D.4.2, table D.9).</summary>
    int SegmentPasses(int segment)
    {
        if (coding.Style.HasFlag(BlockStyle.TerminateEach))
            return 1;
        if (coding.Style.HasFlag(BlockStyle.Bypass))
            return segment == 0 ? 10 : segment % 2 == 1 ? 2 : 1;
        return int.MaxValue;
    }

    /// <summary>Number of coding passes, table B.4.</summary>
    int Passes()
    {
        if (Bit() == 0)
            return 1;
        if (Bit() == 0)
            return 2;
        var value = Bits(2);
        if (value < 3)
            return 3 + value;
        value = Bits(5);
        return value < 31 ? 6 + value : 37 + Bits(7);
    }

    int Bits(int count)
    {
        if (count > 31)
            throw Jpeg2000Codec.Fault("a code-block's length has more than 31 bits");
        var value = 0;
        for (; count > 0; count--)
            value = (value << 1) | Bit();
        return value;
    }

    /// <summary>B.10.1: after a byte of FF the next one has seven bits.</summary>
    int Bit()
    {
        if (bits == 0)
        {
            if (position >= data.Length)
                throw Short();
            bits = buffer == 0xFF ? 7 : 8;
            buffer = data[position++];
        }
        return (buffer >> --bits) & 1;
    }

    static DicomDataException Short() => Jpeg2000Codec.Fault("it ends before its last packet");
}

/// <summary>A tag tree, T.800 B.10.2: values on a grid, coded by the least value of ever larger squares.</summary>
sealed class TagTree
{
    readonly (int Width, int First)[] levels;
    readonly int[] values, states;

    public TagTree(int width, int height)
    {
        var list = new List<(int, int)>();
        var (nodes, w, h) = (0, width, height);
        while (true)
        {
            list.Add((w, nodes));
            nodes += w * h;
            if (w == 1 && h == 1)
                break;
            (w, h) = ((w + 1) / 2, (h + 1) / 2);
        }
        levels = [.. list];
        values = new int[nodes];
        states = new int[nodes];
    }

    /// <summary>Reads what is needed to know whether a leaf's value is below a threshold.</summary>
    public bool IsBelow(int leaf, int threshold, Func<int> bit)
    {
        var (x, y) = (leaf % levels[0].Width, leaf / levels[0].Width);
        var low = 0;
        var node = 0;
        for (var level = levels.Length - 1; level >= 0; level--)
        {
            node = levels[level].First + ((y >> level) * levels[level].Width) + (x >> level);
            // What is known of the parent holds for its children.
            if (states[node] == 0 && values[node] < low)
                values[node] = low;
            while (states[node] == 0 && values[node] < threshold)
            {
                if (bit() == 1)
                    states[node] = 1;
                else
                    values[node]++;
            }
            low = values[node];
        }
        return states[node] == 1 && values[node] < threshold;
    }
}
