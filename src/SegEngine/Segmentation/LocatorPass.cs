namespace SoftSeg.SegEngine;

/// <summary>Runs the locator over a whole field of view, in slabs where it is large, so that memory stays bounded.</summary>
static class LocatorPass
{
    /// <summary>Voxels of one slab: about 0.4 GB in the network. A sagittal or a usual axial series is one slab.</summary>
    const int MostVoxels = 2_000_000;

    /// <summary>Slices (4 mm) that a slab sees beyond the part it answers for, on either side.</summary>
    const int Overlap = 16;

    /// <summary>A field of view of fewer slices (4 mm) is seen as if its ends went on: one slice between zeros looks like no cord.</summary>
    const int FewSlices = 4;

    /// <param name="locator">The network.</param>
    /// <param name="image">What <see cref="LocatorInput.Prepare"/> made.</param>
    /// <param name="cancellationToken">Looked at between slabs.</param>
    /// <returns>The share map on the image's grid.</returns>
    public static Volume Run(INetwork locator, Volume image, CancellationToken cancellationToken)
    {
        var (rows, columns) = (LocatorInput.PaddedSide(image.Rows), LocatorInput.PaddedSide(image.Columns));
        var slab = Math.Max(3 * Overlap, MostVoxels / (rows * columns) / LocatorInput.SideMultiple * LocatorInput.SideMultiple);
        var result = image.LikeThis();
        if (image.Slices <= slab)
        {
            RunSlab(locator, image, result, 0, image.Slices, 0, image.Slices);
            return result;
        }
        for (var begin = 0; begin < image.Slices; begin += slab - (2 * Overlap))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var end = Math.Min(image.Slices, begin + slab - (2 * Overlap));
            RunSlab(locator, image, result, Math.Max(0, begin - Overlap), Math.Min(image.Slices, end + Overlap), begin, end);
        }
        return result;
    }

    /// <summary>Sees slices <c>first .. last - 1</c> and answers for <c>begin .. end - 1</c>.</summary>
    static void RunSlab(INetwork locator, Volume image, Volume result, int first, int last, int begin, int end)
    {
        var (slices, rows, columns) = (LocatorInput.PaddedSide(last - first), LocatorInput.PaddedSide(image.Rows), LocatorInput.PaddedSide(image.Columns));
        var repeated = last - first < FewSlices ? (slices - (last - first)) / 2 : 0;
        var padded = new float[slices * rows * columns];
        for (var n = 0; n < (repeated > 0 ? slices : last - first); n++)
        {
            var source = image.Slice(Math.Clamp(first + n - repeated, first, last - 1));
            for (var r = 0; r < image.Rows; r++)
                source.Slice(r * image.Columns, image.Columns).CopyTo(padded.AsSpan(((n * rows) + r) * columns));
        }
        var share = locator.Run(padded, [1, 1, slices, rows, columns]);
        for (var s = begin; s < end; s++)
        {
            for (var r = 0; r < image.Rows; r++)
                share.AsSpan((((s - first + repeated) * rows) + r) * columns, image.Columns).CopyTo(result.Slice(s)[(r * image.Columns)..]);
        }
    }
}
