using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Reports;

/// <summary>The 0.5 contours of a soft mask as Graphic Data, per source slice.</summary>
sealed class SliceRegions
{
    readonly IReadOnlyList<float[]>[] _regions;

    /// <exception cref="ArgumentException">The mask has a value outside 0..1.</exception>
    public SliceRegions(Volume softMask)
    {
        var maxima = SliceMaxima.Of(softMask);
        _regions = new IReadOnlyList<float[]>[softMask.Slices];
        for (var slice = 0; slice < softMask.Slices; slice++)
            _regions[slice] = maxima[slice] >= 0.5f ? Regions(softMask, slice) : [];
    }

    /// <summary>All contours of a slice, the largest first; none where no share reaches 0.5.</summary>
    public IReadOnlyList<float[]> Of(int slice) => _regions[slice];

    /// <summary>The slices that have a contour, ascending.</summary>
    public IEnumerable<int> Slices => Enumerable.Range(0, _regions.Length).Where(s => _regions[s].Count > 0);

    /// <remarks>The structure fills a small part of the slice, so only the rows that it reaches are followed.</remarks>
    static IReadOnlyList<float[]> Regions(Volume softMask, int slice)
    {
        var (rows, columns) = (softMask.Rows, softMask.Columns);
        var shares = softMask.Slice(slice);
        int first = 0, last = rows - 1;
        while (!Reaches(shares.Slice(first * columns, columns)))
            first++;
        while (!Reaches(shares.Slice(last * columns, columns)))
            last--;
        (first, last) = (Math.Max(0, first - 1), Math.Min(rows - 1, last + 1));
        return [.. Contours.At(shares.Slice(first * columns, (last - first + 1) * columns), last - first + 1, columns, 0.5)
            .OrderByDescending(c => Math.Abs(Contours.SignedArea(c)))
            .Select(c => ImageRegion.GraphicData([.. c.Select(p => (p.Row + first, p.Column))], rows, columns))
            .OfType<float[]>()];
    }

    static bool Reaches(ReadOnlySpan<float> row)
    {
        foreach (var share in row)
        {
            if (share >= 0.5f)
                return true;
        }
        return false;
    }
}
