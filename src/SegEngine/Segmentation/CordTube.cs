namespace SoftSeg.SegEngine;

/// <summary>The part of the fine grid that was drawn: shares of all tiles in one box.</summary>
/// <param name="Share">Shares <c>[slice, row, column]</c> of the box; its affine is that of the fine grid.</param>
/// <param name="Sampling">The box within the canonical volume.</param>
/// <param name="Path">What it was drawn along; null where all was drawn.</param>
sealed record CordTube(Volume Share, VolumeSampling Sampling, CordPath? Path = null)
{
    /// <summary>Slices that are asked to tell the cord's way from another one.</summary>
    const int AskedSlices = 9;

    /// <summary>A tile's middle is at most this far from the cord's, pixels (7 mm): 13 mm of what a tile shows are left on the other side of it.</summary>
    const int FarthestCentre = 12;

    /// <summary>A slice shows cord where it has at least this, mm2.</summary>
    const double LeastArea = 10;

    /// <summary>Draws the fine shares along the path: re-centres tiles that the cord leaves, and goes on beyond the ends as long as there is cord.</summary>
    /// <returns>The tube, or <see langword="null"/> where no tile shows any cord.</returns>
    public static CordTube? Draw(FineInput input, Volume canonical, CordPath path, FinePass pass, Action advance, CancellationToken cancellationToken)
    {
        var spacing = input.Sampling.Slice.Step * canonical.Affine.Spacing.Slice;
        var (first, last) = SlicesOf(path, input, (int)Math.Max(1, Math.Ceiling(8 / spacing)));
        var tiles = pass.Run([.. Enumerable.Range(first, last - first + 1)], slice => Crossing(path, input.Sampling, slice), advance, cancellationToken).ToDictionary(t => t.Slice);
        Recentre(tiles, pass, spacing, advance, cancellationToken);
        foreach (var direction in new[] { -1, 1 })
            Grow(tiles, input, pass, spacing, direction, advance, cancellationToken);
        Recentre(tiles, pass, spacing, advance, cancellationToken);
        return tiles.Values.Any(t => t.Centre.Sum > 0) ? Assemble(tiles.Values, input, canonical, path) : null;
    }

    /// <summary>How much of a path shows cord on a closer look, 0..1: of a few slices along it, those with cord within 12 mm of it.</summary>
    public static double Shown(FineInput input, CordPath path, FinePass pass, Action advance, CancellationToken cancellationToken)
    {
        const double Near = 12 / FineInput.PixelSpacing;
        var (first, last) = SlicesOf(path, input, margin: 0);
        var count = Math.Min(AskedSlices, last - first + 1);
        int[] slices = [.. Enumerable.Range(0, count).Select(n => first + (int)((n + 0.5) * (last - first + 1) / count))];
        return pass.Run(slices, slice => Crossing(path, input.Sampling, slice), advance, cancellationToken).Average(tile =>
        {
            var (row, column) = Crossing(path, input.Sampling, tile.Slice);
            var cord = 0;
            for (var n = 0; n < tile.Share.Length; n++)
            {
                var (y, x) = (tile.FirstRow + (n / tile.Side) - row, tile.FirstColumn + (n % tile.Side) - column);
                cord += tile.Share[n] >= 0.5f && (y * y) + (x * x) <= Near * Near ? 1 : 0;
            }
            return cord * FineInput.PixelSpacing * FineInput.PixelSpacing >= LeastArea ? 1.0 : 0;
        });
    }

    /// <summary>A box that holds every slice of the field of view in full.</summary>
    public static CordTube Whole(FineInput input, Volume canonical, FinePass pass, Action advance, CancellationToken cancellationToken) =>
        new(pass.RunWhole(canonical, advance, cancellationToken), input.Sampling);

    /// <summary>The shares on the canonical volume's own grid, area-averaged or interpolated; 0 outside the box.</summary>
    public Volume ToCanonical(Volume canonical)
    {
        var result = canonical.LikeThis();
        var (s0, sampleSlice) = Within(Sampling.Slice, canonical.Slices);
        var (r0, sampleRow) = Within(Sampling.Row, canonical.Rows);
        var (c0, sampleColumn) = Within(Sampling.Column, canonical.Columns);
        var part = Resampler.Resample(Share, new VolumeSampling(sampleSlice, sampleRow, sampleColumn));
        for (var s = 0; s < part.Slices; s++)
        {
            for (var r = 0; r < part.Rows; r++)
            {
                var line = part.Slice(s).Slice(r * part.Columns, part.Columns);
                var target = result.Slice(s0 + s).Slice(((r0 + r) * result.Columns) + c0, part.Columns);
                for (var c = 0; c < line.Length; c++)
                    target[c] = Math.Clamp(line[c], 0, 1);
            }
        }
        return result;
    }

    /// <summary>The fine slices of a path, and <paramref name="margin"/> more at either end.</summary>
    static (int First, int Last) SlicesOf(CordPath path, FineInput input, int margin) => (
        Math.Max(0, (int)Math.Floor(input.Sampling.Slice.FromSource(path.FirstSlice)) - margin),
        Math.Min(input.Slices - 1, (int)Math.Ceiling(input.Sampling.Slice.FromSource(path.LastSlice)) + margin));

    /// <summary>Where a path crosses a slice of a sampling.</summary>
    static (double Row, double Column) Crossing(CordPath path, VolumeSampling sampling, int slice)
    {
        var (row, column) = path.At(sampling.Slice.ToSource(slice));
        return (sampling.Row.FromSource(row), sampling.Column.FromSource(column));
    }

    /// <summary>Clears what does not belong to the cord on the path (<see cref="ConnectedCord.Keep"/>).</summary>
    public (double Volume, double Length, double Roughness, double MeanPeak) KeepCord(Volume canonical, int fringe) =>
        ConnectedCord.Keep(Share, canonical, fringe, Path is null ? null : slice => Crossing(Path, Sampling, slice));

    /// <summary>The canonical voxels that the box reaches, seen from the box.</summary>
    static (int First, AxisSampling Sampling) Within(AxisSampling box, int count)
    {
        var first = Math.Clamp((int)Math.Floor(box.ToSource(-0.5) + 0.5), 0, count - 1);
        var last = Math.Clamp((int)Math.Ceiling(box.ToSource(box.Count - 0.5) - 0.5), first, count - 1);
        return (first, box.Inverse(count).Part(first, last - first + 1));
    }

    /// <summary>Tiles whose cord lies too far from their middle are drawn again around it.</summary>
    static void Recentre(Dictionary<int, FineTile> tiles, FinePass pass, double spacing, Action advance, CancellationToken cancellationToken)
    {
        var line = CentreLine(tiles.Values, spacing);
        if (line is null)
            return;
        var moved = tiles.Values.Where(tile =>
        {
            var (row, column) = line(tile.Slice);
            var middle = (tile.Side - 1) / 2.0;
            return Math.Abs(row - tile.FirstRow - middle) > FarthestCentre || Math.Abs(column - tile.FirstColumn - middle) > FarthestCentre;
        }).Select(tile => tile.Slice).Order().ToArray();
        foreach (var tile in pass.Run(moved, line, advance, cancellationToken))
            tiles[tile.Slice] = tile;
    }

    /// <summary>Goes on from one end, 12 mm at a time, until these show no cord.</summary>
    static void Grow(Dictionary<int, FineTile> tiles, FineInput input, FinePass pass, double spacing, int direction, Action advance, CancellationToken cancellationToken)
    {
        var step = Math.Max(1, (int)Math.Ceiling(12 / spacing));
        while (true)
        {
            var end = direction < 0 ? tiles.Keys.Min() : tiles.Keys.Max();
            var near = Enumerable.Range(0, step).Select(n => tiles.GetValueOrDefault(end - (n * direction))).ToArray();
            var cordAtEnd = near.Any(t => t is not null && t.Centre.Sum * FineInput.PixelSpacing * FineInput.PixelSpacing >= LeastArea);
            var next = Enumerable.Range(1, step).Select(n => end + (n * direction)).Where(s => s >= 0 && s < input.Slices).Order().ToArray();
            if (!cordAtEnd || next.Length == 0 || CentreLine(tiles.Values, spacing) is not { } line)
                return;
            foreach (var tile in pass.Run(next, line, advance, cancellationToken))
                tiles[tile.Slice] = tile;
        }
    }

    /// <summary>A smooth line through the centres of what the tiles show, in fine grid coordinates.</summary>
    static Func<int, (double Row, double Column)>? CentreLine(IEnumerable<FineTile> tiles, double spacing)
    {
        var shown = tiles.Where(t => t.Centre.Sum > 0).OrderBy(t => t.Slice).ToArray();
        if (shown.Length == 0)
            return null;
        double[] positions = [.. shown.Select(t => (double)t.Slice)];
        double[] weights = [.. shown.Select(t => t.Centre.Sum)];
        var row = SmoothingSpline.Fit(positions, [.. shown.Select(t => t.Centre.Row)], weights, 32 / spacing);
        var column = SmoothingSpline.Fit(positions, [.. shown.Select(t => t.Centre.Column)], weights, 32 / spacing);
        return slice => (row.At(slice), column.At(slice));
    }

    static CordTube Assemble(IReadOnlyCollection<FineTile> tiles, FineInput input, Volume canonical, CordPath path)
    {
        var (firstSlice, lastSlice) = (tiles.Min(t => t.Slice), tiles.Max(t => t.Slice));
        var (firstRow, endRow) = (Math.Max(0, tiles.Min(t => t.FirstRow)), Math.Min(input.Rows, tiles.Max(t => t.FirstRow + t.Side)));
        var (firstColumn, endColumn) = (Math.Max(0, tiles.Min(t => t.FirstColumn)), Math.Min(input.Columns, tiles.Max(t => t.FirstColumn + t.Side)));
        var sampling = new VolumeSampling(
            input.Sampling.Slice.Part(firstSlice, lastSlice - firstSlice + 1),
            input.Sampling.Row.Part(firstRow, endRow - firstRow),
            input.Sampling.Column.Part(firstColumn, endColumn - firstColumn));
        var (slices, rows, columns) = (sampling.Slice.Count, sampling.Row.Count, sampling.Column.Count);
        var box = new Volume(new float[(long)slices * rows * columns], slices, rows, columns, sampling.Place(canonical.Affine));
        foreach (var tile in tiles)
        {
            var slice = box.Slice(tile.Slice - firstSlice);
            var (begin, end) = (Math.Max(tile.FirstColumn, firstColumn), Math.Min(tile.FirstColumn + tile.Side, endColumn));
            for (var r = Math.Max(tile.FirstRow, firstRow); r < Math.Min(tile.FirstRow + tile.Side, endRow); r++)
            {
                tile.Share.AsSpan(((r - tile.FirstRow) * tile.Side) + begin - tile.FirstColumn, end - begin)
                    .CopyTo(slice[(((r - firstRow) * columns) + begin - firstColumn)..]);
            }
        }
        return new CordTube(box, sampling, path);
    }
}
