using System.Runtime.ExceptionServices;

namespace SoftSeg.SegEngine;

/// <summary>One tile of the fine grid: its place and, once it ran, its shares.</summary>
/// <param name="Slice">Slice of the fine grid.</param>
/// <param name="FirstRow">First row on the fine grid; may lie outside the field of view.</param>
/// <param name="FirstColumn">First column on the fine grid; may lie outside the field of view.</param>
/// <param name="Side">Rows, and columns.</param>
sealed record FineTile(int Slice, int FirstRow, int FirstColumn, int Side)
{
    /// <summary>Shares <c>[row, column]</c> of the tile.</summary>
    public required float[] Share { get; init; }

    /// <summary>Share-weighted centre (fine grid) and summed share of what is clearly cord in this tile.</summary>
    public required (double Row, double Column, double Sum) Centre { get; init; }
}

/// <summary>Runs the fine network on tiles along the cord, in batches, several of them at once.</summary>
sealed class FinePass(FineInput input, INetwork network, int batch, int lanes)
{
    /// <summary>
    /// Wider than the tiles of training: shares within 20 mm of the middle no longer feel the tile's border (moving a tile of
    /// 128 pixels changes them by at most 0.016, of 96 pixels by 0.08).
    /// </summary>
    public const int Side = 128;

    /// <summary>Draws one tile per slice, each centred on <paramref name="centre"/> (fine grid).</summary>
    public FineTile[] Run(IReadOnlyList<int> slices, Func<int, (double Row, double Column)> centre, Action advance, CancellationToken cancellationToken)
    {
        var tiles = new FineTile[slices.Count];
        InBatches(slices.Count, batch, (begin, count) =>
        {
            var image = new float[count * Side * Side];
            var places = new (int Row, int Column)[count];
            for (var n = 0; n < count; n++)
            {
                var (row, column) = centre(slices[begin + n]);
                // A line that was fitted to a few stray shares may leave the field of view, where there is nothing to draw.
                places[n] = (First(Math.Clamp(row, 0, input.Rows - 1), input.RowPhase), First(Math.Clamp(column, 0, input.Columns - 1), input.ColumnPhase));
                input.CutTile(slices[begin + n], places[n].Row, places[n].Column, Side, Side, image.AsSpan(n * Side * Side, Side * Side));
            }
            var share = network.RunMiddle(image, [count, 1, Side, Side], input.Pixel);
            var pixels = share.Length / count;
            for (var n = 0; n < count; n++)
                tiles[begin + n] = Tile(slices[begin + n], places[n], share.AsSpan(n * pixels, pixels));
        }, advance, cancellationToken);
        return tiles;
    }

    /// <summary>Draws whole slices; for when it is not known where the cord is.</summary>
    /// <returns>Shares on the whole fine grid.</returns>
    public Volume RunWhole(Volume canonical, Action advance, CancellationToken cancellationToken)
    {
        var (above, before) = (input.RowPhase, input.ColumnPhase);
        var (rows, columns) = (LocatorInput.PaddedSide(above + input.Rows), LocatorInput.PaddedSide(before + input.Columns));
        var atOnce = Math.Max(1, batch * Side * Side / (rows * columns));
        var result = new Volume(new float[(long)input.Slices * input.Rows * input.Columns], input.Slices, input.Rows, input.Columns, input.Sampling.Place(canonical.Affine));
        InBatches(input.Slices, atOnce, (begin, count) =>
        {
            var image = new float[count * rows * columns];
            for (var n = 0; n < count; n++)
                input.CutTile(begin + n, -above, -before, rows, columns, image.AsSpan(n * rows * columns, rows * columns));
            var share = network.Run(image, [count, 1, rows, columns], input.Pixel);
            for (var n = 0; n < count; n++)
            {
                for (var r = 0; r < input.Rows; r++)
                    share.AsSpan((((n * rows) + above + r) * columns) + before, input.Columns).CopyTo(result.Slice(begin + n)[(r * input.Columns)..]);
            }
        }, advance, cancellationToken);
        return result;
    }

    /// <summary>
    /// Batches side by side, each on one thread, keep the cores busier than one batch on all threads, which wait for each other
    /// at the end of every layer.
    /// </summary>
    void InBatches(int total, int atOnce, Action<int, int> work, Action advance, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = lanes, CancellationToken = cancellationToken };
        try
        {
            Parallel.For(0, (total + atOnce - 1) / atOnce, options, b =>
            {
                work(b * atOnce, Math.Min(atOnce, total - (b * atOnce)));
                advance();
            });
        }
        catch (AggregateException e)
        {
            // The caller is told what went wrong in a batch, not that batches ran side by side.
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    /// <summary>
    /// Tiles lie on multiples of the network's stride, so that its coarse levels see the volume in the same steps wherever the
    /// tile lies.
    /// </summary>
    static int First(double centre, int phase) =>
        ((int)Math.Floor(((double)(FineInput.FirstOf(centre, Side) + phase) / FineInput.SideMultiple) + 0.5) * FineInput.SideMultiple) - phase;

    /// <param name="slice">Slice of the fine grid.</param>
    /// <param name="place">Where the network's tile begins.</param>
    /// <param name="middle">Its shares, or those of its middle.</param>
    FineTile Tile(int slice, (int Row, int Column) place, ReadOnlySpan<float> middle)
    {
        var side = (int)Math.Sqrt(middle.Length);
        var (firstRow, firstColumn) = (place.Row + ((Side - side) / 2), place.Column + ((Side - side) / 2));
        var share = middle.ToArray();
        double sum = 0, rowSum = 0, columnSum = 0;
        for (var n = 0; n < share.Length; n++)
        {
            var (row, column) = (firstRow + (n / side), firstColumn + (n % side));
            // What lies beyond the field of view is not there, whatever the network says of it.
            if (row < 0 || row >= input.Rows || column < 0 || column >= input.Columns)
                share[n] = 0;
            if (share[n] < 0.5f)
                continue;
            sum += share[n];
            rowSum += share[n] * row;
            columnSum += share[n] * column;
        }
        return new FineTile(slice, firstRow, firstColumn, side) { Share = share, Centre = sum > 0 ? (rowSum / sum, columnSum / sum, sum) : (0, 0, 0) };
    }
}
