namespace SoftSeg.SegEngine;

/// <summary>The rotation of a NIfTI-1 qform as its quaternion (nifti1.h, method 2); directions in RAS.</summary>
static class NiftiQuaternion
{
    /// <summary>Unit directions of the axes i, j, k.</summary>
    public static (Vector3 I, Vector3 J, Vector3 K) ToDirections(double b, double c, double d, bool flipK)
    {
        var rest = 1 - ((b * b) + (c * c) + (d * d));
        double a;
        if (rest < 1e-7)
        {
            // A half turn: a is 0, and rounding in the file is taken out.
            var length = Math.Sqrt((b * b) + (c * c) + (d * d));
            (a, b, c, d) = (0, b / length, c / length, d / length);
        }
        else
        {
            a = Math.Sqrt(rest);
        }
        var i = new Vector3((a * a) + (b * b) - (c * c) - (d * d), 2 * ((b * c) + (a * d)), 2 * ((b * d) - (a * c)));
        var j = new Vector3(2 * ((b * c) - (a * d)), (a * a) + (c * c) - (b * b) - (d * d), 2 * ((c * d) + (a * b)));
        var k = new Vector3(2 * ((b * d) + (a * c)), 2 * ((c * d) - (a * b)), (a * a) + (d * d) - (b * b) - (c * c));
        return (i, j, flipK ? -k : k);
    }

    /// <summary>The quaternion of three steps, and pixdim[0] (-1 where k is flipped); no quaternion where they are not perpendicular.</summary>
    public static ((float B, float C, float D)? Quaternion, float Factor) FromSteps(Vector3 iStep, Vector3 jStep, Vector3 kStep)
    {
        var (i, j, k) = (iStep.Normalize(), jStep.Normalize(), kStep.Normalize());
        var factor = i.Cross(j).Dot(k) < 0 ? -1f : 1f;
        const double Perpendicular = 1e-4;
        if (Math.Abs(i.Dot(j)) > Perpendicular || Math.Abs(i.Dot(k)) > Perpendicular || Math.Abs(j.Dot(k)) > Perpendicular)
            return (null, factor);
        k *= factor;
        // The largest of a, b, c, d is found first, so that the division is safe (nifti1_io: mat44_to_quatern).
        var (xx, yy, zz) = (i.X, j.Y, k.Z);
        double a, b, c, d;
        if (xx + yy + zz > 0)
        {
            a = 0.5 * Math.Sqrt(1 + xx + yy + zz);
            (b, c, d) = (0.25 * (j.Z - k.Y) / a, 0.25 * (k.X - i.Z) / a, 0.25 * (i.Y - j.X) / a);
        }
        else if (xx >= yy && xx >= zz)
        {
            b = 0.5 * Math.Sqrt(Math.Max(0, 1 + xx - yy - zz));
            (a, c, d) = (0.25 * (j.Z - k.Y) / b, 0.25 * (j.X + i.Y) / b, 0.25 * (k.X + i.Z) / b);
        }
        else if (yy >= zz)
        {
            c = 0.5 * Math.Sqrt(Math.Max(0, 1 + yy - xx - zz));
            (a, b, d) = (0.25 * (k.X - i.Z) / c, 0.25 * (j.X + i.Y) / c, 0.25 * (k.Y + j.Z) / c);
        }
        else
        {
            d = 0.5 * Math.Sqrt(Math.Max(0, 1 + zz - xx - yy));
            (a, b, c) = (0.25 * (i.Y - j.X) / d, 0.25 * (k.X + i.Z) / d, 0.25 * (k.Y + j.Z) / d);
        }
        return a < 0 ? (((float)-b, (float)-c, (float)-d), factor) : (((float)b, (float)c, (float)d), factor);
    }
}
