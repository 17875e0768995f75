using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests.Proof;

/// <summary>Orthanc stores every object beside its source, in the same study, and gives back the same bytes.</summary>
[Collection(ProofMatrix.Collection)]
public sealed class ArchiveTests(ProofMatrix matrix)
{
    [Fact]
    public async Task Orthanc_keeps_every_object_in_the_study_of_its_source_and_returns_its_bytes_over_WADO_RS()
    {
        await using var orthanc = new OrthancPeer("ORTHANC");
        await orthanc.StartAsync();

        foreach (var written in matrix.All)
        {
            (await Dcmtk.Send(orthanc.Port, orthanc.AeTitle, "STORESCU", written.SourceFiles)).Succeeded();
            await using (var client = await DicomClient.ConnectAsync(new() { Host = "127.0.0.1", Port = orthanc.Port, CalledAeTitle = orthanc.AeTitle, CallingAeTitle = "SOFTSEG" }, written.Objects))
            {
                foreach (var file in written.Objects)
                    Assert.Equal(DicomStatus.Success, await client.StoreAsync(file));
                await client.ReleaseAsync();
            }
            var study = written.Context.Frames[0].Instance.GetString(DicomTag.StudyInstanceUID);
            var series = await orthanc.SeriesOverDicomWeb(study);
            var made = new HashSet<string>();
            foreach (var file in written.Objects)
            {
                var sent = DicomFile.Open(file, DicomReadOptions.UntilPixelData).Dataset;
                var seriesUid = sent.GetString(DicomTag.SeriesInstanceUID);
                made.Add(seriesUid);
                Assert.Contains((seriesUid, sent.GetString(DicomTag.Modality)), series);
                // Of the pictures of a series one stands for all: they differ in nothing but the slice.
                if (Path.GetFileName(file).StartsWith("overlay-", StringComparison.Ordinal) && Path.GetFileName(file) != "overlay-001.dcm")
                    continue;
                var bytes = await orthanc.RetrieveOverDicomWeb(study, seriesUid, sent.GetString(DicomTag.SOPInstanceUID));
                Assert.Equal(PartTen.DatasetOf(file), PartTen.DatasetOf(bytes));
            }
            Assert.Equal(made.Count + 1, series.Count);
        }
    }
}
