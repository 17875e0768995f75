namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>PixelMed's validator of SR templates.</summary>
static class PixelMed
{
    const string Jar = "/usr/share/java/pixelmed.jar";

    static readonly ExternalProgram java = new("java", "pixelmed-apps default-jre-headless");

    /// <summary>What <c>DicomSRValidator</c> says, a line each. It compiles the templates on every start: 13 s of a processor.</summary>
    public static async Task<string[]> Validate(string file)
    {
        if (!File.Exists(Jar))
            throw new FileNotFoundException("PixelMed's validator is not installed. Install it with: apt-get install pixelmed-apps");
        // The templates have more XPath operators than Java's limits of 2022 and later allow.
        var result = await java.RunAsync(
        [
            "-Xmx6g", "-Djdk.xml.xpathTotalOpLimit=0", "-Djdk.xml.xpathExprOpLimit=0", "-Djdk.xml.xpathExprGrpLimit=0",
            "-cp", Jar, "com.pixelmed.validate.DicomSRValidator", file,
        ], TimeSpan.FromMinutes(3));
        return (result.Output + result.Error).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
