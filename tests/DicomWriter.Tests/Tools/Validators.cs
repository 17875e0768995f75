using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Tests.Tools;

/// <summary>Checks of a written object by dicom3tools and DCMTK.</summary>
static class Validators
{
    /// <summary>dciodvfy finds no error, and DCMTK reads the file to its end.</summary>
    public static void AssertConformant(DicomFile file)
    {
        using var saved = new TemporaryFile(file);
        AssertNoErrors(ExternalTool.Run("dciodvfy", "dicom3tools", "-new", saved.Path).Output, saved.Path);
        AssertReadable(saved);
    }

    /// <summary>DCMTK reads the file to its end.</summary>
    public static void AssertReadable(DicomFile file)
    {
        using var saved = new TemporaryFile(file);
        AssertReadable(saved);
    }

    static void AssertReadable(TemporaryFile saved)
    {
        var (exitCode, output) = ExternalTool.Run("dcmdump", "dcmtk", saved.Path);
        Assert.True(exitCode == 0 && !output.Contains("E: ") && !output.Contains("W: "), output);
    }

    /// <summary>dsrdump shows the tree of a report; its text is returned.</summary>
    public static string AssertReadableReport(DicomFile file)
    {
        using var saved = new TemporaryFile(file);
        var (exitCode, output) = ExternalTool.Run("dsrdump", "dcmtk", "+Pc", "+Pl", saved.Path);
        // DCMTK checks values in the default and Latin repertoires only, and says so.
        var complaints = output.Split('\n').Where(l => l.StartsWith("E: ", StringComparison.Ordinal)
            || (l.StartsWith("W: ", StringComparison.Ordinal) && !l.Contains("VR checker does not support", StringComparison.Ordinal)));
        Assert.True(exitCode == 0 && !complaints.Any(), output);
        return output;
    }

    static void AssertNoErrors(string output, string path)
    {
        var errors = output.Split('\n').Where(line => line.Contains("Error", StringComparison.Ordinal)).ToArray();
        Assert.True(errors.Length == 0, $"dciodvfy on {path}:\n{string.Join('\n', errors)}");
    }
}

/// <summary>A DICOM file that is deleted at the end of the test.</summary>
sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(DicomFile file) => file.Save(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"softseg-{Guid.NewGuid():N}.dcm");

    public void Dispose() => File.Delete(Path);
}
