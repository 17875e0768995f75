using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using SoftSeg.Dicom;

namespace SoftSeg.DicomReader;

/// <summary>Numbers in private elements (PS3.5 7.8.1), read leniently: what can't be read is not there.</summary>
static class PrivateNumbers
{
    static readonly SearchValues<byte> decimalText = SearchValues.Create("0123456789+-.eE\\ \0"u8);

    /// <summary>The numbers of a creator's element (group,xxEE); empty where there are none.</summary>
    public static double[] Of(DicomDataset dataset, string creator, ushort group, byte element)
    {
        if (dataset.PrivateTag(creator, group, element) is not { } tag || !dataset.TryGetItem(tag, out var item) || item is not DicomElement)
            return [];
        try
        {
            return item.ValueRepresentation == DicomVR.UN ? Unknown(dataset.GetBytes(tag).Span) : dataset.GetDoubles(tag);
        }
        catch (DicomDataException)
        {
            return [];
        }
    }

    /// <summary>Implicit VR leaves private elements without a VR: text is told from binary doubles by its bytes.</summary>
    static double[] Unknown(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.ContainsAnyExcept(decimalText))
        {
            var parts = Encoding.ASCII.GetString(bytes).Trim('\0', ' ').Split('\\');
            var numbers = new double[parts.Length];
            for (var i = 0; i < parts.Length; i++)
            {
                if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
                    return [];
            }
            return numbers;
        }
        if (bytes.Length % sizeof(double) != 0)
            return [];
        var doubles = new double[bytes.Length / sizeof(double)];
        for (var i = 0; i < doubles.Length; i++)
            doubles[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(i * sizeof(double))..]);
        return doubles;
    }
}
