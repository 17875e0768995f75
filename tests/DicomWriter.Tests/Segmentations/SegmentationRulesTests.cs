using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Segmentations;
using SoftSeg.DicomWriter.Tests.Sources;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Tests.Segmentations;

/// <summary>The rules that decide whether viewers load a segmentation, one by one.</summary>
public sealed class SegmentationRulesTests
{
    readonly ResultContext _context = Source.Classic(Phantom.Tube(12, 64, 64, Phantom.Oblique(), from: 2, to: 8));

    DicomDataset Hard => SegmentationBuilder.BuildHard(_context).Dataset;

    DicomDataset Soft => SegmentationBuilder.BuildSoft(_context).Dataset;

    DicomDataset[] Both => [Hard, Soft];

    static IEnumerable<DicomDataset> PerFrame(DicomDataset seg) => seg.GetSequence(DicomTag.PerFrameFunctionalGroupsSequence);

    static DicomDataset Item(DicomDataset dataset, DicomTag sequence) => Assert.Single(dataset.GetSequence(sequence));

    static DicomDataset Segment(DicomDataset seg) => Item(seg, DicomTag.SegmentSequence);

    static (string, string) Code(DicomDataset dataset, DicomTag sequence)
    {
        var code = Item(dataset, sequence);
        Assert.InRange(code.GetString(DicomTag.CodeMeaning).Length, 1, 64);
        return (code.GetString(DicomTag.CodeValue), code.GetString(DicomTag.CodingSchemeDesignator));
    }

    [Fact]
    public void Frames_lie_on_the_source_grid_with_the_sources_own_strings()
    {
        foreach (var seg in Both)
        {
            Assert.Equal((64, 64), (seg.GetInt32(DicomTag.Rows), seg.GetInt32(DicomTag.Columns)));
            var orientation = Item(Item(seg, DicomTag.SharedFunctionalGroupsSequence), DicomTag.PlaneOrientationSequence);
            Assert.Equal(_context.Frames[0].ImageOrientationPatient, orientation.GetStrings(DicomTag.ImageOrientationPatient));
            Assert.Equal(_context.Frames.Skip(2).Take(6).Select(f => string.Join('\\', f.ImagePositionPatient)),
                PerFrame(seg).Select(f => Item(f, DicomTag.PlanePositionSequence).GetString(DicomTag.ImagePositionPatient)));
        }
    }

    [Fact]
    public void Source_strings_that_no_formatter_would_write_are_kept()
    {
        var context = Source.Classic(Phantom.Tube(2, 16, 16, Phantom.Axial()), change: d => d
            .AddOrUpdate(DicomTag.ImageOrientationPatient, "1.00000", "-0", "0.0", "0", "+1", "0E0")
            .AddOrUpdate(DicomTag.PixelSpacing, "1.000", "01.0")
            .AddOrUpdate(DicomTag.ImagePositionPatient, "-31.500", "-2.825E1", d.GetStrings(DicomTag.ImagePositionPatient)[2] + ".00"));
        var seg = SegmentationBuilder.BuildSoft(context).Dataset;
        var shared = Item(seg, DicomTag.SharedFunctionalGroupsSequence);
        Assert.Equal(@"1.00000\-0\0.0\0\+1\0E0", Item(shared, DicomTag.PlaneOrientationSequence).GetString(DicomTag.ImageOrientationPatient));
        Assert.Equal(@"1.000\01.0", Item(shared, DicomTag.PixelMeasuresSequence).GetString(DicomTag.PixelSpacing));
        Assert.Equal([@"-31.500\-2.825E1\12.00", @"-31.500\-2.825E1\15.00"],
            PerFrame(seg).Select(f => Item(f, DicomTag.PlanePositionSequence).GetString(DicomTag.ImagePositionPatient)));
    }

    [Fact]
    public void Pixel_measures_are_shared()
    {
        var measures = Item(Item(Soft, DicomTag.SharedFunctionalGroupsSequence), DicomTag.PixelMeasuresSequence);
        Assert.Equal(_context.Frames[0].PixelSpacing, measures.GetStrings(DicomTag.PixelSpacing));
        Assert.Equal("2.4", measures.GetString(DicomTag.SpacingBetweenSlices));
        Assert.Equal("2.4", measures.GetString(DicomTag.SliceThickness));
    }

    [Fact]
    public void Spacing_comes_from_the_positions_where_the_source_states_another_or_none()
    {
        foreach (var stated in new[] { "-3", "7", "" })
        {
            var context = Source.Classic(Phantom.Tube(4, 16, 16, Phantom.Axial(slice: 3)), change: d => d.AddOrUpdate(DicomTag.SpacingBetweenSlices, stated));
            var measures = Item(Item(SegmentationBuilder.BuildSoft(context).Dataset, DicomTag.SharedFunctionalGroupsSequence), DicomTag.PixelMeasuresSequence);
            Assert.Equal("3", measures.GetString(DicomTag.SpacingBetweenSlices));
        }
    }

    [Fact]
    public void Every_frame_names_its_segment_itself()
    {
        foreach (var seg in Both)
        {
            Assert.All(PerFrame(seg), f => Assert.Equal(1, Item(f, DicomTag.SegmentIdentificationSequence).GetInt32(DicomTag.ReferencedSegmentNumber)));
            Assert.False(Item(seg, DicomTag.SharedFunctionalGroupsSequence).Contains(DicomTag.SegmentIdentificationSequence));
        }
    }

    [Fact]
    public void Every_frame_is_derived_from_the_one_source_frame_below_it()
    {
        var index = 2;
        foreach (var frame in PerFrame(Hard))
        {
            var derivation = Item(frame, DicomTag.DerivationImageSequence);
            Assert.Equal(("113076", "DCM"), Code(derivation, DicomTag.DerivationCodeSequence));
            var source = Item(derivation, DicomTag.SourceImageSequence);
            Assert.Equal(_context.Frames[index++].SopInstanceUid, source.GetString(DicomTag.ReferencedSOPInstanceUID));
            Assert.Equal(DicomUID.MRImageStorage.Value, source.GetString(DicomTag.ReferencedSOPClassUID));
            Assert.Equal("YES", source.GetString(DicomTag.SpatialLocationsPreserved));
            Assert.Equal(("121322", "DCM"), Code(source, DicomTag.PurposeOfReferenceCodeSequence));
            Assert.False(source.Contains(DicomTag.ReferencedFrameNumber));
        }
    }

    [Fact]
    public void Frames_of_an_enhanced_source_are_referenced_by_number()
    {
        var context = Source.Enhanced(Phantom.Tube(5, 64, 64, Phantom.Axial()), order: [4, 2, 0, 1, 3]);
        var seg = SegmentationBuilder.BuildSoft(context).Dataset;
        var sources = PerFrame(seg).Select(f => Item(Item(f, DicomTag.DerivationImageSequence), DicomTag.SourceImageSequence)).ToArray();
        Assert.Equal([3, 4, 2, 5, 1], sources.Select(s => s.GetInt32(DicomTag.ReferencedFrameNumber)));
        Assert.All(sources, s => Assert.Equal(DicomUID.EnhancedMRImageStorage.Value, s.GetString(DicomTag.ReferencedSOPClassUID)));
        Assert.Single(Item(seg, DicomTag.ReferencedSeriesSequence).GetSequence(DicomTag.ReferencedInstanceSequence));
    }

    [Fact]
    public void The_referenced_series_lists_all_source_instances_and_no_source_image_stands_at_the_top()
    {
        foreach (var seg in Both)
        {
            var series = Item(seg, DicomTag.ReferencedSeriesSequence);
            Assert.Equal(_context.Frames[0].Instance.GetString(DicomTag.SeriesInstanceUID), series.GetString(DicomTag.SeriesInstanceUID));
            Assert.Equal(_context.Frames.Select(f => f.SopInstanceUid),
                series.GetSequence(DicomTag.ReferencedInstanceSequence).Select(i => i.GetString(DicomTag.ReferencedSOPInstanceUID)));
            Assert.False(seg.Contains(DicomTag.SourceImageSequence));
        }
    }

    [Fact]
    public void Empty_frames_are_left_out_or_kept_but_never_all_left_out()
    {
        Assert.Equal(6, Soft.GetInt32(DicomTag.NumberOfFrames));
        Assert.Equal(12, SegmentationBuilder.BuildSoft(_context with { IncludeEmptyFrames = true }).Dataset.GetInt32(DicomTag.NumberOfFrames));

        var nothing = _context with { SoftMask = _context.Mask.LikeThis() };
        foreach (var seg in new[] { SegmentationBuilder.BuildHard(nothing).Dataset, SegmentationBuilder.BuildSoft(nothing).Dataset })
        {
            Assert.Equal(1, seg.GetInt32(DicomTag.NumberOfFrames));
            Assert.Single(PerFrame(seg));
        }
    }

    [Fact]
    public void Frames_ascend_and_their_dimension_indices_count_segment_and_position()
    {
        foreach (var seg in Both)
        {
            var normal = Phantom.Oblique().SliceStep;
            var heights = PerFrame(seg).Select(f => Item(f, DicomTag.PlanePositionSequence).GetDoubles(DicomTag.ImagePositionPatient))
                .Select(p => normal.Dot(new Vector3(p[0], p[1], p[2]))).ToArray();
            Assert.Equal(heights.Order(), heights);
            Assert.Equal(Enumerable.Range(1, 6).Select(i => $@"1\{i}"),
                PerFrame(seg).Select(f => Item(f, DicomTag.FrameContentSequence).GetString(DicomTag.DimensionIndexValues)));

            var organization = Item(seg, DicomTag.DimensionOrganizationSequence).GetString(DicomTag.DimensionOrganizationUID);
            var indices = seg.GetSequence(DicomTag.DimensionIndexSequence);
            Assert.Equal([DicomTag.ReferencedSegmentNumber, DicomTag.ImagePositionPatient], indices.Select(i => i.GetTags(DicomTag.DimensionIndexPointer)[0]));
            Assert.Equal([DicomTag.SegmentIdentificationSequence, DicomTag.PlanePositionSequence], indices.Select(i => i.GetTags(DicomTag.FunctionalGroupPointer)[0]));
            Assert.All(indices, i => Assert.Equal(organization, i.GetString(DicomTag.DimensionOrganizationUID)));
        }
    }

    [Fact]
    public void The_two_forms_are_two_series_with_one_tracking_uid_told_apart_by_label_and_description()
    {
        var (hard, soft) = (Hard, Soft);
        Assert.NotEqual(hard.GetString(DicomTag.SeriesInstanceUID), soft.GetString(DicomTag.SeriesInstanceUID));
        Assert.NotEqual(hard.GetString(DicomTag.SOPInstanceUID), soft.GetString(DicomTag.SOPInstanceUID));
        Assert.Equal(Segment(hard).GetString(DicomTag.TrackingUID), Segment(soft).GetString(DicomTag.TrackingUID));
        Assert.Equal(Segment(hard).GetString(DicomTag.TrackingID), Segment(soft).GetString(DicomTag.TrackingID));
        Assert.Equal(("CORD_HARD", "CORD_SOFT"), (hard.GetString(DicomTag.ContentLabel), soft.GetString(DicomTag.ContentLabel)));
        Assert.Equal("SoftSeg cord v0.1.0 [T2w phantom] NOT FOR CLINICAL USE", hard.GetString(DicomTag.SeriesDescription));
        Assert.Equal("SoftSeg cord soft v0.1.0 [T2w phantom] NOT FOR CLINICAL USE", soft.GetString(DicomTag.SeriesDescription));
        Assert.Equal(("301", "302"), (hard.GetString(DicomTag.SeriesNumber), soft.GetString(DicomTag.SeriesNumber)));
    }

    [Fact]
    public void The_soft_object_holds_occupancy_of_255_in_8_bits_and_the_hard_one_single_bits()
    {
        var (hard, soft) = (Hard, Soft);
        Assert.Equal(("FRACTIONAL", "OCCUPANCY", 255, 8), (soft.GetString(DicomTag.SegmentationType), soft.GetString(DicomTag.SegmentationFractionalType),
            soft.GetInt32(DicomTag.MaximumFractionalValue), soft.GetInt32(DicomTag.BitsAllocated)));
        Assert.Equal(("BINARY", 1, 1, 0), (hard.GetString(DicomTag.SegmentationType), hard.GetInt32(DicomTag.BitsAllocated),
            hard.GetInt32(DicomTag.BitsStored), hard.GetInt32(DicomTag.HighBit)));
        Assert.False(hard.Contains(DicomTag.MaximumFractionalValue));
    }

    [Fact]
    public void The_segment_is_described_with_codes_colour_and_algorithm()
    {
        var segment = Segment(SegmentationBuilder.BuildHard(_context with
        {
            Segment = SegmentDescription.SpinalCord with { AnatomicRegion = Codes.SCT.CervicalSpine },
        }).Dataset);
        Assert.Equal((1, "Spinal cord", "AUTOMATIC", "cord-softseg"), (segment.GetInt32(DicomTag.SegmentNumber), segment.GetString(DicomTag.SegmentLabel),
            segment.GetString(DicomTag.SegmentAlgorithmType), segment.GetString(DicomTag.SegmentAlgorithmName)));
        Assert.Equal(("91723000", "SCT"), Code(segment, DicomTag.SegmentedPropertyCategoryCodeSequence));
        Assert.Equal(("2748008", "SCT"), Code(segment, DicomTag.SegmentedPropertyTypeCodeSequence));
        Assert.Equal(("122494005", "SCT"), Code(segment, DicomTag.AnatomicRegionSequence));
        var algorithm = Item(segment, DicomTag.SegmentationAlgorithmIdentificationSequence);
        Assert.Equal(("123110", "DCM"), Code(algorithm, DicomTag.AlgorithmFamilyCodeSequence));
        Assert.Equal(("cord-softseg", "0.1.0"), (algorithm.GetString(DicomTag.AlgorithmName), algorithm.GetString(DicomTag.AlgorithmVersion)));
        Assert.Contains("threshold=0.5", algorithm.GetString(DicomTag.AlgorithmParameters), StringComparison.Ordinal);
        Assert.Equal(3, segment.GetInt32s(DicomTag.RecommendedDisplayCIELabValue).Length);
        Assert.False(Segment(Hard).Contains(DicomTag.AnatomicRegionSequence));
    }

    [Fact]
    public void The_node_is_named_as_equipment_and_as_contributor()
    {
        foreach (var seg in Both)
        {
            var contributor = Item(seg, DicomTag.ContributingEquipmentSequence);
            Assert.Equal(("109102", "DCM"), Code(contributor, DicomTag.PurposeOfReferenceCodeSequence));
            foreach (var equipment in new[] { seg, contributor })
            {
                Assert.Equal(("SoftSeg", "SoftSeg", "1", "0.1.0"), (equipment.GetString(DicomTag.Manufacturer), equipment.GetString(DicomTag.ManufacturerModelName),
                    equipment.GetString(DicomTag.DeviceSerialNumber), equipment.GetString(DicomTag.SoftwareVersions)));
            }
        }
    }

    [Fact]
    public void Attributes_that_must_be_there_are_and_laterality_is_not()
    {
        foreach (var seg in Both)
        {
            Assert.Equal(("SEG", @"DERIVED\PRIMARY", "NO", "00", "1"), (seg.GetString(DicomTag.Modality), seg.GetString(DicomTag.ImageType),
                seg.GetString(DicomTag.SegmentsOverlap), seg.GetString(DicomTag.LossyImageCompression), seg.GetString(DicomTag.InstanceNumber)));
            Assert.True(seg.Contains(DicomTag.ContentCreatorName) && seg.Contains(DicomTag.PositionReferenceIndicator));
            Assert.Equal(_context.Frames[0].Instance.GetString(DicomTag.FrameOfReferenceUID), seg.GetString(DicomTag.FrameOfReferenceUID));
            Assert.False(seg.Contains(DicomTag.Laterality));
        }
    }

    [Fact]
    public void Not_for_clinical_use_stands_where_it_is_read_while_the_setting_is_on()
    {
        var off = _context with { NotForClinicalUse = false };
        foreach (var (warned, plain) in new[] { (Hard, SegmentationBuilder.BuildHard(off).Dataset), (Soft, SegmentationBuilder.BuildSoft(off).Dataset) })
        {
            foreach (var tag in new[] { DicomTag.SeriesDescription, DicomTag.ContentDescription })
            {
                Assert.EndsWith("NOT FOR CLINICAL USE", warned.GetString(tag), StringComparison.Ordinal);
                Assert.DoesNotContain("CLINICAL", plain.GetString(tag), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_lossy_source_makes_a_lossy_result_with_its_ratio_and_method()
    {
        var context = Source.Classic(Phantom.Tube(4, 16, 16, Phantom.Axial()), change: d => d
            .AddOrUpdate(DicomTag.LossyImageCompression, "01").AddOrUpdate(DicomTag.LossyImageCompressionRatio, "12.5")
            .AddOrUpdate(DicomTag.LossyImageCompressionMethod, "ISO_10918_1"));
        var seg = SegmentationBuilder.BuildHard(context).Dataset;
        Assert.Equal(("01", "12.5", "ISO_10918_1"), (seg.GetString(DicomTag.LossyImageCompression), seg.GetString(DicomTag.LossyImageCompressionRatio),
            seg.GetString(DicomTag.LossyImageCompressionMethod)));
    }

    [Theory]
    [InlineData("FrameOfReferenceUID")]
    [InlineData("StudyInstanceUID")]
    [InlineData("SeriesInstanceUID")]
    [InlineData("ImagePositionPatient")]
    [InlineData("ImageOrientationPatient")]
    [InlineData("PixelSpacing")]
    public void A_source_without_an_attribute_that_results_need_is_refused_by_its_name(string keyword)
    {
        var tag = DicomDictionary.LookupKeyword(keyword)!.Tag;
        var context = Source.Classic(Phantom.Tube(3, 16, 16, Phantom.Axial()), change: d => d.Remove(tag));
        var refusal = Assert.Throws<DicomConformanceException>(() => SegmentationBuilder.BuildHard(context));
        Assert.Equal(tag, refusal.Attribute);
        Assert.StartsWith(keyword, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(-0.01f)]
    [InlineData(1.01f)]
    public void A_mask_with_a_value_that_is_no_share_is_refused(float value)
    {
        _context.Mask[3, 3, 3] = value;
        Assert.Throws<ArgumentException>(() => Hard);
        Assert.Throws<ArgumentException>(() => Soft);
    }
}
