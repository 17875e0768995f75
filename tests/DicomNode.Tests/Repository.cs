using System.Runtime.CompilerServices;

namespace SoftSeg.DicomNode.Tests;

static class Repository
{
    /// <summary>The checkout that these tests were built from.</summary>
    public static string Root { get; } = Find();

    static string Find([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../.."));
}
