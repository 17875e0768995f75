using Microsoft.ML.OnnxRuntime;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>The fine network alone, on tiles around the true cord: tells its error apart from the locator's.</summary>
/// <param name="onnx">The network.</param>
/// <param name="preprocessing">The version that it asks for (<see cref="ModelManifest.Preprocessing"/>).</param>
sealed class FineAroundTruth(ReadOnlyMemory<byte> onnx, int preprocessing) : IDisposable
{
    const int Batch = 16;

    readonly OnnxNetwork network = Open(onnx);

    public void Dispose() => network.Dispose();

    static OnnxNetwork Open(ReadOnlyMemory<byte> onnx)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        return new(ModelNetwork.Fine, onnx, options, 2);
    }

    /// <summary>The share of every voxel within a tile around the cord of its slice; 0 elsewhere and in slices without a label.</summary>
    public Volume Segment(LabelledVolume volume)
    {
        var input = new FineInput(volume.Image, preprocessing);
        var fine = new Volume(new float[input.Slices * input.Rows * input.Columns], input.Slices, input.Rows, input.Columns, input.Sampling.Place(volume.Image.Affine));
        const int side = FineInput.TileSide;
        var tiles = new List<(int Slice, int Row, int Column)>();
        for (var slice = 0; slice < input.Slices; slice++)
        {
            var source = (int)Math.Clamp(Math.Round(input.Sampling.Slice.ToSource(slice)), 0, volume.Image.Slices - 1);
            if (!volume.Labelled[source])
                continue;
            var (row, column) = volume.Centres[source];
            tiles.Add((slice, FineInput.FirstOf(input.Sampling.Row.FromSource(row), side), FineInput.FirstOf(input.Sampling.Column.FromSource(column), side)));
        }

        foreach (var chunk in tiles.Chunk(Batch))
        {
            var images = new float[chunk.Length * side * side];
            for (var i = 0; i < chunk.Length; i++)
                input.CutTile(chunk[i].Slice, chunk[i].Row, chunk[i].Column, side, side, images.AsSpan(i * side * side, side * side));
            var shares = network.Run(images, [chunk.Length, 1, side, side], input.Pixel);
            for (var i = 0; i < chunk.Length; i++)
                Paste(shares, i, chunk[i], fine);
        }

        return Resampler.Resample(fine, input.Sampling.Inverse(volume.Image));
    }

    static void Paste(float[] shares, int tile, (int Slice, int Row, int Column) at, Volume fine)
    {
        for (var row = Math.Max(0, -at.Row); row < FineInput.TileSide && at.Row + row < fine.Rows; row++)
        {
            for (var column = Math.Max(0, -at.Column); column < FineInput.TileSide && at.Column + column < fine.Columns; column++)
                fine[at.Slice, at.Row + row, at.Column + column] = shares[(((tile * FineInput.TileSide) + row) * FineInput.TileSide) + column];
        }
    }
}
