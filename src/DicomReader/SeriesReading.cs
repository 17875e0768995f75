namespace SoftSeg.DicomReader;

/// <summary>What became of a series: volumes, what was done to get them, and what could not be read and why.</summary>
/// <param name="Stacks">One per volume; original magnitude images first, then other components, derived images and localizers.</param>
/// <param name="Notes">What the reader did or saw that a person may want to know: splits, dropped duplicates, assumptions.</param>
/// <param name="Refusals">One per group of images that is no volume, with the numbers.</param>
public sealed record SeriesReading(IReadOnlyList<ImageStack> Stacks, IReadOnlyList<string> Notes, IReadOnlyList<Refusal> Refusals)
{
    /// <summary>This reading, when it has at least one stack.</summary>
    /// <exception cref="SeriesRefusedException">There is none; the message has all refusals.</exception>
    public SeriesReading OrRefuse() => Stacks.Count > 0
        ? this
        : throw new SeriesRefusedException(Refusals.Count > 0
            ? string.Join(Environment.NewLine, Refusals)
            : "The series has no images.");
}

/// <summary>Images that were not made into a volume.</summary>
/// <param name="Images">Which ones, in words.</param>
/// <param name="Reason">What was found, what was expected, what to do.</param>
/// <param name="SopInstanceUids">The instances, as far as their UIDs could be read.</param>
public sealed record Refusal(string Images, string Reason, IReadOnlyList<string> SopInstanceUids)
{
    public override string ToString() => $"{Images}: {Reason}";
}

/// <summary>Images can't be made into a volume; the message says what was found, what was expected and what to do.</summary>
public sealed class SeriesRefusedException : Exception
{
    public SeriesRefusedException(string message) : base(message) { }

    public SeriesRefusedException(string message, Exception? innerException) : base(message, innerException) { }
}
