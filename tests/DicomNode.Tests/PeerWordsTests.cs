using SoftSeg.Dicom;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Tests;

public sealed class PeerWordsTests : IDisposable
{
    readonly DirectoryInfo work = Directory.CreateTempSubdirectory("softseg-words-");

    public void Dispose() => work.Delete(recursive: true);

    [Theory]
    [InlineData("Doe^Jane", "4711-A", "C001 (Unable to process: DOE JANE of ward 3)", "C001 (Unable to process: *** *** of ward 3)")]
    [InlineData("Doe^Jane", "4711-A", "no room for 4711-a/doe", "no room for ***/***")]
    // A part that holds another is taken first; a single letter would take words apart.
    [InlineData("Meier^Mei^X", "X", "Meier, Mei: Exam X refused", "***, ***: Exam X refused")]
    [InlineData("", "", "A700 (Out of resources)", "A700 (Out of resources)")]
    public void What_a_peer_says_names_no_patient(string name, string id, string said, string told)
    {
        var file = Path.Combine(work.FullName, "instance.dcm");
        new DicomFile(new DicomDataset()
            .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.MRImageStorage)
            .AddOrUpdate(DicomTag.SOPInstanceUID, DicomUID.Derive(name))
            .AddOrUpdate(DicomTag.PatientName, name)
            .AddOrUpdate(DicomTag.PatientID, id)).Save(file);
        Assert.Equal(told, PeerWords.WithoutPatient(said, file));
    }
}
