using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Modules;

namespace SoftSeg.DicomWriter.Segmentations;

/// <summary>Segmentation Storage, PS3.3 A.51: the mask as viewers and archives take it.</summary>
/// <remarks>
/// The frames lie on the source's grid. There is no Source Image Sequence at the top level: OHIF would index it by frame and
/// silently put the slices elsewhere. The object is uncompressed Explicit VR Little Endian, which every viewer reads.
/// </remarks>
public static class SegmentationBuilder
{
    /// <summary>
    /// What people see: the voxels with a share of at least 0.5. BINARY where every known viewer unpacks its bits correctly, else
    /// FRACTIONAL with 0 and 255.
    /// </summary>
    /// <exception cref="DicomConformanceException">An attribute that the object needs is missing in the source.</exception>
    /// <exception cref="ArgumentException">The frames do not fit the mask, or the mask has values outside 0..1.</exception>
    public static DicomFile BuildHard(ResultContext context)
    {
        var frames = SegmentFrames.Of(context.Mask, SegmentFrames.Threshold, context.IncludeEmptyFrames);
        if (IsReadAsBinary(context, frames.Slices.Count))
            return Build(context, SegmentationForm.Binary, frames);

        // One empty frame more may bring the whole to a multiple of 16 bits.
        return IsReadAsBinary(context, frames.Slices.Count + 1) && frames.WithNeighbour(context.Mask, SegmentFrames.Threshold) is { } more
            ? Build(context, SegmentationForm.Binary, more)
            : Build(context, SegmentationForm.FractionalHard, frames);
    }

    /// <summary><see cref="BuildHard"/> and, where that is BINARY, the same voxels as FRACTIONAL with 0 and 255 for a receiver that takes no BINARY.</summary>
    /// <inheritdoc cref="BuildHard"/>
    public static IReadOnlyList<DicomFile> BuildHardForms(ResultContext context)
    {
        var best = BuildHard(context);
        return best.Dataset.GetString(DicomTag.SegmentationType) != "BINARY" ? [best]
            : [best, Build(context, SegmentationForm.FractionalHard, SegmentFrames.Of(context.Mask, SegmentFrames.Threshold, context.IncludeEmptyFrames))];
    }

    /// <summary>The soft mask itself: shares in steps of 1/255.</summary>
    /// <inheritdoc cref="BuildHard"/>
    public static DicomFile BuildSoft(ResultContext context) =>
        Build(context, SegmentationForm.Soft, SegmentFrames.Of(context.Mask, SegmentFrames.Quantise, context.IncludeEmptyFrames));

    /// <summary>The voxels of <see cref="BuildHard"/> as a Label Map Segmentation, PS3.3 A.51 of 2024 and later: few viewers read it yet.</summary>
    /// <inheritdoc cref="BuildHard"/>
    public static DicomFile BuildLabelMap(ResultContext context) =>
        Build(context, SegmentationForm.LabelMap, SegmentFrames.Of(context.Mask, SegmentFrames.Threshold, context.IncludeEmptyFrames));

    /// <summary>
    /// OHIF scrambles the bits of BINARY frames unless a frame is a whole number of bytes and all frames are a whole number of
    /// 16-bit words.
    /// </summary>
    static bool IsReadAsBinary(ResultContext context, int frames)
    {
        long size = context.Mask.Rows * context.Mask.Columns;
        return size % 8 == 0 && frames * size % 16 == 0;
    }

    static DicomFile Build(ResultContext context, SegmentationForm form, SegmentFrames frames)
    {
        var identity = new ResultIdentity(context);
        var dataset = new DicomDataset();
        SopCommonModule.Write(dataset, context, form == SegmentationForm.LabelMap ? DicomUID.LabelMapSegmentationStorage : DicomUID.SegmentationStorage);
        PatientModule.Write(dataset, context.Source.Instance);
        GeneralStudyModule.Write(dataset, context.Source.Instance);
        var (number, kind) = form switch { SegmentationForm.Soft => (2, "soft"), SegmentationForm.LabelMap => (7, "label map"), _ => (1, "") };
        ResultSeriesModule.Write(dataset, context, "SEG", number, ResultText.SeriesDescription(context, kind));
        FrameOfReferenceModule.Write(dataset, context.Source);
        GeneralEquipmentModule.Write(dataset, context);
        SegmentationImageModule.Write(dataset, context, form, identity.TrackingUid);
        // The pixels of a label map name their segments themselves.
        ushort? segment = form == SegmentationForm.LabelMap ? null : SegmentationImageModule.SegmentNumber;
        MultiFrameFunctionalGroupsModule.Write(dataset, context.Source, frames.Slices, segment);
        // Not shared by the two forms: they leave out other frames, so their ordinals differ.
        MultiFrameDimensionModule.Write(dataset, identity.For("dimension organization", form.ToString()), segment is not null);
        CommonInstanceReferenceModule.Write(dataset, context.Source);
        PixelData(dataset, context, form, frames);
        identity.Seal(dataset, form.ToString());
        return new DicomFile(dataset, DicomTransferSyntax.ExplicitVRLittleEndian);
    }

    /// <summary>Image Pixel, PS3.3 C.7.6.3, the part that depends on the size.</summary>
    static void PixelData(DicomDataset dataset, ResultContext context, SegmentationForm form, SegmentFrames frames)
    {
        var (rows, columns) = (context.Mask.Rows, context.Mask.Columns);
        ImageSize.Write(dataset, rows, columns);
        var pixels = frames.Pixels;
        var size = rows * columns;
        var bytes = form == SegmentationForm.Binary ? BitPacking.LengthInBytes(pixels.LongLength) : pixels.Length;
        var value = new byte[bytes + (bytes & 1)];
        if (form == SegmentationForm.Binary)
        {
            for (var frame = 0; frame < frames.Slices.Count; frame++)
                BitPacking.Pack(pixels.AsSpan(frame * size, size), value, (long)frame * size);
        }
        else if (form == SegmentationForm.FractionalHard)
        {
            for (var i = 0; i < pixels.Length; i++)
                value[i] = (byte)-pixels[i];
        }
        else
        {
            pixels.CopyTo(value, 0);
        }
        dataset.AddOrUpdate(DicomVR.OB, DicomTag.PixelData, value);
    }
}
