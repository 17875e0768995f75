namespace SoftSeg.Dicom;

/// <summary>What a data set has under one tag: an element, a sequence of items, or encapsulated pixel data.</summary>
public abstract class DicomItem
{
    private protected DicomItem(DicomTag tag, DicomVR valueRepresentation)
    {
        ArgumentNullException.ThrowIfNull(valueRepresentation);
        (Tag, ValueRepresentation) = (tag, valueRepresentation);
    }

    public DicomTag Tag { get; }

    public DicomVR ValueRepresentation { get; }

    public override string ToString() => $"{Tag.Describe()} {ValueRepresentation}";
}

/// <summary>A sequence of items (PS3.5 7.5).</summary>
public sealed class DicomSequence : DicomItem
{
    public DicomSequence(DicomTag tag, params IEnumerable<DicomDataset> items) : base(tag, DicomVR.SQ) => Items = [.. items];

    internal DicomSequence(DicomTag tag, List<DicomDataset> items) : base(tag, DicomVR.SQ) => Items = items;

    public IList<DicomDataset> Items { get; }
}

/// <summary>Encapsulated pixel data: a basic offset table and fragments (PS3.5 A.4).</summary>
public sealed class DicomFragmentSequence(DicomTag tag, DicomVR valueRepresentation) : DicomItem(tag, valueRepresentation)
{
    /// <summary>Offset of each frame's first fragment from the first fragment's item tag; may be empty.</summary>
    public IList<uint> OffsetTable { get; } = new List<uint>();

    /// <summary>Bytes of each fragment as they are in the data set, padding included.</summary>
    public IList<ReadOnlyMemory<byte>> Fragments { get; } = new List<ReadOnlyMemory<byte>>();
}
