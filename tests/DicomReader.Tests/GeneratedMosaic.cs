using System.Buffers.Binary;
using System.Text;
using SoftSeg.Dicom;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader.Tests;

/// <summary>The slices of a <see cref="GeneratedSeries"/> as the tiles of one Siemens mosaic.</summary>
static class GeneratedMosaic
{
    /// <param name="series">Its slices become the tiles.</param>
    /// <param name="reversed">The first tile is the last slice along the normal, as where SliceNormalVector points against it.</param>
    public static DicomDataset Instance(GeneratedSeries series, bool reversed = false, string seed = "mosaic")
    {
        var across = (int)Math.Ceiling(Math.Sqrt(series.Slices));
        var (rows, columns) = (series.Rows * across, series.Columns * across);
        var pixels = new byte[rows * columns * 2];
        for (var tile = 0; tile < series.Slices; tile++)
        {
            var slice = reversed ? series.Slices - 1 - tile : tile;
            for (var i = 0; i < series.Rows * series.Columns; i++)
            {
                var (row, column) = (i / series.Columns, i % series.Columns);
                var at = ((((tile / across) * series.Rows) + row) * columns) + ((tile % across) * series.Columns) + column;
                BinaryPrimitives.WriteUInt16LittleEndian(pixels.AsSpan(2 * at), (ushort)GeneratedSeries.Stored(slice, row, column));
            }
        }
        var first = series.Origin + (series.Normal * (reversed ? series.SliceSpacing * (series.Slices - 1) : 0));
        var corner = first - (series.ColumnDirection * (series.RowSpacing * (rows - series.Rows) / 2)) - (series.RowDirection * (series.ColumnSpacing * (columns - series.Columns) / 2));
        var dataset = series.Slice(0)
            .AddOrUpdate(DicomTag.SOPInstanceUID, DicomUID.Derive(seed))
            .AddOrUpdate(DicomTag.Manufacturer, "SIEMENS")
            .AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC")
            .AddOrUpdate(DicomTag.Rows, (ushort)rows)
            .AddOrUpdate(DicomTag.Columns, (ushort)columns)
            .AddOrUpdate(DicomTag.ImagePositionPatient, GeneratedSeries.Texts(corner))
            .AddOrUpdate(DicomTag.PixelData, pixels);
        dataset.AddOrUpdate(DicomVR.US, dataset.ReservePrivateTag("SIEMENS MR HEADER", 0x0019, 0x0A), $"{series.Slices}");
        dataset.AddOrUpdate(new DicomElement(dataset.ReservePrivateTag("SIEMENS CSA HEADER", 0x0029, 0x10), DicomVR.OB, Csa(series.Slices, reversed ? -series.Normal : series.Normal)));
        return dataset;
    }

    /// <summary>A CSA image header with what places a mosaic's tiles.</summary>
    static byte[] Csa(int slices, Vector3 normal)
    {
        using var stream = new MemoryStream();
        stream.Write("SV10\u0004\u0003\u0002\u0001"u8);
        Int32(2);
        Int32(77);
        Element("NumberOfImagesInMosaic", 1, "US", [$"{slices}"]);
        Element("SliceNormalVector", 3, "FD", GeneratedSeries.Texts(normal));
        return stream.ToArray();

        void Element(string name, int multiplicity, string vr, string[] values)
        {
            Text(name, 64);
            Int32(multiplicity);
            Text(vr, 4);
            Int32(4);
            Int32(6);
            Int32(77);
            for (var n = 0; n < 6; n++)
            {
                var value = n < values.Length ? values[n].PadRight(16, '\0') : "";
                Int32(value.Length);
                Int32(value.Length);
                Int32(77);
                Int32(value.Length);
                Text(value, value.Length);
            }
        }

        void Text(string text, int length) => stream.Write(Encoding.ASCII.GetBytes(text.PadRight(length, '\0')[..length]));

        void Int32(int value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }
}
