using SkiaSharp;

namespace SoftSeg.DicomWriter.Pictures;

/// <summary>The typeface of all pictures. It ships with the program, so that a picture has its words, and the same bytes, on any machine.</summary>
static class Typefaces
{
    static readonly Lazy<SKTypeface> sans = new(() =>
    {
        using var font = typeof(Typefaces).Assembly.GetManifestResourceStream("DejaVuSans.ttf")!;
        return SKTypeface.FromStream(font);
    });

    public static SKTypeface Sans => sans.Value;
}
