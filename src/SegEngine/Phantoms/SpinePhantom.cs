namespace SoftSeg.SegEngine.Phantoms;

/// <summary>A generated MR volume of a neck whose true soft mask is known. The same options give the same voxels.</summary>
/// <param name="Image">Intensities 0..1000, <c>[slice, row, column]</c>; the slice step runs along the normal, row direction x column direction, as DICOM counts it.</param>
/// <param name="Share">Share of each voxel that is cord, 0..1, on the same grid.</param>
public sealed record SpinePhantom(Volume Image, Volume Share)
{
    const double Brightest = 1000;

    /// <exception cref="ArgumentOutOfRangeException">An extent or a spacing is not positive.</exception>
    public static SpinePhantom Generate(SpinePhantomOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.SliceSpacing);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.PixelSpacing);

        var random = new Random(options.Seed);
        var anatomy = new SpineAnatomy(random, options);
        var (slices, rows, columns, affine) = Grid(options);
        var image = new Volume(new float[slices * rows * columns], slices, rows, columns, affine);
        var share = image.LikeThis();
        var brightness = Brightness(options.Contrast);
        var texture = new Texture(random);
        Parallel.For(0, slices, slice => Paint(image, share, slice, anatomy, brightness, texture, options));
        return new SpinePhantom(image, share);
    }

    static void Paint(Volume image, Volume share, int slice, SpineAnatomy anatomy, double[] brightness, Texture texture, SpinePhantomOptions options)
    {
        // A generator for each slice: the result does not depend on which thread paints it.
        var (sliceSpacing, rowSpacing, columnSpacing) = image.Affine.Spacing;
        var reach = (sliceSpacing + rowSpacing + columnSpacing) / 2;
        var noise = new Random((options.Seed * 1_000_003) + slice);
        for (var row = 0; row < image.Rows; row++)
        {
            for (var column = 0; column < image.Columns; column++)
            {
                var centre = image.Affine.ToPatient(slice, row, column);
                var parts = Subvoxels(anatomy.FromCentreLine(centre.X, centre.Y, centre.Z) - reach);
                double signal = 0, cord = 0;
                for (var n = 0; n < parts * parts * parts; n++)
                {
                    var p = image.Affine.ToPatient(slice + Offset(n % parts), row + Offset(n / parts % parts), column + Offset(n / (parts * parts)));
                    signal += brightness[(int)anatomy.At(p.X, p.Y, p.Z)];
                    cord += anatomy.IsCord(p.X, p.Y, p.Z) ? 1 : 0;
                }
                signal *= texture.At(centre) * (1 - (options.Bias * Math.Clamp((60 - centre.Y) / 130, 0, 1))) / (parts * parts * parts);
                image[slice, row, column] = (float)(Brightest * Rician(signal, options.Noise, noise));
                share[slice, row, column] = (float)(cord / (parts * parts * parts));

                double Offset(int part) => ((part + 0.5) / parts) - 0.5;
            }
        }
    }

    /// <summary>Along each axis: the share is counted where there is cord, the picture is smooth around it, and further off nobody looks.</summary>
    static int Subvoxels(double distance) => distance switch
    {
        < 9 => 5,
        < 28 => 2,
        _ => 1,
    };

    static (int Slices, int Rows, int Columns, Affine Affine) Grid(SpinePhantomOptions options)
    {
        var (width, depth, height) = (options.Width, options.Depth, options.Height);
        var (extent, slice, row, column) = options.Plane switch
        {
            PhantomPlane.Sagittal => ((width, height, depth), new Vector3(-1, 0, 0), new Vector3(0, 0, -1), new Vector3(0, 1, 0)),
            PhantomPlane.Axial => ((height, depth, width), new Vector3(0, 0, 1), new Vector3(0, 1, 0), new Vector3(1, 0, 0)),
            _ => ((depth, height, width), new Vector3(0, 1, 0), new Vector3(0, 0, -1), new Vector3(1, 0, 0)),
        };
        var (slices, rows, columns) = (Count(extent.Item1, options.SliceSpacing), Count(extent.Item2, options.PixelSpacing), Count(extent.Item3, options.PixelSpacing));
        var (sliceStep, rowStep, columnStep) = (Tilt(slice) * options.SliceSpacing, Tilt(row) * options.PixelSpacing, Tilt(column) * options.PixelSpacing);
        // The field of view is centred a little in front of the canal, where the neck is.
        var centre = new Vector3(0, -12, 0);
        var origin = centre - (sliceStep * ((slices - 1) / 2.0)) - (rowStep * ((rows - 1) / 2.0)) - (columnStep * ((columns - 1) / 2.0));
        return (slices, rows, columns, new Affine(origin, sliceStep, rowStep, columnStep));

        static int Count(double extent, double spacing) => Math.Max(1, (int)Math.Round(extent / spacing));

        Vector3 Tilt(Vector3 v)
        {
            var (sin, cos) = Math.SinCos(options.TiltDegrees * Math.PI / 180);
            return new Vector3(v.X, (cos * v.Y) - (sin * v.Z), (sin * v.Y) + (cos * v.Z));
        }
    }

    static double Rician(double signal, double noise, Random random)
    {
        if (noise <= 0)
            return signal;
        var radius = noise * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
        var (sin, cos) = Math.SinCos(2 * Math.PI * random.NextDouble());
        return Math.Sqrt(((signal + (radius * cos)) * (signal + (radius * cos))) + (radius * sin * radius * sin));
    }

    /// <summary>Signal of each tissue, 0..1, in the order of <see cref="Tissue"/>.</summary>
    static double[] Brightness(PhantomContrast contrast) => contrast switch
    {
        //                          air   skin  fat   musc  marr  bone  disc  dura  csf   wm    gm    vessel lesion
        PhantomContrast.T2w => [0.01, 0.55, 0.70, 0.22, 0.42, 0.06, 0.52, 0.12, 1.00, 0.40, 0.48, 0.06, 0.75],
        PhantomContrast.T1w => [0.01, 0.60, 1.00, 0.40, 0.62, 0.08, 0.42, 0.20, 0.18, 0.56, 0.50, 0.30, 0.40],
        _ => [0.01, 0.50, 0.55, 0.45, 0.16, 0.05, 0.60, 0.25, 0.95, 0.55, 0.70, 0.80, 0.85],
    };

    /// <summary>Slow variations within the tissues: a sum of a few waves.</summary>
    sealed class Texture(Random random)
    {
        readonly (Vector3 Wave, double Phase)[] waves =
        [
            .. Enumerable.Range(0, 6).Select(_ => (
                new Vector3(random.NextDouble() - 0.5, random.NextDouble() - 0.5, random.NextDouble() - 0.5) * 0.9, random.NextDouble() * 2 * Math.PI)),
        ];

        public double At(Vector3 p)
        {
            var sum = 0.0;
            foreach (var (wave, phase) in waves)
                sum += Math.Sin(wave.Dot(p) + phase);
            return 1 + (0.02 * sum);
        }
    }
}
