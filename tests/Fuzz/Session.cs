using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.MemoryMappedFiles;

namespace SoftSeg.Fuzz;

/// <summary>Fuzzes one target in this process: inputs that reach something new are kept and changed further.</summary>
static unsafe class Session
{
    public const int MaxInput = 64 * 1024;

    /// <summary>No input of at most 64 KB may cost more memory than this.</summary>
    const long MaxAllocated = 256L << 20;

    static readonly TimeSpan slow = TimeSpan.FromSeconds(10);

    public static int Run(Target target, Budget budget, int seed, string inputFile)
    {
        using var mapped = MemoryMappedFile.CreateFromFile(inputFile, FileMode.Open, null, MaxInput + 12);
        using var view = mapped.CreateViewAccessor();
        byte* shared = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref shared);
        var coverage = new Coverage();
        var corpus = new List<byte[]>();
        var clock = Stopwatch.StartNew();
        var executions = 0L;
        foreach (var input in target.Seeds().Concat(target.Regressions()))
        {
            if (!Execute(input))
                return 1;
            corpus.Add(input);
        }
        var mutator = new Mutator(new Random(seed), corpus, target.Words);
        var seeds = corpus.Count;
        while (!budget.IsSpent(executions, clock.Elapsed))
        {
            var input = mutator.Next();
            if (!Execute(input))
                return 1;
            if (coverage.HasNews)
                corpus.Add(input);
        }
        Console.WriteLine($"{target.Name,-10} {executions,10} executions in {clock.Elapsed.TotalSeconds,6:0.0} s, {executions / clock.Elapsed.TotalSeconds,7:0}/s; {coverage.Edges,5} edges, corpus {seeds} -> {corpus.Count}; seed {seed}");
        return 0;

        bool Execute(byte[] input)
        {
            if (input.Length > MaxInput)
                input = input[..MaxInput];
            input.CopyTo(new Span<byte>(shared + 12, MaxInput));
            *(int*)(shared + 8) = input.Length;
            *(long*)shared = ++executions;
            Coverage.Clear();
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            try
            {
                target.Run(input);
            }
            catch (Exception e) when (!target.IsExpected(e))
            {
                Console.Error.WriteLine(e);
                return false;
            }
            catch (Exception)
            {
            }
            coverage.Classify();
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (allocated > MaxAllocated)
            {
                Console.Error.WriteLine($"{input.Length} bytes of input took {allocated >> 20} MB of memory; at most {MaxAllocated >> 20} are expected.");
                return false;
            }
            if (Stopwatch.GetElapsedTime(start) > slow)
            {
                Console.Error.WriteLine($"{input.Length} bytes of input took {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s; at most {slow.TotalSeconds} s are expected.");
                return false;
            }
            return true;
        }
    }

    /// <summary>How many executions a session has begun, and the input of the last.</summary>
    public static (long Executions, byte[] Input) LastInput(string inputFile)
    {
        using var file = new FileStream(inputFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[MaxInput + 12];
        file.ReadExactly(bytes);
        return (BinaryPrimitives.ReadInt64LittleEndian(bytes), bytes[12..(12 + Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)), 0, MaxInput))]);
    }
}
