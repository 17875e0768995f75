using SoftSeg.Dicom.Network;

namespace SoftSeg.DicomReader;

/// <summary>Limits and tolerances of <see cref="SeriesReader"/>.</summary>
public sealed record SeriesReaderOptions
{
    public static SeriesReaderOptions Default { get; } = new();

    /// <summary>Most voxels of all stacks of a series together; each takes 4 bytes. The default is 4 GiB.</summary>
    public long MaxVoxels { get; init; } = 1L << 30;

    /// <summary>What decompressing a frame may cost: <see cref="DicomLimits.MaxFrame"/>, <see cref="DicomLimits.Decode"/>.</summary>
    public DicomLimits Limits { get; init; } = DicomLimits.Default;

    /// <summary>How far a slice may lie from its place in an evenly spaced stack, as a share of the spacing (at least 0.02 mm).</summary>
    public double SpacingTolerance { get; init; } = 0.03;

    /// <summary>How far slices may drift sideways, as a share of their distance along the normal (at least 0.05 mm): 0.01 is a shear of 0.57 degrees.</summary>
    public double ShearTolerance { get; init; } = 0.01;

    /// <summary>Directions of one stack may differ by this angle, radians: what rounded decimal strings make (0.06 degrees).</summary>
    public double OrientationTolerance { get; init; } = 1e-3;
}
