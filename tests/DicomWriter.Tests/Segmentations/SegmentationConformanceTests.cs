using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Images;
using SoftSeg.DicomWriter.Segmentations;
using SoftSeg.DicomWriter.Tests.Sources;
using SoftSeg.DicomWriter.Tests.Tools;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Tests.Segmentations;

/// <summary>dciodvfy and DCMTK accept the objects, for every kind of source.</summary>
public sealed class SegmentationConformanceTests
{
    public static TheoryData<string> Planes => ["axial", "sagittal", "oblique", "single", "enhanced", "odd"];

    [Theory]
    [MemberData(nameof(Planes))]
    public void Objects_of_every_plane_and_kind_of_source_are_conformant(string plane)
    {
        var context = plane switch
        {
            "axial" => Source.Classic(Phantom.Tube(6, 64, 64, Phantom.Axial(), 1, 4)),
            "sagittal" => Source.Classic(Phantom.Tube(20, 64, 48, Phantom.Sagittal())),
            "oblique" => Source.Classic(Phantom.Tube(6, 50, 50, Phantom.Oblique())),
            "single" => Source.Classic(Phantom.Tube(1, 24, 25, Phantom.Axial())),
            "enhanced" => Source.Enhanced(Phantom.Tube(6, 64, 64, Phantom.Axial())),
            _ => Source.Classic(Phantom.Tube(5, 51, 51, Phantom.Oblique())),
        };
        Validators.AssertConformant(SegmentationBuilder.BuildHard(context));
        Validators.AssertConformant(SegmentationBuilder.BuildSoft(context));
    }

    public static TheoryData<string[], string> Names => new()
    {
        { ["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう" },
        { ["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동" },
        { ["GB18030"], "Wang^XiaoDong=王^小东" },
        { ["ISO_IR 192"], "Wang^XiaoDong=王^小東=" },
        { ["ISO_IR 100"], "Äneas^Rüdiger" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Names_in_any_character_set_come_back_as_the_same_bytes(string[] characterSet, string name)
    {
        var mask = Phantom.Tube(3, 32, 32, Phantom.Axial());
        var context = Source.Classic(mask, new MrSeriesDescription { SpecificCharacterSet = characterSet, PatientName = name });
        var source = context.Frames[0].Instance;
        Assert.Equal(name, source.GetString(DicomTag.PatientName));
        foreach (var file in new[] { SegmentationBuilder.BuildHard(context), SegmentationBuilder.BuildSoft(context) })
        {
            using var saved = new TemporaryFile(file);
            var read = DicomFile.Open(saved.Path).Dataset;
            Assert.Equal(source.GetStrings(DicomTag.SpecificCharacterSet), read.GetStrings(DicomTag.SpecificCharacterSet));
            Assert.Equal(source.GetBytes(DicomTag.PatientName).ToArray(), read.GetBytes(DicomTag.PatientName).ToArray());
            Assert.Equal(name, read.GetString(DicomTag.PatientName));
            Validators.AssertConformant(file);
        }
    }

    [Fact]
    public void A_name_that_another_encoder_wrote_with_more_escapes_than_needed_keeps_its_bytes()
    {
        // ESC ( B where ASCII is designated already, and twice in a row.
        byte[] bytes = [.. "Yamada\e(B^Tarou=\e$B;3ED\e(B\e(B^\e$BB@O:\e(B"u8];
        var context = Source.Classic(Phantom.Tube(2, 32, 32, Phantom.Axial()), new MrSeriesDescription { SpecificCharacterSet = ["", "ISO 2022 IR 87"] },
            d => d.AddOrUpdate(new DicomElement(DicomTag.PatientName, DicomVR.PN, bytes)));
        using var saved = new TemporaryFile(SegmentationBuilder.BuildHard(context));
        Assert.Equal(bytes, DicomFile.Open(saved.Path).Dataset.GetBytes(DicomTag.PatientName).ToArray());
    }

    [Fact]
    public void A_source_description_in_another_script_stands_in_ours()
    {
        var context = Source.Classic(Phantom.Tube(3, 32, 32, Phantom.Axial()),
            new MrSeriesDescription { SpecificCharacterSet = ["", "ISO 2022 IR 87"], SeriesDescription = "頸椎 T2" });
        using var saved = new TemporaryFile(SegmentationBuilder.BuildSoft(context));
        Assert.Equal("SoftSeg cord soft v0.1.0 [頸椎 T2] NOT FOR CLINICAL USE", DicomFile.Open(saved.Path).Dataset.GetString(DicomTag.SeriesDescription));
    }

    [Fact]
    public void Missing_type_2_attributes_are_written_empty()
    {
        DicomTag[] type2 = [DicomTag.PatientName, DicomTag.PatientID, DicomTag.PatientBirthDate, DicomTag.PatientSex, DicomTag.StudyDate, DicomTag.StudyTime,
            DicomTag.ReferringPhysicianName, DicomTag.StudyID, DicomTag.AccessionNumber, DicomTag.PositionReferenceIndicator];
        var context = Source.Classic(Phantom.Tube(3, 32, 32, Phantom.Axial()), change: d =>
        {
            foreach (var tag in type2.Append(DicomTag.SeriesNumber).Append(DicomTag.SeriesDescription).Append(DicomTag.SpecificCharacterSet))
                d.Remove(tag);
        });
        var file = SegmentationBuilder.BuildHard(context);
        Assert.All(type2, tag => Assert.Empty(file.Dataset.GetString(tag)));
        Assert.Equal(("1", "SoftSeg cord v0.1.0 NOT FOR CLINICAL USE"), (file.Dataset.GetString(DicomTag.SeriesNumber), file.Dataset.GetString(DicomTag.SeriesDescription)));
        Validators.AssertConformant(file);
    }

    [Fact]
    public void A_source_without_any_date_still_gets_a_result()
    {
        var context = Source.Classic(Phantom.Tube(3, 32, 32, Phantom.Axial()), change: d =>
        {
            foreach (var tag in new[] { DicomTag.StudyDate, DicomTag.SeriesDate, DicomTag.AcquisitionDate, DicomTag.ContentDate })
                d.AddOrUpdate(tag);
        });
        var file = SegmentationBuilder.BuildSoft(context);
        Assert.Equal("19000101", file.Dataset.GetString(DicomTag.ContentDate));
        Validators.AssertConformant(file);
    }
}
