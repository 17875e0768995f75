using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Images;
using SoftSeg.DicomWriter.Reports;
using SoftSeg.DicomWriter.Segmentations;
using SoftSeg.DicomWriter.Tests.Segmentations;
using SoftSeg.DicomWriter.Tests.Sources;
using SoftSeg.DicomWriter.Tests.Tools;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Tests;

/// <summary>Results for what scanners really send: their patient and study attributes, their number strings, their private groups.</summary>
public sealed class RealSourceTests
{
    public static TheoryData<string> Sources => [.. RealSources.Names];

    [Theory]
    [MemberData(nameof(Sources))]
    public void Results_are_conformant_and_lie_where_the_source_strings_say(string name)
    {
        foreach (var context in RealSources.Of(name))
        {
            var report = MeasurementReportBuilder.Build(context, CordMorphometry.Measure(context.Mask));
            foreach (var file in new[] { SegmentationBuilder.BuildHard(context), SegmentationBuilder.BuildSoft(context) })
            {
                Validators.AssertConformant(file);
                var frames = SegmentationFrame.Of(file.Dataset).Zip(file.Dataset.GetSequence(DicomTag.PerFrameFunctionalGroupsSequence));
                foreach (var (frame, group) in frames)
                {
                    var source = context.Frames.Single(f => f.SopInstanceUid == frame.SourceInstanceUid && f.FrameNumber == frame.SourceFrameNumber);
                    Assert.Equal(source.ImagePositionPatient, group.GetSequence(DicomTag.PlanePositionSequence)[0].GetStrings(DicomTag.ImagePositionPatient));
                }
                Assert.Equal(context.Frames[0].Instance.GetBytes(DicomTag.PatientName).ToArray(), file.Dataset.GetBytes(DicomTag.PatientName).ToArray());
            }
            Validators.AssertConformant(report);
            Validators.AssertReadableReport(report);
        }
    }

    [Fact]
    public void Results_and_sources_agree_on_patient_study_and_frame_of_reference()
    {
        var mask = Phantom.Tube(4, 64, 64, Phantom.Axial());
        using var folder = new TemporaryFolder();
        var context = Source.Classic(mask);
        DicomFile[] files =
        [
            .. MrSeriesBuilder.Build(Phantom.Image(mask)), SegmentationBuilder.BuildHard(context), SegmentationBuilder.BuildSoft(context),
            MeasurementReportBuilder.Build(context, Measurements.Slices(mask)),
        ];
        var paths = files.Select((file, i) =>
        {
            var path = folder.File($"{i}.dcm");
            file.Save(path);
            return path;
        }).ToArray();
        var output = ExternalTool.Run("dcentvfy", "dicom3tools", paths).Output;
        Assert.DoesNotContain("Error", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Private_groups_and_the_longest_uids_of_a_source_do_no_harm()
    {
        var longest = "1.2." + new string('9', 60);
        var context = Source.Classic(Phantom.Tube(2, 64, 64, Phantom.Axial()), change: d => d
            .AddOrUpdate(DicomTag.StudyInstanceUID, longest)
            .AddOrUpdate(DicomVR.LO, new DicomTag(0x0029, 0x0010), "SIEMENS CSA HEADER")
            .AddOrUpdate(DicomVR.OB, new DicomTag(0x0029, 0x1010), new byte[1000]));
        foreach (var file in new[] { SegmentationBuilder.BuildHard(context), MeasurementReportBuilder.Build(context, Measurements.Slices(context.Mask)) })
        {
            Assert.Equal(longest, file.Dataset.GetString(DicomTag.StudyInstanceUID));
            Assert.DoesNotContain(file.Dataset, item => item.Tag.IsPrivate);
            Validators.AssertConformant(file);
        }
    }

    [Fact]
    public void Words_of_model_and_configuration_that_the_source_can_not_encode_are_written_plainly()
    {
        var context = Source.Classic(Phantom.Tube(2, 64, 64, Phantom.Axial()), new MrSeriesDescription { SpecificCharacterSet = [] }) with
        {
            Equipment = new EquipmentIdentification { StationName = "RÖNTGEN\\1", InstitutionName = "Klinik Ω" },
            Segment = SegmentDescription.SpinalCord with { Label = "Rückenmark" },
        };
        foreach (var file in new[] { SegmentationBuilder.BuildSoft(context), MeasurementReportBuilder.Build(context, Measurements.Slices(context.Mask)) })
        {
            Assert.Equal("R?NTGEN/1", file.Dataset.GetString(DicomTag.StationName));
            Validators.AssertConformant(file);
        }
    }

    [Fact]
    public void A_description_that_no_attribute_can_hold_is_refused_by_its_name()
    {
        var context = Source.Classic(Phantom.Tube(2, 64, 64, Phantom.Axial()));
        var label = Assert.Throws<DicomConformanceException>(() => SegmentationBuilder.BuildHard(
            context with { Segment = context.Segment with { ShortName = "grey-matter" } }));
        Assert.Equal(DicomTag.ContentLabel, label.Attribute);
        var code = Assert.Throws<DicomConformanceException>(() => SegmentationBuilder.BuildHard(
            context with { Segment = context.Segment with { Type = new CodedConcept("1", "SCT", new string('x', 65)) } }));
        Assert.Equal(DicomTag.CodeMeaning, code.Attribute);
        var serial = Assert.Throws<DicomConformanceException>(() => SegmentationBuilder.BuildHard(
            context with { Equipment = context.Equipment with { DeviceSerialNumber = " " } }));
        Assert.Equal(DicomTag.DeviceSerialNumber, serial.Attribute);
    }
}
