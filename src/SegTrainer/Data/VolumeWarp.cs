using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Synthesis;

namespace SoftSeg.SegTrainer.Data;

/// <summary>A random spatial transform of a volume in mm: flips, rotation about three axes, scale, and a bend along the cord.</summary>
public sealed class VolumeWarp
{
    readonly float[,] _matrix;
    readonly Wave _bendX;
    readonly Wave _bendY;

    VolumeWarp(float[,] matrix, Wave bendX, Wave bendY) => (_matrix, _bendX, _bendY) = (matrix, bendX, bendY);

    public static VolumeWarp Identity(Random random) => new(new float[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } }, new Wave(random, 0, 0), new Wave(random, 0, 0));

    public static VolumeWarp Draw(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var scale = random.LogUniform(0.8, 1.25);
        var (az, ay, ax) = (Angle(20), Angle(12), Angle(20));
        // Axes in order z (slices), y (rows), x (columns).
        float[,] matrix = { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } };
        matrix = Turn(matrix, 1, 2, az);
        matrix = Turn(matrix, 0, 2, ay);
        matrix = Turn(matrix, 0, 1, ax);
        float[] factors = [(random.Chance(0.1) ? -1 : 1) * random.LogUniform(0.9, 1.1) / scale,
            (random.Chance(0.1) ? -1 : 1) * random.LogUniform(0.9, 1.1) / scale,
            (random.Chance(0.5) ? -1 : 1) * random.LogUniform(0.9, 1.1) / scale];
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 3; j++)
                matrix[i, j] *= factors[i];
        }
        var bend = random.Chance(0.5) ? random.Uniform(0, 4) : 0;
        return new VolumeWarp(matrix, new Wave(random, 0, bend), new Wave(random, 0, bend));

        double Angle(double degrees) => random.Normal(degrees / 2) * Math.PI / 180;
    }

    /// <summary>Reads image, share and weight at the warped positions, trilinear.</summary>
    /// <param name="centre">Source index (slice, row, column) of the patch's middle.</param>
    /// <returns>The box that the image covers, from the transform's main directions.</returns>
    public VolumeView Sample(LocatorVolume volume, (float Slice, float Row, float Column) centre, VolumePatch patch)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(patch);
        const float thick = (float)LocatorInput.SliceSpacing, pixel = (float)LocatorInput.PixelSpacing;
        var (image, share) = (volume.Image, volume.Share);
        var at = 0;
        for (var slice = 0; slice < patch.Slices; slice++)
        {
            var z = (slice - ((patch.Slices - 1) / 2f)) * thick;
            float bendX = _bendX.At(z), bendY = _bendY.At(z);
            for (var row = 0; row < patch.Side; row++)
            {
                var y = ((row - ((patch.Side - 1) / 2f)) * pixel) + bendY;
                for (var column = 0; column < patch.Side; column++, at++)
                {
                    var x = ((column - ((patch.Side - 1) / 2f)) * pixel) + bendX;
                    var s = centre.Slice + (((_matrix[0, 0] * z) + (_matrix[0, 1] * y) + (_matrix[0, 2] * x)) / thick);
                    var r = centre.Row + (((_matrix[1, 0] * z) + (_matrix[1, 1] * y) + (_matrix[1, 2] * x)) / pixel);
                    var c = centre.Column + (((_matrix[2, 0] * z) + (_matrix[2, 1] * y) + (_matrix[2, 2] * x)) / pixel);
                    var inside = s > -0.5f && r > -0.5f && c > -0.5f && s < image.Slices - 0.5f && r < image.Rows - 0.5f && c < image.Columns - 0.5f;
                    var place = new Cell(image, s, r, c);
                    patch.Image[at] = place.Read(image.Voxels);
                    patch.Share[at] = inside ? place.Read(share.Voxels) : 0;
                    patch.Weight[at] = inside ? volume.Known[Math.Clamp((int)(s + 0.5f), 0, image.Slices - 1)] : 0;
                }
            }
        }
        return Covered(image, centre, patch);
    }

    VolumeView Covered(Volume image, (float Slice, float Row, float Column) centre, VolumePatch patch)
    {
        var (first, last) = Range(centre.Slice, image.Slices, _matrix[0, 0], patch.Slices);
        var (top, bottom) = Range(centre.Row, image.Rows, _matrix[1, 1], patch.Side);
        var (left, right) = Range(centre.Column, image.Columns, _matrix[2, 2], patch.Side);
        return new VolumeView(first, last, top, bottom, left, right);

        static (int From, int To) Range(float centre, int count, float rate, int side)
        {
            float low = (-0.5f - centre) / rate, high = (count - 0.5f - centre) / rate;
            if (low > high)
                (low, high) = (high, low);
            var from = (int)Math.Clamp(MathF.Round(low + (side / 2f)), 0, side - 1);
            return (from, (int)Math.Clamp(MathF.Round(high + (side / 2f)), from + 1, side));
        }
    }

    static float[,] Turn(float[,] m, int a, int b, double angle)
    {
        var (sin, cos) = ((float)Math.Sin(angle), (float)Math.Cos(angle));
        var result = (float[,])m.Clone();
        for (var j = 0; j < 3; j++)
        {
            result[a, j] = (cos * m[a, j]) - (sin * m[b, j]);
            result[b, j] = (sin * m[a, j]) + (cos * m[b, j]);
        }
        return result;
    }

    /// <summary>The eight voxels around a position, clamped to the volume.</summary>
    readonly struct Cell
    {
        readonly int _at;
        readonly int _slice;
        readonly int _row;
        readonly int _column;
        readonly float _fs;
        readonly float _fr;
        readonly float _fc;

        public Cell(Volume volume, float slice, float row, float column)
        {
            slice = Math.Clamp(slice, 0, volume.Slices - 1);
            row = Math.Clamp(row, 0, volume.Rows - 1);
            column = Math.Clamp(column, 0, volume.Columns - 1);
            int s = (int)slice, r = (int)row, c = (int)column;
            (_fs, _fr, _fc) = (slice - s, row - r, column - c);
            _at = (((s * volume.Rows) + r) * volume.Columns) + c;
            _slice = s + 1 < volume.Slices ? volume.Rows * volume.Columns : 0;
            _row = r + 1 < volume.Rows ? volume.Columns : 0;
            _column = c + 1 < volume.Columns ? 1 : 0;
        }

        public float Read(float[] v)
        {
            var near = Plane(v, _at);
            return near + (_fs * (Plane(v, _at + _slice) - near));
        }

        float Plane(float[] v, int at)
        {
            var top = v[at] + (_fc * (v[at + _column] - v[at]));
            var below = at + _row;
            var bottom = v[below] + (_fc * (v[below + _column] - v[below]));
            return top + (_fr * (bottom - top));
        }
    }
}
