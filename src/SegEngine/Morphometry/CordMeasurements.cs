namespace SoftSeg.SegEngine;

/// <summary>One cross-section of the cord.</summary>
/// <param name="Index">0 at the lowest (most caudal) station.</param>
/// <param name="SourceSlice">The source slice that is this station; <see langword="null"/> where the station is a plane made across the cord.</param>
/// <param name="Centre">Where the smooth centre line passes, LPS mm.</param>
/// <param name="Tangent">Unit direction of the centre line, towards the head.</param>
/// <param name="Area">Cross-sectional area perpendicular to the centre line, mm2.</param>
/// <param name="DiameterAP">Axis of the equivalent ellipse that lies nearest to front-back, mm.</param>
/// <param name="DiameterRL">Axis of the equivalent ellipse that lies nearest to right-left, mm.</param>
/// <param name="Eccentricity">Of the equivalent ellipse, 0 (circle) to 1.</param>
/// <param name="Orientation">Angle of the right-left axis of the ellipse against the patient's, degrees, -45..45; positive where its left end points to the back.</param>
/// <param name="Solidity">Area within the contour at 0.5 over that of its convex hull, 0..1.</param>
/// <param name="AngleAP">Angle of the centre line to the stack's axis in the front-back direction, degrees: atan2(t_AP, t_SI).</param>
/// <param name="AngleRL">Angle of the centre line to the stack's axis in the right-left direction, degrees: atan2(t_RL, t_SI).</param>
/// <param name="Length">Length of cord that the station stands for, mm.</param>
/// <param name="Valid">Whether the numbers may be used.</param>
/// <param name="Reason">Why not.</param>
public sealed record Station(
    int Index,
    int? SourceSlice,
    Vector3 Centre,
    Vector3 Tangent,
    double Area,
    double DiameterAP,
    double DiameterRL,
    double Eccentricity,
    double Orientation,
    double Solidity,
    double AngleAP,
    double AngleRL,
    double Length,
    bool Valid,
    string? Reason)
{
    /// <summary>Half-width of the 95 % interval of <see cref="Area"/>, mm2: the area's error on simulated slices, not a rater's convention; <see langword="null"/> where the model was not calibrated.</summary>
    public double? AreaHalfWidth { get; init; }
}

/// <summary>The whole cord in the field of view. Areas and diameters are over valid stations, and NaN where there is none.</summary>
/// <param name="MeanArea">Mean cross-sectional area, mm2.</param>
/// <param name="StandardDeviationArea">Its sample standard deviation over stations, mm2; 0 with a single station.</param>
/// <param name="MinimumArea">Least cross-sectional area, mm2.</param>
/// <param name="MaximumArea">Greatest cross-sectional area, mm2.</param>
/// <param name="MeanDiameterAP">mm.</param>
/// <param name="MeanDiameterRL">mm.</param>
/// <param name="Volume">Sum of shares times voxel volume, mm3; of all of the mask.</param>
/// <param name="Length">Length of the cord in the field of view along its centre line, mm; all stations.</param>
/// <param name="ValidStations">How many stations the areas are over.</param>
public sealed record CordSummary(
    double MeanArea,
    double StandardDeviationArea,
    double MinimumArea,
    double MaximumArea,
    double MeanDiameterAP,
    double MeanDiameterRL,
    double Volume,
    double Length,
    int ValidStations)
{
    /// <summary>Half-width of the 95 % interval of <see cref="MeanArea"/>, mm2: the mean of the stations' own, as if their errors went together.</summary>
    public double? MeanAreaHalfWidth { get; init; }

    /// <summary>Summarises stations.</summary>
    /// <param name="stations">Valid ones and others.</param>
    /// <param name="volume">Volume of the cord, mm3.</param>
    internal static CordSummary Of(IReadOnlyList<Station> stations, double volume)
    {
        var length = stations.Sum(s => s.Length);
        var valid = stations.Where(s => s.Valid).ToArray();
        if (valid.Length == 0)
            return new CordSummary(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, volume, length, 0);
        var mean = valid.Average(s => s.Area);
        var deviation = valid.Length > 1 ? Math.Sqrt(valid.Sum(s => (s.Area - mean) * (s.Area - mean)) / (valid.Length - 1)) : 0;
        return new CordSummary(mean, deviation, valid.Min(s => s.Area), valid.Max(s => s.Area),
            valid.Average(s => s.DiameterAP), valid.Average(s => s.DiameterRL), volume, length, valid.Length)
        {
            MeanAreaHalfWidth = valid.Average(s => s.AreaHalfWidth),
        };
    }
}

/// <summary>Everything measured on one soft mask.</summary>
/// <param name="Stations">From foot to head; empty without a cord.</param>
/// <param name="StationsAreSlices">The source slices cross the cord and are the stations; else the stations are planes made across it.</param>
/// <param name="Whole">The whole cord.</param>
public sealed record CordMeasurements(IReadOnlyList<Station> Stations, bool StationsAreSlices, CordSummary Whole)
{
    /// <summary>Number of slices of the mask that was measured.</summary>
    public int SourceSlices { get; init; }

    /// <summary>Whether that mask's slices go from foot to head.</summary>
    public bool SlicesAscend { get; init; } = true;

    /// <summary>The station's number counted from the foot, as the Spinal Cord Toolbox counts slices, whichever way the stack is stored.</summary>
    public int NumberOf(Station station)
    {
        ArgumentNullException.ThrowIfNull(station);
        return station.SourceSlice is { } source ? (SlicesAscend ? source : SourceSlices - 1 - source) : station.Index;
    }

    /// <summary>Measurements of a part of the cord.</summary>
    /// <param name="first">First station of the part, by <see cref="NumberOf"/>.</param>
    /// <param name="last">Last station of the part.</param>
    /// <returns>The stations of the part; its volume is the sum of area times length, withheld stations included.</returns>
    /// <exception cref="ArgumentException">The part is empty: <paramref name="first"/> lies after <paramref name="last"/>.</exception>
    public CordMeasurements Part(int first, int last)
    {
        if (first > last)
            throw new ArgumentException($"The part from {first} to {last} is empty: its first number must not be greater than its last.", nameof(first));
        Station[] part = [.. Stations.Where(station => NumberOf(station) >= first && NumberOf(station) <= last)];
        return this with { Stations = part, Whole = CordSummary.Of(part, part.Sum(station => station.Area * station.Length)) };
    }
}

/// <summary>Choices of the measurement; the defaults are the product's.</summary>
public sealed record MorphometryOptions
{
    /// <summary>Version of the measurement; it stands in every result beside the model's.</summary>
    public const string Version = "1.0";

    /// <summary>The centre line follows bends longer than this, mm; waves of this length are halved.</summary>
    public double CentreLineWavelength { get; init; } = 30;

    /// <summary>Distance of planes made across the cord, mm.</summary>
    public double PlaneStep { get; init; } = 1;

    /// <summary>Slices are stations where their normal lies within this angle of the centre line, degrees.</summary>
    public double LargestSliceAngle { get; init; } = 45;

    /// <summary>A station is faint where no share reaches this.</summary>
    public double FaintPeak { get; init; } = 0.6;

    /// <summary>A station is off the centre line where its centroid is farther away than this, mm.</summary>
    public double LargestOffset { get; init; } = 3;

    /// <summary>A jump: the area differs from the median of its neighbours (within 12 mm) by more than this share of it.</summary>
    public double LargestJump { get; init; } = 0.3;

    /// <summary>A second component counts from this share of the largest one's area.</summary>
    public double SecondComponent { get; init; } = 0.1;
}
