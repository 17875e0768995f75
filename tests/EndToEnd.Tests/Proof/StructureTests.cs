using System.Text.Json;
using SoftSeg.Dicom;

namespace SoftSeg.EndToEnd.Tests.Proof;

/// <summary>Every object has what the module tables of PS3.3 ask for, and keeps the rules that decide whether viewers show it; read by dcmjs.</summary>
[Collection(ProofMatrix.Collection)]
public sealed class StructureTests(ProofMatrix matrix)
{
    [Fact]
    public async Task Every_object_has_its_attributes_and_keeps_the_rules_of_viewers()
    {
        foreach (var (file, faults) in await Faults(matrix.All.SelectMany(written => written.Objects)))
            Assert.True(faults.Length == 0, $"{file}:{Environment.NewLine}{string.Join(Environment.NewLine, faults)}");
    }

    [Fact]
    public async Task Every_fault_that_is_made_on_purpose_is_named()
    {
        var folder = matrix.Folder("broken for the tables");
        var written = matrix["axial 64x64"];
        var made = new List<(string File, string Expected)>();
        Make(ProofCase.Hard, "SegmentLabel (00620005) is Type 1 and absent", d => Segment(d).Remove(DicomTag.SegmentLabel));
        Make(ProofCase.Hard, "Manufacturer (00080070) is Type 1 and empty", d => d.AddOrUpdate(DicomTag.Manufacturer));
        Make(ProofCase.Soft, "PatientSex (00100040) is Type 2 and absent", d => d.Remove(DicomTag.PatientSex));
        Make(ProofCase.Soft, "top-level SourceImageSequence", d => d.AddOrUpdate(DicomTag.SourceImageSequence, new DicomDataset()));
        Make(ProofCase.Hard, "ReferencedSeriesSequence names no instance", d => d.Remove(DicomTag.ReferencedSeriesSequence));
        Make(ProofCase.Hard, "frame 2: DerivationImage is not 113076 DCM", d => Frame(d, 1).Remove(DicomTag.DerivationImageSequence));
        Make(ProofCase.Hard, "frame 1: no SegmentIdentification", d => Frame(d, 0).Remove(DicomTag.SegmentIdentificationSequence));
        Make(ProofCase.Soft, "does not lie above the one before", d => Break.Apply(d, Break.FrameShifted));
        Make(ProofCase.Hard, "OHIF scrambles its bits", d => d.AddOrUpdate(DicomTag.Rows, (ushort)63).AddOrUpdate(DicomTag.Columns, (ushort)63));
        Make(ProofCase.Soft, "not OCCUPANCY", d => d.AddOrUpdate(DicomTag.SegmentationFractionalType, "PROBABILITY"));
        Make(ProofCase.Report3D, "Measurement Group 2 has no SCOORD", d => Group(d, 1).AddOrUpdate(DicomTag.ContentSequence,
            [.. Group(d, 1).GetSequence(DicomTag.ContentSequence).Where(item => item.GetString(DicomTag.ValueType) != "SCOORD")]));
        Make(ProofCase.Report, "a NUM has no 0040a300", d => Group(d, 0).GetSequence(DicomTag.ContentSequence).First(item => item.GetString(DicomTag.ValueType) == "NUM").Remove(DicomTag.MeasuredValueSequence));
        Make(ProofCase.Report, "the private scheme 99SOFTSEG is not declared", d => d.Remove(DicomTag.CodingSchemeIdentificationSequence));
        Make(ProofCase.Text, "CompletionFlag (0040a491) is Type 1 and absent", d => d.Remove(DicomTag.CompletionFlag));

        var found = await Faults(made.Select(fault => fault.File));

        Assert.All(made, fault => Assert.Contains(found[fault.File], words => words.Contains(fault.Expected, StringComparison.Ordinal)));

        void Make(string file, string expected, Action<DicomDataset> change)
        {
            var opened = DicomFile.Open(written.Path(file));
            change(opened.Dataset);
            var target = Path.Combine(folder, $"{made.Count}.dcm");
            opened.Save(target);
            made.Add((target, expected));
        }
    }

    static DicomDataset Segment(DicomDataset dataset) => dataset.GetSequence(DicomTag.SegmentSequence)[0];

    static DicomDataset Frame(DicomDataset dataset, int frame) => dataset.GetSequence(DicomTag.PerFrameFunctionalGroupsSequence)[frame];

    /// <summary>A Measurement Group below Imaging Measurements (126010, DCM).</summary>
    static DicomDataset Group(DicomDataset dataset, int group) => dataset.GetSequence(DicomTag.ContentSequence)
        .Single(item => item.GetSequence(DicomTag.ConceptNameCodeSequence)[0].GetString(DicomTag.CodeValue) == "126010")
        .GetSequence(DicomTag.ContentSequence)[group];

    static async Task<IReadOnlyDictionary<string, string[]>> Faults(IEnumerable<string> files)
    {
        var output = Path.GetTempFileName();
        try
        {
            (await Viewers.Run("ps33.mjs", [output, .. files])).Succeeded();
            return JsonSerializer.Deserialize<Answer[]>(await File.ReadAllTextAsync(output), JsonSerializerOptions.Web)!.ToDictionary(answer => answer.File, answer => answer.Faults);
        }
        finally
        {
            File.Delete(output);
        }
    }

    sealed record Answer(string File, string[] Faults);
}
