namespace SoftSeg.Dicom;

/// <summary>What an element header means at its place.</summary>
enum StructureStep
{
    /// <summary>The header's length of value bytes follows.</summary>
    Value,
    SequenceStart,
    ItemStart,
    FragmentsStart,

    /// <summary>The header's length of bytes of a fragment (or the offset table) follows.</summary>
    Fragment,
    ItemEnd,
    SequenceEnd,
    FragmentsEnd,

    /// <summary>See <see cref="DataSetStructure.Fault"/>.</summary>
    Fault,
}

/// <summary>
/// The nesting of a data set: which headers may follow which, and that no length reaches beyond what contains it (PS3.5 7.5, A.4). The rules of the reader and of the
/// scanner, in one place. Never recursive: its memory is bounded by <c>maxDepth</c>.
/// </summary>
sealed class DataSetStructure(bool isExplicit, bool isBigEndian, int maxDepth, long maxElementLength)
{
    enum Kind : byte { DataSet, Sequence, Item, Fragments }

    /// <param name="End">Offset behind the last byte; <see cref="long.MaxValue"/> where a delimiter ends it.</param>
    /// <param name="Limit">The nearest end of this one and of all that contain it.</param>
    readonly record struct Frame(Kind Kind, bool IsImplicit, DicomTag Tag, long Start, long End, long Limit);

    Frame[] frames = [new Frame(Kind.DataSet, !isExplicit, default, 0, long.MaxValue, long.MaxValue), default, default, default];
    int depth;

    public DicomDataFault? Fault { get; private set; }

    /// <summary>Sequences and items that are open.</summary>
    public int Depth => depth;

    /// <summary>How the next header is written: items within UN of undefined length are implicit VR little endian (PS3.5 6.2.2, note 4).</summary>
    public bool IsExplicit => !frames[depth].IsImplicit;

    public bool IsBigEndian => isBigEndian && IsExplicit;

    /// <summary>The innermost open sequence or item has a defined length and ends here; call <see cref="Close"/>.</summary>
    public bool EndsAt(long offset) => offset == frames[depth].End;

    /// <summary>Ends what <see cref="EndsAt"/> found.</summary>
    public StructureStep Close()
    {
        var closed = frames[depth--];
        return closed.Kind == Kind.Item ? StructureStep.ItemEnd : StructureStep.SequenceEnd;
    }

    /// <summary>Takes the header at <paramref name="offset"/>.</summary>
    public StructureStep Take(in ElementHeader header, long offset)
    {
        ref readonly var frame = ref frames[depth];
        if (offset + header.Size > frame.Limit)
            return Fail(header, offset, Overrun(frame));
        return frame.Kind switch
        {
            Kind.Sequence => TakeInSequence(header, offset, frame),
            Kind.Fragments => TakeInFragments(header, offset, frame),
            _ => TakeInDataSet(header, offset, frame),
        };
    }

    /// <summary>The innermost thing that is open is encapsulated pixel data of the top level.</summary>
    public bool IsInFragments => depth == 1 && frames[depth].Kind == Kind.Fragments;

    /// <summary>The stream ended at <paramref name="offset"/>, between elements; null when that is a complete data set.</summary>
    public DicomDataFault? End(long offset)
    {
        while (depth > 0 && EndsAt(offset))
            Close();
        if (depth == 0)
            return null;
        var frame = frames[depth];
        return Fault = new DicomDataFault($"the data set ends at {offset} inside {Describe(frame)}, which {(frame.End == long.MaxValue ? "has no delimiter" : $"should end at {frame.End}")}.", frame.Tag, frame.Start);
    }

    /// <summary>A fault found outside: a value that can't be read.</summary>
    public StructureStep Fail(in ElementHeader header, long offset, string reason)
    {
        Fault = new DicomDataFault(reason, new DicomTag(header.Tag), offset);
        return StructureStep.Fault;
    }

    StructureStep TakeInDataSet(in ElementHeader header, long offset, in Frame frame)
    {
        if (header.IsItemOrDelimiter)
        {
            if (header.Tag == ElementHeader.ItemDelimitation && frame.Kind == Kind.Item && frame.End == long.MaxValue)
                return Pop(StructureStep.ItemEnd);
            return Fail(header, offset, $"expected a data element, inside {Describe(frame)}.");
        }
        if (header.VR is not { } vr)
            return Fail(header, offset, "expected a value representation after the tag (explicit VR), got none that is known.");
        if (header.Tag < 0x00080000 && depth > 0 && header.Tag >> 16 is 0 or 2)
            return Fail(header, offset, "command and file meta elements can't be in an item.");

        if (vr == DicomVR.SQ)
            return Push(header, offset, Kind.Sequence, frame.IsImplicit, StructureStep.SequenceStart);
        if (!header.IsUndefinedLength)
            return CheckLength(header, offset, frame) ?? StructureStep.Value;
        if (new DicomTag(header.Tag) == DicomTag.PixelData && (vr == DicomVR.OB || vr == DicomVR.OW) && !frame.IsImplicit)
            return Push(header, offset, Kind.Fragments, frame.IsImplicit, StructureStep.FragmentsStart);
        if (vr == DicomVR.UN)
            return Push(header, offset, Kind.Sequence, isImplicit: true, StructureStep.SequenceStart);
        return Fail(header, offset, $"has an undefined length, which {vr} can't have.");
    }

    StructureStep TakeInSequence(in ElementHeader header, long offset, in Frame frame)
    {
        if (header.Tag == ElementHeader.SequenceDelimitation && frame.End == long.MaxValue)
            return Pop(StructureStep.SequenceEnd);
        if (header.Tag != ElementHeader.Item)
            return Fail(header, offset, $"expected an item of {Describe(frame)}.");
        return Push(header, offset, Kind.Item, frame.IsImplicit, StructureStep.ItemStart);
    }

    StructureStep TakeInFragments(in ElementHeader header, long offset, in Frame frame)
    {
        if (header.Tag == ElementHeader.SequenceDelimitation)
            return Pop(StructureStep.FragmentsEnd);
        if (header.Tag != ElementHeader.Item)
            return Fail(header, offset, $"expected a fragment of {Describe(frame)}.");
        if (header.IsUndefinedLength)
            return Fail(header, offset, "a fragment can't have an undefined length.");
        return CheckLength(header, offset, frame) ?? StructureStep.Fragment;
    }

    StructureStep? CheckLength(in ElementHeader header, long offset, in Frame frame)
    {
        if (header.Length > maxElementLength)
            return Fail(header, offset, $"has a length of {header.Length} bytes, above the limit of {maxElementLength}.");
        return offset + header.Size + header.Length > frame.Limit ? Fail(header, offset, Overrun(frame, header.Length)) : null;
    }

    StructureStep Push(in ElementHeader header, long offset, Kind kind, bool isImplicit, StructureStep step)
    {
        if (depth >= maxDepth * 2)
            return Fail(header, offset, $"sequences are nested deeper than the limit of {maxDepth}.");
        var end = long.MaxValue;
        if (!header.IsUndefinedLength)
        {
            end = offset + header.Size + header.Length;
            if (end > frames[depth].Limit)
                return Fail(header, offset, Overrun(frames[depth], header.Length));
        }
        if (++depth == frames.Length)
            Array.Resize(ref frames, frames.Length * 2);
        frames[depth] = new Frame(kind, isImplicit, kind == Kind.Item ? frames[depth - 1].Tag : new DicomTag(header.Tag), offset, end, Math.Min(end, frames[depth - 1].Limit));
        return step;
    }

    StructureStep Pop(StructureStep step)
    {
        depth--;
        return step;
    }

    static string Overrun(in Frame frame, uint? length = null) =>
        $"{(length is null ? "its header" : $"its length of {length} bytes")} reaches beyond the end, at {frame.Limit}, of {(frame.End == frame.Limit ? "" : "what contains ")}{Describe(frame)}.";

    static string Describe(in Frame frame) => frame.Kind switch
    {
        Kind.DataSet => "the data set",
        Kind.Item => $"an item of {frame.Tag.Describe()} at {frame.Start}",
        Kind.Sequence => $"sequence {frame.Tag.Describe()} at {frame.Start}",
        _ => $"{frame.Tag.Describe()} at {frame.Start}",
    };
}
