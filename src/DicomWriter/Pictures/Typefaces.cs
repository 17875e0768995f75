using SkiaSharp;

namespace SoftSeg.DicomWriter.Pictures;

/// <summary>
/// A sans serif typeface of this machine. The native library without dependencies does not ask the system for fonts, so the file is looked for;
/// without any font on the machine pictures carry no words.
/// </summary>
static class Typefaces
{
    static readonly string[] Wanted = ["DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSans-Regular.ttf", "arial.ttf", "Arial.ttf"];

    static readonly Lazy<SKTypeface> sans = new(Find);

    public static SKTypeface Sans => sans.Value;

    static SKTypeface Find()
    {
        string[] folders =
        [
            "/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts",
            Environment.GetFolderPath(Environment.SpecialFolder.Fonts),
        ];
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        var files = folders.Where(folder => folder.Length > 0 && Directory.Exists(folder))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.ttf", options)).Order(StringComparer.Ordinal).ToArray();
        var best = Wanted.Select(name => Array.Find(files, file => Path.GetFileName(file) == name)).FirstOrDefault(file => file is not null) ?? files.FirstOrDefault();
        return best is null ? SKTypeface.Default : SKTypeface.FromFile(best) ?? SKTypeface.Default;
    }
}
