namespace SoftSeg.Dicom;

/// <summary>What is read of a file, and how much it may ask for.</summary>
public sealed record DicomReadOptions
{
    public static DicomReadOptions Default { get; } = new();

    /// <summary>Everything in front of the pixel data: what a series is judged by.</summary>
    public static DicomReadOptions UntilPixelData { get; } = new() { StopBefore = DicomTag.PixelData };

    /// <summary>Reading ends before the first element of the top level whose tag is this or a later one, such as <see cref="DicomTag.PixelData"/>.</summary>
    public DicomTag? StopBefore { get; init; }

    /// <summary>Sequences within sequences. Deeper ones are refused.</summary>
    public int MaxSequenceDepth { get; init; } = 64;

    /// <summary>Bytes of one element's value or one fragment.</summary>
    public long MaxElementLength { get; init; } = Array.MaxLength;

    /// <summary>Elements and items in one data set, nested ones included.</summary>
    public int MaxElements { get; init; } = 20_000_000;

    /// <summary>Bytes that a deflated data set may inflate to.</summary>
    public long MaxInflatedLength { get; init; } = 1L << 30;
}
