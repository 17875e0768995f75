using System.Globalization;
using SoftSeg.Dicom;

namespace SoftSeg.DicomReader;

/// <summary>Something by which images at the same place differ.</summary>
/// <param name="Name">For notes: the attribute's keyword, or words where it is made of several.</param>
/// <param name="Read">Reads a frame's value as text; null where the source does not say.</param>
/// <param name="IsTime">Its values are the same image again, later; otherwise they are other images.</param>
sealed record StackDimension(string Name, Func<SourceFrame, string?> Read, bool IsTime = false)
{
    /// <summary>Different values are different stacks, whatever the positions.</summary>
    public static IReadOnlyList<StackDimension> Always { get; } =
    [
        new("SeriesInstanceUID", f => f.Image.Instance.GetStringOrNull(DicomTag.SeriesInstanceUID)),
        new("FrameOfReferenceUID", f => f.Image.Instance.GetStringOrNull(DicomTag.FrameOfReferenceUID)),
        new("Rows x Columns", f => $"{f.Image.Rows} x {f.Image.Columns}"),
        new("PixelSpacing", f => $"{Text(f.Plane.RowSpacing, 4)} x {Text(f.Plane.ColumnSpacing, 4)} mm"),
        new("PhotometricInterpretation", f => f.Image.Instance.GetStringOrNull(DicomTag.PhotometricInterpretation)),
        new("complex image component", f => f.Acquisition.Component.ToString().ToLowerInvariant()),
        new("ImageType, value 1", f => f.Acquisition.ImageType is [var first, ..] ? first.ToUpperInvariant() : null),
        new("EchoTime", f => Text(f.Acquisition.EchoTime, 3)),
        new("EchoNumbers", f => Text(f.Acquisition.EchoNumber)),
        new("diffusion b-value", f => Text(f.Acquisition.Diffusion.BValue, 1)),
        new("diffusion direction", f => f.Acquisition.Diffusion.DirectionText),
        new("StackID", f => f.Acquisition.StackId),
    ];

    /// <summary>Differ from slice to slice in many a good stack, so they only tell images apart whose positions are repeated; in this order.</summary>
    public static IReadOnlyList<StackDimension> ForRepeats { get; } =
    [
        new("ImageType", f => string.Join('\\', f.Acquisition.ImageType).ToUpperInvariant()),
        new("InversionTime", f => Text(f.Acquisition.InversionTime, 3)),
        new("FlipAngle", f => Text(f.Acquisition.FlipAngle, 3)),
        new("temporal position", f => Text(f.Acquisition.TemporalPosition), IsTime: true),
        new("AcquisitionNumber", f => Text(f.Acquisition.AcquisitionNumber), IsTime: true),
        new("TriggerTime", f => Text(f.Acquisition.TriggerTime, 3), IsTime: true),
        .. Enumerable.Range(0, 8).Select(i => new StackDimension($"DimensionIndexValues, value {i + 1}", f => DimensionIndex(f, i), IsTime: true)),
    ];

    /// <summary>Ascending; numbers as numbers and before words.</summary>
    public static int CompareValues(string? a, string? b)
    {
        var isNumber = (A: TryNumber(a, out var x), B: TryNumber(b, out var y));
        if (isNumber.A != isNumber.B)
            return isNumber.A ? -1 : 1;
        return isNumber.A && x != y ? x.CompareTo(y) : string.CompareOrdinal(a, b);

        static bool TryNumber(string? text, out double number) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    static string? DimensionIndex(SourceFrame frame, int dimension) =>
        dimension < frame.Acquisition.DimensionIndexValues.Length ? Text(frame.Acquisition.DimensionIndexValues[dimension]) : null;

    static string? Text(double? value, int decimals) =>
        value is { } number ? (Math.Round(number, decimals) + 0.0).ToString("0.####", CultureInfo.InvariantCulture) : null;

    static string? Text(int? value) => value?.ToString(CultureInfo.InvariantCulture);
}
