using SoftSeg.EndToEnd.Tests.Proof;

namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>PixelMed's validator of SR templates.</summary>
static class PixelMed
{
    const string Jar = "/usr/share/java/pixelmed.jar";

    static readonly ExternalProgram java = new("java", "pixelmed-apps default-jdk-headless");

    /// <summary>What <c>DicomSRValidator</c> says of each file, a line each.</summary>
    public static async Task<IReadOnlyDictionary<string, string[]>> Validate(IEnumerable<string> files)
    {
        if (!File.Exists(Jar))
            throw new FileNotFoundException("PixelMed's validator is not installed. Install it with: apt-get install pixelmed-apps");
        // The templates have more XPath operators than Java's limits of 2022 and later allow.
        var result = (await java.RunAsync(
        [
            "-Xmx6g", "-Djdk.xml.xpathTotalOpLimit=0", "-Djdk.xml.xpathExprOpLimit=0", "-Djdk.xml.xpathExprGrpLimit=0",
            "-cp", Jar, Path.Combine(Viewers.Folder, "ValidateReports.java"), .. files,
        ], TimeSpan.FromMinutes(30))).Succeeded();
        return result.Output.Split("File: ", StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(lines => lines[0], lines => lines[1..]);
    }
}
