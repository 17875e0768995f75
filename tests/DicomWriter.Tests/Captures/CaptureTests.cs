using System.Globalization;
using System.Text;
using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Captures;
using SoftSeg.DicomWriter.Images;
using SoftSeg.DicomWriter.Pictures;
using SoftSeg.DicomWriter.Reports;
using SoftSeg.DicomWriter.Tests.Sources;
using SoftSeg.DicomWriter.Tests.Tools;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Tests.Captures;

/// <summary>Pictures and pages for archives that show neither segmentations nor reports.</summary>
public sealed class CaptureTests
{
    public static TheoryData<int, int, int> Sizes() => new() { { 9, 64, 64 }, { 3, 51, 51 }, { 5, 24, 25 }, { 4, 320, 320 }, { 3, 512, 384 }, { 1, 80, 70 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_picture_is_conformant_and_lies_where_its_source_slice_lies(int slices, int rows, int columns)
    {
        var mask = Phantom.Tube(slices, rows, columns, Phantom.Oblique());
        var context = Source.Classic(mask);
        var files = SecondaryCaptureBuilder.BuildSlices(context, Phantom.Image(mask));
        Assert.Equal(slices, files.Count);
        Validators.AssertConformant(files[0]);
        Assert.Single(files.Select(file => file.Dataset.GetString(DicomTag.SeriesInstanceUID)).Distinct());
        Assert.Equal(slices, files.Select(file => file.Dataset.GetString(DicomTag.SOPInstanceUID)).Distinct().Count());
        for (var slice = 0; slice < slices; slice++)
        {
            var (dataset, frame) = (files[slice].Dataset, context.Frames[slice]);
            Assert.Equal(frame.SopInstanceUid, dataset.GetSequence(DicomTag.SourceImageSequence)[0].GetString(DicomTag.ReferencedSOPInstanceUID));
            Assert.Equal(frame.Instance.GetString(DicomTag.FrameOfReferenceUID), dataset.GetString(DicomTag.FrameOfReferenceUID));
            // The corner of the picture is the corner of the slice, whatever the size of the pixels.
            var (scale, corner) = (dataset.GetInt32(DicomTag.Rows) / rows, Corner(dataset));
            Assert.True(Math.Max(rows, columns) * scale >= 512);
            Assert.Equal(columns * scale, dataset.GetInt32(DicomTag.Columns));
            Assert.InRange((corner - mask.Affine.ToPatient(slice, -0.5, -0.5)).Length, 0, 1e-3);
        }
    }

    [Fact]
    public void The_mask_colours_its_voxels_and_no_others_and_words_stand_in_the_corner()
    {
        var mask = Phantom.Tube(5, 64, 64, Phantom.Axial());
        var image = Phantom.Image(mask);
        var dataset = SecondaryCaptureBuilder.BuildSlices(Source.Classic(mask), image)[2].Dataset;
        var (scale, columns) = (dataset.GetInt32(DicomTag.Rows) / 64, dataset.GetInt32(DicomTag.Columns));
        var pixels = dataset.GetBytes(DicomTag.PixelData).Span;
        for (var row = 0; row < 64; row++)
        {
            for (var column = 0; column < 64; column++)
            {
                var at = 3 * ((((row * scale) + (scale / 2)) * columns) + (column * scale) + (scale / 2));
                var coloured = pixels[at] - pixels[at + 2] > 20;
                if (mask[2, row, column] > 0.9f)
                    Assert.True(coloured, $"voxel {row}, {column}");
                if (mask[2, row, column] == 0 && row < 48)
                    Assert.InRange(pixels[at] - pixels[at + 2], -1, 1);
            }
        }
        var words = 0;
        for (var at = 3 * (dataset.GetInt32(DicomTag.Rows) - 40) * columns; at < pixels.Length; at += 3)
            words += pixels[at] == 255 && pixels[at + 1] == 255 && pixels[at + 2] == 255 ? 1 : 0;
        Assert.True(words > 50, $"{words} pixels of the lowest rows are white");
    }

    [Fact]
    public void Only_the_slices_that_hold_the_structure_are_drawn()
    {
        var mask = Phantom.Tube(12, 40, 40, Phantom.Axial(), from: 4, to: 9);
        var files = SecondaryCaptureBuilder.BuildSlices(Source.Classic(mask), Phantom.Image(mask));
        Assert.Equal(["1", "2", "3", "4", "5"], files.Select(file => file.Dataset.GetString(DicomTag.InstanceNumber)));
    }

    [Fact]
    public void A_source_without_a_body_part_is_pictured_all_the_same()
    {
        var mask = Phantom.Tube(2, 64, 64, Phantom.Axial());
        Validators.AssertConformant(SecondaryCaptureBuilder.BuildSlices(Source.Classic(mask, change: dataset => dataset.Remove(DicomTag.BodyPartExamined)), Phantom.Image(mask))[0]);
    }

    [Fact]
    public void An_Enhanced_source_is_referred_to_by_frame()
    {
        var mask = Phantom.Tube(4, 64, 64, Phantom.Oblique());
        var files = SecondaryCaptureBuilder.BuildSlices(Source.Enhanced(mask, [2, 0, 3, 1]), Phantom.Image(mask));
        Validators.AssertConformant(files[0]);
        Assert.Equal(["2", "4", "1", "3"], files.Select(file => file.Dataset.GetSequence(DicomTag.SourceImageSequence)[0].GetString(DicomTag.ReferencedFrameNumber)));
    }

    [Fact]
    public void The_page_is_a_conformant_PDF_with_the_numbers_and_the_reasons()
    {
        var mask = Phantom.Tube(20, 64, 64, Phantom.Axial());
        var context = Source.Classic(mask);
        var file = EncapsulatedPdfBuilder.Build(context, Phantom.Image(mask), Measurements.Slices(mask, 3, 4));
        Validators.AssertConformant(file);
        using var folder = new TemporaryFolder();
        var pdf = folder.File("page.pdf");
        File.WriteAllBytes(pdf, file.Dataset.GetBytes(DicomTag.EncapsulatedDocument).Span[..file.Dataset.GetInt32(DicomTag.EncapsulatedDocumentLength)].ToArray());
        var (exitCode, text) = ExternalTool.Run("pdftotext", "poppler-utils", "-layout", pdf, "-");
        Assert.Equal(0, exitCode);
        Assert.Contains("NOT FOR CLINICAL USE", text, StringComparison.Ordinal);
        Assert.Contains("cord-softseg 0.1.0", text, StringComparison.Ordinal);
        Assert.Contains(Measurements.Slices(mask, 3, 4).Whole.MeanArea.ToString("0.0 'mm2'", CultureInfo.InvariantCulture), text, StringComparison.Ordinal);
        Assert.Contains("Withheld: images 4-5: touches the edge of the image", text, StringComparison.Ordinal);
        Assert.Equal("1", ExternalTool.Run("pdfinfo", "poppler-utils", pdf).Output.Split('\n').Single(line => line.StartsWith("Pages:", StringComparison.Ordinal))[6..].Trim());
    }

    [Fact]
    public void The_page_and_its_picture_say_that_the_source_was_compressed_with_loss()
    {
        var mask = Phantom.Tube(6, 40, 40, Phantom.Axial());
        var plain = Source.Classic(mask);
        var lossy = Source.Classic(mask, change: dataset => dataset.AddOrUpdate(DicomTag.LossyImageCompression, "01").AddOrUpdate(DicomTag.LossyImageCompressionMethod, "ISO_15444_1"));
        // Many remarks do not push it from the page.
        var crowded = lossy with { Notes = [.. Enumerable.Range(1, 9).Select(n => $"Remark {n}.")] };
        const string Sentence = "The source images were compressed with loss (ISO_15444_1), which the areas share.";
        Assert.DoesNotContain("loss", Text(plain), StringComparison.Ordinal);
        Assert.Contains(Sentence, Text(lossy), StringComparison.Ordinal);
        Assert.Contains(Sentence, Text(crowded), StringComparison.Ordinal);
        Assert.NotEqual(Picture(plain), Picture(lossy));

        string Text(ResultContext context)
        {
            using var folder = new TemporaryFolder();
            var pdf = folder.File("page.pdf");
            File.WriteAllBytes(pdf, EncapsulatedPdfBuilder.Build(context, Phantom.Image(mask), Measurements.Slices(mask)).Dataset.GetBytes(DicomTag.EncapsulatedDocument).ToArray());
            return ExternalTool.Run("pdftotext", "poppler-utils", "-layout", pdf, "-").Output;
        }

        byte[] Picture(ResultContext context) => SecondaryCaptureBuilder.BuildReport(context, Phantom.Image(mask), Measurements.Slices(mask)).Dataset.GetBytes(DicomTag.PixelData).ToArray();
    }

    [Theory]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "頸椎 T2", "山田 太郎 (Yamada Tarou)", "", "ISO 2022 IR 87")]
    [InlineData("Hong^Gildong=洪^吉洞=홍^길동", "경추 T2", "洪 吉洞 (Hong Gildong)", "", "ISO 2022 IR 149")]
    [InlineData("Wang^XiaoDong=王^小东", "颈椎 T2", "王 小东 (Wang XiaoDong)", "GB18030")]
    [InlineData("Äneas^Rüdiger^^Dr.", "Halswirbelsäule", "Äneas Rüdiger Dr.", "ISO_IR 100")]
    [InlineData("Люкceмбypг", "шея", "Люкceмбypг", "ISO_IR 144")]
    // Letters that join and run from the right are not drawn wrongly: the group is left out.
    [InlineData("Qabbani^Nizar=قباني^لنزار", "neck", "Qabbani Nizar", "ISO_IR 192")]
    [InlineData("", "neck", "-", "ISO_IR 100")]
    public void The_page_names_patient_and_series_in_their_own_script(string name, string description, string expected, params string[] characterSet)
    {
        Assert.Equal(expected, ReportPage.Name(name));
        Assert.True(Typefaces.CanDraw(description) && Typefaces.CanDraw(expected));
        var mask = Phantom.Tube(6, 40, 40, Phantom.Axial());
        var context = Source.Classic(mask, new MrSeriesDescription { PatientName = name, SeriesDescription = description, SpecificCharacterSet = characterSet });
        var page = EncapsulatedPdfBuilder.Build(context, Phantom.Image(mask), Measurements.Slices(mask)).Dataset.GetBytes(DicomTag.EncapsulatedDocument);
        Assert.InRange(page.Length, 1000, 700_000);
        using var folder = new TemporaryFolder();
        var pdf = folder.File("page.pdf");
        File.WriteAllBytes(pdf, page.ToArray());
        // Words of other scripts are outlines: what pdftotext reads is the rest.
        var text = ExternalTool.Run("pdftotext", "poppler-utils", "-layout", pdf, "-").Output;
        foreach (var word in (string[])["Patient", .. expected.Split(' ', '(', ')').Concat(description.Split(' ')).Where(word => word.All(c => c < 0x2000))])
            Assert.Contains(word, text, StringComparison.Ordinal);
        Assert.DoesNotContain("?", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_can_not_be_drawn_changes_no_other_word_and_one_that_can_is_drawn()
    {
        static byte[] Page(string name)
        {
            var mask = Phantom.Tube(4, 40, 40, Phantom.Axial());
            var context = Source.Classic(mask, new MrSeriesDescription { PatientName = name, SpecificCharacterSet = ["ISO_IR 192"] });
            return SecondaryCaptureBuilder.BuildReport(context, Phantom.Image(mask), Measurements.Slices(mask)).Dataset.GetBytes(DicomTag.PixelData).ToArray();
        }

        Assert.Equal(Page(""), Page("=قباني"));
        Assert.NotEqual(Page("=山田"), Page("=田山"));
        Assert.Equal(["山", "A", "?"], Typefaces.Runs("山Aق").Select(run => run.Text).SelectMany(run => run.Select(c => c.ToString())));
    }

    [Fact]
    public void The_page_as_a_picture_is_conformant()
    {
        var mask = Phantom.Tube(30, 60, 50, Phantom.Sagittal());
        var file = SecondaryCaptureBuilder.BuildReport(Source.Classic(mask), Phantom.Image(mask), Measurements.AlongCentreLine(12));
        Validators.AssertConformant(file);
        Assert.Equal("YES", file.Dataset.GetString(DicomTag.BurnedInAnnotation));
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes()
    {
        byte[][] Objects()
        {
            var mask = Phantom.Tube(6, 64, 64, Phantom.Axial());
            var (context, image, measured) = (Source.Classic(mask), Phantom.Image(mask), Measurements.Slices(mask));
            return [.. SecondaryCaptureBuilder.BuildSlices(context, image).Append(SecondaryCaptureBuilder.BuildReport(context, image, measured))
                .Append(EncapsulatedPdfBuilder.Build(context, image, measured)).Select(Bytes)];
        }

        Assert.Equal(Objects(), Objects());
    }

    [Fact]
    public void A_name_in_any_script_goes_through_untouched()
    {
        var mask = Phantom.Tube(3, 64, 64, Phantom.Axial());
        var description = new MrSeriesDescription { PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう", SpecificCharacterSet = ["", "ISO 2022 IR 87"] };
        var context = Source.Classic(mask, description);
        foreach (var file in (DicomFile[])[SecondaryCaptureBuilder.BuildSlices(context, Phantom.Image(mask))[0], EncapsulatedPdfBuilder.Build(context, Phantom.Image(mask), Measurements.Slices(mask))])
        {
            Assert.Equal(description.PatientName, file.Dataset.GetString(DicomTag.PatientName));
            Validators.AssertConformant(file);
        }
    }

    static Vector3 Corner(DicomDataset dataset)
    {
        double[] Numbers(DicomTag tag) => [.. dataset.GetStrings(tag).Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        var (position, orientation, spacing) = (Numbers(DicomTag.ImagePositionPatient), Numbers(DicomTag.ImageOrientationPatient), Numbers(DicomTag.PixelSpacing));
        var first = new Vector3(position[0], position[1], position[2]);
        return first - (new Vector3(orientation[0], orientation[1], orientation[2]) * (spacing[1] / 2)) - (new Vector3(orientation[3], orientation[4], orientation[5]) * (spacing[0] / 2));
    }

    static byte[] Bytes(DicomFile file)
    {
        using var saved = new TemporaryFile(file);
        return File.ReadAllBytes(saved.Path);
    }
}
