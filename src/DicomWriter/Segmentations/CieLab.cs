namespace SoftSeg.DicomWriter.Segmentations;

/// <summary>Recommended Display CIELab Value (0062,000D), PS3.3 C.10.7.1.1: CIELab of the profile connection space (D50).</summary>
public static class CieLab
{
    // White of D50, CIE 1931 2 degrees (ICC profile connection space).
    const double WhiteX = 0.96422, WhiteZ = 0.82521;

    /// <summary>sRGB to CIELab (L* 0..100, a* and b* about -128..127) under D50, with the Bradford adaptation from D65.</summary>
    public static (double L, double A, double B) FromRgb(byte red, byte green, byte blue)
    {
        double r = Linear(red), g = Linear(green), b = Linear(blue);
        // sRGB primaries, already adapted to D50.
        var x = (0.4360747 * r) + (0.3850649 * g) + (0.1430804 * b);
        var y = (0.2225045 * r) + (0.7168786 * g) + (0.0606169 * b);
        var z = (0.0139322 * r) + (0.0971045 * g) + (0.7141733 * b);
        double fx = Compress(x / WhiteX), fy = Compress(y), fz = Compress(z / WhiteZ);
        return ((116 * fy) - 16, 500 * (fx - fy), 200 * (fy - fz));
    }

    /// <summary>CIELab as three US values: L* 0..100 to 0..FFFFH, a* and b* -128..127 to 0..FFFFH.</summary>
    public static ushort[] Encode((double L, double A, double B) lab) =>
        [Scale(lab.L / 100), Scale((lab.A + 128) / 255), Scale((lab.B + 128) / 255)];

    static ushort Scale(double share) => (ushort)Math.Round(Math.Clamp(share, 0, 1) * 65535);

    static double Linear(byte value)
    {
        var c = value / 255.0;
        return c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
    }

    static double Compress(double t) => t > 216.0 / 24389 ? Math.Cbrt(t) : ((24389.0 / 27 * t) + 16) / 116;
}
