namespace SoftSeg.SegEngine;

/// <summary>
/// Shares on one plane through the cord, and the shape of the cross-section in them. The plane may be cut askew: the shape
/// is projected along the centre line onto the plane perpendicular to it.
/// </summary>
/// <param name="share">Shares <c>[row, column]</c>.</param>
/// <param name="rows">Number of rows.</param>
/// <param name="columns">Number of columns.</param>
/// <param name="origin">Centre of the first pixel, LPS mm.</param>
/// <param name="rowStep">From one row to the next, mm.</param>
/// <param name="columnStep">From one column to the next, mm.</param>
sealed class CrossSection(float[] share, int rows, int columns, Vector3 origin, Vector3 rowStep, Vector3 columnStep)
{
    /// <summary>Area perpendicular to the tangent, mm2: sum of shares x pixel area x |t.n|.</summary>
    public double Area(Vector3 tangent)
    {
        double sum = 0;
        foreach (var value in share)
            sum += value;
        return sum * Math.Abs(rowStep.Cross(columnStep).Dot(tangent));
    }

    public float Peak => share.Max();

    /// <summary>Share-weighted centroid, LPS mm.</summary>
    public Vector3 Centroid()
    {
        double sum = 0, row = 0, column = 0;
        for (var n = 0; n < share.Length; n++)
        {
            sum += share[n];
            row += (double)share[n] * (n / columns);
            column += (double)share[n] * (n % columns);
        }
        return sum > 0 ? origin + (rowStep * (row / sum)) + (columnStep * (column / sum)) : origin;
    }

    /// <summary>The equivalent ellipse of the cross-section perpendicular to the tangent.</summary>
    /// <param name="tangent">Unit tangent of the centre line.</param>
    /// <param name="blur">Variance (mm2 along each axis) by which voxels and interpolation widen the share; it is taken away again (Sheppard).</param>
    public Ellipse Ellipse(Vector3 tangent, IReadOnlyList<(Vector3 Axis, double Variance)> blur)
    {
        var ap = new Vector3(0, 1, 0);
        ap -= tangent * ap.Dot(tangent);
        // A centre line that runs front to back has no front-back diameter: head-foot takes its place.
        if (ap.Length < 0.1)
            ap = new Vector3(0, 0, 1) - (tangent * tangent.Z);
        ap = ap.Normalize();
        var rl = ap.Cross(tangent);
        if (rl.X < 0)
            rl = -rl;

        var centre = Centroid();
        double sum = 0, aa = 0, rr = 0, ar = 0;
        for (var n = 0; n < share.Length; n++)
        {
            if (share[n] == 0)
                continue;
            var p = origin + (rowStep * (n / columns)) + (columnStep * (n % columns)) - centre;
            // Projected along the tangent: both directions are perpendicular to it.
            var (a, r) = (p.Dot(ap), p.Dot(rl));
            sum += share[n];
            aa += share[n] * a * a;
            rr += share[n] * r * r;
            ar += share[n] * a * r;
        }
        if (!(sum > 0))
            return default;
        (aa, rr, ar) = (aa / sum, rr / sum, ar / sum);
        foreach (var (axis, variance) in blur)
        {
            var (a, r) = (axis.Dot(ap), axis.Dot(rl));
            aa -= variance * a * a;
            rr -= variance * r * r;
            ar -= variance * a * r;
        }
        // Principal axes; the angle is that of the axis nearest to right-left.
        var angle = 0.5 * Math.Atan2(2 * ar, rr - aa);
        if (angle > Math.PI / 4)
            angle -= Math.PI / 2;
        else if (angle < -Math.PI / 4)
            angle += Math.PI / 2;
        var (sin, cos) = Math.SinCos(angle);
        var alongRL = Math.Max(0, (rr * cos * cos) + (aa * sin * sin) + (2 * ar * sin * cos));
        var alongAP = Math.Max(0, (rr * sin * sin) + (aa * cos * cos) - (2 * ar * sin * cos));
        var (minor, major) = (Math.Min(alongAP, alongRL), Math.Max(alongAP, alongRL));
        return new Ellipse(4 * Math.Sqrt(alongAP), 4 * Math.Sqrt(alongRL), major > 0 ? Math.Sqrt(1 - (minor / major)) : 0, angle * 180 / Math.PI);
    }

    /// <summary>Area of the largest contour at 0.5 over that of its convex hull, and how large the second one is beside it.</summary>
    public (double Solidity, double SecondComponent) Solidity()
    {
        // Regions run one way round, holes the other.
        var regions = Contours.At(share, rows, columns).Select(c => (Contour: c, Area: Contours.SignedArea(c)))
            .Where(c => c.Area > 0).OrderByDescending(c => c.Area).ToArray();
        if (regions.Length == 0)
            return (double.NaN, 0);
        var hull = Math.Abs(Contours.SignedArea(Contours.ConvexHull(regions[0].Contour)));
        return (hull > 0 ? Math.Min(1, regions[0].Area / hull) : 1, regions.Length > 1 ? regions[1].Area / regions[0].Area : 0);
    }

    /// <summary>Some pixel on the plane's border is mostly cord.</summary>
    public bool TouchesBorder()
    {
        for (var n = 0; n < share.Length; n++)
        {
            var (r, c) = (n / columns, n % columns);
            if (share[n] >= 0.5f && (r == 0 || r == rows - 1 || c == 0 || c == columns - 1))
                return true;
        }
        return false;
    }
}

/// <summary>An equivalent ellipse: full axes in mm, eccentricity, and the angle of its right-left axis, degrees.</summary>
readonly record struct Ellipse(double DiameterAP, double DiameterRL, double Eccentricity, double Orientation);
