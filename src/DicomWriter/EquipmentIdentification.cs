namespace SoftSeg.DicomWriter;

/// <summary>The node that wrote a result: General and Enhanced General Equipment Modules, PS3.3 C.7.5.1 and C.7.5.2.</summary>
public sealed record EquipmentIdentification
{
    /// <summary>Manufacturer (0008,0070), never empty.</summary>
    public string Manufacturer { get; init; } = "SoftSeg";

    /// <summary>Manufacturer's Model Name (0008,1090), never empty.</summary>
    public string ManufacturerModelName { get; init; } = "SoftSeg";

    /// <summary>Device Serial Number (0018,1000), never empty; a site's installations may tell themselves apart by it.</summary>
    public string DeviceSerialNumber { get; init; } = "1";

    /// <summary>Station Name (0008,1010), usually the AE title; null leaves it out.</summary>
    public string? StationName { get; init; }

    /// <summary>Institution Name (0008,0080); null leaves it out.</summary>
    public string? InstitutionName { get; init; }
}
