using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace SoftSeg.SegTrainer.Training;

/// <summary>One batch on its way to the network: three arrays <c>[sample, (slice,) row, column]</c>.</summary>
sealed class Batch(int samples, int[] shape)
{
    readonly int voxels = shape.Aggregate(1, (product, side) => product * side);
    readonly long[] tensorShape = [samples, 1, .. shape.Select(side => (long)side)];

    public float[] Image { get; } = new float[samples * shape.Aggregate(1, (product, side) => product * side)];

    public float[] Share { get; } = new float[samples * shape.Aggregate(1, (product, side) => product * side)];

    public float[] Weight { get; } = new float[samples * shape.Aggregate(1, (product, side) => product * side)];

    /// <summary>What a network that is told of acquired pixels receives, <c>[sample, number]</c>.</summary>
    public float[] Pixel { get; } = new float[samples * AcquiredPixel.Numbers];

    /// <summary>Fills the batch; sample i comes from a generator seeded by the training's seed and the sample's number alone.</summary>
    public Batch Draw(ISampleSource source, int seed, long firstSample)
    {
        for (var i = 0; i < samples; i++)
        {
            var random = new Random(HashCode(seed, firstSample + i));
            source.Draw(random, Image.AsSpan(i * voxels, voxels), Share.AsSpan(i * voxels, voxels), Weight.AsSpan(i * voxels, voxels))
                .Write(Pixel.AsSpan(i * AcquiredPixel.Numbers));
        }

        return this;
    }

    public (NetworkInput Input, Tensor Share, Tensor Weight) ToTensors() =>
        (new(tensor(Image, tensorShape), tensor(Pixel, [samples, AcquiredPixel.Numbers, .. shape.Select(_ => 1L)])), tensor(Share, tensorShape), tensor(Weight, tensorShape));

    // SplitMix64's finaliser: neighbouring numbers give unrelated seeds, the same on every machine.
    static int HashCode(int seed, long number)
    {
        var z = (ulong)number + ((ulong)(uint)seed << 32) + 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return (int)((z ^ (z >> 31)) & 0x7FFFFFFF);
    }
}

/// <summary>
/// Draws the coming batches on its own threads while the network trains. Batches come out in the order of their numbers and do
/// not depend on the number of threads, so a resumed training sees the samples that it would have seen.
/// </summary>
sealed class BatchQueue : IDisposable
{
    readonly ISampleSource source;
    readonly int samples;
    readonly int seed;
    readonly int ahead;
    readonly Thread[] threads;
    readonly object gate = new();
    readonly Dictionary<long, Batch> ready = [];
    long nextToDraw;
    long nextToTake;
    Exception? failure;
    bool stopped;

    public BatchQueue(ISampleSource source, int samples, int seed, long firstBatch, int producers)
    {
        (this.source, this.samples, this.seed) = (source, samples, seed);
        (nextToDraw, nextToTake) = (firstBatch, firstBatch);
        ahead = 4 * producers;
        threads = [.. Enumerable.Range(0, producers).Select(_ => new Thread(Produce) { IsBackground = true, Name = "sample producer" })];
        foreach (var thread in threads)
            thread.Start();
    }

    /// <summary>The next batch; waits for it.</summary>
    /// <exception cref="TrainingException">A sample could not be drawn.</exception>
    public Batch Take(CancellationToken cancellation)
    {
        lock (gate)
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                if (failure is not null)
                    throw new TrainingException($"A training sample could not be drawn: {failure.Message}", failure);
                if (ready.Remove(nextToTake, out var batch))
                {
                    nextToTake++;
                    Monitor.PulseAll(gate);
                    return batch;
                }

                Monitor.Wait(gate, TimeSpan.FromSeconds(1));
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            stopped = true;
            Monitor.PulseAll(gate);
        }

        foreach (var thread in threads)
            thread.Join();
    }

    void Produce()
    {
        while (true)
        {
            long number;
            lock (gate)
            {
                while (!stopped && nextToDraw >= nextToTake + ahead)
                    Monitor.Wait(gate);
                if (stopped || failure is not null)
                    return;
                number = nextToDraw++;
            }

            try
            {
                var batch = new Batch(samples, source.Shape).Draw(source, seed, number * samples);
                lock (gate)
                {
                    ready[number] = batch;
                    Monitor.PulseAll(gate);
                }
            }
            catch (Exception error)
            {
                lock (gate)
                {
                    failure ??= error;
                    Monitor.PulseAll(gate);
                }

                return;
            }
        }
    }
}
