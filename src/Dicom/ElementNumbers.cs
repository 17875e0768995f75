using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace SoftSeg.Dicom;

/// <summary>Numbers in element values: binary ones of fixed size, and the text of IS and DS (PS3.5 6.2).</summary>
static class ElementNumbers
{
    /// <summary>How many values an element of numbers or tags has.</summary>
    public static int Count(DicomElement element, DicomVR vr) =>
        vr.IsText ? Ranges(element.RawBytes.Span) : element.RawBytes.Length / vr.ValueSize;

    /// <summary>Whether there is a value at this position that isn't empty.</summary>
    public static bool HasValue(DicomElement element, int index)
    {
        var vr = element.EffectiveVR;
        return vr.IsText ? !TextOrEmpty(element, index).IsEmpty : index < Count(element, vr);
    }

    public static double GetDouble(DicomElement element, int index)
    {
        var vr = element.EffectiveVR;
        if (vr.IsText)
            return ParseDouble(element, vr, index);
        var value = ValueAt(element, vr, index);
        return Kind(vr) switch
        {
            "US" => BinaryPrimitives.ReadUInt16LittleEndian(value),
            "SS" => BinaryPrimitives.ReadInt16LittleEndian(value),
            "UL" => BinaryPrimitives.ReadUInt32LittleEndian(value),
            "SL" => BinaryPrimitives.ReadInt32LittleEndian(value),
            "UV" => BinaryPrimitives.ReadUInt64LittleEndian(value),
            "SV" => BinaryPrimitives.ReadInt64LittleEndian(value),
            "FL" => BinaryPrimitives.ReadSingleLittleEndian(value),
            "FD" => BinaryPrimitives.ReadDoubleLittleEndian(value),
            "OB" => value[0],
            _ => throw NotANumber(element, vr),
        };
    }

    public static long GetInt64(DicomElement element, int index)
    {
        var vr = element.EffectiveVR;
        if (!vr.IsText)
        {
            var value = ValueAt(element, vr, index);
            switch (Kind(vr))
            {
                case "SV": return BinaryPrimitives.ReadInt64LittleEndian(value);
                case "UV":
                    var unsigned = BinaryPrimitives.ReadUInt64LittleEndian(value);
                    return unsigned <= long.MaxValue ? (long)unsigned : throw NotWhole(element, unsigned.ToString(CultureInfo.InvariantCulture));
            }
        }
        else if (long.TryParse(TextAt(element, index), NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var integer))
            return integer;
        var number = GetDouble(element, index);
        return Math.Abs(number) < 1L << 53 && Math.Floor(number) == number ? (long)number : throw NotWhole(element, number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The bytes of numbers in the given representation.</summary>
    /// <exception cref="DicomDataException">A number doesn't fit the representation.</exception>
    public static DicomElement Encode<T>(DicomTag tag, DicomVR vr, ReadOnlySpan<T> values) where T : struct, INumber<T>
    {
        try
        {
            return Kind(vr) switch
            {
                "US" => Binary<T, ushort>(tag, vr, values),
                "SS" => Binary<T, short>(tag, vr, values),
                "UL" => Binary<T, uint>(tag, vr, values),
                "SL" => Binary<T, int>(tag, vr, values),
                "UV" => Binary<T, ulong>(tag, vr, values),
                "SV" => Binary<T, long>(tag, vr, values),
                "FL" => Binary<T, float>(tag, vr, values),
                "FD" => Binary<T, double>(tag, vr, values),
                "OB" => Binary<T, byte>(tag, vr, values),
                _ when vr == DicomVR.IS || vr == DicomVR.DS || vr == DicomVR.LO || vr == DicomVR.SH => Text(tag, vr, values),
                _ => throw new DicomDataException($"{tag.Describe()} has the value representation {vr}, which holds no numbers.", tag),
            };
        }
        catch (OverflowException)
        {
            throw new DicomDataException($"{tag.Describe()} has the value representation {vr}, in which {string.Join(@"\", values.ToArray())} does not fit.", tag);
        }
    }

    /// <summary>A decimal string of at most 16 characters (PS3.5 6.2): the shortest that reads back as the same number, else the nearest.</summary>
    public static string DecimalString(double value)
    {
        if (!double.IsFinite(value))
            throw new OverflowException();
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        for (var digits = 16; text.Length > 16; digits--)
            text = value.ToString("G" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return text;
    }

    public static string Format(DicomElement element, DicomVR vr)
    {
        var text = new StringBuilder();
        var count = Count(element, vr);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
                text.Append('\\');
            if (vr == DicomVR.AT)
                text.Append(TagAt(element, i));
            else if (vr == DicomVR.FL || vr == DicomVR.OF)
                text.Append(((float)GetDouble(element, i)).ToString(CultureInfo.InvariantCulture));
            else if (vr == DicomVR.UV || vr == DicomVR.OV)
                text.Append(CultureInfo.InvariantCulture, $"{BinaryPrimitives.ReadUInt64LittleEndian(ValueAt(element, vr, i))}");
            else if (vr == DicomVR.SV)
                text.Append(CultureInfo.InvariantCulture, $"{GetInt64(element, i)}");
            else
                text.Append(GetDouble(element, i).ToString(CultureInfo.InvariantCulture));
        }
        return text.ToString();
    }

    public static DicomTag TagAt(DicomElement element, int index)
    {
        var value = ValueAt(element, DicomVR.AT, index);
        return new DicomTag(BinaryPrimitives.ReadUInt16LittleEndian(value), BinaryPrimitives.ReadUInt16LittleEndian(value[2..]));
    }

    /// <summary>The number type behind a representation: that of OW is US, ...</summary>
    static string Kind(DicomVR vr) => vr.Code switch
    {
        "OW" => "US",
        "OL" => "UL",
        "OV" => "UV",
        "OF" => "FL",
        "OD" => "FD",
        var code => code,
    };

    static ReadOnlySpan<byte> ValueAt(DicomElement element, DicomVR vr, int index)
    {
        var size = vr.ValueSize;
        var bytes = element.RawBytes.Span;
        if (index < 0 || (long)(index + 1) * size > bytes.Length)
            throw NoValue(element, index, bytes.Length / size);
        return bytes.Slice(index * size, size);
    }

    static DicomElement Binary<T, TStored>(DicomTag tag, DicomVR vr, ReadOnlySpan<T> values)
        where T : struct, INumber<T> where TStored : unmanaged, INumber<TStored>
    {
        var stored = new TStored[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            stored[i] = TStored.CreateChecked(values[i]);
            if (typeof(TStored) != typeof(float) && typeof(TStored) != typeof(double) && T.CreateChecked(stored[i]) != values[i])
                throw new OverflowException();
        }
        var bytes = MemoryMarshal.AsBytes(stored.AsSpan()).ToArray();
        if (!BitConverter.IsLittleEndian)
            ByteOrder.Swap(bytes, vr.UnitSize);
        return new DicomElement(tag, vr, ElementText.Pad(bytes, vr));
    }

    static DicomElement Text<T>(DicomTag tag, DicomVR vr, ReadOnlySpan<T> values) where T : struct, INumber<T>
    {
        var texts = new string[values.Length];
        for (var i = 0; i < values.Length; i++)
            texts[i] = vr == DicomVR.IS ? checked(int.CreateChecked(Whole(values[i]))).ToString(CultureInfo.InvariantCulture)
                : DecimalString(double.CreateChecked(values[i]));
        return new DicomElement(tag, vr, string.Join('\\', texts));
    }

    static T Whole<T>(T value) where T : struct, INumber<T> => T.IsInteger(value) ? value : throw new OverflowException();

    static double ParseDouble(DicomElement element, DicomVR vr, int index)
    {
        var text = TextAt(element, index);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value))
            return value;
        throw new DicomDataException($"{element.Tag.Describe()} should be a number, but value {index + 1} of {Ranges(element.RawBytes.Span)} is \"{Encoding.Latin1.GetString(text)}\" ({vr}).", element.Tag);
    }

    static ReadOnlySpan<byte> TextAt(DicomElement element, int index) =>
        TextOrEmpty(element, index) is { Length: > 0 } text ? text : throw NoValue(element, index, Ranges(element.RawBytes.Span));

    static ReadOnlySpan<byte> TextOrEmpty(DicomElement element, int index)
    {
        var bytes = element.RawBytes.Span;
        var position = 0;
        foreach (var range in bytes.Split((byte)'\\'))
            if (position++ == index)
                return bytes[range].Trim(" \0"u8);
        return [];
    }

    static int Ranges(ReadOnlySpan<byte> text) => text.Trim(" \0"u8).IsEmpty ? 0 : text.Count((byte)'\\') + 1;

    static DicomDataException NoValue(DicomElement element, int index, int count) =>
        new($"{element.Tag.Describe()} has no value {index + 1}: it has {(element.IsEmpty ? 0 : count)}.", element.Tag);

    static DicomDataException NotANumber(DicomElement element, DicomVR vr) =>
        new($"{element.Tag.Describe()} has the value representation {vr}, which holds no numbers.", element.Tag);

    static DicomDataException NotWhole(DicomElement element, string value) =>
        new($"{element.Tag.Describe()} should be a whole number, but it is {value}.", element.Tag);
}
