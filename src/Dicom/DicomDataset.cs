using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace SoftSeg.Dicom;

/// <summary>
/// A data set (PS3.5 7): items ordered by tag, at most one of each. What was read stands as offsets into the bytes of the file until it is asked for.
/// Reading from several threads is safe, changing is not.
/// </summary>
public sealed partial class DicomDataset : IEnumerable<DicomItem>
{
    /// <summary>An item, or where to find an element that was read and hasn't been asked for.</summary>
    internal struct Slot
    {
        public DicomItem? Item;
        public uint Tag;
        public int Offset;
        public int Length;
        public byte VRIndex;
    }

    Slot[] slots;
    int count;

    /// <summary>What the slots' offsets refer to.</summary>
    readonly byte[] buffer;

    /// <summary>The character set in which the slots' text was written.</summary>
    readonly DicomCharacterSet? readCharacterSet;

    /// <summary>The set of the data set in which this one was read as an item.</summary>
    readonly DicomCharacterSet enclosingCharacterSet = DicomCharacterSet.Default;

    DicomCharacterSet? characterSet;

    public DicomDataset() => (slots, buffer) = ([], []);

    public DicomDataset(IEnumerable<DicomItem> items) : this()
    {
        ArgumentNullException.ThrowIfNull(items);
        foreach (var item in items)
            AddOrUpdate(item);
    }

    /// <summary>A data set that was read: <paramref name="slots"/> are in order and become the data set's own.</summary>
    internal DicomDataset(Slot[] slots, byte[] buffer, DicomCharacterSet readCharacterSet, DicomCharacterSet enclosingCharacterSet)
    {
        (this.slots, this.buffer, count) = (slots, buffer, slots.Length);
        (this.readCharacterSet, this.enclosingCharacterSet) = (readCharacterSet, enclosingCharacterSet);
    }

    public int Count => count;

    /// <summary>That of Specific Character Set (0008,0005); where it is absent, that of the enclosing data set this one was read in, or ASCII.</summary>
    public DicomCharacterSet CharacterSet => characterSet ??= EffectiveCharacterSet(enclosingCharacterSet);

    internal DicomCharacterSet EffectiveCharacterSet(DicomCharacterSet enclosing) =>
        TryGetItem(DicomTag.SpecificCharacterSet, out var item) && item is DicomElement { IsEmpty: false } element
            ? DicomCharacterSet.Parse(element.RawBytes.Span) : enclosing;

    public bool Contains(DicomTag tag) => IndexOf(tag.Value) >= 0;

    public bool Remove(DicomTag tag)
    {
        var index = IndexOf(tag.Value);
        if (index < 0)
            return false;
        slots.AsSpan((index + 1)..count).CopyTo(slots.AsSpan(index));
        slots[--count] = default;
        Changed(tag);
        return true;
    }

    public bool TryGetItem(DicomTag tag, [NotNullWhen(true)] out DicomItem? item)
    {
        var index = IndexOf(tag.Value);
        item = index < 0 ? null : ItemAt(index);
        return item is not null;
    }

    /// <summary>Puts the item in its place; an item of the same tag goes.</summary>
    public DicomDataset AddOrUpdate(DicomItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        var index = IndexOf(item.Tag.Value);
        if (index < 0)
        {
            index = ~index;
            if (count == slots.Length)
                Array.Resize(ref slots, Math.Max(8, count * 2));
            slots.AsSpan(index..count).CopyTo(slots.AsSpan(index + 1));
            count++;
        }
        slots[index] = new Slot { Item = item, Tag = item.Tag.Value };
        Changed(item.Tag);
        return this;
    }

    /// <summary>A copy that shares no item data set with this one. Values, which never change, are shared.</summary>
    public DicomDataset Clone()
    {
        var copy = new DicomDataset(slots[..count], buffer, readCharacterSet ?? DicomCharacterSet.Default, enclosingCharacterSet);
        foreach (ref var slot in copy.slots.AsSpan())
            if (slot.Item is DicomSequence sequence)
                slot.Item = new DicomSequence(sequence.Tag, sequence.Items.Select(item => item.Clone()).ToList());
        return copy;
    }

    public IEnumerator<DicomItem> GetEnumerator()
    {
        for (var i = 0; i < count; i++)
            yield return ItemAt(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Elements in order without making objects of those that haven't been asked for.</summary>
    internal ReadOnlySpan<Slot> Slots => slots.AsSpan(0, count);

    /// <summary>The representation and bytes of an element as they are written in a character set.</summary>
    internal (DicomVR VR, ReadOnlyMemory<byte> Bytes) ValueOf(int index, DicomCharacterSet characterSet)
    {
        ref var slot = ref slots[index];
        var vr = slot.Item?.ValueRepresentation ?? DicomVR.FromIndex(slot.VRIndex);
        if (slot.Item is null && (!vr.UsesCharacterSet || characterSet.Equals(readCharacterSet)))
            return (vr, SlotBytes(slot));
        return (vr, ((DicomElement)ItemAt(index)).GetBytes(characterSet));
    }

    ReadOnlyMemory<byte> SlotBytes(in Slot slot) => buffer.AsMemory(slot.Offset, slot.Length);

    internal DicomItem ItemAt(int index)
    {
        ref var slot = ref slots[index];
        return slot.Item ??= new DicomElement(new DicomTag(slot.Tag), DicomVR.FromIndex(slot.VRIndex), SlotBytes(slot), readCharacterSet);
    }

    void Changed(DicomTag tag)
    {
        if (tag == DicomTag.SpecificCharacterSet)
            characterSet = null;
    }

    int IndexOf(uint tag)
    {
        var (low, high) = (0, count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var found = slots[middle].Tag;
            if (found == tag)
                return middle;
            if (found < tag)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return ~low;
    }
}
