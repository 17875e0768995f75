using System.Numerics;
using System.Text.Json.Serialization;

namespace SoftSeg.SegEngine;

/// <summary>
/// Brings the border that the network drew to where the image has it: half-way between the intensities of the cord and of what surrounds it. That
/// place is the same in every contrast, and a symmetric blur that is small against the tissues on both sides leaves it where it is, while a network and the raters it
/// learnt from put it a tenth of a millimetre further in or out from contrast to contrast, which is 4 % of the area (decision 0067).
/// </summary>
/// <param name="Inside">The cord's border lies this far inside of the half-way place, mm: the pia belongs to neither.</param>
/// <param name="Neighbourhood">
/// A slice's displacement is that of its neighbourhood, weighted by a Gaussian of this deviation, mm, that ends after two of them. The wider, the less noise, and the
/// more a field of view matters that ends near by (decision 0074). 25 where a package does not say.
/// </param>
public sealed record HalfwayBorder(double Inside, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Neighbourhood = null)
{
    /// <summary>Profiles across the border are averaged over this many sectors of a slice.</summary>
    const int Sectors = 24;

    /// <summary>Positions along a profile, mm outwards from the drawn border: every 0.15 from -1.95 to 1.95.</summary>
    const int Positions = 27;
    const double Step = 0.15;

    /// <summary>Where a profile is cord, and where it is not: the level of each is the mean over these positions, mm from the border.</summary>
    const double PlateauFrom = 0.8;
    const double PlateauTo = 1.3;

    /// <summary>Both halves of a plateau are this much alike, as a part of the contrast: else the profile crosses something else as well.</summary>
    const double LargestSlope = 0.12;

    /// <summary>
    /// A profile counts from 0.65 to 1.7 of the contrast that is usual around it: the 70th percentile of the even ones, as where CSF is about as bright as the
    /// cord it is uneven profiles, into the wall of the canal, that have most contrast.
    /// </summary>
    const double LeastContrast = 0.65;
    const double LargestContrast = 1.7;
    const double UsualContrast = 0.7;

    /// <summary>The displacement is summed up within this distance of the border, mm.</summary>
    const double Window = 0.75;

    /// <summary>
    /// Pixels up to the first size, mm, are trusted, from the second on not at all: CSF is a few millimetres wide, and where a pixel averages it with what lies
    /// beyond, half-way lies further in than the border (decision 0068).
    /// </summary>
    const double TrustedPixel = 1.0;
    const double LargestPixel = 1.3;

    const double WideNeighbourhood = 25;

    /// <summary>This part of the highest and of the lowest displacements is left out of their mean.</summary>
    const double Trimmed = 0.2;

    /// <summary>With fewer profiles than this the border stays nearer to where the network drew it.</summary>
    const double FewProfiles = 4;

    /// <summary>With less than the first part of the border measured it stays, from the second on it is moved all the way.</summary>
    const double LeastMeasured = 0.1;
    const double EnoughMeasured = 0.3;

    /// <summary>Blurred profiles show 0.4 to 0.9 of a displacement: each pass goes on from the one before.</summary>
    const int Passes = 3;

    /// <summary>The border is moved by at most this, mm: more is no border of this cord.</summary>
    const double LargestShift = 0.2;

    /// <summary>Moves the borders of a share map in place.</summary>
    /// <param name="share">Shares on the fine grid, the cord alone.</param>
    /// <param name="intensities">The image's intensities on a slice of the same grid, <c>[row, column]</c>.</param>
    /// <param name="acquired">The image's own pixel.</param>
    /// <returns>How far each slice's border was moved outwards, mm.</returns>
    public double[] Move(Volume share, Func<int, float[]> intensities, AcquiredPixel acquired)
    {
        ArgumentNullException.ThrowIfNull(share);
        ArgumentNullException.ThrowIfNull(intensities);
        var trust = Math.Clamp((LargestPixel - Math.Max(acquired.Row, acquired.Column)) / (LargestPixel - TrustedPixel), 0, 1);
        var images = new float[share.Slices][];
        var shifts = new double[share.Slices];
        for (var pass = 1; trust > 0 && pass <= Passes; pass++)
        {
            var profiles = new List<Profile>[share.Slices];
            Parallel.For(0, share.Slices, slice => profiles[slice] = ProfilesOf(share, slice, () => images[slice] ??= intensities(slice)));
            Parallel.For(0, share.Slices, slice =>
            {
                if (profiles[slice].Count == 0)
                    return;
                var (distance, sure) = DistanceOf(slice, profiles, share.Affine.Spacing.Slice);
                var shift = Math.Clamp(trust * (shifts[slice] + (sure * (pass < Passes ? distance : distance - Inside))), -LargestShift, LargestShift);
                Shift(share, slice, shift - shifts[slice]);
                shifts[slice] = shift;
            });
        }
        return shifts;
    }

    /// <summary>One sector of a slice's border: mean intensities and shares at each position across it; none where the field of view ends.</summary>
    readonly record struct Profile(double Cord, double Around, double Displacement, bool Even)
    {
        public static Profile None => new(double.NaN, double.NaN, double.NaN, false);

        /// <summary>Of sums over the points of a sector.</summary>
        public static Profile Of(ReadOnlySpan<double> intensity, ReadOnlySpan<double> share, int points)
        {
            var (cord, around) = (Mean(intensity, -PlateauTo, -PlateauFrom) / points, Mean(intensity, PlateauFrom, PlateauTo) / points);
            var contrast = cord - around;
            var middle = (PlateauFrom + PlateauTo) / 2;
            var slope = Math.Max(
                Math.Abs(Mean(intensity, -PlateauTo, -middle) - Mean(intensity, -middle, -PlateauFrom)),
                Math.Abs(Mean(intensity, PlateauFrom, middle) - Mean(intensity, middle, PlateauTo))) / points;
            var displacement = 0.0;
            for (var n = 0; n < Positions; n++)
            {
                if (Math.Abs(At(n)) < Window)
                    displacement += Step * ((((intensity[n] / points) - around) / contrast) - (share[n] / points));
            }
            return new(cord, around, displacement, slope < LargestSlope * Math.Abs(contrast));
        }

        static double Mean(ReadOnlySpan<double> profile, double from, double to)
        {
            var (sum, count) = (0.0, 0);
            for (var n = 0; n < Positions; n++)
            {
                if (At(n) > from && At(n) < to)
                    (sum, count) = (sum + profile[n], count + 1);
            }
            return sum / count;
        }
    }

    static double At(int position) => (position - (Positions / 2)) * Step;

    /// <summary>The profiles of a slice's sectors, measured or not; none at all where it shows no cord.</summary>
    static List<Profile> ProfilesOf(Volume share, int slice, Func<float[]> intensities)
    {
        var plane = new Plane(share.Slice(slice).ToArray(), share.Rows, share.Columns);
        var points = Contours.At(share, slice).SelectMany(contour => contour)
            .Select(point => new Vector2((float)point.Column, (float)point.Row)).Where(plane.Holds).ToList();
        if (points.Count == 0 || Math.Min(share.Rows, share.Columns) < 2)
            return [];
        var image = new Plane(intensities(), share.Rows, share.Columns);
        var (row, column) = (points.Average(point => point.Y), points.Average(point => point.X));
        var sums = new (double[] Intensity, double[] Share, int Points)[Sectors];
        for (var n = 0; n < Sectors; n++)
            sums[n] = (new double[Positions], new double[Positions], 0);
        var perStep = (float)(Step / FineInput.PixelSpacing);
        foreach (var point in points)
        {
            var outwards = plane.Outwards(point);
            if (outwards == Vector2.Zero)
                continue;
            var reach = outwards * perStep * (Positions / 2);
            if (!plane.Holds(point - reach) || !plane.Holds(point + reach))
                continue;
            var angle = Math.Atan2(point.Y - row, point.X - column);
            ref var sector = ref sums[Math.Clamp((int)((angle + Math.PI) / Math.Tau * Sectors), 0, Sectors - 1)];
            for (var n = 0; n < Positions; n++)
            {
                var at = point + (outwards * perStep * (n - (Positions / 2)));
                sector.Intensity[n] += image.At(at);
                sector.Share[n] += plane.At(at);
            }
            sector.Points++;
        }
        return [.. sums.Select(sector => sector.Points > 0 ? Profile.Of(sector.Intensity, sector.Share, sector.Points) : Profile.None)];
    }

    /// <summary>How far a slice's border lies from half-way, mm outwards, and how sure that is, 0..1.</summary>
    (double Distance, double Sure) DistanceOf(int slice, List<Profile>[] profiles, double spacing)
    {
        var neighbourhood = Neighbourhood ?? WideNeighbourhood;
        var reach = (int)(2 * neighbourhood / spacing);
        var near = new List<(Profile Profile, double Weight)>();
        var all = 0.0;
        for (var other = Math.Max(0, slice - reach); other <= Math.Min(profiles.Length - 1, slice + reach); other++)
        {
            var weight = Math.Exp(-0.5 * Math.Pow((other - slice) * spacing / neighbourhood, 2));
            all += weight * profiles[other].Count;
            near.AddRange(profiles[other].Where(profile => profile.Even).Select(profile => (profile, weight)));
        }
        if (near.Count == 0)
            return (0, 0);
        double[] contrasts = [.. near.Select(profile => profile.Profile.Cord - profile.Profile.Around).Order()];
        var sign = Math.Sign(contrasts[contrasts.Length / 2]);
        var usual = sign * contrasts[(int)((sign < 0 ? 1 - UsualContrast : UsualContrast) * (contrasts.Length - 1))];
        var measured = near.Where(profile => sign * (profile.Profile.Cord - profile.Profile.Around) is var contrast && contrast > LeastContrast * usual && contrast < LargestContrast * usual)
            .OrderBy(profile => profile.Profile.Displacement).ToArray();
        var weights = measured.Sum(profile => profile.Weight);
        var (below, sum, total) = (0.0, 0.0, 0.0);
        foreach (var (profile, weight) in measured)
        {
            below += weight;
            if (below <= Trimmed * weights || below >= (1 - Trimmed) * weights)
                continue;
            (sum, total) = (sum + (weight * profile.Displacement), total + weight);
        }
        if (total == 0)
            return (0, 0);
        var sure = Math.Clamp(((weights / all) - LeastMeasured) / (EnoughMeasured - LeastMeasured), 0, 1) * weights / (weights + FewProfiles);
        return (sum / total, sure);
    }

    /// <summary>Moves a slice's border outwards, mm: shares rise by the distance times their slope, and the area by the distance times the border's length.</summary>
    public static void Shift(Volume share, int slice, double distance)
    {
        ArgumentNullException.ThrowIfNull(share);
        if (distance == 0)
            return;
        var plane = new Plane(share.Slice(slice).ToArray(), share.Rows, share.Columns);
        var moved = share.Slice(slice);
        var perMillimetre = new Vector2((float)(1 / share.Affine.Spacing.Column), (float)(1 / share.Affine.Spacing.Row));
        var sign = Math.Sign(distance);
        for (var row = 0; row < share.Rows; row++)
        {
            for (var column = 0; column < share.Columns; column++)
            {
                var slope = (plane.Step(row, column, sign) * perMillimetre).Length();
                if (slope > 0)
                    moved[(row * share.Columns) + column] = Math.Clamp(moved[(row * share.Columns) + column] + ((float)distance * slope), 0, 1);
            }
        }
    }

    /// <summary>A slice of the fine grid; points are (column, row), pixels.</summary>
    readonly struct Plane(float[] pixels, int rows, int columns)
    {
        public bool Holds(Vector2 point) => point.X >= 0 && point.X <= columns - 1 && point.Y >= 0 && point.Y <= rows - 1;

        /// <summary>Bilinear interpolation at a point that the plane holds.</summary>
        public float At(Vector2 point)
        {
            int row = Math.Min((int)point.Y, rows - 2), column = Math.Min((int)point.X, columns - 2);
            var (y, x) = (point.Y - row, point.X - column);
            var at = (row * columns) + column;
            var above = pixels[at] + (x * (pixels[at + 1] - pixels[at]));
            var below = pixels[at + columns] + (x * (pixels[at + columns + 1] - pixels[at + columns]));
            return above + (y * (below - above));
        }

        /// <summary>Change a pixel, by central differences; one-sided at the plane's edge.</summary>
        public Vector2 Slope(int row, int column)
        {
            var (left, right) = (Math.Max(0, column - 1), Math.Min(columns - 1, column + 1));
            var (top, bottom) = (Math.Max(0, row - 1), Math.Min(rows - 1, row + 1));
            return new(
                (pixels[(row * columns) + right] - pixels[(row * columns) + left]) / Math.Max(1, right - left),
                (pixels[(bottom * columns) + column] - pixels[(top * columns) + column]) / Math.Max(1, bottom - top));
        }

        /// <summary>
        /// How much higher the highest neighbour is along each axis, or lower the lowest with a sign of -1; 0 where none is. A step on the side that the
        /// border comes from moves sharp borders as far as blurred ones (the upwind scheme of Osher and Sethian, 1988).
        /// </summary>
        public Vector2 Step(int row, int column, int sign)
        {
            var at = (row * columns) + column;
            var here = pixels[at];
            float Most(float one, float other) => Math.Max(0, Math.Max(sign * (one - here), sign * (other - here)));
            return new(
                Most(column > 0 ? pixels[at - 1] : here, column + 1 < columns ? pixels[at + 1] : here),
                Most(row > 0 ? pixels[at - columns] : here, row + 1 < rows ? pixels[at + columns] : here));
        }

        /// <summary>The direction in which shares fall fastest.</summary>
        public Vector2 Outwards(Vector2 point)
        {
            var slope = -Slope((int)MathF.Round(point.Y), (int)MathF.Round(point.X));
            return slope == Vector2.Zero ? slope : Vector2.Normalize(slope);
        }
    }
}
