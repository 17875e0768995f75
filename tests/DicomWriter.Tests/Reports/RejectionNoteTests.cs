using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Reports;
using SoftSeg.DicomWriter.Segmentations;
using SoftSeg.DicomWriter.Tests.Sources;

namespace SoftSeg.DicomWriter.Tests.Reports;

/// <summary>The note that withdraws results; that it is conformant for every source stands in <see cref="EveryObjectTests"/>.</summary>
public sealed class RejectionNoteTests
{
    readonly ResultContext context = Source.Classic(Phantom.Tube(5, 64, 64, Phantom.Axial()));

    [Fact]
    public void It_names_each_rejected_instance_in_content_and_evidence_and_says_why()
    {
        var (segmentation, report) = (SegmentationBuilder.BuildSoft(context).Dataset, TextReportBuilder.Build(context, ["No cord was found."]).Dataset);

        var note = RejectionNoteBuilder.Build(segmentation, [segmentation, report]).Dataset;

        Assert.Equal(("KO", DicomUID.KeyObjectSelectionDocumentStorage.Value), (note.GetString(DicomTag.Modality), note.GetString(DicomTag.SOPClassUID)));
        var title = note.GetSequence(DicomTag.ConceptNameCodeSequence)[0];
        Assert.Equal(("113001", "DCM", "Rejected for Quality Reasons"),
            (title.GetString(DicomTag.CodeValue), title.GetString(DicomTag.CodingSchemeDesignator), title.GetString(DicomTag.CodeMeaning)));
        Assert.Equal("2010", note.GetSequence(DicomTag.ContentTemplateSequence)[0].GetString(DicomTag.TemplateIdentifier));
        var named = note.GetSequence(DicomTag.ContentSequence).Where(item => item.Contains(DicomTag.ReferencedSOPSequence))
            .ToDictionary(item => item.GetSequence(DicomTag.ReferencedSOPSequence)[0].GetString(DicomTag.ReferencedSOPInstanceUID), item => item.GetString(DicomTag.ValueType));
        Assert.Equal(("IMAGE", "COMPOSITE"), (named[segmentation.GetString(DicomTag.SOPInstanceUID)], named[report.GetString(DicomTag.SOPInstanceUID)]));
        var evidence = Assert.Single(note.GetSequence(DicomTag.CurrentRequestedProcedureEvidenceSequence)).GetSequence(DicomTag.ReferencedSeriesSequence);
        Assert.Equal(named.Keys.Order(), evidence.SelectMany(series => series.GetSequence(DicomTag.ReferencedSOPSequence)).Select(item => item.GetString(DicomTag.ReferencedSOPInstanceUID)).Order());
    }

    [Fact]
    public void Instances_of_another_study_and_none_at_all_are_refused()
    {
        var report = TextReportBuilder.Build(context, ["No cord was found."]).Dataset;
        var other = TextReportBuilder.Build(context, ["No cord was found."]).Dataset.AddOrUpdate(DicomTag.StudyInstanceUID, "1.2.3");
        Assert.Throws<ArgumentException>(() => RejectionNoteBuilder.Build(report, [other]));
        Assert.Throws<ArgumentException>(() => RejectionNoteBuilder.Build(report, []));
    }
}
