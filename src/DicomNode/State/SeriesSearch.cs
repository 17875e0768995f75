using SoftSeg.Dicom;

namespace SoftSeg.DicomNode.State;

/// <summary>Finds series by what people have in hand: an Accession Number, a Patient ID, the UID of a study, a series or an instance.</summary>
static class SeriesSearch
{
    public static IReadOnlyList<SeriesRow> Find(string key, NodeState state, DataDirectory data)
    {
        var found = state.Search(key).ToList();
        found.AddRange(SeriesOfInstance(key, data).Except(found.Select(series => series.SeriesUid)).Select(state.Find).OfType<SeriesRow>());
        // What is still coming in is known by its UIDs alone: its first file says the rest.
        found.AddRange(state.Unidentified().Where(series => !found.Contains(series) && Carries(series, key, data)));
        return found;
    }

    static IEnumerable<string> SeriesOfInstance(string key, DataDirectory data) =>
        DicomUID.IsValid(key)
            ? Directory.EnumerateDirectories(data.Spool).SelectMany(Directory.EnumerateDirectories)
                .Where(series => File.Exists(Path.Combine(series, key + ".dcm"))).Select(series => Path.GetFileName(series))
            : [];

    static bool Carries(SeriesRow series, string key, DataDirectory data)
    {
        var folder = Path.Combine(data.Spool, series.StudyUid, series.SeriesUid);
        if (!Directory.Exists(folder) || Directory.EnumerateFiles(folder, "*.dcm").FirstOrDefault() is not { } file)
            return false;
        var header = DicomFile.Open(file, DicomReadOptions.UntilPixelData).Dataset;
        return header.GetStringOrNull(DicomTag.AccessionNumber) == key || header.GetStringOrNull(DicomTag.PatientID) == key;
    }
}
