using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter;

/// <summary>One series with its mask: what every result object is made from.</summary>
/// <remarks>
/// All results are a function of this: the same context gives the same bytes and the same UIDs, on any machine and at any time.
/// </remarks>
public sealed record ResultContext
{
    // Made when first asked for; a copy with other frames or another mask makes its own.
    SourceSeries? _source;

    /// <summary>The source frames, one per slice of <see cref="SoftMask"/>, ascending along the slice normal.</summary>
    public required IReadOnlyList<ImageFrame> Frames { get; init => (field, _source) = (value, null); }

    /// <summary>
    /// Share of each voxel that is the structure, 0..1, <c>[slice, row, column]</c> on the grid of <see cref="Frames"/>.
    /// Null where there is none: then only a <see cref="Reports.TextReportBuilder"/> has something to write.
    /// </summary>
    public Volume? SoftMask { get; init => (field, _source) = (value, null); }

    public required AlgorithmIdentification Algorithm { get; init; }

    public SegmentDescription Segment { get; init; } = SegmentDescription.SpinalCord;

    public EquipmentIdentification Equipment { get; init; } = new();

    /// <summary>Settings that change the result, in the order in which a reader should see them. They are part of every UID.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; } = [];

    /// <summary>What a reader of the numbers must know of how they were made: sentences, for reports and pages.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Puts "NOT FOR CLINICAL USE" into the series description, the content description and the report.</summary>
    public bool NotForClinicalUse { get; init; } = true;

    /// <summary>Writes the frames without any of the structure too.</summary>
    public bool IncludeEmptyFrames { get; init; }

    /// <exception cref="ArgumentException">The frames do not fit the mask, or the mask has values outside 0..1.</exception>
    /// <exception cref="DicomConformanceException">The source lacks an attribute that every result needs.</exception>
    internal SourceSeries Source => _source ??= new SourceSeries(Frames, SoftMask);

    /// <exception cref="InvalidOperationException">There is no mask.</exception>
    internal Volume Mask => SoftMask ?? throw new InvalidOperationException("A segmentation needs a soft mask; the context has none.");
}
