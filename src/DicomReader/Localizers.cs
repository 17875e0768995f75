namespace SoftSeg.DicomReader;

/// <summary>Tells the images that a scan is planned on from the scan.</summary>
public static class Localizers
{
    static readonly string[] words = ["localizer", "localiser", "loc", "scout", "survey", "3plane"];

    /// <summary>Whether ImageType says LOCALIZER (PS3.3 C.8.3.1.1.1), or a word of the description or the protocol's name does.</summary>
    public static bool IsOne(IEnumerable<string> imageType, string? seriesDescription, string? protocolName) =>
        imageType.Contains("LOCALIZER", StringComparer.OrdinalIgnoreCase)
        || new[] { seriesDescription, protocolName }
            .SelectMany(text => (text ?? "").Split([' ', '_', '-', '.', ',', '(', ')', '/'], StringSplitOptions.RemoveEmptyEntries))
            .Any(word => words.Contains(word, StringComparer.OrdinalIgnoreCase));
}
