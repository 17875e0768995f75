using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Captures;
using SoftSeg.DicomWriter.Images;
using SoftSeg.DicomWriter.Reports;
using SoftSeg.DicomWriter.Segmentations;
using SoftSeg.DicomWriter.Tests.Sources;
using SoftSeg.DicomWriter.Tests.Tools;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Tests;

/// <summary>All kinds of results, for every size, plane and oddity of a source.</summary>
public sealed class EveryObjectTests
{
    static readonly DicomTag[] Type2 =
    [
        DicomTag.PatientName, DicomTag.PatientID, DicomTag.PatientBirthDate, DicomTag.PatientSex, DicomTag.StudyDate, DicomTag.StudyTime,
        DicomTag.ReferringPhysicianName, DicomTag.StudyID, DicomTag.AccessionNumber, DicomTag.SeriesNumber, DicomTag.PositionReferenceIndicator,
    ];

    static readonly string longest = "1.2." + new string('9', 60);

    public static TheoryData<string> Sources =>
    [
        "axial 64x64", "oblique 50x50", "oblique 51x51", "axial 24x25", "axial 320x320", "oblique 512x384", "sagittal 48x64", "coronal 40x40", "one slice", "two slices",
        "enhanced", "Japanese", "Korean", "Chinese", "Chinese, UTF-8", "German", "undeclared bytes", "type 2 missing", "type 2 empty", "private groups", "longest UIDs", "no dates", "lossy",
    ];

    [Theory]
    [MemberData(nameof(Sources))]
    public void Every_object_is_conformant_and_belongs_to_its_source(string source)
    {
        var context = Make(source);
        var instance = context.Frames[0].Instance;
        foreach (var (kind, file) in Objects(context))
        {
            // dciodvfy of 2022 does not know label maps.
            if (kind == "label map")
                Validators.AssertReadable(file);
            else
                Validators.AssertConformant(file);
            var dataset = file.Dataset;
            foreach (var tag in (DicomTag[])[DicomTag.PatientName, DicomTag.PatientID, DicomTag.AccessionNumber, DicomTag.SpecificCharacterSet, DicomTag.StudyInstanceUID])
                Assert.True(Bytes(instance, tag).AsSpan().SequenceEqual(Bytes(dataset, tag)), $"{kind}: {tag}");
            Assert.NotEqual(instance.GetString(DicomTag.SeriesInstanceUID), dataset.GetString(DicomTag.SeriesInstanceUID));
            Assert.DoesNotContain(dataset, item => item.Tag.IsPrivate);
            if (dataset.Contains(DicomTag.FrameOfReferenceUID))
                Assert.Equal(instance.GetString(DicomTag.FrameOfReferenceUID), dataset.GetString(DicomTag.FrameOfReferenceUID));
        }
    }

    [Theory]
    [InlineData("axial 64x64")]
    [InlineData("sagittal 48x64")]
    [InlineData("enhanced")]
    [InlineData("Japanese")]
    public void The_same_source_gives_every_object_the_same_bytes(string source)
    {
        var again = Objects(Make(source)).ToDictionary(o => o.Kind, o => Saved(o.File));
        foreach (var (kind, file) in Objects(Make(source)))
            Assert.True(again[kind].AsSpan().SequenceEqual(Saved(file)), kind);
    }

    [Fact]
    public void Series_of_different_results_have_different_numbers_and_uids()
    {
        var objects = Objects(Make("axial 64x64")).Where(o => o.Kind is not ("older report" or "older segment report" or "text" or "second picture" or "0 and 255")).ToArray();
        Assert.Equal(objects.Length, objects.Select(o => o.File.Dataset.GetString(DicomTag.SeriesInstanceUID)).Distinct().Count());
        Assert.Equal(objects.Length, objects.Select(o => o.File.Dataset.GetString(DicomTag.SeriesNumber)).Distinct().Count());
    }

    [Theory]
    [InlineData("StudyInstanceUID")]
    [InlineData("SeriesInstanceUID")]
    [InlineData("FrameOfReferenceUID")]
    public void Without_an_attribute_that_ties_it_to_its_source_no_object_is_written(string keyword)
    {
        var tag = DicomDictionary.LookupKeyword(keyword)!.Tag;
        var context = Source.Classic(Phantom.Tube(5, 64, 64, Phantom.Axial()), change: d => d.Remove(tag));
        var measured = Measurements.Slices(context.Mask);
        Action[] builders =
        [
            () => SegmentationBuilder.BuildHardForms(context), () => SegmentationBuilder.BuildSoft(context), () => SegmentationBuilder.BuildLabelMap(context),
            () => ParametricMapBuilder.Build(context), () => SecondaryCaptureBuilder.BuildSlices(context, Phantom.Image(context.Mask)),
            .. keyword == "FrameOfReferenceUID" ? Array.Empty<Action>() :
            [
                () => MeasurementReportBuilder.Build(context, measured), () => TextReportBuilder.Build(context, ["no cord"]),
                () => EncapsulatedPdfBuilder.Build(context, Phantom.Image(context.Mask), measured),
            ],
        ];
        foreach (var build in builders)
        {
            var refusal = Assert.Throws<DicomConformanceException>(build);
            Assert.Equal(tag, refusal.Attribute);
            Assert.StartsWith(keyword, refusal.Message, StringComparison.Ordinal);
        }
    }

    static IEnumerable<(string Kind, DicomFile File)> Objects(ResultContext context)
    {
        var (image, measured) = (Phantom.Image(context.Mask), Measured(context.Mask));
        var forms = SegmentationBuilder.BuildHardForms(context);
        var older = new ReportOptions { SopClass = DicomUID.ComprehensiveSRStorage };
        yield return ("visible", forms[0]);
        if (forms.Count > 1)
            yield return ("0 and 255", forms[1]);
        yield return ("soft", SegmentationBuilder.BuildSoft(context));
        yield return ("label map", SegmentationBuilder.BuildLabelMap(context));
        yield return ("share map", ParametricMapBuilder.Build(context));
        yield return ("report", MeasurementReportBuilder.Build(context, measured));
        yield return ("older report", MeasurementReportBuilder.Build(context, measured, older));
        yield return ("segment report", MeasurementReportBuilder.BuildWithSegment(context, measured, forms[0].Dataset));
        yield return ("older segment report", MeasurementReportBuilder.BuildWithSegment(context, measured, forms[0].Dataset, older));
        yield return ("text", TextReportBuilder.Build(context, ["No cord was found."]));
        var pictures = SecondaryCaptureBuilder.BuildSlices(context, image);
        yield return ("picture", pictures[0]);
        if (pictures.Count > 1)
            yield return ("second picture", pictures[1]);
        yield return ("page", EncapsulatedPdfBuilder.Build(context, image, measured));
        yield return ("page picture", SecondaryCaptureBuilder.BuildReport(context, image, measured));
        yield return ("rejection note", RejectionNoteBuilder.Build(forms[0].Dataset,
            [forms[^1].Dataset, pictures[0].Dataset, MeasurementReportBuilder.Build(context, measured).Dataset, TextReportBuilder.Build(context, ["No cord was found."]).Dataset]));
    }

    /// <summary>Measured where slices cross the structure; numbers for a centre line where they run along it.</summary>
    static CordMeasurements Measured(Volume mask) =>
        Math.Abs(mask.Affine.SliceStep.Z) > 0.7 * mask.Affine.Spacing.Slice ? Measurements.Slices(mask) : Measurements.AlongCentreLine(9);

    static ResultContext Make(string source) => source switch
    {
        "axial 64x64" => Source.Classic(Phantom.Tube(9, 64, 64, Phantom.Axial(), 2, 7)),
        "oblique 50x50" => Source.Classic(Phantom.Tube(7, 50, 50, Phantom.Oblique())),
        "oblique 51x51" => Source.Classic(Phantom.Tube(4, 51, 51, Phantom.Oblique())),
        "axial 24x25" => Source.Classic(Phantom.Tube(5, 24, 25, Phantom.Axial())),
        "axial 320x320" => Source.Classic(Phantom.Tube(3, 320, 320, Phantom.Axial(pixel: 0.5))),
        "oblique 512x384" => Source.Classic(Phantom.Tube(3, 512, 384, Phantom.Oblique(pixel: 0.4))),
        "sagittal 48x64" => Source.Classic(Phantom.Tube(15, 48, 64, Phantom.Sagittal())),
        "coronal 40x40" => Source.Classic(Phantom.Tube(15, 40, 40, Phantom.Coronal())),
        "one slice" => Source.Classic(Phantom.Tube(1, 40, 40, Phantom.Axial())),
        "two slices" => Source.Classic(Phantom.Tube(2, 33, 31, Phantom.Oblique())),
        "enhanced" => Source.Enhanced(Phantom.Tube(5, 40, 40, Phantom.Oblique()), [4, 2, 0, 1, 3]),
        "Japanese" => Named("Yamada^Tarou=山田^太郎=やまだ^たろう", "頸椎 T2", "", "ISO 2022 IR 87"),
        "Korean" => Named("Hong^Gildong=洪^吉洞=홍^길동", "경추 T2", "", "ISO 2022 IR 149"),
        "Chinese" => Named("Wang^XiaoDong=王^小东", "颈椎 T2", "GB18030"),
        "Chinese, UTF-8" => Named("Wang^XiaoDong=王^小東=", "頸椎 T2", "ISO_IR 192"),
        "German" => Named("Äneas^Rüdiger", "Halswirbelsäule T2", "ISO_IR 100"),
        "undeclared bytes" => Changed(d => d.AddOrUpdate(DicomTag.SpecificCharacterSet).AddOrUpdate(new DicomElement(DicomTag.SeriesDescription, DicomVR.LO, (byte[])[.. "Halswirbels"u8, 0xE4, .. "ule T2"u8]))),
        "type 2 missing" => Changed(d => Array.ForEach(Type2, tag => d.Remove(tag))),
        "type 2 empty" => Changed(d => Array.ForEach(Type2, tag => d.AddOrUpdate(tag))),
        "private groups" => Changed(d => d.AddOrUpdate(DicomVR.LO, new DicomTag(0x0029, 0x0010), "SIEMENS CSA HEADER").AddOrUpdate(DicomVR.OB, new DicomTag(0x0029, 0x1010), new byte[1000])),
        "longest UIDs" => Changed(d => d
            .AddOrUpdate(DicomTag.StudyInstanceUID, longest).AddOrUpdate(DicomTag.SeriesInstanceUID, longest[..^1] + "1").AddOrUpdate(DicomTag.FrameOfReferenceUID, longest[..^1] + "2")
            .AddOrUpdate(DicomTag.SOPInstanceUID, longest[..^3] + "10" + d.GetString(DicomTag.InstanceNumber))),
        "no dates" => Changed(d => Array.ForEach((DicomTag[])[DicomTag.StudyDate, DicomTag.SeriesDate, DicomTag.AcquisitionDate, DicomTag.ContentDate], tag => d.AddOrUpdate(tag))),
        "lossy" => Changed(d => d.AddOrUpdate(DicomTag.LossyImageCompression, "01").AddOrUpdate(DicomTag.LossyImageCompressionRatio, "12.5").AddOrUpdate(DicomTag.LossyImageCompressionMethod, "ISO_10918_1")),
        _ => throw new ArgumentException($"{source} is no source here.", nameof(source)),
    };

    static ResultContext Changed(Action<DicomDataset> change) => Source.Classic(Phantom.Tube(4, 40, 40, Phantom.Axial()), change: change);

    static ResultContext Named(string name, string description, params string[] characterSet) => Source.Classic(Phantom.Tube(4, 40, 40, Phantom.Axial()),
        new MrSeriesDescription { PatientName = name, SeriesDescription = description, SpecificCharacterSet = characterSet });

    static byte[] Bytes(DicomDataset dataset, DicomTag tag) => dataset.Contains(tag) ? dataset.GetBytes(tag).ToArray() : [];

    static byte[] Saved(DicomFile file)
    {
        using var stream = new MemoryStream();
        file.Save(stream);
        return stream.ToArray();
    }
}
