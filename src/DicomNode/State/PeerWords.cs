using SoftSeg.Dicom;

namespace SoftSeg.DicomNode.State;

/// <summary>Peers put into their answers what they like: the log and the history name no patient.</summary>
public static class PeerWords
{
    /// <param name="words">What a peer said.</param>
    /// <param name="file">An instance of the patient whom it may name.</param>
    /// <returns>The same with three asterisks in place of every part of the patient's name and ID.</returns>
    public static string WithoutPatient(string words, string file)
    {
        var patient = DicomFile.Open(file, DicomReadOptions.UntilPixelData).Dataset;
        return new[] { DicomTag.PatientName, DicomTag.PatientID }
            .SelectMany(tag => (patient.GetStringOrNull(tag) ?? "").Split(['^', '=', ' ', '\\'], StringSplitOptions.RemoveEmptyEntries))
            .Where(part => part.Length > 1).OrderByDescending(part => part.Length)
            .Aggregate(words, (text, part) => text.Replace(part, "***", StringComparison.OrdinalIgnoreCase));
    }
}
