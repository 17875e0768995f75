using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Reports;
using SoftSeg.DicomWriter.Segmentations;
using SoftSeg.DicomWriter.Tests.Sources;
using SoftSeg.DicomWriter.Tests.Tools;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Tests.Reports;

/// <summary>The rules that decide whether viewers load a report, and what a reader finds in it.</summary>
public sealed class MeasurementReportTests
{
    readonly ResultContext _axial = Source.Classic(Phantom.Tube(8, 64, 64, Phantom.Oblique(), from: 1, to: 7));
    readonly ResultContext _sagittal = Source.Classic(Phantom.Tube(24, 64, 48, Phantom.Sagittal()));

    DicomDataset Axial => MeasurementReportBuilder.Build(_axial, Measurements.Slices(_axial.Mask, withheld: 3)).Dataset;

    DicomDataset Sagittal => MeasurementReportBuilder.Build(_sagittal, Measurements.AlongCentreLine(20)).Dataset;

    [Fact]
    public void Reports_are_conformant_and_readable_in_both_classes()
    {
        foreach (var sopClass in new[] { DicomUID.Comprehensive3DSRStorage, DicomUID.ComprehensiveSRStorage })
        {
            var options = new ReportOptions { SopClass = sopClass };
            foreach (var file in new[]
            {
                MeasurementReportBuilder.Build(_axial, Measurements.Slices(_axial.Mask, withheld: 3), options),
                MeasurementReportBuilder.Build(_sagittal, Measurements.AlongCentreLine(20), options),
            })
            {
                Assert.Equal(sopClass.Value, file.Dataset.GetString(DicomTag.SOPClassUID));
                Validators.AssertConformant(file);
                Assert.Contains("Imaging Measurement Report", Validators.AssertReadableReport(file), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_report_for_research_refers_to_the_segment_and_lists_it_as_evidence()
    {
        var segmentation = SegmentationBuilder.BuildHard(_axial).Dataset;
        var older = MeasurementReportBuilder.BuildWithSegment(_axial, Measurements.Slices(_axial.Mask, withheld: 3), segmentation, new ReportOptions { SopClass = DicomUID.ComprehensiveSRStorage });
        Assert.Equal(DicomUID.ComprehensiveSRStorage.Value, older.Dataset.GetString(DicomTag.SOPClassUID));
        Validators.AssertConformant(older);
        var file = MeasurementReportBuilder.BuildWithSegment(_axial, Measurements.Slices(_axial.Mask, withheld: 3), segmentation);
        Validators.AssertConformant(file);
        Validators.AssertReadableReport(file);
        var reference = Assert.Single(file.Dataset.Groups()).Named(Codes.DCM.ReferencedSegment).Single().GetSequence(DicomTag.ReferencedSOPSequence)[0];
        Assert.Equal(segmentation.GetString(DicomTag.SOPInstanceUID), reference.GetString(DicomTag.ReferencedSOPInstanceUID));
        Assert.Equal(1, reference.GetInt32(DicomTag.ReferencedSegmentNumber));
        Assert.False(reference.Contains(DicomTag.ReferencedFrameNumber));
        var evidence = file.Dataset.GetSequence(DicomTag.CurrentRequestedProcedureEvidenceSequence)[0].GetSequence(DicomTag.ReferencedSeriesSequence);
        Assert.Equal([_axial.Frames[0].Instance.GetString(DicomTag.SeriesInstanceUID), segmentation.GetString(DicomTag.SeriesInstanceUID)],
            evidence.Select(series => series.GetString(DicomTag.SeriesInstanceUID)));
    }

    [Fact]
    public void What_the_segmenter_noted_is_told()
    {
        var context = _axial with { Notes = ["The locator was not sure, so the whole field of view was searched."] };
        var group = MeasurementReportBuilder.Build(context, Measurements.Slices(context.Mask)).Dataset.Groups()[0];
        Assert.Contains(context.Notes[0], group.Named(Codes.DCM.Comment).Select(comment => comment.GetString(DicomTag.TextValue)));
    }

    [Fact]
    public void The_interval_of_an_area_is_told_of_each_slice_and_of_the_whole()
    {
        var measured = Measurements.Slices(_axial.Mask);
        measured = measured with
        {
            Stations = [.. measured.Stations.Select((station, n) => station with { AreaHalfWidth = 3 + n })],
            Whole = measured.Whole with { MeanAreaHalfWidth = 2.125 },
        };
        var file = MeasurementReportBuilder.Build(_axial, measured);
        Validators.AssertConformant(file);
        var groups = file.Dataset.Groups();
        Assert.Contains(groups[0].Named(Codes.DCM.Comment), comment => comment.GetString(DicomTag.TextValue).StartsWith("95 % interval", StringComparison.Ordinal));
        Assert.Equal(["2.12", "3", "4", "5", "6", "7", "8"], groups.Select(group => group.One(Codes.SoftSeg.AreaHalfWidth).Number()));
        Assert.Equal(Codes.SCT.Mean.Value, Assert.Single(groups[0].One(Codes.SoftSeg.AreaHalfWidth).Content()).Code());
        Assert.Empty(Axial.Groups()[0].Named(Codes.SoftSeg.AreaHalfWidth));
    }

    [Fact]
    public void Loss_in_the_compression_of_the_source_is_told()
    {
        var lossy = Source.Classic(Phantom.Tube(4, 64, 64, Phantom.Axial()), change: d => d
            .AddOrUpdate(DicomTag.LossyImageCompression, "01").AddOrUpdate(DicomTag.LossyImageCompressionMethod, "ISO_15444_1"));
        string[] Comments(ResultContext context) =>
            [.. MeasurementReportBuilder.Build(context, Measurements.Slices(context.Mask)).Dataset.Groups()[0].Named(Codes.DCM.Comment).Select(comment => comment.GetString(DicomTag.TextValue))];
        Assert.Contains(Comments(lossy), text => text.Contains("compressed with loss (ISO_15444_1)", StringComparison.Ordinal));
        Assert.DoesNotContain(Comments(_axial), text => text.Contains("loss", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_engine_measures_is_reported()
    {
        foreach (var (context, slices) in new[] { (_axial, true), (_sagittal, false) })
        {
            var measurements = CordMorphometry.Measure(context.Mask);
            Assert.Equal(slices, measurements.StationsAreSlices);
            var file = MeasurementReportBuilder.Build(context, measurements);
            Validators.AssertConformant(file);
            var mean = file.Dataset.Groups()[0].Named(Codes.SCT.Area).First();
            Assert.Equal(DecimalString.Format(measurements.Whole.MeanArea, 2), mean.Number());
            Assert.Equal(slices ? 1 + measurements.Stations.Count(s => s.Valid) : 1, file.Dataset.Groups().Length);
        }
    }

    [Fact]
    public void Every_group_has_a_contour()
    {
        foreach (var report in new[] { Axial, Sagittal })
            Assert.All(report.Groups(), g => Assert.NotEmpty(g.Regions()));
    }

    [Fact]
    public void A_contour_is_a_closed_polyline_of_neither_4_nor_5_points_inside_the_image_on_one_source_image()
    {
        foreach (var (report, context) in new[] { (Axial, _axial), (Sagittal, _sagittal) })
        {
            foreach (var region in report.Groups().SelectMany(g => g.Regions()))
            {
                Assert.Equal("POLYLINE", region.GetString(DicomTag.GraphicType));
                var data = region.GetDoubles(DicomTag.GraphicData);
                Assert.Equal((data[0], data[1]), (data[^2], data[^1]));
                Assert.True(data.Length / 2 > 5);
                for (var i = 0; i < data.Length; i += 2)
                {
                    Assert.InRange(data[i], 0, context.Mask.Columns);
                    Assert.InRange(data[i + 1], 0, context.Mask.Rows);
                }
                Assert.Equal("SELECTED FROM", Assert.Single(region.Content()).GetString(DicomTag.RelationshipType));
                Assert.Contains(region.Instance(), context.Frames.Select(f => f.SopInstanceUid));
            }
        }
    }

    [Fact]
    public void A_contour_encloses_the_voxels_with_a_share_of_one_half_and_more()
    {
        var region = Axial.Groups()[1].Regions()[0];
        var data = region.GetDoubles(DicomTag.GraphicData);
        var slice = Enumerable.Range(0, 8).Single(s => _axial.Frames[s].SopInstanceUid == region.Instance());
        for (var row = 0; row < 64; row++)
        {
            for (var column = 0; column < 64; column++)
            {
                if (Math.Abs(_axial.Mask[slice, row, column] - 0.5) > 0.1)
                    Assert.Equal(_axial.Mask[slice, row, column] > 0.5, Encloses(data, column + 0.5, row + 0.5));
            }
        }

        static bool Encloses(double[] data, double x, double y)
        {
            var inside = false;
            for (var i = 0; i + 3 < data.Length; i += 2)
            {
                if (data[i + 1] > y != data[i + 3] > y && x < data[i] + ((y - data[i + 1]) / (data[i + 3] - data[i + 1]) * (data[i + 2] - data[i])))
                    inside = !inside;
            }
            return inside;
        }
    }

    [Fact]
    public void The_centre_of_the_first_pixel_is_at_one_half_and_few_points_become_more()
    {
        var data = ImageRegion.GraphicData([(0, 0), (0, 10), (3, 10), (3, 0), (0, 0)], 20, 20)!;
        Assert.Equal([0.5f, 0.5f], data[..2]);
        Assert.Contains((10.5f, 3.5f), Enumerable.Range(0, data.Length / 2).Select(i => (data[2 * i], data[(2 * i) + 1])));
        Assert.Equal(9, data.Length / 2);
        Assert.Equal(data[..2], data[^2..]);
        Assert.Null(ImageRegion.GraphicData([(1, 1), (1, 2)], 20, 20));
    }

    [Fact]
    public void A_contour_of_very_many_points_still_fits_its_attribute()
    {
        var circle = Enumerable.Range(0, 20_000).Select(i => (100 + (90 * Math.Sin(i * Math.Tau / 20_000)), 100 + (90 * Math.Cos(i * Math.Tau / 20_000)))).ToArray();
        Assert.InRange(ImageRegion.GraphicData(circle, 200, 200)!.Length * sizeof(float), 1000, 65534);
    }

    [Fact]
    public void Crossing_slices_have_a_planar_group_each_after_the_volumetric_one()
    {
        var groups = Axial.Groups();
        Assert.Equal(["1411", "1410", "1410", "1410", "1410", "1410"], groups.Select(g => g.Template()));
        Assert.All(groups.Skip(1), g => Assert.Single(g.Regions()));
        Assert.Equal(5, groups[0].Regions().Length);
        int[] slices = [1, 2, 4, 5, 6];
        for (var i = 0; i < slices.Length; i++)
        {
            var group = groups[i + 1];
            Assert.Equal(_axial.Frames[slices[i]].SopInstanceUid, group.Regions()[0].Instance());
            Assert.Equal($"{70 + slices[i]}", group.One(Codes.SCT.Area).Number());
            Assert.Equal("7.1", group.One(Codes.SoftSeg.DiameterAP).Number());
            Assert.Equal("12.3", group.One(Codes.SoftSeg.DiameterRL).Number());
            Assert.Equal("0.8123", group.One(Codes.SoftSeg.Eccentricity).Number());
            Assert.Equal("0.97", group.One(Codes.SoftSeg.Solidity).Number());
            Assert.Equal($"Spinal cord, image {slices[i] + 1}", group.One(Codes.DCM.TrackingIdentifier).Text());
        }
    }

    [Fact]
    public void Slices_along_the_cord_are_regions_of_one_volumetric_group()
    {
        var group = Assert.Single(Sagittal.Groups());
        Assert.Equal("1411", group.Template());
        Assert.True(group.Regions().Length > 5);
    }

    [Fact]
    public void The_whole_has_mean_deviation_least_and_greatest_area_and_volume_and_length()
    {
        var whole = Sagittal.Groups()[0];
        var areas = whole.Named(Codes.SCT.Area).ToDictionary(n => Assert.Single(n.Content()).Code(), n => n.Number());
        Assert.Equal("80", areas[Codes.SCT.Mean.Value]);
        Assert.Equal("5.63", areas[Codes.SCT.StandardDeviation.Value]);
        Assert.Equal("71", areas[Codes.SCT.Minimum.Value]);
        Assert.Equal("89", areas[Codes.SCT.Maximum.Value]);
        Assert.Equal(("4321.5", "60"), (whole.One(Codes.SCT.Volume).Number(), whole.One(Codes.SCT.Length).Number()));
    }

    [Fact]
    public void A_withheld_slice_has_no_region_and_its_reason_stands_in_the_volumetric_group()
    {
        var groups = Axial.Groups();
        Assert.DoesNotContain(_axial.Frames[3].SopInstanceUid, groups.SelectMany(g => g.Regions()).Select(r => r.Instance()));
        Assert.Contains("Withheld: image 4: touches the edge of the image", groups[0].Named(Codes.DCM.Comment).Select(c => c.Text()));
    }

    [Fact]
    public void Slices_have_the_numbers_that_viewers_show()
    {
        static string Told(ResultContext context, int withheld)
        {
            var groups = MeasurementReportBuilder.Build(context, Measurements.Slices(context.Mask, withheld)).Dataset.Groups();
            return $"{groups[0].Named(Codes.DCM.Comment).Select(c => c.Text()).Single(text => text.StartsWith("Withheld", StringComparison.Ordinal))} | {groups[1].One(Codes.DCM.TrackingIdentifier).Text()}";
        }

        var mask = Phantom.Tube(6, 64, 64, Phantom.Axial());
        // A scanner that counts from the head down, from 101.
        Assert.Equal("Withheld: image 105: touches the edge of the image | Spinal cord, image 106",
            Told(Source.Classic(mask, change: d => d.AddOrUpdate(DicomTag.InstanceNumber, $"{107 - d.GetInt32(DicomTag.InstanceNumber)}")), 1));
        Assert.Equal("Withheld: slice 2: touches the edge of the image | Spinal cord, slice 1",
            Told(Source.Classic(mask, change: d => d.AddOrUpdate(DicomTag.InstanceNumber, "7")), 1));
        Assert.Equal("Withheld: frame 4: touches the edge of the image | Spinal cord, frame 6", Told(Source.Enhanced(mask, [5, 4, 3, 1, 2, 0]), 1));
    }

    [Fact]
    public void Each_group_is_tracked_by_its_own_uid_and_the_whole_by_that_of_the_segmentation()
    {
        var uids = Axial.Groups().Select(g => g.One(Codes.DCM.TrackingUniqueIdentifier).GetString(DicomTag.UID)).ToArray();
        Assert.Equal(uids.Length, uids.Distinct().Count());
        var segment = SegmentationBuilder.BuildHard(_axial).Dataset.GetSequence(DicomTag.SegmentSequence)[0];
        Assert.Equal(segment.GetString(DicomTag.TrackingUID), uids[0]);
    }

    [Fact]
    public void Every_group_names_finding_site_and_algorithm()
    {
        foreach (var group in Axial.Groups())
        {
            Assert.Equal(("2748008", "2748008"), (group.One(Codes.DCM.Finding).Code(), group.One(Codes.SCT.FindingSite).Code()));
            Assert.Equal(("cord-softseg", "0.1.0"), (group.One(Codes.DCM.AlgorithmName).Text(), group.One(Codes.DCM.AlgorithmVersion).Text()));
            Assert.Contains("measurement=1", group.One(Codes.DCM.AlgorithmParameters).Text(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_tree_follows_template_1500()
    {
        var report = Axial;
        Assert.Equal(("CONTAINER", "126000", "1500"), (report.GetString(DicomTag.ValueType), report.Name(), report.Template()));
        Assert.Equal(["121049", "121005", "121012", "121013", "121014", "121015", "121058", "111028", "126010", "121106"], report.Content().Select(c => c.Name()));
        var library = Assert.Single(report.One(Codes.DCM.ImageLibrary).Content());
        Assert.Equal(_axial.Frames.Select(f => f.SopInstanceUid),
            library.Content().Where(c => c.GetString(DicomTag.ValueType) == "IMAGE").Select(c => c.Instance()));
        Assert.Equal(("COMPLETE", "UNVERIFIED", "SR", "303"), (report.GetString(DicomTag.CompletionFlag), report.GetString(DicomTag.VerificationFlag),
            report.GetString(DicomTag.Modality), report.GetString(DicomTag.SeriesNumber)));
    }

    [Fact]
    public void The_image_series_is_the_first_evidence()
    {
        var evidence = Axial.GetSequence(DicomTag.CurrentRequestedProcedureEvidenceSequence)[0];
        var series = evidence.GetSequence(DicomTag.ReferencedSeriesSequence)[0];
        Assert.Equal(_axial.Frames[0].Instance.GetString(DicomTag.SeriesInstanceUID), series.GetString(DicomTag.SeriesInstanceUID));
        Assert.Equal(_axial.Frames.Select(f => f.SopInstanceUid),
            series.GetSequence(DicomTag.ReferencedSOPSequence).Select(i => i.GetString(DicomTag.ReferencedSOPInstanceUID)));
    }

    [Fact]
    public void Private_codes_are_declared()
    {
        var scheme = Assert.Single(Axial.GetSequence(DicomTag.CodingSchemeIdentificationSequence));
        Assert.Equal("99SOFTSEG", scheme.GetString(DicomTag.CodingSchemeDesignator));
    }

    [Fact]
    public void Not_for_clinical_use_stands_in_description_and_content_while_the_setting_is_on()
    {
        var report = Axial;
        Assert.Equal("SoftSeg cord report v0.1.0 [T2w phantom] NOT FOR CLINICAL USE", report.GetString(DicomTag.SeriesDescription));
        Assert.Equal("NOT FOR CLINICAL USE", report.One(Codes.DCM.Comment).Text());
        var off = _axial with { NotForClinicalUse = false };
        using var saved = new TemporaryFile(MeasurementReportBuilder.Build(off, Measurements.Slices(off.Mask)));
        Assert.DoesNotContain("CLINICAL", System.Text.Encoding.ASCII.GetString(File.ReadAllBytes(saved.Path)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_replaced_report_is_named()
    {
        var old = Axial;
        var report = MeasurementReportBuilder.Build(_axial, Measurements.Slices(_axial.Mask), new ReportOptions { Replaces = old });
        var series = report.Dataset.GetSequence(DicomTag.PredecessorDocumentsSequence)[0].GetSequence(DicomTag.ReferencedSeriesSequence)[0];
        Assert.Equal(old.GetString(DicomTag.SOPInstanceUID), series.GetSequence(DicomTag.ReferencedSOPSequence)[0].GetString(DicomTag.ReferencedSOPInstanceUID));
        Validators.AssertConformant(report);
    }

    [Fact]
    public void Frames_of_an_enhanced_source_are_referenced_by_number()
    {
        var context = Source.Enhanced(Phantom.Tube(5, 64, 64, Phantom.Axial()), order: [4, 2, 0, 1, 3]);
        var report = MeasurementReportBuilder.Build(context, Measurements.Slices(context.Mask));
        Assert.Equal([3, 4, 2, 5, 1], report.Dataset.Groups().Skip(1).Select(g => g.Regions()[0].Reference().GetInt32(DicomTag.ReferencedFrameNumber)));
        Validators.AssertConformant(report);
    }

    [Fact]
    public void Without_any_measurement_a_text_report_says_why()
    {
        var report = MeasurementReportBuilder.Build(_axial, Measurements.Slices(_axial.Mask, 1, 2, 3, 4, 5, 6));
        Assert.Equal(DicomUID.BasicTextSRStorage.Value, report.Dataset.GetString(DicomTag.SOPClassUID));
        var dump = Validators.AssertReadableReport(report);
        Assert.Contains("Withheld: images 2-7: touches the edge of the image", dump, StringComparison.Ordinal);
        Assert.Contains("NOT FOR CLINICAL USE", dump, StringComparison.Ordinal);
        Validators.AssertConformant(report);
    }

    [Fact]
    public void A_series_without_a_mask_can_get_a_text_report()
    {
        var report = TextReportBuilder.Build(_axial with { SoftMask = null }, ["Refused: slice 7 is missing between 12.5 mm and 17.5 mm."]);
        Validators.AssertConformant(report);
        Assert.Contains("slice 7 is missing", Validators.AssertReadableReport(report), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => TextReportBuilder.Build(_axial, []));
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes_and_other_numbers_another_uid()
    {
        static byte[] Bytes(DicomFile file)
        {
            using var stream = new MemoryStream();
            file.Save(stream);
            return stream.ToArray();
        }
        var measurements = Measurements.Slices(_axial.Mask);
        Assert.Equal(Bytes(MeasurementReportBuilder.Build(_axial, measurements)), Bytes(MeasurementReportBuilder.Build(_axial with { }, measurements with { })));
        Assert.NotEqual(Axial.GetString(DicomTag.SOPInstanceUID), MeasurementReportBuilder.Build(_axial, measurements).Dataset.GetString(DicomTag.SOPInstanceUID));
    }

    [Fact]
    public void Numbers_of_withheld_slices_are_joined_to_ranges()
    {
        Assert.Equal("1-3, 7, 9-10", Withheld.Ranges([1, 2, 3, 7, 9, 10]));
        Assert.Equal("5", Withheld.Ranges([5]));
    }
}
