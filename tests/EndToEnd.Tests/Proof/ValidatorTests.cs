using SoftSeg.Dicom;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests.Proof;

/// <summary>The validators of dicom3tools, DCMTK and PixelMed find no error in any object, and no warning that has no reason.</summary>
[Collection(ProofMatrix.Collection)]
public sealed class ValidatorTests(ProofMatrix matrix)
{
    [Fact]
    public async Task Dciodvfy_finds_no_error_in_any_object()
    {
        var said = new List<string>();
        foreach (var file in matrix.All.SelectMany(KnownToDicom3tools))
            said.AddRange(await Dciodvfy.Said(file));

        Assert.DoesNotContain(said, IsError);
        Warnings.AssertKnown("dciodvfy", [.. said.Where(IsWarning)]);
    }

    [Fact]
    public async Task Dcentvfy_finds_no_contradiction_between_any_source_and_its_objects()
    {
        var said = new List<string>();
        foreach (var written in matrix.All)
            said.AddRange(await Dciodvfy.SaidBetween([.. written.SourceFiles, .. KnownToDicom3tools(written)]));

        Assert.DoesNotContain(said, IsError);
        Warnings.AssertKnown("dcentvfy", [.. said.Where(IsWarning)]);
    }

    [Fact]
    public async Task Dsrdump_reads_every_report_to_its_end()
    {
        var complaints = new List<string>();
        foreach (var file in matrix.All.SelectMany(written => written.Reports))
        {
            var dump = (await ExternalProgram.Dsrdump.RunAsync([file])).Succeeded();
            Assert.Contains("Observer", dump.Output, StringComparison.Ordinal);
            complaints.AddRange(dump.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        Assert.DoesNotContain(complaints, line => !line.StartsWith("W: ", StringComparison.Ordinal));
        Warnings.AssertKnown("dsrdump", complaints);
    }

    [Fact]
    public async Task PixelMeds_validator_finds_the_template_and_no_error_in_both_reports_of_slices_and_sees_what_is_broken()
    {
        var report = matrix[SourceLibrary.AxialLabelled].Path(ProofCase.Report3D);
        var segmentReport = matrix[SourceLibrary.AxialLabelled].Path(ProofCase.SegmentReport);
        var folder = matrix.Folder("broken for PixelMed");
        // It judges what is there and does not miss what is not: without Completion Flag, Procedure Reported or a contour it says the same as with them.
        var foreign = Broken(report, folder, "foreign.dcm", dataset =>
            dataset.GetSequence(DicomTag.ContentSequence)[^1].GetSequence(DicomTag.ConceptNameCodeSequence)[0].AddOrUpdate(DicomTag.CodeValue, "121107"));

        var said = await PixelMed.Validate([report, segmentReport, foreign]);

        AssertValidReport(said[report]);
        AssertValidReport(said[segmentReport]);
        Warnings.AssertKnown("DicomSRValidator", [.. said[report].Concat(said[segmentReport]).Where(IsWarning)]);
        Assert.ThrowsAny<Exception>(() => Warnings.AssertKnown("DicomSRValidator", [.. said[foreign].Concat(said[segmentReport]).Where(IsWarning)]));
    }

    [Fact, Trait("Category", "Long")]
    public async Task PixelMeds_validator_finds_the_template_and_no_error_in_any_measurement_report()
    {
        var said = await PixelMed.Validate(matrix.All.SelectMany(written => (string[])[written.Path(ProofCase.Report3D), written.Path(ProofCase.Report), written.Path(ProofCase.SegmentReport)]));

        Assert.All(said.Values, AssertValidReport);
        Warnings.AssertKnown("DicomSRValidator", [.. said.Values.SelectMany(lines => lines).Where(IsWarning)]);
    }

    /// <summary>Each of them can fail.</summary>
    [Fact]
    public async Task Each_validator_sees_what_is_broken_on_purpose()
    {
        var written = matrix["axial 24x25"];
        var folder = matrix.Folder("broken for validators");

        var segmentation = Broken(written.Path(ProofCase.Hard), folder, ProofCase.Hard, dataset => dataset.Remove(DicomTag.SegmentSequence));
        Assert.Contains(await Dciodvfy.Said(segmentation), IsError);

        var patient = Broken(written.Path(ProofCase.Soft), folder, ProofCase.Soft, dataset => dataset.AddOrUpdate(DicomTag.PatientBirthDate, "19000101"));
        Assert.Contains(await Dciodvfy.SaidBetween([.. written.SourceFiles, patient]), IsError);

        var report = Broken(written.Path(ProofCase.Report), folder, ProofCase.Report, dataset => dataset.GetSequence(DicomTag.ContentSequence)[0].Remove(DicomTag.ConceptCodeSequence));
        Assert.NotEqual(0, (await ExternalProgram.Dsrdump.RunAsync([report])).ExitCode);
    }

    /// <summary>dicom3tools of 2022 has no label map segmentation (Supplement 243 came in 2024): it would judge it as nothing it knows.</summary>
    static IEnumerable<string> KnownToDicom3tools(ProofCase written) => written.Objects.Where(file => Path.GetFileName(file) != ProofCase.LabelMap);

    static void AssertValidReport(string[] said)
    {
        Assert.Contains(said, line => line.StartsWith("Found Comprehensive", StringComparison.Ordinal));
        Assert.Contains(said, line => line.Contains("Found Root Template TID_1500", StringComparison.Ordinal));
        Assert.Contains("IOD validation complete", said);
        Assert.DoesNotContain(said, IsError);
    }

    static string Broken(string file, string folder, string name, Action<DicomDataset> change)
    {
        var opened = DicomFile.Open(file);
        change(opened.Dataset);
        var target = Path.Combine(folder, name);
        opened.Save(target);
        return target;
    }

    static bool IsError(string line) => line.StartsWith("Error", StringComparison.Ordinal);

    static bool IsWarning(string line) => line.StartsWith("Warning", StringComparison.Ordinal);
}
