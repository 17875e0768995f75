using System.Globalization;
using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.FunctionalGroups;

/// <summary>Pixel Measures, PS3.3 C.7.6.16.2.1.</summary>
static class PixelMeasuresMacro
{
    public static void Write(DicomDataset group, SourceSeries source)
    {
        var frame = source.Frames[0];
        var item = new DicomDataset().AddOrUpdate(DicomTag.PixelSpacing, frame.PixelSpacing);
        var spacing = SpacingBetweenSlices(source);
        if (spacing is not null)
            item.AddOrUpdate(DicomTag.SpacingBetweenSlices, spacing);
        // A viewer that builds a volume of the frames needs a thickness; touching slices are the best guess where the source has none.
        if ((frame.SliceThickness is { Length: > 0 } thickness ? thickness : spacing) is { } value)
            item.AddOrUpdate(DicomTag.SliceThickness, value);
        group.AddOrUpdate(DicomTag.PixelMeasuresSequence, item);
    }

    /// <summary>The source's own string while it agrees with the positions, which are the truth; else their distance.</summary>
    static string? SpacingBetweenSlices(SourceSeries source)
    {
        var text = source.Frames[0].SpacingBetweenSlices;
        if (source.SliceSpacing is not double measured)
            return text is { Length: > 0 } ? text : null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var stated)
            && Math.Abs(stated - measured) <= 1e-3 * measured ? text : DecimalString.Format(measured);
    }
}
