namespace SoftSeg.SegEngine.Phantoms;

/// <summary>How the slices of a phantom lie; rows and columns run as a scanner lays them.</summary>
public enum PhantomPlane
{
    /// <summary>Columns front to back, rows head to foot.</summary>
    Sagittal,

    /// <summary>Columns right to left, rows front to back.</summary>
    Axial,

    /// <summary>Columns right to left, rows head to foot.</summary>
    Coronal,
}

/// <summary>How bright the tissues are against each other.</summary>
public enum PhantomContrast
{
    /// <summary>Bright CSF around a darker cord.</summary>
    T2w,

    /// <summary>Dark CSF around a brighter cord, bright fat.</summary>
    T1w,

    /// <summary>Bright CSF, grey matter brighter than white, dark bone.</summary>
    T2star,
}

/// <summary>What a <see cref="SpinePhantom"/> shows.</summary>
public sealed record SpinePhantomOptions
{
    public PhantomPlane Plane { get; init; } = PhantomPlane.Sagittal;

    public PhantomContrast Contrast { get; init; } = PhantomContrast.T2w;

    /// <summary>Distance between slices, mm; a slice is as thick.</summary>
    public double SliceSpacing { get; init; } = 1;

    /// <summary>Distance between rows and between columns, mm.</summary>
    public double PixelSpacing { get; init; } = 1;

    /// <summary>Extent from right to left, mm.</summary>
    public double Width { get; init; } = 56;

    /// <summary>Extent from front to back, mm.</summary>
    public double Depth { get; init; } = 150;

    /// <summary>Extent from foot to head, mm.</summary>
    public double Height { get; init; } = 200;

    /// <summary>Turns the field of view about the left-right axis: an oblique acquisition.</summary>
    public double TiltDegrees { get; init; }

    /// <summary>Standard deviation of the Rician noise as a share of the brightest tissue.</summary>
    public double Noise { get; init; } = 0.02;

    /// <summary>Brightness falls off by this share from the coil (back of the neck) to the front.</summary>
    public double Bias { get; init; } = 0.35;

    /// <summary>False: the same neck with muscle where canal and cord would be.</summary>
    public bool HasCord { get; init; } = true;

    /// <summary>Height (mm, 0 in the middle) where the cord has ended in its conus; below it the canal holds the roots of the cauda equina. Null: the cord goes all the way.</summary>
    public double? ConusAt { get; init; }

    /// <summary>Share of the cord's area that is lost to CSF, 0..1.</summary>
    public double Atrophy { get; init; }

    /// <summary>Share of the cord's front-back diameter that is lost at height 0, where a disc narrows the canal, 0..1.</summary>
    public double Compression { get; init; }

    /// <summary>Number of lesions within the cord, up to as long as a vertebra and half as wide as the cord.</summary>
    public int Lesions { get; init; }

    /// <summary>Decides curvature, sizes, textures and noise.</summary>
    public int Seed { get; init; } = 1;
}
