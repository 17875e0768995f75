using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;

namespace SoftSeg.DicomReader;

/// <summary>
/// Diffusion weighting of a frame: the standard attributes (PS3.3 C.8.13.5.9), else those of the vendors where they are plain
/// elements: Siemens (0019,xx0C) and (0019,xx0E), GE (0043,xx39) and (0019,xxBB..BD), Philips (2001,xx03) and (2005,xxB0..B2).
/// </summary>
/// <param name="BValue">s/mm2; null where the source does not say.</param>
/// <param name="Direction">Gradient direction, length 1; null where there is none.</param>
readonly record struct Diffusion(double? BValue, (double X, double Y, double Z)? Direction)
{
    public static Diffusion Of(ImageFrame frame)
    {
        if (frame.FunctionalGroup(DicomTag.MRDiffusionSequence) is { } group)
        {
            var gradients = group.GetSequence(DicomTag.DiffusionGradientDirectionSequence);
            var gradient = gradients.Count > 0 ? gradients[0].GetDoubles(DicomTag.DiffusionGradientOrientation) : [];
            return new(group.GetDoubleOrNull(DicomTag.DiffusionBValue), Unit(gradient));
        }
        var instance = frame.Instance;
        if (instance.GetDoubleOrNull(DicomTag.DiffusionBValue) is { } standard)
            return new(standard, Unit(instance.GetDoubles(DicomTag.DiffusionGradientOrientation)));

        if (Siemens(0x0C) is [var siemens, ..])
            return new(siemens, Unit(Siemens(0x0E)));
        // GE puts the b-value first of four and, on newer systems, adds 1e9 to it.
        if (PrivateNumbers.Of(instance, "GEMS_PARM_01", 0x0043, 0x39) is [var ge, ..])
            return new(ge % 1e6, Unit([.. Ge(0xBB), .. Ge(0xBC), .. Ge(0xBD)]));
        if (PrivateNumbers.Of(instance, "Philips Imaging DD 001", 0x2001, 0x03) is [var philips, ..])
            return new(philips, Unit([.. Philips(0xB0), .. Philips(0xB1), .. Philips(0xB2)]));
        return default;

        double[] Siemens(byte element) => PrivateNumbers.Of(instance, "SIEMENS MR HEADER", 0x0019, element);
        double[] Ge(byte element) => PrivateNumbers.Of(instance, "GEMS_ACQU_01", 0x0019, element);
        double[] Philips(byte element) => PrivateNumbers.Of(instance, "Philips MR Imaging DD 001", 0x2005, element);
    }

    /// <summary>The direction as text, for telling frames apart; null where there is none.</summary>
    public string? DirectionText => Direction is var (x, y, z)
        ? string.Create(CultureInfo.InvariantCulture, $"{Rounded(x):0.###},{Rounded(y):0.###},{Rounded(z):0.###}")
        : null;

    static double Rounded(double value) => Math.Round(value, 3) + 0.0;

    static (double X, double Y, double Z)? Unit(double[] vector)
    {
        if (vector.Length != 3)
            return null;
        var length = Math.Sqrt(vector.Sum(v => v * v));
        return length > 1e-3 && double.IsFinite(length) ? (vector[0] / length, vector[1] / length, vector[2] / length) : null;
    }
}
