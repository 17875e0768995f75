using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>
/// Cross-sectional areas along one predicted cord, by height in the patient: what two images of one session are compared by. Needs no label.
/// </summary>
/// <param name="Stations">Valid stations from foot to head: height (LPS z, mm) and area (mm2).</param>
sealed record CordAreas(IReadOnlyList<(double Height, double Area)> Stations)
{
    /// <summary>Measures a soft mask with the product's own morphometry.</summary>
    public static CordAreas Of(Volume softMask) =>
        new([.. CordMorphometry.Measure(softMask).Stations.Where(station => station.Valid).Select(station => (station.Centre.Z, station.Area)).OrderBy(station => station.Z)]);

    /// <summary>The same areas with every height lowered by <paramref name="height"/> mm: as if the person had not moved.</summary>
    public CordAreas Lowered(double height) => new([.. Stations.Select(station => (station.Height - height, station.Area))]);

    /// <summary>The heights that all of them cover; null where there is none.</summary>
    public static (double From, double To)? Common(IReadOnlyList<CordAreas> all)
    {
        if (all.Any(areas => areas.Stations.Count == 0))
            return null;
        var (from, to) = (all.Max(areas => areas.Stations[0].Height), all.Min(areas => areas.Stations[^1].Height));
        return from <= to ? (from, to) : null;
    }

    /// <summary>Mean area between two heights, mm2: of the piecewise linear curve through the stations, so that wide and narrow slices weigh alike.</summary>
    public double Mean(double from, double to)
    {
        const int Samples = 64;
        var sum = 0.0;
        for (var i = 0; i < Samples; i++)
            sum += At(from + ((to - from) * (i + 0.5) / Samples));
        return sum / Samples;
    }

    /// <summary>Whether the height lies between the lowest and the highest station.</summary>
    public bool Covers(double height) => Stations.Count > 0 && height >= Stations[0].Height && height <= Stations[^1].Height;

    /// <summary>The area at a height, mm2: linear between stations, the last one's beyond them.</summary>
    public double At(double height)
    {
        var above = 0;
        while (above < Stations.Count && Stations[above].Height < height)
            above++;
        if (above == 0)
            return Stations[0].Area;
        if (above == Stations.Count)
            return Stations[^1].Area;
        var ((h0, a0), (h1, a1)) = (Stations[above - 1], Stations[above]);
        return a0 + ((a1 - a0) * (height - h0) / (h1 - h0));
    }
}
