namespace SoftSeg.Dicom.Tests.Support;

/// <summary>DICOM files of real scanners in the folder that SOFTSEG_TESTDATA names; where it isn't set, files made here.</summary>
static class RealFiles
{
    static readonly Lazy<string> phantoms = new(WritePhantoms);

    public static IReadOnlyList<string> All { get; } = Find();

    static string[] Find()
    {
        var root = Environment.GetEnvironmentVariable("SOFTSEG_TESTDATA");
        var folders = root is null ? [] : new[] { Path.Combine(root, "dicom"), Path.Combine(root, "dev", "dicom") }.Where(Directory.Exists).ToArray();
        if (folders.Length == 0)
            folders = [phantoms.Value];
        return [.. folders.SelectMany(f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories)).Where(IsDicom).Order(StringComparer.Ordinal)];
    }

    static bool IsDicom(string path)
    {
        using var file = File.OpenRead(path);
        var start = new byte[132];
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && DicomFile.HasPreamble(start);
    }

    static string WritePhantoms()
    {
        var folder = Directory.CreateTempSubdirectory("softseg-phantoms-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (var syntax in new[] { DicomTransferSyntax.ImplicitVRLittleEndian, DicomTransferSyntax.ExplicitVRLittleEndian, DicomTransferSyntax.DeflatedExplicitVRLittleEndian })
            new DicomFile(Phantom.MRImage(), syntax).Save(Path.Combine(folder, syntax.UID + ".dcm"));
        return folder;
    }
}
