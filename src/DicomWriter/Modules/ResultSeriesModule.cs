using System.Globalization;
using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Modules;

/// <summary>
/// Segmentation Series, PS3.3 C.8.20.1, and SR Document Series, C.17.1, over General Series, C.7.3.1.
/// Laterality (0020,0060) is never written: the cord has none, and viewers stumble over an empty one.
/// </summary>
static class ResultSeriesModule
{
    /// <param name="number">Tells the result series of one source series apart, 1..99.</param>
    public static void Write(DicomDataset target, ResultContext context, string modality, int number, string description)
    {
        var source = context.Source;
        target.AddOrUpdate(DicomTag.Modality, modality);
        target.AddOrUpdate(DicomTag.SeriesNumber, SeriesNumber(source, number).ToString(CultureInfo.InvariantCulture));
        target.AddOrUpdate(DicomTag.SeriesDate, source.ContentDate);
        target.AddOrUpdate(DicomTag.SeriesTime, source.ContentTime);
        target.AddOrUpdate(DicomTag.SeriesDescription, description);
    }

    /// <summary>Source x 100 + n, so that results sort behind their source; a source number that does not fit an IS counts as 0.</summary>
    public static int SeriesNumber(SourceSeries source, int number) =>
        int.TryParse(source.Instance.GetStringOrNull(DicomTag.SeriesNumber), NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            && n <= 21_474_835 ? (n * 100) + number : number;
}
