using System.Buffers;
using System.Buffers.Binary;

namespace SoftSeg.Dicom;

/// <summary>Builds data sets from bytes. One pass, not recursive; values stay where they are.</summary>
sealed class DatasetReader
{
    /// <summary>A data set or sequence that is being read.</summary>
    struct Level
    {
        /// <summary>The first of this data set's slots on the stack.</summary>
        public int FirstSlot;
        public byte[]? Buffer;
        public DicomCharacterSet CharacterSet;
        public bool IsSigned;
        public bool IsUnordered;

        /// <summary>The sequence whose items are read; null for a data set.</summary>
        public List<DicomDataset>? Items;
        public DicomTag SequenceTag;
        public DicomFragmentSequence? Fragments;
        public bool HasOffsetTable;
    }

    readonly ByteSource source;
    readonly DicomReadOptions options;
    readonly DataSetStructure structure;
    readonly uint stopBefore;

    DicomDataset.Slot[] slots = ArrayPool<DicomDataset.Slot>.Shared.Rent(256);
    int slotCount;
    Level[] levels = new Level[4];
    int level;
    int elements;

    /// <summary>In file meta information: where it ends by its group length, and where a deflated data set, in which no tag can be seen, begins.</summary>
    long groupEnd = -1, deflatedFrom = -1;

    DatasetReader(ByteSource source, bool isExplicit, bool isBigEndian, DicomReadOptions options, uint stopBefore)
    {
        (this.source, this.options, this.stopBefore) = (source, options, stopBefore);
        structure = new DataSetStructure(isExplicit, isBigEndian, options.MaxSequenceDepth, options.MaxElementLength);
        levels[0].CharacterSet = DicomCharacterSet.Default;
    }

    /// <summary>Reads up to the end of the source, or up to <see cref="DicomReadOptions.StopBefore"/>.</summary>
    public static DicomDataset Read(ByteSource source, DicomTransferSyntax syntax, DicomReadOptions options) =>
        new DatasetReader(source, syntax.IsExplicitVR, syntax.IsBigEndian, options, options.StopBefore?.Value ?? uint.MaxValue).Run();

    /// <summary>Reads the items of a sequence that was kept as UN of a defined length: implicit VR little endian (PS3.5 6.2.2, note 4).</summary>
    public static IReadOnlyList<DicomDataset> ReadItems(ReadOnlySpan<byte> value, DicomCharacterSet characterSet)
    {
        // Read as the value of a sequence, with a header in front.
        var bytes = new byte[8 + value.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, DicomTag.ContentSequence.Group);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), DicomTag.ContentSequence.Element);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), value.Length);
        value.CopyTo(bytes.AsSpan(8));
        var reader = new DatasetReader(ByteSource.Of(bytes), false, false, DicomReadOptions.Default, uint.MaxValue);
        reader.levels[0].CharacterSet = characterSet;
        return reader.Run().GetSequence(DicomTag.ContentSequence);
    }

    /// <summary>Reads the elements of the file meta information, up to the first one of another group (PS3.10 7.1).</summary>
    public static DicomDataset ReadMeta(ByteSource source, bool isExplicit, DicomReadOptions options) =>
        new DatasetReader(source, isExplicit, false, options, 0x00030000).Run();

    DicomDataset Run()
    {
        try
        {
            while (ReadNext())
            {
            }
            return Finish(levels[0], DicomCharacterSet.Default);
        }
        finally
        {
            ArrayPool<DicomDataset.Slot>.Shared.Return(slots, clearArray: true);
        }
    }

    bool ReadNext()
    {
        var offset = source.Position;
        if (structure.EndsAt(offset))
        {
            End(structure.Close());
            return true;
        }
        if (!TryReadHeader(out var header))
        {
            if (source.Available.Length > 0)
                throw new DicomDataException($"Byte {offset}: expected a data element, but only {source.Available.Length} bytes are left.", default, offset);
            // Some writers forget the delimiter behind the last fragment; how many frames there are is for the codec to count.
            if (structure.IsInFragments && levels[level].Fragments!.Fragments.Count > 0)
                End(StructureStep.FragmentsEnd);
            else if (structure.End(offset) is { } fault)
                throw fault.ToException();
            return false;
        }
        if (level == 0 && (header.Tag >= stopBefore || offset == deflatedFrom))
            return false;
        if (++elements > options.MaxElements)
            throw new DicomDataException($"Byte {offset}: more than {options.MaxElements} elements and items.", new DicomTag(header.Tag), offset);

        var step = structure.Take(header, offset);
        if (step != StructureStep.Fault)
            source.Skip(header.Size);
        switch (step)
        {
            case StructureStep.Value:
                AddValue(header, offset);
                break;
            case StructureStep.SequenceStart:
                Push() = new Level { Items = [], SequenceTag = new DicomTag(header.Tag), CharacterSet = levels[level - 1].CharacterSet, IsSigned = levels[level - 1].IsSigned };
                break;
            case StructureStep.ItemStart:
                Push() = new Level { FirstSlot = slotCount, CharacterSet = levels[level - 1].CharacterSet, IsSigned = levels[level - 1].IsSigned };
                break;
            case StructureStep.FragmentsStart:
                Push() = new Level { Fragments = new DicomFragmentSequence(new DicomTag(header.Tag), header.VR!) };
                break;
            case StructureStep.Fragment:
                AddFragment(header, offset);
                break;
            case StructureStep.Fault:
                throw structure.Fault!.Value.ToException();
            default:
                End(step);
                break;
        }
        return true;
    }

    bool TryReadHeader(out ElementHeader header)
    {
        header = default;
        if (!source.Ensure(8))
            return false;
        if (ElementHeader.TryRead(source.Available, structure.IsExplicit, structure.IsBigEndian, out header))
            return true;
        source.Ensure(ElementHeader.MaxSize);
        return ElementHeader.TryRead(source.Available, structure.IsExplicit, structure.IsBigEndian, out header);
    }

    void AddValue(in ElementHeader header, long offset)
    {
        ref var current = ref levels[level];
        var vr = header.VR!;
        var (array, position) = Take(header, offset);
        if (structure.IsBigEndian && source.IsShared && vr.UnitSize > 1)
            (array, position) = (array.AsSpan(position, (int)header.Length).ToArray(), 0);
        var value = array.AsSpan(position, (int)header.Length);
        if (structure.IsBigEndian)
            ByteOrder.Swap(value, vr.UnitSize);

        var tag = new DicomTag(header.Tag);
        if (tag == DicomTag.SpecificCharacterSet)
            current.CharacterSet = DicomCharacterSet.Parse((ReadOnlySpan<byte>)value);
        else if (tag == DicomTag.PixelRepresentation)
            current.IsSigned = value.Length >= 2 && BinaryPrimitives.ReadUInt16LittleEndian(value) == 1;
        else if (current.IsSigned && vr == DicomVR.US && !structure.IsExplicit && DicomDictionary.Lookup(tag) is { HasAmbiguousVR: true })
            vr = DicomVR.SS;
        else if (header.Tag == 0x00020000 && value.Length == 4)
            groupEnd = source.Position + BinaryPrimitives.ReadUInt32LittleEndian(value);
        else if (tag == DicomTag.TransferSyntaxUID && value.TrimEnd("\0 "u8).SequenceEqual("1.2.840.10008.1.2.1.99"u8))
            deflatedFrom = groupEnd;

        current.Buffer ??= array;
        ref var slot = ref AddSlot(header.Tag);
        if (ReferenceEquals(current.Buffer, array))
            (slot.Offset, slot.Length, slot.VRIndex) = (position, (int)header.Length, vr.Index);
        else
            slot.Item = new DicomElement(tag, vr, array.AsMemory(position, (int)header.Length), current.CharacterSet);
    }

    void AddFragment(in ElementHeader header, long offset)
    {
        var fragments = levels[level].Fragments!;
        var (array, position) = Take(header, offset);
        if (!levels[level].HasOffsetTable)
        {
            // The first item is the basic offset table, even an empty one.
            levels[level].HasOffsetTable = true;
            for (var i = 0; i + 4 <= header.Length; i += 4)
                fragments.OffsetTable.Add(BinaryPrimitives.ReadUInt32LittleEndian(array.AsSpan(position + i)));
            return;
        }
        fragments.Fragments.Add(array.AsMemory(position, (int)header.Length));
    }

    (byte[] Array, int Offset) Take(in ElementHeader header, long offset)
    {
        if (!source.TryTake((int)header.Length, out var array, out var position))
            throw new DicomDataException(
                $"Byte {offset}: {new DicomTag(header.Tag).Describe()}: its length is {header.Length} bytes, but the stream ends before.", new DicomTag(header.Tag), offset);
        return (array, position);
    }

    void End(StructureStep step)
    {
        var ended = levels[level];
        levels[level--] = default;
        switch (step)
        {
            case StructureStep.ItemEnd:
                levels[level].Items!.Add(Finish(ended, levels[level].CharacterSet));
                break;
            case StructureStep.SequenceEnd:
                AddSlot(ended.SequenceTag.Value).Item = new DicomSequence(ended.SequenceTag, ended.Items!);
                break;
            case StructureStep.FragmentsEnd:
                AddSlot(ended.Fragments!.Tag.Value).Item = ended.Fragments;
                break;
        }
    }

    DicomDataset Finish(in Level ended, DicomCharacterSet enclosing)
    {
        var own = slots.AsSpan(ended.FirstSlot..slotCount).ToArray();
        slots.AsSpan(ended.FirstSlot..slotCount).Clear();
        slotCount = ended.FirstSlot;
        return new DicomDataset(ended.IsUnordered ? Ordered(own) : own, ended.Buffer ?? [], ended.CharacterSet, enclosing);
    }

    ref Level Push()
    {
        if (++level == levels.Length)
            Array.Resize(ref levels, levels.Length * 2);
        return ref levels[level];
    }

    ref DicomDataset.Slot AddSlot(uint tag)
    {
        if (slotCount == slots.Length)
        {
            var larger = ArrayPool<DicomDataset.Slot>.Shared.Rent(slots.Length * 2);
            slots.AsSpan(0, slotCount).CopyTo(larger);
            ArrayPool<DicomDataset.Slot>.Shared.Return(slots, clearArray: true);
            slots = larger;
        }
        ref var current = ref levels[level];
        if (slotCount > current.FirstSlot && slots[slotCount - 1].Tag >= tag)
            current.IsUnordered = true;
        ref var slot = ref slots[slotCount++];
        slot = new DicomDataset.Slot { Tag = tag };
        return ref slot;
    }

    /// <summary>Elements out of order (PS3.5 7.1 forbids them, some writers don't know) are put in order; of two with one tag the first counts, as in DCMTK.</summary>
    static DicomDataset.Slot[] Ordered(DicomDataset.Slot[] slots)
    {
        var keys = new ulong[slots.Length];
        for (var i = 0; i < slots.Length; i++)
            keys[i] = ((ulong)slots[i].Tag << 32) | (uint)i;
        Array.Sort(keys, slots);
        var kept = 0;
        for (var i = 0; i < slots.Length; i++)
            if (kept == 0 || slots[kept - 1].Tag != slots[i].Tag)
                slots[kept++] = slots[i];
        return slots[..kept];
    }
}
