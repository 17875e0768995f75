using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader;

/// <summary>Frames that belong to one stack, and by what they differ from the others of the series.</summary>
/// <param name="Frames">In ascending order along the normal of the first.</param>
/// <param name="Differences">"EchoTime 10" and the like, for descriptions.</param>
/// <param name="Repetition">Which of several volumes of the same kind in time, from 1; null when there is one.</param>
/// <param name="Fault">Why they are no stack; null when nothing speaks against it yet.</param>
sealed record FrameGroup(IReadOnlyList<SourceFrame> Frames, IReadOnlyList<string> Differences, int? Repetition = null, string? Fault = null)
{
    /// <summary>Positions that differ by less are the same: decimal strings are rounded.</summary>
    public const double SamePosition = 0.02;

    public Vector3 Normal => Frames[0].Plane.Normal;

    /// <summary>Distance from the patient origin along the normal, mm.</summary>
    public double Along(SourceFrame frame) => frame.Plane.Position.Dot(Normal);

    /// <summary>The series' own name, for the beginning of a description.</summary>
    public string Title => Frames[0].SeriesDescription is { } text ? $"{text}: " : "";

    public string DifferencesText => string.Concat(Differences.Select(d => $"; {d}"));

    public Refusal Refuse(string reason) => new(
        $"{Title}{Frames.Count} {PlaneNames.Of(Normal)} image{(Frames.Count == 1 ? "" : "s")} of {Frames[0].Image.Rows} x {Frames[0].Image.Columns}{DifferencesText}",
        reason,
        [.. Frames.Select(f => f.Image.SopInstanceUid).Distinct()]);
}
