using System.Globalization;
using System.IO.Enumeration;
using SoftSeg.Dicom;

namespace SoftSeg.DicomReader;

/// <summary>The files of one series, as found in a folder.</summary>
/// <param name="Files">In ascending order of their paths, which says nothing about the slices.</param>
public sealed record SeriesFiles(
    string StudyInstanceUid, string SeriesInstanceUid, string Modality, string Description, int? SeriesNumber, IReadOnlyList<string> Files)
{
    public override string ToString() =>
        $"{Modality} series {SeriesNumber?.ToString(CultureInfo.InvariantCulture) ?? "without number"} {Description} ({Files.Count} file{(Files.Count == 1 ? "" : "s")})";
}

/// <summary>What lies in a folder.</summary>
/// <param name="Series">By study, then series number, then series UID.</param>
/// <param name="Notes">Files that were skipped, and why.</param>
public sealed record FolderScan(IReadOnlyList<SeriesFiles> Series, IReadOnlyList<string> Notes);

/// <summary>Finds the series in a folder by its files' headers, whatever the files are called. No pixel data is read and no header kept.</summary>
public static class SeriesFolder
{
    /// <summary>Series Number (0020,0011) is the last that is looked at.</summary>
    static readonly DicomReadOptions throughSeriesNumber = new() { StopBefore = new DicomTag(0x0020, 0x0012) };

    /// <summary>Looks at all files below a folder, or at one file.</summary>
    /// <exception cref="SeriesRefusedException">The path does not exist.</exception>
    public static FolderScan Scan(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var notes = new List<string>();
        var foreign = new List<string>();
        var found = new Dictionary<string, (SeriesFiles First, List<string> Files)>();
        var isFolder = Directory.Exists(path);
        foreach (var file in Files(path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = isFolder ? Path.GetRelativePath(path, file) : Path.GetFileName(file);
            try
            {
                // A pipe or a device has no length; to open one could wait for ever.
                if (new FileInfo(file) is { Length: 0, LinkTarget: null } || !HasPreambleIn(file))
                    foreign.Add(name);
                else if (Identify(file) is { } series)
                    Add(series);
                else
                    notes.Add($"{name} was skipped: it has no SeriesInstanceUID, so it is no image.");
            }
            catch (Exception e) when (e is DicomDataException or IOException or UnauthorizedAccessException)
            {
                notes.Add($"{name} was skipped: {e.Message}");
            }
        }
        if (foreign.Count > 0)
        {
            notes.Add($"{foreign.Count} file{(foreign.Count == 1 ? " is" : "s are")} not DICOM and {(foreign.Count == 1 ? "was" : "were")} skipped: "
                + $"{string.Join(", ", foreign.Take(5))}{(foreign.Count > 5 ? ", ..." : "")}.");
        }
        return new(
            [.. found.Values.Select(s => s.First with { Files = s.Files })
                .OrderBy(s => s.StudyInstanceUid, StringComparer.Ordinal).ThenBy(s => s.SeriesNumber ?? int.MaxValue).ThenBy(s => s.SeriesInstanceUid, StringComparer.Ordinal)],
            notes);

        void Add(SeriesFiles series)
        {
            if (!found.TryGetValue(series.SeriesInstanceUid, out var known))
                found.Add(series.SeriesInstanceUid, known = (series, []));
            known.Files.AddRange(series.Files);
        }
    }

    static SeriesFiles? Identify(string file)
    {
        var header = DicomFile.Open(file, throughSeriesNumber).Dataset;
        return header.GetStringOrNull(DicomTag.SeriesInstanceUID) is not { } series ? null : new(
            header.GetStringOrNull(DicomTag.StudyInstanceUID) ?? "",
            series,
            header.GetStringOrNull(DicomTag.Modality) ?? "",
            header.GetStringOrNull(DicomTag.SeriesDescription) ?? "",
            int.TryParse(header.GetStringOrNull(DicomTag.SeriesNumber), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null,
            [file]);
    }

    static bool HasPreambleIn(string file)
    {
        Span<byte> start = stackalloc byte[132];
        using var stream = File.OpenRead(file);
        return DicomFile.HasPreamble(start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
    }

    static IEnumerable<string> Files(string path)
    {
        if (File.Exists(path))
            return [path];
        if (!Directory.Exists(path))
            throw new SeriesRefusedException($"{path} does not exist; a folder of DICOM files or one file is expected.");
        return new FileSystemEnumerable<string>(path, (ref FileSystemEntry entry) => entry.ToFullPath(), new() { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = true })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            // Links to folders are not followed: they may lead in a circle.
            ShouldRecursePredicate = (ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
        }.Order(StringComparer.Ordinal);
    }
}
