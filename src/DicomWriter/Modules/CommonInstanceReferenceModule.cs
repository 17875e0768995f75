using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Modules;

/// <summary>Common Instance Reference, PS3.3 C.12.2: the source series with all its instances. OHIF refuses a segmentation without it.</summary>
static class CommonInstanceReferenceModule
{
    public static void Write(DicomDataset target, SourceSeries source) =>
        target.AddOrUpdate(DicomTag.ReferencedSeriesSequence, new DicomDataset()
            .AddOrUpdate(DicomTag.ReferencedInstanceSequence, [.. source.Instances.Select(InstanceReference)])
            .AddOrUpdate(DicomTag.SeriesInstanceUID, source.SeriesInstanceUid));

    /// <summary>SOP Instance Reference Macro, PS3.3 10.8.</summary>
    public static DicomDataset InstanceReference(SourceInstance instance) => new DicomDataset()
        .AddOrUpdate(DicomTag.ReferencedSOPClassUID, instance.SopClassUid)
        .AddOrUpdate(DicomTag.ReferencedSOPInstanceUID, instance.SopInstanceUid);
}
