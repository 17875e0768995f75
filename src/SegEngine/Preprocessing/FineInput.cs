namespace SoftSeg.SegEngine;

/// <summary>
/// What the fine network sees: canonical axial slices at 0.6 mm in plane, normalised against their surroundings, cut into
/// tiles. Thin slices are averaged (decision 0059). The grid belongs to the patient (decision 0070) and the normalisation to the volume, never to
/// the tile: moving a tile changes no pixel, and two fields of view of one scan are sampled at the same places. Training and inference both prepare their input here.
/// </summary>
public sealed class FineInput
{
    /// <summary>Pixel spacing, mm.</summary>
    public const double PixelSpacing = 0.6;

    /// <summary>Side of a tile, pixels (57.6 mm); any multiple of <see cref="SideMultiple"/> does.</summary>
    public const int TileSide = 96;

    /// <summary>The network halves its tiles three times.</summary>
    public const int SideMultiple = 8;

    /// <summary>The least local standard deviation, as a share of the volume's <see cref="RobustRange"/>.</summary>
    public const float FloorShare = 0.03f;

    /// <summary>Intensities this many widths of the robust range beyond it are held there: a single spike would flatten all of its surroundings.</summary>
    const float Beyond = 4;

    readonly Volume _canonical;
    readonly AxisWeights _sliceWeights;
    readonly float _least;
    readonly float _most;

    /// <param name="canonical">A volume in canonical axis order (<see cref="Orientation.ToCanonical"/>).</param>
    /// <param name="preprocessing">The version that the network asks for (<see cref="ModelManifest.Preprocessing"/>).</param>
    public FineInput(Volume canonical, int preprocessing = ModelManifest.CurrentPreprocessing)
    {
        ArgumentNullException.ThrowIfNull(canonical);
        _canonical = canonical;
        Sampling = SamplingOf(canonical, preprocessing);
        if (preprocessing >= 4)
        {
            var (_, row, column) = Sampling.Place(canonical.Affine).ToIndex(Vector3.Zero);
            (RowPhase, ColumnPhase) = (PhaseOf(-row), PhaseOf(-column));
        }
        _sliceWeights = AxisWeights.For(canonical.Slices, Sampling.Slice);
        var range = RobustRange.Of(canonical.Voxels);
        Floor = FloorShare * range.Width;
        (_least, _most) = (range.Low - (Beyond * range.Width), range.High + (Beyond * range.Width));
    }

    /// <summary>The fine grid within the canonical volume.</summary>
    public VolumeSampling Sampling { get; }

    /// <summary>
    /// Rows of the fine grid from a multiple of <see cref="SideMultiple"/> in the patient to the first one: tiles begin at such multiples, so that the network's coarse
    /// levels see every field of view of a scan in the same steps.
    /// </summary>
    public int RowPhase { get; }

    /// <summary>The same of columns.</summary>
    public int ColumnPhase { get; }

    /// <summary>The least local standard deviation, in the volume's unit.</summary>
    public float Floor { get; }

    /// <summary>The image's own pixel across the cord.</summary>
    public AcquiredPixel Pixel => new(_canonical.Affine.Spacing.Row, _canonical.Affine.Spacing.Column);

    public int Slices => Sampling.Slice.Count;

    public int Rows => Sampling.Row.Count;

    public int Columns => Sampling.Column.Count;

    /// <summary>The fine grid of a canonical volume. Shares come onto it by <see cref="Resampler.Resample"/> with the same sampling.</summary>
    /// <remarks>
    /// Slices thinner than 1.6 mm are averaged to 2 mm; in version 1, those thinner than 0.8 mm to 1 mm. From version 3 on networks are told of <see cref="Pixel"/> as well. From
    /// version 4 on the samples lie at multiples of their spacing in the patient; before, they were centred on the field of view.
    /// </remarks>
    public static VolumeSampling SamplingOf(Volume canonical, int preprocessing = ModelManifest.CurrentPreprocessing)
    {
        ArgumentNullException.ThrowIfNull(canonical);
        var (thin, averaged) = preprocessing == 1 ? (0.8, 1.0) : (1.6, 2.0);
        var slice = canonical.Affine.Spacing.Slice;
        // Spacings come from differences of positions: a thousandth is a rounding.
        slice = slice < thin - 1e-3 ? averaged : slice;
        return preprocessing >= 4 ? VolumeSampling.Anchored(canonical, slice, PixelSpacing, PixelSpacing) : VolumeSampling.Cover(canonical, slice, PixelSpacing, PixelSpacing);
    }

    /// <summary>The floor of <see cref="LocalNormalisation.Apply"/> for images of these intensities.</summary>
    public static float FloorOf(ReadOnlySpan<float> voxels) => FloorShare * RobustRange.Of(voxels).Width;

    /// <summary>The first row or column of a tile of <paramref name="side"/> pixels whose middle lies at <paramref name="centre"/> (fine grid).</summary>
    public static int FirstOf(double centre, int side) => (int)Math.Round(centre - ((side - 1) / 2.0), MidpointRounding.AwayFromZero);

    /// <summary>Cuts one normalised tile. What lies beyond the field of view is 0.</summary>
    /// <param name="slice">Slice of the fine grid.</param>
    /// <param name="firstRow">The tile's first row on the fine grid; may lie outside.</param>
    /// <param name="firstColumn">The tile's first column on the fine grid; may lie outside.</param>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="columns">Columns of the tile.</param>
    /// <param name="tile">Receives <c>[row, column]</c>.</param>
    public void CutTile(int slice, int firstRow, int firstColumn, int rows, int columns, Span<float> tile)
    {
        tile.Clear();
        var (rowBegin, rowEnd) = (Math.Max(0, firstRow), Math.Min(Rows, firstRow + rows));
        var (columnBegin, columnEnd) = (Math.Max(0, firstColumn), Math.Min(Columns, firstColumn + columns));
        if (rowBegin >= rowEnd || columnBegin >= columnEnd)
            return;

        var windowRow = Math.Max(0, rowBegin - LocalNormalisation.Margin);
        var windowColumn = Math.Max(0, columnBegin - LocalNormalisation.Margin);
        var windowRows = Math.Min(Rows, rowEnd + LocalNormalisation.Margin) - windowRow;
        var windowColumns = Math.Min(Columns, columnEnd + LocalNormalisation.Margin) - windowColumn;
        var window = Resampled(slice, Sampling.Row.Part(windowRow, windowRows), Sampling.Column.Part(windowColumn, windowColumns));
        LocalNormalisation.Apply(window, windowRows, windowColumns, Floor);
        for (var row = rowBegin; row < rowEnd; row++)
        {
            window.AsSpan(((row - windowRow) * windowColumns) + columnBegin - windowColumn, columnEnd - columnBegin)
                .CopyTo(tile[(((row - firstRow) * columns) + columnBegin - firstColumn)..]);
        }
    }

    /// <param name="samples">
    /// From the patient's origin to the first sample: a whole number, but for voxels that are taken as they are, of which often half a one is left. Neither may lie where it is rounded.
    /// </param>
    static int PhaseOf(double samples)
    {
        var whole = (long)Math.Floor(samples + 0.25) % SideMultiple;
        return (int)(whole + SideMultiple) % SideMultiple;
    }

    /// <summary>One whole normalised slice <c>[row, column]</c> of the fine grid.</summary>
    public float[] Slice(int slice)
    {
        var pixels = new float[Rows * Columns];
        CutTile(slice, 0, 0, Rows, Columns, pixels);
        return pixels;
    }

    /// <summary>A slice of a box on the fine grid, in the volume's own intensities, <c>[row, column]</c>.</summary>
    /// <param name="box">The box's place within the canonical volume.</param>
    /// <param name="slice">Slice of the box.</param>
    public float[] Intensities(VolumeSampling box, int slice) =>
        Resampled((int)Math.Round(Sampling.Slice.FromSource(box.Slice.ToSource(slice))), box.Row, box.Column);

    /// <summary>A part of a fine slice in the volume's own intensities, <c>[row, column]</c>.</summary>
    float[] Resampled(int slice, AxisSampling row, AxisSampling column)
    {
        var (first, weights) = _sliceWeights[slice];
        var sum = new float[row.Count * column.Count];
        for (var n = 0; n < weights.Length; n++)
        {
            var part = Resampler.ResampleSlice(_canonical.Slice(first + n), _canonical.Rows, _canonical.Columns, row, column);
            for (var i = 0; i < sum.Length; i++)
                sum[i] += weights[n] * Math.Clamp(part[i], _least, _most);
        }
        return sum;
    }
}
