using System.Runtime.InteropServices;

namespace SoftSeg.Fuzz;

/// <summary>Which edges an execution took and how often, in AFL's buckets (1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128 and more).</summary>
sealed class Coverage
{
    const int Size = 1 << 16;

    static readonly byte[] buckets = [.. Enumerable.Range(0, 256).Select(n => (byte)(n switch { 0 => 0, 1 => 1, 2 => 2, 3 => 4, < 8 => 8, < 16 => 16, < 32 => 32, < 128 => 64, _ => 128 }))];

    /// <summary>What the instrumented code counts in.</summary>
    static readonly byte[] map = GC.AllocateArray<byte>(Size, pinned: true);

    readonly byte[] seen = new byte[Size];

    public static unsafe void Begin() => SharpFuzz.Common.Trace.SharedMem = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref map[0]);

    /// <summary>The last execution took an edge, or took one more or less often, than any before it.</summary>
    public bool HasNews { get; private set; }

    public int Edges => seen.Count(s => s != 0);

    public static void Clear()
    {
        map.AsSpan().Clear();
        SharpFuzz.Common.Trace.PrevLocation = 0;
    }

    public void Classify()
    {
        HasNews = false;
        var words = MemoryMarshal.Cast<byte, ulong>(map);
        for (var word = 0; word < words.Length; word++)
        {
            if (words[word] == 0)
                continue;
            for (var i = word * 8; i < (word * 8) + 8; i++)
            {
                var bucket = buckets[map[i]];
                if ((bucket & ~seen[i]) == 0)
                    continue;
                seen[i] |= bucket;
                HasNews = true;
            }
        }
    }
}
