using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Modules;

namespace SoftSeg.DicomWriter.Segmentations;

/// <summary>Segmentation Image, PS3.3 C.8.20.2, with General Image Content Identification, Table 10-12.</summary>
static class SegmentationImageModule
{
    public const ushort SegmentNumber = 1;

    public static void Write(DicomDataset target, ResultContext context, SegmentationForm form, string trackingUid)
    {
        target.AddOrUpdate(DicomTag.ImageType, "DERIVED", "PRIMARY");
        ContentIdentification(target, context, form);
        target.AddOrUpdate(DicomTag.SamplesPerPixel, (ushort)1);
        target.AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2");
        target.AddOrUpdate(DicomTag.PixelRepresentation, (ushort)0);
        ushort bits = form == SegmentationForm.Binary ? (ushort)1 : (ushort)8;
        target.AddOrUpdate(DicomTag.BitsAllocated, bits);
        target.AddOrUpdate(DicomTag.BitsStored, bits);
        target.AddOrUpdate(DicomTag.HighBit, (ushort)(bits - 1));
        target.AddOrUpdate(DicomTag.SegmentationType, form switch { SegmentationForm.Binary => "BINARY", SegmentationForm.LabelMap => "LABELMAP", _ => "FRACTIONAL" });
        if (form == SegmentationForm.LabelMap)
            target.AddOrUpdate(DicomTag.PixelPaddingValue, (ushort)0);
        if (form is SegmentationForm.FractionalHard or SegmentationForm.Soft)
        {
            // OCCUPANCY, not PROBABILITY: the value is the share of the voxel that is the structure.
            target.AddOrUpdate(DicomTag.SegmentationFractionalType, "OCCUPANCY");
            target.AddOrUpdate(DicomTag.MaximumFractionalValue, (ushort)255);
        }
        target.AddOrUpdate(DicomTag.SegmentsOverlap, "NO");
        LossyCompression.Write(target, context.Source);
        target.AddOrUpdate(DicomTag.SegmentSequence, Segment(context, trackingUid));
    }

    static void ContentIdentification(DicomDataset target, ResultContext context, SegmentationForm form)
    {
        var soft = form == SegmentationForm.Soft;
        target.AddOrUpdate(DicomTag.ContentLabel, ContentLabel(context.Segment.ShortName, soft ? "_SOFT" : "_HARD"));
        target.AddOrUpdate(DicomTag.ContentDescription, ResultText.ContentDescription(context,
            soft ? "Share of each voxel, 0..255" : "Voxels with a share of at least 0.5"));
        target.AddOrUpdate(DicomTag.ContentCreatorName);
    }

    static string ContentLabel(string shortName, string form)
    {
        var label = shortName.ToUpperInvariant() + form;
        return label.Length > form.Length && label.Length <= 16 && label.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_') ? label
            : throw new DicomConformanceException(DicomTag.ContentLabel, $"can't be \"{label}\": a CS value has at most 16 of A-Z, 0-9 and _.");
    }

    /// <summary>The item of Segment Sequence (0062,0002).</summary>
    static DicomDataset Segment(ResultContext context, string trackingUid)
    {
        var segment = context.Segment;
        var item = new DicomDataset()
            .AddOrUpdate(DicomTag.SegmentNumber, SegmentNumber)
            .AddOrUpdate(DicomTag.SegmentLabel, ResultText.Value(segment.Label))
            .AddOrUpdate(DicomTag.SegmentAlgorithmType, "AUTOMATIC")
            .AddOrUpdate(DicomTag.SegmentAlgorithmName, ResultText.Value(context.Algorithm.ModelName))
            .AddOrUpdate(DicomTag.TrackingID, ResultIdentity.TrackingId(context))
            .AddOrUpdate(DicomTag.TrackingUID, trackingUid)
            .AddOrUpdate(DicomTag.RecommendedDisplayCIELabValue,
                CieLab.Encode(CieLab.FromRgb(segment.Colour.Red, segment.Colour.Green, segment.Colour.Blue)));
        CodeSequence.Write(item, DicomTag.SegmentedPropertyCategoryCodeSequence, segment.Category);
        CodeSequence.Write(item, DicomTag.SegmentedPropertyTypeCodeSequence, segment.Type);
        if (segment.AnatomicRegion is { } region)
            CodeSequence.Write(item, DicomTag.AnatomicRegionSequence, region);
        item.AddOrUpdate(DicomTag.SegmentationAlgorithmIdentificationSequence, Algorithm(context));
        return item;
    }

    /// <summary>Algorithm Identification Macro, PS3.3 10.16.</summary>
    static DicomDataset Algorithm(ResultContext context)
    {
        var algorithm = context.Algorithm;
        var item = new DicomDataset()
            .AddOrUpdate(DicomTag.AlgorithmName, ResultText.Value(algorithm.ModelName))
            .AddOrUpdate(DicomTag.AlgorithmVersion, ResultText.Value(algorithm.ModelVersion))
            .AddOrUpdate(DicomTag.AlgorithmParameters, ResultText.AlgorithmParameters(context));
        CodeSequence.Write(item, DicomTag.AlgorithmFamilyCodeSequence, Codes.DCM.ArtificialIntelligence);
        return item;
    }
}
