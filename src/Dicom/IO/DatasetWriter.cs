using System.Buffers.Binary;

namespace SoftSeg.Dicom;

/// <summary>
/// Writes data sets in little endian with explicit lengths: the same data set always gives the same bytes. Group lengths, which PS3.5 7.2 retired, are not written.
/// </summary>
sealed class DatasetWriter
{
    const int LongestShortValue = 0xFFFF;

    readonly Stream output;
    readonly bool isExplicit;
    readonly bool isEncapsulated;

    /// <summary>Lengths of sequences and items in the order in which they are written.</summary>
    readonly List<uint> lengths = [];
    int nextLength;

    readonly byte[] buffer = new byte[16 << 10];
    int filled;

    DatasetWriter(Stream output, bool isExplicit, bool isEncapsulated) =>
        (this.output, this.isExplicit, this.isEncapsulated) = (output, isExplicit, isEncapsulated);

    /// <exception cref="DicomDataException">Text that the data set's character set can't express, a length above 32 bits, or pixel data that doesn't fit the transfer syntax.</exception>
    public static void Write(Stream output, DicomDataset dataset, bool isExplicit, bool isEncapsulated)
    {
        var writer = new DatasetWriter(output, isExplicit, isEncapsulated);
        var characterSet = dataset.EffectiveCharacterSet(DicomCharacterSet.Default);
        writer.Measure(dataset, characterSet);
        writer.WriteDataset(dataset, characterSet, isItem: false);
        writer.Flush();
    }

    uint Measure(DicomDataset dataset, DicomCharacterSet characterSet)
    {
        long length = 0;
        for (var i = 0; i < dataset.Slots.Length; i++)
        {
            var slot = dataset.Slots[i];
            if ((slot.Tag & 0xFFFF) != 0)
                length += MeasureItem(dataset, i, characterSet);
        }
        return Checked(length, default);
    }

    long MeasureItem(DicomDataset dataset, int index, DicomCharacterSet characterSet)
    {
        var slot = dataset.Slots[index];
        if (slot.Item is DicomSequence sequence)
        {
            var place = lengths.Count;
            lengths.Add(0);
            long length = 0;
            foreach (var item in sequence.Items)
            {
                var itemPlace = lengths.Count;
                lengths.Add(0);
                length += 8 + (lengths[itemPlace] = Measure(item, item.EffectiveCharacterSet(characterSet)));
            }
            lengths[place] = Checked(length, sequence.Tag);
            return length + (isExplicit ? 12 : 8);
        }
        if (slot.Item is DicomFragmentSequence fragments)
            return 12L + 8 + (fragments.OffsetTable.Count * 4L) + fragments.Fragments.Sum(f => 8L + Even(f.Length)) + 8;
        var (vr, bytes) = dataset.ValueOf(index, characterSet);
        return Even(bytes.Length) + (isExplicit && (vr.IsLongLength || bytes.Length > LongestShortValue) ? 12 : 8);
    }

    void WriteDataset(DicomDataset dataset, DicomCharacterSet characterSet, bool isItem)
    {
        for (var i = 0; i < dataset.Slots.Length; i++)
        {
            var slot = dataset.Slots[i];
            if ((slot.Tag & 0xFFFF) == 0)
                continue;
            switch (slot.Item)
            {
                case DicomSequence sequence:
                    WriteSequence(sequence, characterSet);
                    break;
                case DicomFragmentSequence fragments:
                    WriteFragments(fragments);
                    break;
                default:
                    if (isEncapsulated && !isItem && slot.Tag == DicomTag.PixelData.Value)
                        throw new DicomDataException("Pixel Data is not encapsulated, but the transfer syntax says so.", DicomTag.PixelData);
                    var (vr, bytes) = dataset.ValueOf(i, characterSet);
                    WriteElement(slot.Tag, vr, bytes.Span);
                    break;
            }
        }
    }

    void WriteSequence(DicomSequence sequence, DicomCharacterSet characterSet)
    {
        WriteHeader(sequence.Tag.Value, DicomVR.SQ, lengths[nextLength++]);
        foreach (var item in sequence.Items)
        {
            WriteItemHeader(ElementHeader.Item, lengths[nextLength++]);
            WriteDataset(item, item.EffectiveCharacterSet(characterSet), isItem: true);
        }
    }

    void WriteFragments(DicomFragmentSequence fragments)
    {
        if (!isEncapsulated)
            throw new DicomDataException($"{fragments.Tag.Describe()} is encapsulated, but the transfer syntax is not.", fragments.Tag);
        WriteHeader(fragments.Tag.Value, fragments.ValueRepresentation, ElementHeader.UndefinedLength);
        WriteItemHeader(ElementHeader.Item, (uint)fragments.OffsetTable.Count * 4);
        foreach (var offset in fragments.OffsetTable)
            WriteUInt32(offset);
        foreach (var fragment in fragments.Fragments)
        {
            WriteItemHeader(ElementHeader.Item, (uint)Even(fragment.Length));
            WriteValue(fragment.Span, 0);
        }
        WriteItemHeader(ElementHeader.SequenceDelimitation, 0);
    }

    void WriteElement(uint tag, DicomVR vr, ReadOnlySpan<byte> bytes)
    {
        // A value too long for two bytes of length is written as UN (PS3.5 6.2.2, note 5).
        if (!vr.IsLongLength && bytes.Length > LongestShortValue)
            vr = DicomVR.UN;
        WriteHeader(tag, vr, (uint)Even(bytes.Length));
        WriteValue(bytes, vr.PaddingByte);
    }

    void WriteHeader(uint tag, DicomVR vr, uint length)
    {
        var header = Reserve(ElementHeader.MaxSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(tag >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)tag);
        if (!isExplicit)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], length);
            filled += 8;
            return;
        }
        header[4] = (byte)vr.Code[0];
        header[5] = (byte)vr.Code[1];
        if (!vr.IsLongLength)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)length);
            filled += 8;
            return;
        }
        header[6] = header[7] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], length);
        filled += 12;
    }

    void WriteItemHeader(uint tag, uint length)
    {
        var header = Reserve(8);
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(tag >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)tag);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], length);
        filled += 8;
    }

    void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);
        filled += 4;
    }

    void WriteValue(ReadOnlySpan<byte> bytes, byte padding)
    {
        if (bytes.Length >= buffer.Length)
        {
            Flush();
            output.Write(bytes);
        }
        else
        {
            bytes.CopyTo(Reserve(bytes.Length));
            filled += bytes.Length;
        }
        if ((bytes.Length & 1) != 0)
        {
            Reserve(1)[0] = padding;
            filled++;
        }
    }

    Span<byte> Reserve(int count)
    {
        if (buffer.Length - filled < count)
            Flush();
        return buffer.AsSpan(filled);
    }

    void Flush()
    {
        output.Write(buffer, 0, filled);
        filled = 0;
    }

    static long Even(long length) => length + (length & 1);

    static uint Checked(long length, DicomTag tag) => length < ElementHeader.UndefinedLength ? (uint)length
        : throw new DicomDataException($"{tag.Describe()} has {length} bytes, more than DICOM can express.", tag);
}
