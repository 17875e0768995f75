using System.Globalization;
using SoftSeg.Dicom;

namespace SoftSeg.EndToEnd.Tests.Proof;

/// <summary>A classic series as one Enhanced MR instance (PS3.3 A.36), with the functional groups that viewers ask for.</summary>
static class EnhancedInstance
{
    static readonly DicomTag[] ofFrames =
    [
        DicomTag.ImagePositionPatient, DicomTag.ImageOrientationPatient, DicomTag.PixelSpacing, DicomTag.SliceThickness, DicomTag.SpacingBetweenSlices,
        DicomTag.SliceLocation, DicomTag.RescaleSlope, DicomTag.RescaleIntercept, DicomTag.WindowCenter, DicomTag.WindowWidth, DicomTag.InstanceNumber,
    ];

    /// <param name="order">Frame n + 1 is slice <paramref name="order"/>[n].</param>
    public static DicomFile Of(IReadOnlyList<DicomDataset> slices, int[] order)
    {
        var first = slices[0];
        var instance = first.Clone();
        foreach (var tag in ofFrames)
            instance.Remove(tag);
        var organization = DicomUID.Derive("enhanced organization", first.GetString(DicomTag.SeriesInstanceUID)).Value;
        instance
            .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.EnhancedMRImageStorage)
            .AddOrUpdate(DicomTag.SOPInstanceUID, DicomUID.Derive("enhanced", first.GetString(DicomTag.SOPInstanceUID)))
            .AddOrUpdate(DicomTag.InstanceNumber, "1")
            .AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "T2", "NONE")
            .AddOrUpdate(DicomTag.NumberOfFrames, order.Length.ToString(CultureInfo.InvariantCulture))
            .AddOrUpdate(DicomTag.DimensionOrganizationSequence, new DicomDataset().AddOrUpdate(DicomTag.DimensionOrganizationUID, organization))
            .AddOrUpdate(DicomTag.DimensionIndexSequence, new DicomDataset()
                .AddOrUpdate(DicomTag.DimensionOrganizationUID, organization)
                .AddOrUpdate(DicomTag.DimensionIndexPointer, DicomTag.ImagePositionPatient)
                .AddOrUpdate(DicomTag.FunctionalGroupPointer, DicomTag.PlanePositionSequence))
            .AddOrUpdate(DicomTag.SharedFunctionalGroupsSequence, new DicomDataset()
                .AddOrUpdate(DicomTag.PixelMeasuresSequence, Copy(first, DicomTag.PixelSpacing, DicomTag.SliceThickness, DicomTag.SpacingBetweenSlices))
                .AddOrUpdate(DicomTag.PlaneOrientationSequence, Copy(first, DicomTag.ImageOrientationPatient))
                .AddOrUpdate(DicomTag.FrameVOILUTSequence, Copy(first, DicomTag.WindowCenter, DicomTag.WindowWidth))
                .AddOrUpdate(DicomTag.PixelValueTransformationSequence, Copy(first, DicomTag.RescaleSlope, DicomTag.RescaleIntercept)
                    .AddOrUpdate(DicomTag.RescaleType, "US")))
            .AddOrUpdate(DicomTag.PerFrameFunctionalGroupsSequence, [.. order.Select(slice => new DicomDataset()
                .AddOrUpdate(DicomTag.FrameContentSequence, new DicomDataset().AddOrUpdate(DicomTag.DimensionIndexValues, (uint)(slice + 1)))
                .AddOrUpdate(DicomTag.PlanePositionSequence, Copy(slices[slice], DicomTag.ImagePositionPatient)))])
            .AddOrUpdate(DicomVR.OW, DicomTag.PixelData, [.. order.SelectMany(slice => slices[slice].GetBytes(DicomTag.PixelData).ToArray())]);
        return new DicomFile(instance, DicomTransferSyntax.ExplicitVRLittleEndian);
    }

    static DicomDataset Copy(DicomDataset from, params DicomTag[] tags)
    {
        var to = new DicomDataset();
        foreach (var tag in tags)
        {
            if (from.TryGetItem(tag, out var item))
                to.AddOrUpdate(item);
        }
        return to;
    }
}
