namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>The validators of dicom3tools.</summary>
static class Dciodvfy
{
    /// <summary>What <c>dciodvfy -new</c> calls an error in the file.</summary>
    public static async Task<string[]> Errors(string file) => [.. (await Said(file)).Where(IsError)];

    /// <summary>What <c>dcentvfy</c> calls an error in patient, study, series and frame of reference that differ between files where they must not.</summary>
    public static async Task<string[]> ErrorsBetween(IEnumerable<string> files) => [.. (await SaidBetween(files)).Where(IsError)];

    /// <summary>Every line that <c>dciodvfy -new</c> says of a file.</summary>
    public static async Task<string[]> Said(string file) => Lines(await ExternalProgram.Dciodvfy.RunAsync(["-new", file]));

    /// <summary>Every line that <c>dcentvfy</c> says of files together.</summary>
    public static async Task<string[]> SaidBetween(IEnumerable<string> files) => Lines(await ExternalProgram.Dcentvfy.RunAsync(files));

    static bool IsError(string line) => line.StartsWith("Error", StringComparison.Ordinal);

    static string[] Lines(ProgramResult result) => (result.Output + result.Error).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
