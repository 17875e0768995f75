namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>The validators of dicom3tools.</summary>
static class Dciodvfy
{
    /// <summary>What <c>dciodvfy -new</c> calls an error in the file.</summary>
    public static async Task<string[]> Errors(string file)
    {
        var result = await ExternalProgram.Dciodvfy.RunAsync(["-new", file]);
        return ErrorLines(result);
    }

    /// <summary>What <c>dcentvfy</c> says of patient, study, series and frame of reference that differ between files where they must not.</summary>
    public static async Task<string[]> ErrorsBetween(IEnumerable<string> files) => ErrorLines(await ExternalProgram.Dcentvfy.RunAsync(files));

    static string[] ErrorLines(ProgramResult result) =>
        [.. (result.Output + result.Error).Split('\n').Where(line => line.StartsWith("Error", StringComparison.Ordinal))];
}
