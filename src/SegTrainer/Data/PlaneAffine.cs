namespace SoftSeg.SegTrainer.Data;

/// <summary>Source offset in mm of a target offset in mm: <c>x' = XX x + XY y + X0</c>, <c>y' = YX x + YY y + Y0</c>.</summary>
public readonly record struct PlaneAffine(float XX, float XY, float YX, float YY, float X0, float Y0)
{
    public static PlaneAffine Identity => new(1, 0, 0, 1, 0, 0);

    /// <summary>The content is turned by <paramref name="degrees"/>, enlarged by the scales, sheared along x and shifted (mm).</summary>
    public static PlaneAffine From(double degrees, double scaleX, double scaleY, double shear, bool flipX, bool flipY)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        double sx = (flipX ? -1 : 1) / scaleX, sy = (flipY ? -1 : 1) / scaleY;
        // target -> source is the inverse: undo the rotation, then the shear, then the scale.
        double ax = cos, ay = sin, bx = -sin, by = cos;
        return new PlaneAffine(
            (float)(sx * (ax - (shear * bx))), (float)(sx * (ay - (shear * by))),
            (float)(sy * bx), (float)(sy * by), 0, 0);
    }

    /// <summary>The paper's ranges, some wider: rotation +-20 deg (one in ten +-40), scale 0.8..1.25, anisotropy, shear, flips.</summary>
    public static PlaneAffine Draw(Random random)
    {
        var degrees = random.Chance(0.1) ? random.Uniform(-40, 40) : random.Uniform(-20, 20);
        var scale = random.LogUniform(0.8, 1.25);
        var anisotropy = random.LogUniform(0.88, 1.136);
        return From(degrees, scale * anisotropy, scale / anisotropy, random.Normal(0.06),
            random.Chance(0.5), random.Chance(0.15));
    }

    /// <summary>Millimetres of the source that one millimetre along the target's rows is made of.</summary>
    public double ScaleX => Math.Sqrt(((double)XX * XX) + ((double)YX * YX));

    /// <summary>The same along its columns.</summary>
    public double ScaleY => Math.Sqrt(((double)XY * XY) + ((double)YY * YY));

    /// <summary>Area of the content after the transform relative to before.</summary>
    public double AreaFactor => 1 / Math.Abs(((double)XX * YY) - ((double)XY * YX));
}
