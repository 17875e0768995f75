using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Tests.Data;

/// <summary>Volumes whose truth is known.</summary>
static class Phantoms
{
    public static Affine Grid(double slice, double row, double column) =>
        new(Vector3.Zero, new Vector3(0, 0, slice), new Vector3(0, row, 0), new Vector3(column, 0, 0));

    /// <summary>Signed first-order distance to a tilted ellipse, mm.</summary>
    public static double Ellipse(double x, double y, double a, double b, double tilt)
    {
        var (sin, cos) = Math.SinCos(tilt);
        double u = ((cos * x) + (sin * y)) / a, v = ((cos * y) - (sin * x)) / b;
        var rho = Math.Sqrt((u * u) + (v * v));
        return rho < 1e-9 ? -Math.Min(a, b) : (rho - 1) * rho / Math.Sqrt((u * u / (a * a)) + (v * v / (b * b)));
    }

    /// <summary>Part of a pixel that lies inside, by 16 x 16 points.</summary>
    public static double Cover(Func<double, double, double> distance, double x, double y, double width, double height)
    {
        // Far from the border one look is enough.
        var middle = distance(x, y);
        if (Math.Abs(middle) > 3 * (width + height))
            return middle < 0 ? 1 : 0;
        var inside = 0;
        for (var i = 0; i < 256; i++)
            inside += distance(x + (((i % 16) - 7.5) / 16 * width), y + (((i / 16) - 7.5) / 16 * height)) < 0 ? 1 : 0;
        return inside / 256.0;
    }

    /// <summary>A bright ellipse, 12 x 8 mm, in a brighter ring on a smooth background, running aslant through the volume; with its hard mask.</summary>
    public static (Volume Image, Volume Mask) Spine(int slices = 12, int rows = 120, int columns = 110, double thick = 3, double pixel = 0.6)
    {
        var image = new Volume(new float[slices * rows * columns], slices, rows, columns, Grid(thick, pixel, pixel));
        var mask = image.LikeThis();
        for (var slice = 0; slice < slices; slice++)
        {
            double x0 = ((columns / 2.0) + (0.4 * slice)) * pixel, y0 = ((rows / 2.0) - (0.3 * slice)) * pixel;
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < columns; column++)
                {
                    double x = (column * pixel) - x0, y = (row * pixel) - y0;
                    var cord = Ellipse(x, y, 6, 4, 0.2);
                    var canal = Ellipse(x, y, 10, 8, 0);
                    var background = 300 + (80 * Math.Sin(x / 9) * Math.Cos(y / 7));
                    image[slice, row, column] = (float)(background + (400 * Math.Clamp(0.5 - (canal / 2), 0, 1)) - (250 * Math.Clamp(0.5 - (cord / 2), 0, 1)));
                    mask[slice, row, column] = cord < 0 ? 1 : 0;
                }
            }
        }
        return (image, mask);
    }

    public static LabelledVolume Labelled()
    {
        var (image, mask) = Spine();
        return new LabelledVolume("phantom", "nobody", "T2star", image, mask);
    }

    public static double Area(ReadOnlySpan<float> share)
    {
        var sum = 0.0;
        foreach (var value in share)
            sum += value;
        return sum;
    }
}
