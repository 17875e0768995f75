using System.Buffers.Binary;

namespace SoftSeg.Fuzz;

/// <summary>Makes new inputs of those that are known: bytes, numbers, lengths, blocks and words of the format.</summary>
sealed class Mutator(Random random, List<byte[]> corpus, IReadOnlyList<byte[]> words)
{
    static readonly uint[] numbers = [0, 1, 2, 7, 8, 15, 16, 63, 64, 127, 128, 255, 256, 1023, 4096, 32767, 32768, 65534, 65535, 65536, 0x7FFFFFF0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFE, 0xFFFFFFFF];

    public byte[] Next()
    {
        // Young inputs reached something new: they are taken more often.
        var at = random.Next(3) == 0 ? random.Next(corpus.Count) : corpus.Count - 1 - (int)(corpus.Count * Math.Pow(random.NextDouble(), 3));
        var input = new List<byte>(corpus[Math.Clamp(at, 0, corpus.Count - 1)]);
        for (var n = 1 << random.Next(5); n > 0; n--)
            Change(input);
        return [.. input];
    }

    void Change(List<byte> input)
    {
        if (input.Count == 0)
        {
            input.Add((byte)random.Next(256));
            return;
        }
        var at = random.Next(input.Count);
        switch (random.Next(11))
        {
            case 0:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                input[at] = (byte)random.Next(256);
                break;
            case 2:
                input[at] += (byte)(random.Next(35) - 17);
                break;
            case 3:
                Number(input, at, numbers[random.Next(numbers.Length)]);
                break;
            case 4:
                Number(input, at, (uint)random.Next(input.Count + 16));
                break;
            case 5:
                input.RemoveRange(at, Math.Min(input.Count - at, 1 << random.Next(8)));
                break;
            case 6:
                input.InsertRange(at, input.GetRange(at, Math.Min(input.Count - at, 1 << random.Next(8))));
                break;
            case 7 when words.Count > 0:
                input.InsertRange(at, words[random.Next(words.Count)]);
                break;
            case 8 when words.Count > 0:
                Overwrite(input, at, words[random.Next(words.Count)]);
                break;
            case 9:
                var other = corpus[random.Next(corpus.Count)];
                if (other.Length == 0)
                    break;
                var from = random.Next(other.Length);
                var piece = other.AsSpan(from, Math.Min(other.Length - from, 1 << random.Next(10))).ToArray();
                if (random.Next(2) == 0)
                    input.InsertRange(at, piece);
                else
                    Overwrite(input, at, piece);
                break;
            default:
                if (random.Next(8) == 0)
                    input.RemoveRange(at, input.Count - at);
                break;
        }
        if (input.Count > Session.MaxInput)
            input.RemoveRange(Session.MaxInput, input.Count - Session.MaxInput);
    }

    void Number(List<byte> input, int at, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        var length = random.Next(2) == 0 ? 2 : 4;
        if (random.Next(2) == 0)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        else
            BinaryPrimitives.WriteUInt32BigEndian(bytes, length == 2 ? value << 16 : value);
        Overwrite(input, at, bytes[..length]);
    }

    static void Overwrite(List<byte> input, int at, ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length && at + i < input.Count; i++)
            input[at + i] = bytes[i];
    }
}
