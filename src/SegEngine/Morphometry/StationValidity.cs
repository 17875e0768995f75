using System.Globalization;

namespace SoftSeg.SegEngine;

/// <summary>Decides which stations' numbers may be used, and says why not.</summary>
static class StationValidity
{
    const double NeighbourDistance = 12; // mm
    const double SteepestCosine = 0.5;   // a slice at more than 60 degrees to the cord's cross-section

    public static IReadOnlyList<Station> Judge(List<StationDraft> drafts, MorphometryOptions options)
    {
        var stations = new Station[drafts.Count];
        for (var n = 0; n < stations.Length; n++)
        {
            var reason = Reason(drafts, n, options);
            stations[n] = drafts[n].Station with { Valid = reason is null, Reason = reason };
        }
        return stations;
    }

    static string? Reason(List<StationDraft> drafts, int n, MorphometryOptions options)
    {
        var draft = drafts[n];
        if (draft.BorderInPlane)
            return "touches the border of the field of view";
        // Of two or three thick slices every one would be an edge.
        if (draft.FieldEdge && drafts.Count > 3)
            return "edge of the field of view";
        if (draft.Peak < options.FaintPeak)
            return Text($"faint: no share above {draft.Peak:0.00}");
        if (draft.SecondComponent >= options.SecondComponent)
            return "several components";
        if (draft.MaskEnd)
            return "end of the cord's mask";
        if (draft.Offset > options.LargestOffset)
            return Text($"off the centre line by {draft.Offset:0.0} mm");
        if (draft.Station.SourceSlice is not null && draft.Station.Length > 0 && Steep(draft, drafts))
            return "the slice lies along the cord rather than across it";
        var near = drafts.Where((d, m) => m != n && (d.Station.Centre - draft.Station.Centre).Length <= NeighbourDistance
            && !d.MaskEnd && !d.FieldEdge).Select(d => d.Station.Area).Order().ToArray();
        if (near.Length >= 2)
        {
            var median = (near[(near.Length - 1) / 2] + near[near.Length / 2]) / 2;
            if (Math.Abs(draft.Station.Area - median) > options.LargestJump * median)
                return Text($"jump: {draft.Station.Area:0.0} mm2 beside {median:0.0} mm2");
        }
        return null;
    }

    /// <summary>The length that a slice stands for is its step over the cosine of the angle.</summary>
    static bool Steep(StationDraft draft, List<StationDraft> drafts) =>
        draft.Station.Length * SteepestCosine > drafts.Min(d => d.Station.Length);

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
