using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;

namespace SoftSeg.DicomWriter.Reports;

/// <summary>Templates of PS3.16 that several reports use.</summary>
static class ReportTemplates
{
    /// <summary>TID 1204, Language of Content Item and Descendants.</summary>
    public static DicomDataset Language() =>
        ContentItem.Code(Relationship.HasConceptModifier, Codes.DCM.LanguageOfContentItem, Codes.RFC5646.EnglishUnitedStates);

    /// <summary>TID 1001 and TID 1004, Observation Context with a device as the observer.</summary>
    public static IEnumerable<DicomDataset> DeviceObserver(EquipmentIdentification equipment)
    {
        const string obs = Relationship.HasObservationContext;
        yield return ContentItem.Code(obs, Codes.DCM.ObserverType, Codes.DCM.Device);
        yield return ContentItem.UidReference(obs, Codes.DCM.DeviceObserverUid,
            DicomUID.Derive("device", equipment.Manufacturer, equipment.ManufacturerModelName, equipment.DeviceSerialNumber, equipment.StationName ?? "").Value);
        yield return ContentItem.Text(obs, Codes.DCM.DeviceObserverName, equipment.StationName ?? equipment.ManufacturerModelName);
        yield return ContentItem.Text(obs, Codes.DCM.DeviceObserverManufacturer, equipment.Manufacturer);
        yield return ContentItem.Text(obs, Codes.DCM.DeviceObserverModelName, equipment.ManufacturerModelName);
    }

    /// <summary>TID 1600, Image Library: one group with an entry per source frame.</summary>
    public static DicomDataset ImageLibrary(IReadOnlyList<ImageFrame> frames) =>
        ContentItem.Container(Relationship.Contains, Codes.DCM.ImageLibrary, null,
        [
            ContentItem.Container(Relationship.Contains, Codes.DCM.ImageLibraryGroup, null,
            [
                ContentItem.Code(Relationship.HasAcquisitionContext, Codes.DCM.Modality, Codes.DCM.MagneticResonance),
                .. frames.Select(f => ContentItem.Image(Relationship.Contains, f)),
            ]),
        ]);

    /// <summary>TID 4108, Tracking Identifier.</summary>
    public static IEnumerable<DicomDataset> Tracking(string identifier, string uid) =>
    [
        ContentItem.Text(Relationship.HasObservationContext, Codes.DCM.TrackingIdentifier, identifier),
        ContentItem.UidReference(Relationship.HasObservationContext, Codes.DCM.TrackingUniqueIdentifier, uid),
    ];

    /// <summary>TID 4019, Algorithm Identification.</summary>
    public static IEnumerable<DicomDataset> Algorithm(ResultContext context) =>
    [
        ContentItem.Text(Relationship.HasConceptModifier, Codes.DCM.AlgorithmName, context.Algorithm.ModelName),
        ContentItem.Text(Relationship.HasConceptModifier, Codes.DCM.AlgorithmVersion, context.Algorithm.ModelVersion),
        ContentItem.Text(Relationship.HasConceptModifier, Codes.DCM.AlgorithmParameters, ResultText.AlgorithmParameters(context)),
    ];
}
