using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Modules;

/// <summary>Rows (0028,0010) and Columns (0028,0011).</summary>
static class ImageSize
{
    /// <exception cref="DicomConformanceException">One of them does not fit 16 bits.</exception>
    public static void Write(DicomDataset target, int rows, int columns)
    {
        target.AddOrUpdate(DicomTag.Rows, Checked(DicomTag.Rows, rows));
        target.AddOrUpdate(DicomTag.Columns, Checked(DicomTag.Columns, columns));
    }

    static ushort Checked(DicomTag tag, int value) => value <= ushort.MaxValue ? (ushort)value : throw new DicomConformanceException(tag, $"can't hold {value}.");
}
