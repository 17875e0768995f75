using SharpFuzz;

namespace SoftSeg.Fuzz;

/// <summary>A copy of this program whose libraries count their branches (SharpFuzz, after AFL's edge coverage).</summary>
static class Instrumented
{
    const string Mark = "SOFTSEG_FUZZ_INSTRUMENTED";

    /// <summary>Names the file that holds the input under way, so that one that kills the process is known.</summary>
    public const string InputFile = "SOFTSEG_FUZZ_INPUT";

    static readonly string[] libraries = ["SoftSeg.Dicom.dll", "SoftSeg.DicomReader.dll"];

    public static bool IsHere => Environment.GetEnvironmentVariable(Mark) == "1";

    /// <summary>Makes the copy in a folder; the folder's Fuzz.dll is what to run.</summary>
    public static void Make(string folder)
    {
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(AppContext.BaseDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
        foreach (var library in libraries)
            Fuzzer.Instrument(Path.Combine(folder, library), _ => true, Options.Value);
    }

    public static IReadOnlyDictionary<string, string?> Variables(string inputFile) => new Dictionary<string, string?> { [Mark] = "1", [InputFile] = inputFile };
}
