namespace SoftSeg.SegEngine.Phantoms;

/// <summary>A tissue of the phantom.</summary>
enum Tissue
{
    Air,
    Skin,
    Fat,
    Muscle,
    Marrow,
    CorticalBone,
    Disc,
    Dura,
    Csf,
    WhiteMatter,
    GreyMatter,
    Vessel,
    Lesion,
}

/// <summary>
/// The neck as a function of position: which tissue is at a point in patient LPS millimetres. The origin lies in the canal at the middle of the neck. Sizes
/// are those of an adult: cord 55 to 85 mm2 with the cervical enlargement, vertebrae every 17 mm.
/// </summary>
sealed class SpineAnatomy
{
    const double VertebraHeight = 17;
    const double DiscHeight = 4.5;

    /// <summary>Length over which the cord tapers to its end, mm.</summary>
    const double ConusLength = 25;

    readonly double lordosis, lordosisLength, scoliosis, phase, cordScale, canalScale;
    readonly bool hasCord;
    readonly double conus, compression;

    /// <summary>Centre and half length in mm; place across the cord in half axes.</summary>
    readonly (double Z, double HalfLength, double U, double V)[] lesions;

    readonly (double X, double Y)[] cauda;

    public SpineAnatomy(Random random, SpinePhantomOptions options)
    {
        hasCord = options.HasCord;
        conus = options.ConusAt ?? double.NegativeInfinity;
        compression = options.Compression;
        lordosis = Between(4, 9);
        lordosisLength = Between(160, 240);
        scoliosis = Between(-3, 3);
        phase = Between(0, VertebraHeight);
        cordScale = Between(0.92, 1.08) * Math.Sqrt(1 - options.Atrophy);
        canalScale = Between(0.95, 1.1);
        // Drawn from their own numbers: what a phantom had before it had lesions or roots stays as it was.
        var details = new Random(options.Seed);
        lesions = [.. Enumerable.Range(0, options.Lesions).Select(_ => ((details.NextDouble() - 0.5) * 0.8 * options.Height, 3 + (details.NextDouble() * 5.5), details.NextDouble() - 0.5, details.NextDouble() - 0.5))];
        cauda = [.. Enumerable.Range(0, 14).Select(_ => ((details.NextDouble() - 0.5) * 13, 1 + (details.NextDouble() * 4)))];

        double Between(double low, double high) => low + (random.NextDouble() * (high - low));
    }

    /// <summary>Centre of the cord at height z: (x, y) mm.</summary>
    public (double X, double Y) CentreLine(double z) =>
        (scoliosis * Math.Sin(z / 90), (-lordosis * Math.Cos(2 * Math.PI * z / lordosisLength)) + lordosis);

    /// <summary>Whether a point is in the cord.</summary>
    public bool IsCord(double x, double y, double z)
    {
        var (cx, cy) = CentreLine(z);
        return hasCord && InCord(x - cx, y - cy, z);
    }

    /// <summary>Distance from the centre line within the axial plane, mm.</summary>
    public double FromCentreLine(double x, double y, double z)
    {
        var (cx, cy) = CentreLine(z);
        return Math.Sqrt(Square(x - cx) + Square(y - cy));
    }

    public Tissue At(double x, double y, double z)
    {
        var (cx, cy) = CentreLine(z);
        var (dx, dy) = (x - cx, y - cy);
        return Canal(dx, dy, z) ?? Vertebra(dx, dy, z) ?? Throat(x, dy, z) ?? Neck(x, y);
    }

    bool InCord(double dx, double dy, double z)
    {
        var (rl, ap) = CordHalfAxes(z);
        return z > conus && Square(dx / rl) + Square(dy / ap) <= 1;
    }

    /// <summary>Half axes right-left and front-back, mm, with the cervical enlargement around z = -10.</summary>
    (double Rl, double Ap) CordHalfAxes(double z)
    {
        var enlargement = Math.Exp(-Square((z + 10) / 38));
        var taper = cordScale * Math.Sqrt(Math.Clamp((z - conus) / ConusLength, 0, 1));
        return (taper * (5.4 + (1.5 * enlargement)), taper * (3.7 + (0.3 * enlargement)) * (1 - Squeeze(z)));
    }

    /// <summary>Share of front-back room lost to a disc at height 0.</summary>
    double Squeeze(double z) => compression * Math.Exp(-Square(z / 7));

    Tissue? Canal(double dx, double dy, double z)
    {
        if (!hasCord)
            return null;
        // The cord lies a little to the front of its canal.
        var canal = Square(dx / (10.2 * canalScale)) + Square((dy - (0.6 * (1 - Squeeze(z)))) / (7.2 * canalScale * (1 - Squeeze(z))));
        if (canal > 1.22)
            return null;
        if (canal > 1)
            return dy > 3.5 ? Tissue.Fat : Tissue.Dura;
        if (!InCord(dx, dy, z))
            return (z > conus + ConusLength ? IsRoot(dx, dy, z) : IsCauda(dx, dy)) ? Tissue.WhiteMatter : Tissue.Csf;
        if (IsLesion(dx, dy, z))
            return Tissue.Lesion;
        return IsGrey(dx, dy, z) ? Tissue.GreyMatter : Tissue.WhiteMatter;
    }

    /// <summary>Nerve roots: thin strands at the sides of the cord, in every other half vertebra.</summary>
    static bool IsRoot(double dx, double dy, double z) =>
        Math.Abs(Math.Abs(dx) - 7.6) < 0.7 && Math.Abs(Math.Abs(dy) - 2.2) < 0.5 && Modulo(z, VertebraHeight) < VertebraHeight / 2;

    /// <summary>The roots below the conus, sunk to the back of the canal.</summary>
    bool IsCauda(double dx, double dy) => cauda.Any(root => Square(dx - root.X) + Square(dy - root.Y) < 0.5);

    bool IsLesion(double dx, double dy, double z)
    {
        var (rl, ap) = CordHalfAxes(z);
        return lesions.Any(lesion => Square((z - lesion.Z) / lesion.HalfLength) + (4 * (Square((dx / rl) - lesion.U) + Square((dy / ap) - lesion.V))) < 1);
    }

    /// <summary>The butterfly: two horns on each side and a bridge.</summary>
    bool IsGrey(double dx, double dy, double z)
    {
        var (rl, ap) = CordHalfAxes(z);
        var (u, v) = (Math.Abs(dx) / rl, dy / ap);
        var horn = Math.Abs(u - (0.34 + (0.12 * v * v))) < (v < 0 ? 0.15 : 0.09) && v is > -0.6 and < 0.72;
        return horn || (u < 0.36 && Math.Abs(v) < 0.1);
    }

    Tissue? Vertebra(double dx, double dy, double z)
    {
        var height = Modulo(z + phase, VertebraHeight);
        var isDisc = height < DiscHeight;
        // Body or disc, in front of the canal.
        var (u, v) = (dx / 12.5, (dy + 17) / 8.6);
        var body = (u * u * u * u) + (v * v * v * v);
        if (body <= 1)
        {
            if (isDisc)
                return Tissue.Disc;
            var isRim = body > 0.78 || height - DiscHeight < 0.8 || VertebraHeight - height < 0.8;
            return isRim ? Tissue.CorticalBone : Tissue.Marrow;
        }
        if (isDisc || !hasCord && dy > -6)
            return null;
        // The arch around the canal and the spinous process behind it.
        var ring = Math.Sqrt(Square(dx / 14) + Square((dy - 0.6) / 11));
        if (ring is > 0.92 and < 1.16 && dy > -5 && height is > 6 and < 15)
            return ring is > 0.98 and < 1.09 ? Tissue.Marrow : Tissue.CorticalBone;
        var process = Math.Abs(dx) < 3.2 && dy is > 12 and < 30 && Math.Abs(height - 9 + ((dy - 12) * 0.12)) < 3.6;
        if (process)
            return Math.Abs(dx) < 2.2 ? Tissue.Marrow : Tissue.CorticalBone;
        // Transverse processes with the foramen of the vertebral artery.
        if (Math.Abs(dy + 6) < 4 && Math.Abs(dx) is > 12.5 and < 24 && height is > 6 and < 14)
            return Square(Math.Abs(dx) - 17) + Square(dy + 6) < 5 ? Tissue.Vessel : Tissue.Marrow;
        return null;
    }

    static Tissue? Throat(double x, double dy, double z)
    {
        if (Square(x / 8) + Square((dy + 42) / 8) <= 1)
            return Tissue.Air;
        if (Square(x / 10) + Square((dy + 42) / 10) <= 1)
            return Tissue.CorticalBone;
        if (Square(x / 9) + Square((dy + 29) / 3) <= 1)
            return Tissue.Muscle;
        var vessel = Math.Min(Square(Math.Abs(x) - 24) + Square(dy + 26), Square(Math.Abs(x) - 29) + Square(dy + 20));
        if (vessel < 14)
            return Tissue.Vessel;
        return vessel < 20 && Modulo(z, 40) < 30 ? Tissue.Fat : null;
    }

    static Tissue Neck(double x, double y)
    {
        var outline = Square(x / 66) + Square((y + 6) / 70);
        return outline switch
        {
            > 1 => Tissue.Air,
            > 0.95 => Tissue.Skin,
            > 0.76 => Tissue.Fat,
            _ => IsSeptum(x, y) ? Tissue.Fat : Tissue.Muscle,
        };
    }

    /// <summary>Fat between the muscles.</summary>
    static bool IsSeptum(double x, double y) =>
        Math.Abs(Math.Sin((Math.Abs(x) * 0.16) + (y * 0.05))) < 0.07 || (y > 32 && Math.Abs(x) < 1.2) || Math.Abs(Math.Sin((y * 0.13) - (Math.Abs(x) * 0.04))) < 0.05;

    static double Square(double value) => value * value;

    static double Modulo(double value, double period) => value - (period * Math.Floor(value / period));
}
