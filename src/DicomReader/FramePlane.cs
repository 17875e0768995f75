using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader;

/// <summary>The plane of a frame as numbers, in patient LPS mm.</summary>
/// <param name="Position">Centre of the first pixel.</param>
/// <param name="RowDirection">Along a row, length 1: the first three values of ImageOrientationPatient.</param>
/// <param name="ColumnDirection">Down a column, length 1: the last three.</param>
/// <param name="RowSpacing">Between rows: the first value of PixelSpacing.</param>
/// <param name="ColumnSpacing">Between columns: the second.</param>
/// <param name="Thickness">SliceThickness; null where the source has none.</param>
sealed record FramePlane(
    Vector3 Position, Vector3 RowDirection, Vector3 ColumnDirection, double RowSpacing, double ColumnSpacing, double? Thickness)
{
    /// <summary>Decimal strings of 3 digits are off by less; what is off by more is not a pair of directions.</summary>
    const double DirectionTolerance = 0.01;

    public Vector3 Normal { get; } = RowDirection.Cross(ColumnDirection).Normalize();

    public Vector3 RowStep => ColumnDirection * RowSpacing;

    public Vector3 ColumnStep => RowDirection * ColumnSpacing;

    /// <exception cref="SeriesRefusedException">An attribute is missing or is no plane.</exception>
    public static FramePlane Of(ImageFrame frame)
    {
        var position = Numbers(frame, DicomTag.ImagePositionPatient, frame.ImagePositionPatient, 3);
        var orientation = Numbers(frame, DicomTag.ImageOrientationPatient, frame.ImageOrientationPatient, 6);
        var spacing = Numbers(frame, DicomTag.PixelSpacing, frame.PixelSpacing, 2);
        if (spacing[0] <= 0 || spacing[1] <= 0)
            throw new SeriesRefusedException($"PixelSpacing is {string.Join('\\', frame.PixelSpacing)} in {Name(frame)}: two lengths above 0 mm are expected.");
        var row = new Vector3(orientation[0], orientation[1], orientation[2]);
        var column = new Vector3(orientation[3], orientation[4], orientation[5]);
        if (Math.Abs(row.Length - 1) > DirectionTolerance || Math.Abs(column.Length - 1) > DirectionTolerance || Math.Abs(row.Dot(column)) > DirectionTolerance)
        {
            throw new SeriesRefusedException(
                $"ImageOrientationPatient is {string.Join('\\', frame.ImageOrientationPatient)} in {Name(frame)}: two directions of length 1 at a right angle are expected "
                + $"(the lengths are {row.Length:0.####} and {column.Length:0.####}, their product is {row.Dot(column):0.####}; {DirectionTolerance} is tolerated).");
        }
        double? thickness = frame.SliceThickness is { } text && TryNumber(text, out var value) && value > 0 ? value : null;
        return new(new(position[0], position[1], position[2]), row.Normalize(), column.Normalize(), spacing[0], spacing[1], thickness);
    }

    static double[] Numbers(ImageFrame frame, DicomTag tag, string[] values, int expected)
    {
        if (values.Length == 0)
            throw new SeriesRefusedException($"{Keyword(tag)} is missing in {Name(frame)}: without it the image has no place in the patient. Send the images as the scanner made them.");
        var numbers = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            if (values.Length != expected || !TryNumber(values[i], out numbers[i]))
                throw new SeriesRefusedException($"{Keyword(tag)} is '{string.Join('\\', values)}' in {Name(frame)}: {expected} numbers are expected.");
        }
        return numbers;
    }

    static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    static string Keyword(DicomTag tag) => DicomDictionary.Lookup(tag)?.Keyword ?? tag.ToString();

    static string Name(ImageFrame frame) =>
        frame.FrameNumber is { } number ? $"frame {number} of {frame.SopInstanceUid}" : frame.SopInstanceUid;
}
