namespace SoftSeg.SegEngine;

/// <summary>
/// Measures the cord in a soft mask. Where the source slices cross the cord the stations are the slices; otherwise (a
/// sagittal or coronal series) they are planes across the centre line, sampled from the share.
/// </summary>
public static class CordMorphometry
{
    /// <summary>Measures; a mask without any share of 0.5 gives no stations.</summary>
    /// <param name="softMask">Shares 0..1 on the source's grid, <c>[slice, row, column]</c>.</param>
    /// <param name="options">Choices of the measurement.</param>
    /// <param name="uncertainty">How sure the shares are, from the segmentation that drew them.</param>
    public static CordMeasurements Measure(Volume softMask, MorphometryOptions? options = null, AreaUncertainty? uncertainty = null)
    {
        ArgumentNullException.ThrowIfNull(softMask);
        options ??= new MorphometryOptions();
        var line = CentreLine.Through(softMask, options.CentreLineWavelength);
        if (line is null)
            return new CordMeasurements([], true, new CordSummary(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0, 0, 0)) { SourceSlices = softMask.Slices };

        var cosine = line.Positions.Average(p => Math.Abs(line.TangentAt(p).Dot(line.Normal)));
        var slices = line.Axis == 0 && cosine >= Math.Cos(options.LargestSliceAngle * Math.PI / 180) - 1e-9;
        var sections = slices ? SliceStations.Cut(softMask, line) : PlaneStations.Cut(softMask, line, options.PlaneStep);
        var stations = StationValidity.Judge(sections, options);
        if (uncertainty is not null)
            stations = [.. stations.Select(station => station with { AreaHalfWidth = station.Area * uncertainty.HalfWidthAt(station.Centre) })];
        return new CordMeasurements(stations, slices, CordSummary.Of(stations, VolumeOf(softMask)))
        {
            SourceSlices = softMask.Slices,
            SlicesAscend = stations.Count == 0 || softMask.Affine.SliceStep.Dot(stations[0].Tangent) > 0,
        };
    }

    static double VolumeOf(Volume mask)
    {
        double sum = 0;
        foreach (var share in mask.Voxels)
            sum += share;
        return sum * mask.Affine.VoxelVolume;
    }
}

/// <summary>A station before its validity is judged.</summary>
/// <param name="Station">The numbers.</param>
/// <param name="Peak">Highest share.</param>
/// <param name="Offset">Distance of the centroid from the centre line, mm.</param>
/// <param name="SecondComponent">Area of the second component over that of the first.</param>
/// <param name="FieldEdge">The cross-section reaches the end of the field of view along the cord.</param>
/// <param name="BorderInPlane">The cross-section reaches the border of the field of view in plane.</param>
/// <param name="MaskEnd">The mask ends here within the field of view: the station is partly beyond the cord.</param>
sealed record StationDraft(Station Station, double Peak, double Offset, double SecondComponent, bool FieldEdge, bool BorderInPlane, bool MaskEnd);

/// <summary>Stations that are the source's own slices.</summary>
static class SliceStations
{
    public static List<StationDraft> Cut(Volume mask, CentreLine line)
    {
        var affine = mask.Affine;
        // What a voxel's box adds to second moments: its width squared over 12.
        (Vector3, double)[] blur =
        [
            (affine.SliceStep.Normalize(), affine.Spacing.Slice * affine.Spacing.Slice / 12),
            (affine.RowStep.Normalize(), affine.Spacing.Row * affine.Spacing.Row / 12),
            (affine.ColumnStep.Normalize(), affine.Spacing.Column * affine.Spacing.Column / 12),
        ];
        var drafts = new StationDraft[line.Planes.Length];
        Parallel.For(0, drafts.Length, n =>
        {
            var slice = line.Planes[n];
            var position = line.Positions[n];
            var (centre, tangent) = (line.At(position), line.TangentAt(position));
            var section = new CrossSection(mask.Slice(slice).ToArray(), mask.Rows, mask.Columns, affine.ToPatient(slice, 0, 0), affine.RowStep, affine.ColumnStep);
            var ellipse = section.Ellipse(tangent, blur);
            var (solidity, second) = section.Solidity();
            var (angleAP, angleRL) = StackAngles.Of(affine, tangent);
            var station = new Station(0, slice, centre, tangent, section.Area(tangent), ellipse.DiameterAP, ellipse.DiameterRL, ellipse.Eccentricity,
                ellipse.Orientation, solidity, angleAP, angleRL, line.PlaneStep / Math.Abs(tangent.Dot(line.Normal)), true, null);
            var end = (n == 0 && slice > 0) || (n == drafts.Length - 1 && slice < mask.Slices - 1);
            drafts[n] = new StationDraft(station, section.Peak, Offset(section.Centroid() - centre, tangent), second,
                FieldEdge: slice == 0 || slice == mask.Slices - 1, section.TouchesBorder(), end);
        });
        return FootToHead(drafts);
    }

    internal static double Offset(Vector3 d, Vector3 tangent) => (d - (tangent * d.Dot(tangent))).Length;

    internal static List<StationDraft> FootToHead(StationDraft[] drafts)
    {
        var along = drafts.Length > 1 ? drafts[^1].Station.Centre - drafts[0].Station.Centre : Vector3.Zero;
        if (along.Dot(drafts[0].Station.Tangent) < 0)
            Array.Reverse(drafts);
        return [.. drafts.Select((d, n) => d with { Station = d.Station with { Index = n } })];
    }
}

/// <summary>Stations that are planes made across the centre line.</summary>
static class PlaneStations
{
    const double HalfWidth = 14; // mm: a cord is at most 16 mm wide
    const double Finest = 0.2, Coarsest = 0.5;

    public static List<StationDraft> Cut(Volume mask, CentreLine line, double step)
    {
        var affine = mask.Affine;
        var (slice, row, column) = affine.Spacing;
        var pixel = Math.Clamp(Math.Min(slice, Math.Min(row, column)) / 2, Finest, Coarsest);
        var side = (2 * (int)Math.Ceiling(HalfWidth / pixel)) + 1;
        // The voxel's box (width squared / 12) and the trilinear interpolation between voxels (/ 6) both widen the share.
        (Vector3, double)[] blur =
        [
            (affine.SliceStep.Normalize(), slice * slice / 4),
            (affine.RowStep.Normalize(), row * row / 4),
            (affine.ColumnStep.Normalize(), column * column / 4),
        ];
        var positions = Positions(line, step);
        var counts = new[] { mask.Slices, mask.Rows, mask.Columns };
        var (startsInside, endsInside) = (line.Planes[0] > 0, line.Planes[^1] < counts[line.Axis] - 1);
        var drafts = new StationDraft[positions.Count];
        Parallel.For(0, drafts.Length, n =>
        {
            var (centre, tangent) = (line.At(positions[n]), line.TangentAt(positions[n]));
            var right = new Vector3(0, 1, 0).Cross(tangent);
            if (right.Length < 0.1)
                right = new Vector3(1, 0, 0);
            right = (right - (tangent * right.Dot(tangent))).Normalize();
            var (rowStep, columnStep) = (tangent.Cross(right) * pixel, right * pixel);
            var origin = centre - ((rowStep + columnStep) * ((side - 1) / 2.0));
            var share = Sample(mask, side, origin, rowStep, columnStep);
            var section = new CrossSection(share, side, side, origin, rowStep, columnStep);
            var area = section.Area(tangent);
            var ellipse = section.Ellipse(tangent, blur);
            var (solidity, second) = section.Solidity();
            var (angleAP, angleRL) = StackAngles.Of(affine, tangent);
            var station = new Station(0, null, centre, tangent, area, ellipse.DiameterAP, ellipse.DiameterRL, ellipse.Eccentricity,
                ellipse.Orientation, solidity, angleAP, angleRL, step, true, null);
            // The rim of a cross-section of this size must lie within the field of view.
            var rim = Math.Sqrt(area / Math.PI) + pixel;
            var (edge, border) = Beyond(mask, centre, rowStep * (rim / pixel), columnStep * (rim / pixel), line.Axis);
            var end = (n == 0 && startsInside) || (n == drafts.Length - 1 && endsInside);
            drafts[n] = new StationDraft(station, section.Peak, SliceStations.Offset(section.Centroid() - centre, tangent), second, edge, border, end);
        });
        return SliceStations.FootToHead(drafts);
    }

    static float[] Sample(Volume mask, int side, Vector3 origin, Vector3 rowStep, Vector3 columnStep)
    {
        // Index coordinates are linear along the plane.
        var (s0, r0, c0) = mask.Affine.ToIndex(origin);
        var (s1, r1, c1) = mask.Affine.ToIndex(origin + rowStep);
        var (s2, r2, c2) = mask.Affine.ToIndex(origin + columnStep);
        var (sr, rr, cr, sc, rc, cc) = (s1 - s0, r1 - r0, c1 - c0, s2 - s0, r2 - r0, c2 - c0);
        var share = new float[side * side];
        for (var r = 0; r < side; r++)
        {
            for (var c = 0; c < side; c++)
                share[(r * side) + c] = Resampler.SampleIndex(mask, s0 + (r * sr) + (c * sc), r0 + (r * rr) + (c * rc), c0 + (r * cr) + (c * cc));
        }
        return share;
    }

    /// <summary>Parameters of the centre line, <paramref name="step"/> mm of its length apart, the rest halved over both ends.</summary>
    static List<double> Positions(CentreLine line, double step)
    {
        var (first, last) = (line.Positions[0] - (line.PlaneStep / 2), line.Positions[^1] + (line.PlaneStep / 2));
        var parts = Math.Max(2, (int)Math.Ceiling((last - first) / 0.25));
        var length = new double[parts + 1];
        double At(int n) => first + ((last - first) * n / parts);
        for (var n = 1; n <= parts; n++)
            length[n] = length[n - 1] + (line.SpeedAt((At(n) + At(n - 1)) / 2) * (At(n) - At(n - 1)));
        var stations = Math.Max(1, (int)Math.Floor(length[^1] / step));
        var positions = new List<double>(stations);
        for (var (n, part) = (0, 0); n < stations; n++)
        {
            var wanted = ((length[^1] - (stations * step)) / 2) + ((n + 0.5) * step);
            while (part < parts - 1 && length[part + 1] < wanted)
                part++;
            var fraction = (wanted - length[part]) / (length[part + 1] - length[part]);
            positions.Add(At(part) + (fraction * (At(part + 1) - At(part))));
        }
        return positions;
    }

    static (bool Edge, bool Border) Beyond(Volume mask, Vector3 centre, Vector3 a, Vector3 b, int axis)
    {
        var (edge, border) = (false, false);
        for (var n = 0; n < 16; n++)
        {
            var (sin, cos) = Math.SinCos(n * Math.PI / 8);
            var (s, r, c) = mask.Affine.ToIndex(centre + (a * cos) + (b * sin));
            bool[] beyond =
            [
                s < -0.5 || s > mask.Slices - 0.5,
                r < -0.5 || r > mask.Rows - 0.5,
                c < -0.5 || c > mask.Columns - 0.5,
            ];
            edge |= beyond[axis];
            border |= beyond.Where((outside, k) => outside && k != axis).Any();
        }
        return (edge, border);
    }
}

/// <summary>Angles of the centre line in the stack's own axes, as the Spinal Cord Toolbox gives them.</summary>
static class StackAngles
{
    public static (double AP, double RL) Of(Affine affine, Vector3 tangent)
    {
        var order = Orientation.Of(affine);
        Vector3[] steps = [affine.SliceStep, affine.RowStep, affine.ColumnStep];
        double Along(int canonicalAxis) => steps[order[canonicalAxis]].Normalize().Dot(tangent) * (order.Flip(canonicalAxis) ? -1 : 1);
        var si = Along(0);
        return (Math.Atan2(Along(1), si) * 180 / Math.PI, Math.Atan2(Along(2), si) * 180 / Math.PI);
    }
}
