using System.Runtime.InteropServices;
using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Modules;

namespace SoftSeg.DicomWriter.Segmentations;

/// <summary>Parametric Map Storage, PS3.3 A.75: the shares as 32-bit floats, for software that takes a map of numbers rather than a segmentation.</summary>
public static class ParametricMapBuilder
{
    /// <param name="context">The series and its mask.</param>
    /// <exception cref="DicomConformanceException">An attribute that the object needs is missing in the source.</exception>
    public static DicomFile Build(ResultContext context)
    {
        var identity = new ResultIdentity(context);
        var maxima = SliceMaxima.Of(context.Mask);
        int[] slices = [.. Enumerable.Range(0, maxima.Length).Where(slice => context.IncludeEmptyFrames || maxima[slice] > 0).DefaultIfEmpty(maxima.Length / 2)];
        var dataset = new DicomDataset();
        SopCommonModule.Write(dataset, context, DicomUID.ParametricMapStorage);
        PatientModule.Write(dataset, context.Source.Instance);
        GeneralStudyModule.Write(dataset, context.Source.Instance);
        ResultSeriesModule.Write(dataset, context, "MR", 8, ResultText.SeriesDescription(context, "share map"));
        BodyPart.Write(dataset, context.Source);
        FrameOfReferenceModule.Write(dataset, context.Source);
        GeneralEquipmentModule.Write(dataset, context);
        ParametricMapImage(dataset, context);
        MultiFrameFunctionalGroupsModule.Write(dataset, context.Source, slices, segment: null);
        var shared = dataset.GetSequence(DicomTag.SharedFunctionalGroupsSequence)[0];
        ParametricMapGroups(shared, context);
        MultiFrameDimensionModule.Write(dataset, identity.For("dimension organization", "share map"), bySegment: false);
        // Acquisition Context, C.7.6.14: nothing to say beyond the source.
        dataset.AddOrUpdate(DicomTag.AcquisitionContextSequence);
        CommonInstanceReferenceModule.Write(dataset, context.Source);
        Pixels(dataset, context, slices);
        identity.Seal(dataset, "share map");
        return new DicomFile(dataset, DicomTransferSyntax.ExplicitVRLittleEndian);
    }

    /// <summary>Parametric Map Image, PS3.3 C.8.32.2, and Floating Point Image Pixel, C.7.6.24, without the pixels.</summary>
    static void ParametricMapImage(DicomDataset target, ResultContext context)
    {
        target.AddOrUpdate(DicomTag.ImageType, "DERIVED", "PRIMARY", "VOLUME", "NONE");
        target.AddOrUpdate(DicomTag.ContentLabel, "SHARE_MAP");
        target.AddOrUpdate(DicomTag.ContentDescription, ResultText.ContentDescription(context, "Share of each voxel, 0..1"));
        target.AddOrUpdate(DicomTag.ContentCreatorName);
        target.AddOrUpdate(DicomTag.ContentQualification, context.NotForClinicalUse ? "RESEARCH" : "PRODUCT");
        target.AddOrUpdate(DicomTag.SamplesPerPixel, (ushort)1);
        target.AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2");
        target.AddOrUpdate(DicomTag.BitsAllocated, (ushort)32);
        target.AddOrUpdate(DicomTag.PresentationLUTShape, "IDENTITY");
        target.AddOrUpdate(DicomTag.BurnedInAnnotation, "NO");
        target.AddOrUpdate(DicomTag.RecognizableVisualFeatures, "NO");
        LossyCompression.Write(target, context.Source);
    }

    /// <summary>Parametric Map Frame Type, C.8.32.3.1, Frame VOI LUT, C.7.6.16.2.10, Identity Pixel Value Transformation, C.7.6.16.2.9b, and Real World Value Mapping, C.7.6.16.2.11.</summary>
    static void ParametricMapGroups(DicomDataset shared, ResultContext context)
    {
        shared.AddOrUpdate(DicomTag.ParametricMapFrameTypeSequence, new DicomDataset().AddOrUpdate(DicomTag.FrameType, "DERIVED", "PRIMARY", "VOLUME", "NONE"));
        shared.AddOrUpdate(DicomTag.FrameVOILUTSequence, new DicomDataset().AddOrUpdate(DicomTag.WindowCenter, "0.5").AddOrUpdate(DicomTag.WindowWidth, "1"));
        shared.AddOrUpdate(DicomTag.PixelValueTransformationSequence, new DicomDataset()
            .AddOrUpdate(DicomTag.RescaleIntercept, "0").AddOrUpdate(DicomTag.RescaleSlope, "1").AddOrUpdate(DicomTag.RescaleType, "US"));
        var mapping = new DicomDataset()
            .AddOrUpdate(DicomTag.DoubleFloatRealWorldValueFirstValueMapped, 0.0)
            .AddOrUpdate(DicomTag.DoubleFloatRealWorldValueLastValueMapped, 1.0)
            .AddOrUpdate(DicomTag.RealWorldValueIntercept, 0.0)
            .AddOrUpdate(DicomTag.RealWorldValueSlope, 1.0)
            .AddOrUpdate(DicomTag.LUTExplanation, ResultText.Value($"Share of the voxel that is {context.Segment.Label.ToLowerInvariant()}"))
            .AddOrUpdate(DicomTag.LUTLabel, "SHARE");
        CodeSequence.Write(mapping, DicomTag.MeasurementUnitsCodeSequence, Codes.UCUM.NoUnits);
        shared.AddOrUpdate(DicomTag.RealWorldValueMappingSequence, mapping);
    }

    static void Pixels(DicomDataset target, ResultContext context, int[] slices)
    {
        var mask = context.Mask;
        ImageSize.Write(target, mask.Rows, mask.Columns);
        var size = mask.Rows * mask.Columns;
        var value = new byte[checked(slices.Length * size * sizeof(float))];
        for (var n = 0; n < slices.Length; n++)
            MemoryMarshal.AsBytes(mask.Slice(slices[n])).CopyTo(value.AsSpan(n * size * sizeof(float)));
        target.AddOrUpdate(DicomVR.OF, DicomTag.FloatPixelData, value);
    }
}
