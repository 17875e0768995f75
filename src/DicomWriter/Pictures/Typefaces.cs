using System.Text;
using SkiaSharp;

namespace SoftSeg.DicomWriter.Pictures;

/// <summary>The typefaces of all pictures. They ship with the program, so that a picture has its words, and the same bytes, on any machine.</summary>
static class Typefaces
{
    static readonly Lazy<SKTypeface> sans = Embedded("DejaVuSans.ttf"), han = Embedded("wqy-microhei.ttc");

    /// <summary>Latin, Greek, Cyrillic and what is near to them.</summary>
    public static SKTypeface Sans => sans.Value;

    /// <summary>Chinese, Japanese and Korean.</summary>
    static SKTypeface Han => han.Value;

    /// <summary>Whether <see cref="Runs"/> gives a text without a replaced character.</summary>
    public static bool CanDraw(string text) => text.EnumerateRunes().All(rune => Of(rune) is not null);

    /// <summary>A text cut where its typeface changes; a character that can't be drawn becomes a question mark.</summary>
    public static IEnumerable<(SKTypeface Typeface, string Text)> Runs(string text)
    {
        var (run, typeface) = (new StringBuilder(), Sans);
        foreach (var rune in text.EnumerateRunes())
        {
            var next = Of(rune) ?? Sans;
            if (next != typeface && run.Length > 0)
            {
                yield return (typeface, run.ToString());
                run.Clear();
            }
            typeface = next;
            run.Append(Of(rune) is null ? "?" : rune.ToString());
        }
        if (run.Length > 0)
            yield return (typeface, run.ToString());
    }

    static SKTypeface? Of(Rune rune) => NeedsShaping(rune) ? null : Has(Sans, rune) ? Sans : Has(Han, rune) ? Han : null;

    static bool Has(SKTypeface typeface, Rune rune)
    {
        using var font = new SKFont(typeface);
        return font.ContainsGlyph(rune.Value);
    }

    /// <summary>Hebrew to Myanmar: scripts whose letters join, reorder or run from the right, which takes more than a glyph for each.</summary>
    static bool NeedsShaping(Rune rune) => rune.Value is >= 0x0590 and < 0x10A0;

    static Lazy<SKTypeface> Embedded(string name) => new(() =>
    {
        using var font = typeof(Typefaces).Assembly.GetManifestResourceStream(name)!;
        return SKTypeface.FromStream(font);
    });
}
