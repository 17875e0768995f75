using SoftSeg.DicomReader;

namespace SoftSeg.DicomNode.Segment;

/// <summary>
/// Which of the volumes of a series are segmented. Every "no" is a rule with a name that a person finds in the log.
/// </summary>
static class StackChoice
{
    /// <summary>The stacks to segment, and a note for each that is not.</summary>
    public static (IReadOnlyList<ImageStack> Chosen, IReadOnlyList<string> Notes) Choose(IReadOnlyList<ImageStack> stacks)
    {
        var chosen = new List<ImageStack>();
        var notes = new List<string>();
        foreach (var stack in stacks)
        {
            var rule = stack switch
            {
                { IsLocalizer: true } => "a localizer",
                { IsDerived: true } => "derived from other images",
                { IsMosaic: true } => "a Siemens mosaic, to whose slices no result can refer; send single images or Enhanced MR (at the scanner: switch Mosaic off)",
                { Component: not ComplexComponent.Magnitude } => $"a {stack.Component.ToString().ToLowerInvariant()} image",
                _ when chosen.Exists(other => IsRepetition(other, stack)) => "a repetition of a volume that is segmented already",
                _ => null,
            };
            if (rule is null)
                chosen.Add(stack);
            else
                notes.Add($"{stack.Description} is not segmented: {rule}");
        }
        return (chosen, notes);
    }

    /// <summary>The same grid, echo and weighting, at another time or diffusion direction: one mask is enough.</summary>
    static bool IsRepetition(ImageStack a, ImageStack b) =>
        (a.Repetition is not null || a.BValue is not null)
        && a.Volume.Affine == b.Volume.Affine
        && (a.Volume.Slices, a.Volume.Rows, a.Volume.Columns) == (b.Volume.Slices, b.Volume.Rows, b.Volume.Columns)
        && (a.EchoTime, a.EchoNumber, a.BValue) == (b.EchoTime, b.EchoNumber, b.BValue);
}
