namespace SoftSeg.SegEngine;

/// <summary>How sure it is that a share map shows a cord.</summary>
public enum CordPresence
{
    Absent,
    Unsure,
    Certain,
}

/// <summary>
/// Where the cord runs through a canonical volume, found in a share map on the locator's grid: the smooth way from foot to
/// head that gathers most share, and the slices on it that show cord.
/// </summary>
public sealed class CordPath
{
    // In locator pixels of 2 mm and slices of 4 mm.
    const int Reach = 3;              // furthest step from slice to slice: 6 mm in 4 mm
    const float StepCost = 0.04f;     // against a mean share of a 10 mm box, about 0.3..0.8 in the cord
    const int BoxRadius = 2;
    const int CentroidRadius = 5;
    const int BridgedGap = 6;         // slices without share within the cord: 24 mm
    const double Wavelength = 8;      // the centre line follows bends longer than 32 mm
    const int Width = 8;              // all within 16 mm of a way is of the same thing

    readonly SmoothingSpline _row;
    readonly SmoothingSpline _column;
    readonly VolumeSampling _sampling;

    CordPath(SmoothingSpline row, SmoothingSpline column, VolumeSampling sampling, double first, double last) =>
        (_row, _column, _sampling, FirstSlice, LastSlice) = (row, column, sampling, first, last);

    /// <summary>The lowest canonical slice that shows cord (source index coordinate, not rounded).</summary>
    public double FirstSlice { get; }

    /// <summary>The highest canonical slice that shows cord.</summary>
    public double LastSlice { get; }

    /// <summary>The cord's centre in a canonical slice, in canonical index coordinates.</summary>
    public (double Row, double Column) At(double slice)
    {
        var s = _sampling.Slice.FromSource(slice);
        return (_sampling.Row.ToSource(_row.At(s)), _sampling.Column.ToSource(_column.At(s)));
    }

    /// <summary>Finds the cord's way.</summary>
    /// <param name="share">Share map on the locator's grid.</param>
    /// <param name="sampling">That grid within the canonical volume.</param>
    /// <param name="gate">When a share counts as cord.</param>
    /// <param name="path">The way, unless the cord is absent.</param>
    public static CordPresence Find(Volume share, VolumeSampling sampling, PresenceGate gate, out CordPath? path)
    {
        ArgumentNullException.ThrowIfNull(share);
        ArgumentNullException.ThrowIfNull(gate);
        path = null;
        var way = BestWay(share);
        var slices = new SliceShare[share.Slices];
        for (var s = 0; s < slices.Length; s++)
            slices[s] = SliceShare.Around(share, s, way[s].Row, way[s].Column);
        var (first, last) = LargestRun(slices, gate.SlicePeak);
        var peak = slices.Max(s => s.Peak);
        if (peak < gate.AbsentPeak)
            return CordPresence.Absent;
        if (first < 0)
            (first, last) = (Array.FindIndex(slices, s => s.Peak == peak), Array.FindIndex(slices, s => s.Peak == peak));

        var positions = new double[last - first + 1];
        var (rows, columns, weights) = (new double[positions.Length], new double[positions.Length], new double[positions.Length]);
        for (var n = 0; n < positions.Length; n++)
        {
            var slice = slices[first + n];
            (positions[n], rows[n], columns[n], weights[n]) = (first + n, slice.Row, slice.Column, slice.Sum);
        }
        path = new CordPath(SmoothingSpline.Fit(positions, rows, weights, Wavelength), SmoothingSpline.Fit(positions, columns, weights, Wavelength),
            sampling, sampling.Slice.ToSource(first), sampling.Slice.ToSource(last));

        var peaks = slices[first..(last + 1)].Select(s => s.Peak).Order().ToArray();
        var length = (last - first + 1) * share.Affine.Spacing.Slice;
        var enough = Math.Min(gate.CertainLength, 0.6 * share.Slices * share.Affine.Spacing.Slice);
        return peaks[peaks.Length / 2] >= gate.CertainPeak && length >= enough ? CordPresence.Certain : CordPresence.Unsure;
    }

    /// <summary>The shares that are not of this way: what else could be the cord.</summary>
    /// <param name="share">The share map that the way was found in.</param>
    public Volume Without(Volume share)
    {
        ArgumentNullException.ThrowIfNull(share);
        var rest = share.With([.. share.Voxels]);
        for (var s = 0; s < rest.Slices; s++)
        {
            var (row, column) = (_row.At(s), _column.At(s));
            for (var r = Math.Max(0, (int)Math.Ceiling(row - Width)); r <= Math.Min(rest.Rows - 1, row + Width); r++)
            {
                for (var c = Math.Max(0, (int)Math.Ceiling(column - Width)); c <= Math.Min(rest.Columns - 1, column + Width); c++)
                {
                    if (((r - row) * (r - row)) + ((c - column) * (c - column)) <= Width * Width)
                        rest[s, r, c] = 0;
                }
            }
        }
        return rest;
    }

    /// <summary>Dynamic programming: in each slice one pixel, so that the box means of share less the costs of steps are greatest.</summary>
    static (int Row, int Column)[] BestWay(Volume share)
    {
        var (slices, rows, columns) = (share.Slices, share.Rows, share.Columns);
        var size = rows * columns;
        var rowStep = new sbyte[slices][];
        var columnStep = new sbyte[slices][];
        var best = BoxMean(share.Slice(0), rows, columns);
        var (alongRow, alongColumn) = (new float[size], new float[size]);
        for (var s = 1; s < slices; s++)
        {
            (rowStep[s], columnStep[s]) = (new sbyte[size], new sbyte[size]);
            // The cost is a sum over both axes, so each is gone through on its own.
            Relax(best, alongColumn, columnStep[s], size, 1, columns);
            Relax(alongColumn, alongRow, rowStep[s], size, columns, rows);
            var reward = BoxMean(share.Slice(s), rows, columns);
            for (var n = 0; n < size; n++)
                best[n] = alongRow[n] + reward[n];
        }

        var way = new (int Row, int Column)[slices];
        var at = Array.IndexOf(best, best.Max());
        for (var s = slices - 1; s >= 0; s--)
        {
            way[s] = (at / columns, at % columns);
            if (s > 0)
            {
                at += rowStep[s][at] * columns;
                at += columnStep[s][at];
            }
        }
        return way;
    }

    static void Relax(float[] from, float[] to, sbyte[] steps, int size, int stride, int side)
    {
        for (var n = 0; n < size; n++)
        {
            var position = n / stride % side;
            var (best, bestStep) = (from[n], 0);
            for (var step = -Reach; step <= Reach; step++)
            {
                if (step == 0 || position + step < 0 || position + step >= side)
                    continue;
                var value = from[n + (step * stride)] - (StepCost * step * step);
                if (value > best)
                    (best, bestStep) = (value, step);
            }
            (to[n], steps[n]) = (best, (sbyte)bestStep);
        }
    }

    static float[] BoxMean(ReadOnlySpan<float> slice, int rows, int columns)
    {
        const float Area = ((2 * BoxRadius) + 1) * ((2 * BoxRadius) + 1);
        var mean = new float[slice.Length];
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < columns; c++)
            {
                var sum = 0f;
                for (var y = Math.Max(0, r - BoxRadius); y <= Math.Min(rows - 1, r + BoxRadius); y++)
                {
                    for (var x = Math.Max(0, c - BoxRadius); x <= Math.Min(columns - 1, c + BoxRadius); x++)
                        sum += slice[(y * columns) + x];
                }
                mean[(r * columns) + c] = sum / Area;
            }
        }
        return mean;
    }

    static (int First, int Last) LargestRun(SliceShare[] slices, double peak)
    {
        (int First, int Last) best = (-1, -1);
        var (bestSum, sum, first, last) = (0.0, 0.0, -1, -1);
        for (var s = 0; s < slices.Length; s++)
        {
            if (slices[s].Peak < peak)
                continue;
            if (first < 0 || s - last - 1 > BridgedGap)
                (first, sum) = (s, 0);
            last = s;
            sum += slices[s].Sum;
            if (sum > bestSum)
                (best, bestSum) = ((first, last), sum);
        }
        return best;
    }

    /// <summary>The share around the way in one slice: its peak near the way, and sum and centroid within 10 mm.</summary>
    readonly record struct SliceShare(double Peak, double Sum, double Row, double Column)
    {
        public static SliceShare Around(Volume share, int slice, int row, int column)
        {
            double peak = 0, sum = 0, rowSum = 0, columnSum = 0;
            for (var r = Math.Max(0, row - CentroidRadius); r <= Math.Min(share.Rows - 1, row + CentroidRadius); r++)
            {
                for (var c = Math.Max(0, column - CentroidRadius); c <= Math.Min(share.Columns - 1, column + CentroidRadius); c++)
                {
                    var distance = ((r - row) * (r - row)) + ((c - column) * (c - column));
                    if (distance > CentroidRadius * CentroidRadius)
                        continue;
                    var value = share[slice, r, c];
                    if (distance <= BoxRadius * BoxRadius)
                        peak = Math.Max(peak, value);
                    if (value < 0.1f)
                        continue;
                    sum += value;
                    rowSum += value * r;
                    columnSum += value * c;
                }
            }
            return sum > 0 ? new SliceShare(peak, sum, rowSum / sum, columnSum / sum) : new SliceShare(peak, 0, row, column);
        }
    }
}
