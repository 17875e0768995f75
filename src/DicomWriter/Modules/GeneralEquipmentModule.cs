using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Modules;

/// <summary>General Equipment, PS3.3 C.7.5.1, and Enhanced General Equipment, C.7.5.2: all of the latter is Type 1.</summary>
static class GeneralEquipmentModule
{
    /// <param name="target">The data set, or an item of Contributing Equipment Sequence.</param>
    public static void Write(DicomDataset target, ResultContext context)
    {
        var equipment = context.Equipment;
        target.AddOrUpdate(DicomTag.Manufacturer, Required(DicomTag.Manufacturer, equipment.Manufacturer));
        target.AddOrUpdate(DicomTag.ManufacturerModelName, Required(DicomTag.ManufacturerModelName, equipment.ManufacturerModelName));
        target.AddOrUpdate(DicomTag.DeviceSerialNumber, Required(DicomTag.DeviceSerialNumber, equipment.DeviceSerialNumber));
        target.AddOrUpdate(DicomTag.SoftwareVersions, Required(DicomTag.SoftwareVersions, context.Algorithm.SoftwareVersion));
        if (!string.IsNullOrWhiteSpace(equipment.StationName))
            target.AddOrUpdate(DicomTag.StationName, ResultText.Value(equipment.StationName, 16));
        if (!string.IsNullOrWhiteSpace(equipment.InstitutionName))
            target.AddOrUpdate(DicomTag.InstitutionName, ResultText.Value(equipment.InstitutionName));
    }

    static string Required(DicomTag tag, string value) => !string.IsNullOrWhiteSpace(value) ? ResultText.Value(value)
        : throw new DicomConformanceException(tag, "of the node is empty; Enhanced General Equipment requires a value.");
}
