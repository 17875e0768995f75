namespace SoftSeg.SegEngine;

/// <summary>How a volume's axes were permuted and flipped to become canonical.</summary>
/// <param name="Slice">Source axis (0 slice, 1 row, 2 column) that became the canonical slice axis.</param>
/// <param name="Row">Source axis that became the canonical row axis.</param>
/// <param name="Column">Source axis that became the canonical column axis.</param>
/// <param name="FlipSlice">The canonical slice axis runs against its source axis.</param>
/// <param name="FlipRow">The canonical row axis runs against its source axis.</param>
/// <param name="FlipColumn">The canonical column axis runs against its source axis.</param>
public readonly record struct AxisOrder(int Slice, int Row, int Column, bool FlipSlice, bool FlipRow, bool FlipColumn)
{
    /// <summary>The volume is canonical already.</summary>
    public static AxisOrder Identity => new(0, 1, 2, false, false, false);

    /// <summary>Which source axis runs along the given canonical one (0 slice = foot to head, 1 row = front to back, 2 column = right to left).</summary>
    public int this[int canonicalAxis] => canonicalAxis switch { 0 => Slice, 1 => Row, _ => Column };

    /// <summary>Whether the given canonical axis runs against its source axis.</summary>
    public bool Flip(int canonicalAxis) => canonicalAxis switch { 0 => FlipSlice, 1 => FlipRow, _ => FlipColumn };
}

/// <summary>
/// The canonical axis order: slices to the head (+z), rows to the back (+y), columns to the left (+x). Axes are only
/// permuted and flipped, no voxel changes, so the way there and back is exact, and a volume stored in any of the 48
/// axis orders has the same canonical voxels.
/// </summary>
public static class Orientation
{
    static readonly (int Slice, int Row, int Column)[] Permutations =
        [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)];

    /// <summary>The axis order that makes a volume with this affine canonical.</summary>
    public static AxisOrder Of(Affine affine)
    {
        Vector3[] directions = [affine.SliceStep.Normalize(), affine.RowStep.Normalize(), affine.ColumnStep.Normalize()];
        AxisOrder best = default;
        (double Score, Vector3 Slice, Vector3 Row) bestRank = (double.NegativeInfinity, default, default);
        foreach (var (s, r, c) in Permutations)
        {
            var (z, y, x) = (directions[s], directions[r], directions[c]);
            var order = new AxisOrder(s, r, c, z.Z < 0, y.Y < 0, x.X < 0);
            // A tie (axes at 45 degrees) is decided by the directions alone, so that the stored order never matters.
            var rank = (Math.Abs(z.Z) + Math.Abs(y.Y) + Math.Abs(x.X), order.FlipSlice ? -z : z, order.FlipRow ? -y : y);
            if (Compare(rank, bestRank) > 0)
                (best, bestRank) = (order, rank);
        }
        return best;
    }

    /// <summary>Permutes and flips the axes so that every step is positive in LPS.</summary>
    public static Volume ToCanonical(Volume volume, out AxisOrder order)
    {
        ArgumentNullException.ThrowIfNull(volume);
        order = Of(volume.Affine);
        if (order == AxisOrder.Identity)
            return volume;
        int[] counts = [volume.Slices, volume.Rows, volume.Columns];
        int[] strides = [volume.Rows * volume.Columns, volume.Columns, 1];
        Vector3[] steps = [volume.Affine.SliceStep, volume.Affine.RowStep, volume.Affine.ColumnStep];
        var origin = volume.Affine.Origin;
        var canonicalStrides = new int[3];
        var canonicalSteps = new Vector3[3];
        var start = 0;
        for (var axis = 0; axis < 3; axis++)
        {
            var source = order[axis];
            var flip = order.Flip(axis);
            canonicalStrides[axis] = flip ? -strides[source] : strides[source];
            canonicalSteps[axis] = flip ? -steps[source] : steps[source];
            if (flip)
            {
                start += strides[source] * (counts[source] - 1);
                origin += steps[source] * (counts[source] - 1);
            }
        }
        var (slices, rows, columns) = (counts[order.Slice], counts[order.Row], counts[order.Column]);
        var voxels = new float[volume.Voxels.Length];
        Walk(slices, rows, columns, start, canonicalStrides, (canonical, source) => voxels[canonical] = volume.Voxels[source]);
        return new Volume(voxels, slices, rows, columns, new Affine(origin, canonicalSteps[0], canonicalSteps[1], canonicalSteps[2]));
    }

    /// <summary>Undoes <see cref="ToCanonical"/>: the voxels return to the source's order.</summary>
    public static Volume FromCanonical(Volume canonical, AxisOrder order)
    {
        ArgumentNullException.ThrowIfNull(canonical);
        if (order == AxisOrder.Identity)
            return canonical;
        int[] canonicalCounts = [canonical.Slices, canonical.Rows, canonical.Columns];
        Vector3[] canonicalSteps = [canonical.Affine.SliceStep, canonical.Affine.RowStep, canonical.Affine.ColumnStep];
        var counts = new int[3];
        var steps = new Vector3[3];
        var origin = canonical.Affine.Origin;
        for (var axis = 0; axis < 3; axis++)
        {
            counts[order[axis]] = canonicalCounts[axis];
            steps[order[axis]] = order.Flip(axis) ? -canonicalSteps[axis] : canonicalSteps[axis];
            if (order.Flip(axis))
                origin += canonicalSteps[axis] * (canonicalCounts[axis] - 1);
        }
        int[] strides = [counts[1] * counts[2], counts[2], 1];
        var canonicalStrides = new int[3];
        var start = 0;
        for (var axis = 0; axis < 3; axis++)
        {
            var stride = strides[order[axis]];
            canonicalStrides[axis] = order.Flip(axis) ? -stride : stride;
            if (order.Flip(axis))
                start += stride * (canonicalCounts[axis] - 1);
        }
        var voxels = new float[canonical.Voxels.Length];
        Walk(canonical.Slices, canonical.Rows, canonical.Columns, start, canonicalStrides, (from, to) => voxels[to] = canonical.Voxels[from]);
        return new Volume(voxels, counts[0], counts[1], counts[2], new Affine(origin, steps[0], steps[1], steps[2]));
    }

    /// <summary>Undoes <see cref="ToCanonical"/> onto the grid that it came from, whose affine is taken over exactly.</summary>
    public static Volume FromCanonical(Volume canonical, AxisOrder order, Volume grid) => grid.With(FromCanonical(canonical, order).Voxels);

    static void Walk(int slices, int rows, int columns, int start, int[] strides, Action<int, int> copy)
    {
        Parallel.For(0, slices, slice =>
        {
            var canonical = slice * rows * columns;
            for (var row = 0; row < rows; row++)
            {
                var source = start + (slice * strides[0]) + (row * strides[1]);
                for (var column = 0; column < columns; column++, canonical++, source += strides[2])
                    copy(canonical, source);
            }
        });
    }

    static int Compare((double Score, Vector3 Slice, Vector3 Row) a, (double Score, Vector3 Slice, Vector3 Row) b)
    {
        const double Tie = 1e-9;
        double[] differences =
        [
            a.Score - b.Score, a.Slice.Z - b.Slice.Z, a.Slice.Y - b.Slice.Y, a.Slice.X - b.Slice.X, a.Row.Y - b.Row.Y, a.Row.X - b.Row.X,
        ];
        foreach (var difference in differences)
        {
            if (Math.Abs(difference) > Tie)
                return Math.Sign(difference);
        }
        return 0;
    }
}
