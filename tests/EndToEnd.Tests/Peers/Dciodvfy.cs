namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>The validator of dicom3tools.</summary>
static class Dciodvfy
{
    /// <summary>What <c>dciodvfy -new</c> calls an error in the file.</summary>
    public static async Task<string[]> Errors(string file)
    {
        var result = await ExternalProgram.Dciodvfy.RunAsync(["-new", file]);
        return (result.Output + result.Error).Split('\n').Where(line => line.StartsWith("Error", StringComparison.Ordinal)).ToArray();
    }
}
