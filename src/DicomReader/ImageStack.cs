using SoftSeg.Dicom.Imaging;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader;

/// <summary>The part of a complex MR signal that an image shows (PS3.3 C.8.13.3.1.1).</summary>
public enum ComplexComponent
{
    Magnitude,
    Phase,
    Real,
    Imaginary,
    Mixed,
}

/// <summary>One volume of a series and the frames that it was made of.</summary>
public sealed record ImageStack
{
    /// <summary>Modality values (rescaled) <c>[slice, row, column]</c>; slices ascend along the normal, row direction x column direction.</summary>
    public required Volume Volume { get; init; }

    /// <summary>The frame of each slice of the volume, in its order.</summary>
    public required IReadOnlyList<ImageFrame> Frames { get; init; }

    /// <summary>Plane, size, spacing and what tells this stack from the others of its series.</summary>
    public required string Description { get; init; }

    /// <summary>ImageType value 1 is DERIVED: computed from other images.</summary>
    public bool IsDerived { get; init; }

    /// <summary>ImageType, SeriesDescription or ProtocolName name it a localizer, scout or survey.</summary>
    public bool IsLocalizer { get; init; }

    /// <summary>The slices are tiles of Siemens mosaics: no reference can point at one of them, and its pixels are not at the tile's own row and column.</summary>
    public bool IsMosaic { get; init; }

    public ComplexComponent Component { get; init; }

    /// <summary>ms; null where the source does not say.</summary>
    public double? EchoTime { get; init; }

    public int? EchoNumber { get; init; }

    /// <summary>Diffusion weighting, s/mm2; null where the source does not say.</summary>
    public double? BValue { get; init; }

    /// <summary>Which of several volumes of the same kind, one after another in time, this is, from 1; null when there is one.</summary>
    public int? Repetition { get; init; }
}
