using System.Numerics;

namespace SoftSeg.Dicom;

// Setting values. The value representation comes from the dictionary, or stands first. Text is encoded in the data set's character set when it is written.
public sealed partial class DicomDataset
{
    /// <summary>An element without a value, or a sequence without items.</summary>
    public DicomDataset AddOrUpdate(DicomTag tag)
    {
        var vr = VROf(tag);
        return AddOrUpdate(vr == DicomVR.SQ ? new DicomSequence(tag) : new DicomElement(tag, vr, ReadOnlyMemory<byte>.Empty));
    }

    /// <summary>Text values; for numbers (US, FD, ...) their decimal text. A null counts as an empty value.</summary>
    public DicomDataset AddOrUpdate(DicomTag tag, params string?[]? values) => AddOrUpdate(VROf(tag), tag, values);
    public DicomDataset AddOrUpdate(DicomTag tag, params DicomUID[] values) => AddOrUpdate(VROf(tag), tag, values);
    public DicomDataset AddOrUpdate(DicomTag tag, params ushort[] values) => AddOrUpdate(VROf(tag), tag, values);
    public DicomDataset AddOrUpdate(DicomTag tag, params int[] values) => AddOrUpdate(VROf(tag), tag, values);
    public DicomDataset AddOrUpdate(DicomTag tag, params uint[] values) => AddOrUpdate(VROf(tag), tag, values);
    public DicomDataset AddOrUpdate(DicomTag tag, params long[] values) => AddOrUpdate(VROf(tag), tag, values);
    public DicomDataset AddOrUpdate(DicomTag tag, params float[] values) => AddOrUpdate(VROf(tag), tag, values);
    public DicomDataset AddOrUpdate(DicomTag tag, params double[] values) => AddOrUpdate(VROf(tag), tag, values);
    public DicomDataset AddOrUpdate(DicomTag tag, params DicomTag[] values) => AddOrUpdate(VROf(tag), tag, values);
    public DicomDataset AddOrUpdate(DicomTag tag, params DicomDataset[] items) => AddOrUpdate(new DicomSequence(tag, items));
    public DicomDataset AddOrUpdate(DicomTag tag, DicomPersonName name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return AddOrUpdate(VROf(tag), tag, name.ToString());
    }

    /// <summary>Bytes as they are, little endian; not copied.</summary>
    public DicomDataset AddOrUpdate(DicomTag tag, ReadOnlyMemory<byte> bytes) => AddOrUpdate(VROf(tag), tag, bytes);
    public DicomDataset AddOrUpdate(DicomTag tag, byte[] bytes) => AddOrUpdate(VROf(tag), tag, bytes.AsMemory());

    public DicomDataset AddOrUpdate(DicomVR vr, DicomTag tag, params string?[]? values)
    {
        ArgumentNullException.ThrowIfNull(vr);
        var text = values is null ? "" : string.Join('\\', values);
        if (vr.IsText)
            return AddOrUpdate(new DicomElement(tag, vr, text));
        if (text.Length == 0)
            return AddOrUpdate(new DicomElement(tag, vr, ReadOnlyMemory<byte>.Empty));
        if (vr == DicomVR.AT)
            return AddOrUpdate(vr, tag, [.. text.Split('\\').Select(DicomTag.Parse)]);
        var decimals = new DicomElement(tag, DicomVR.DS, text);
        return vr == DicomVR.FL || vr == DicomVR.FD || vr == DicomVR.OF || vr == DicomVR.OD
            ? AddNumbers<double>(vr, tag, Numbers(decimals, ElementNumbers.GetDouble))
            : AddNumbers<long>(vr, tag, Numbers(decimals, ElementNumbers.GetInt64));
    }

    public DicomDataset AddOrUpdate(DicomVR vr, DicomTag tag, params DicomUID[] values) => AddOrUpdate(vr, tag, values.Select(uid => uid.Value).ToArray());
    public DicomDataset AddOrUpdate(DicomVR vr, DicomTag tag, params ushort[] values) => AddNumbers<ushort>(vr, tag, values);
    public DicomDataset AddOrUpdate(DicomVR vr, DicomTag tag, params int[] values) => AddNumbers<int>(vr, tag, values);
    public DicomDataset AddOrUpdate(DicomVR vr, DicomTag tag, params uint[] values) => AddNumbers<uint>(vr, tag, values);
    public DicomDataset AddOrUpdate(DicomVR vr, DicomTag tag, params long[] values) => AddNumbers<long>(vr, tag, values);
    public DicomDataset AddOrUpdate(DicomVR vr, DicomTag tag, params float[] values) => AddNumbers<float>(vr, tag, values);
    public DicomDataset AddOrUpdate(DicomVR vr, DicomTag tag, params double[] values) => AddNumbers<double>(vr, tag, values);

    public DicomDataset AddOrUpdate(DicomVR vr, DicomTag tag, params DicomTag[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var bytes = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(i * 4), values[i].Group);
            BitConverter.TryWriteBytes(bytes.AsSpan((i * 4) + 2), values[i].Element);
        }
        return AddOrUpdate(new DicomElement(tag, vr, bytes));
    }

    public DicomDataset AddOrUpdate(DicomVR vr, DicomTag tag, ReadOnlyMemory<byte> bytes) =>
        AddOrUpdate(new DicomElement(tag, vr, (bytes.Length & 1) == 0 ? bytes : ElementText.Pad(bytes.ToArray(), vr)));

    public DicomDataset AddOrUpdate(DicomVR vr, DicomTag tag, byte[] bytes) => AddOrUpdate(vr, tag, bytes.AsMemory());

    DicomDataset AddNumbers<T>(DicomVR vr, DicomTag tag, T[] values) where T : struct, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(values);
        return AddOrUpdate(ElementNumbers.Encode<T>(tag, vr, values));
    }

    static T[] Numbers<T>(DicomElement decimals, Func<DicomElement, int, T> read)
    {
        var values = new T[ElementNumbers.Count(decimals, DicomVR.DS)];
        for (var i = 0; i < values.Length; i++)
            values[i] = read(decimals, i);
        return values;
    }

    /// <summary>The dictionary's; SS instead of US where both are possible and Pixel Representation says signed.</summary>
    DicomVR VROf(DicomTag tag)
    {
        if (tag.IsPrivateCreator)
            return DicomVR.LO;
        var entry = DicomDictionary.Lookup(tag)
            ?? throw new DicomDataException($"{tag} is not in the dictionary: say its value representation.", tag);
        return entry.HasAmbiguousVR && entry.VR == DicomVR.US && GetInt32OrNull(DicomTag.PixelRepresentation) == 1 ? DicomVR.SS : entry.VR;
    }
}
