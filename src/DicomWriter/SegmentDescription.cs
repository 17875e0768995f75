using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter;

/// <summary>What the mask shows: the content of one item of Segment Sequence (0062,0002), PS3.3 C.8.20.2.</summary>
public sealed record SegmentDescription
{
    /// <summary>Segment Label (0062,0005), at most 64 characters.</summary>
    public required string Label { get; init; }

    /// <summary>Segmented Property Category Code Sequence (0062,0003).</summary>
    public required CodedConcept Category { get; init; }

    /// <summary>Segmented Property Type Code Sequence (0062,000F); also the finding and its site in reports.</summary>
    public required CodedConcept Type { get; init; }

    /// <summary>sRGB colour, written as Recommended Display CIELab Value (0062,000D).</summary>
    public required (byte Red, byte Green, byte Blue) Colour { get; init; }

    /// <summary>
    /// A short word for the structure, e.g. <c>cord</c>: it stands in series descriptions and, upper case, in
    /// Content Label (<c>CORD_HARD</c>, <c>CORD_SOFT</c>). Letters, digits and underscores, at most 11.
    /// </summary>
    public required string ShortName { get; init; }

    /// <summary>Anatomic Region Sequence (0008,2218); null when it is not known.</summary>
    public CodedConcept? AnatomicRegion { get; init; }

    /// <summary>The spinal cord with the codes and the colour of its CID 7166 / SCT concepts.</summary>
    public static SegmentDescription SpinalCord { get; } = new()
    {
        Label = "Spinal cord",
        Category = Codes.SCT.AnatomicalStructure,
        Type = Codes.SCT.SpinalCord,
        Colour = (244, 214, 49),
        ShortName = "cord",
    };
}
