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
    public async Task PixelMeds_validator_finds_the_template_and_no_error_in_a_report_of_slices() =>
        AssertValidReport(await PixelMed.Validate(matrix[SourceLibrary.AxialLabelled].Path(ProofCase.Report3D)), "Comprehensive3DSR");

    [Fact, Trait("Category", "Long")]
    public async Task PixelMeds_validator_finds_the_template_and_no_error_in_any_measurement_report()
    {
        foreach (var written in matrix.All)
        {
            AssertValidReport(await PixelMed.Validate(written.Path(ProofCase.Report3D)), "Comprehensive3DSR");
            AssertValidReport(await PixelMed.Validate(written.Path(ProofCase.Report)), "ComprehensiveSR");
        }
    }

    /// <summary>Each of them can fail.</summary>
    [Fact]
    public async Task Each_validator_sees_what_is_broken_on_purpose()
    {
        var written = matrix["axial 24x25"];
        var folder = matrix.Folder("broken for validators");

        var segmentation = Broken(written.Path(ProofCase.Hard), dataset => dataset.Remove(DicomTag.SegmentSequence));
        Assert.Contains(await Dciodvfy.Said(segmentation), IsError);

        var patient = Broken(written.Path(ProofCase.Soft), dataset => dataset.AddOrUpdate(DicomTag.PatientBirthDate, "19000101"));
        Assert.Contains(await Dciodvfy.SaidBetween([.. written.SourceFiles, patient]), IsError);

        var report = Broken(written.Path(ProofCase.Report), dataset => dataset.GetSequence(DicomTag.ContentSequence)[0].Remove(DicomTag.ConceptCodeSequence));
        Assert.NotEqual(0, (await ExternalProgram.Dsrdump.RunAsync([report])).ExitCode);

        string Broken(string file, Action<DicomDataset> change)
        {
            var opened = DicomFile.Open(file);
            change(opened.Dataset);
            var target = Path.Combine(folder, Path.GetFileName(file));
            opened.Save(target);
            return target;
        }
    }

    [Fact, Trait("Category", "Long")]
    public async Task PixelMeds_validator_sees_a_measurement_group_without_its_tracking()
    {
        var opened = DicomFile.Open(matrix["axial 24x25"].Path(ProofCase.Report3D));
        var measurements = opened.Dataset.GetSequence(DicomTag.ContentSequence).Single(item => Concept(item) == "126010");
        var group = measurements.GetSequence(DicomTag.ContentSequence)[0];
        group.AddOrUpdate(DicomTag.ContentSequence, [.. group.GetSequence(DicomTag.ContentSequence).Where(item => Concept(item) != "112040")]);
        var broken = Path.Combine(matrix.Folder("broken for PixelMed"), "broken.dcm");
        opened.Save(broken);

        Assert.Contains(await PixelMed.Validate(broken), IsError);

        static string Concept(DicomDataset item) => item.GetSequence(DicomTag.ConceptNameCodeSequence) is { Count: > 0 } name ? name[0].GetString(DicomTag.CodeValue) : "";
    }

    /// <summary>dicom3tools of 2022 has no label map segmentation (Supplement 243 came in 2024): it would judge it as nothing it knows.</summary>
    static IEnumerable<string> KnownToDicom3tools(ProofCase written) => written.Objects.Where(file => Path.GetFileName(file) != ProofCase.LabelMap);

    static void AssertValidReport(string[] said, string iod)
    {
        Assert.Contains(said, line => line.Contains($"Found {iod} IOD", StringComparison.Ordinal));
        Assert.Contains(said, line => line.Contains("Found Root Template TID_1500", StringComparison.Ordinal));
        Assert.Contains("IOD validation complete", said);
        Assert.DoesNotContain(said, IsError);
        Warnings.AssertKnown("DicomSRValidator", [.. said.Where(IsWarning)]);
    }

    static bool IsError(string line) => line.StartsWith("Error", StringComparison.Ordinal);

    static bool IsWarning(string line) => line.StartsWith("Warning", StringComparison.Ordinal);
}
