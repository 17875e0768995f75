using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter;

/// <summary>The concepts that the results use, under the names that PS3.16 gives them.</summary>
public static class Codes
{
    /// <summary>DICOM Controlled Terminology, PS3.16 Annex D.</summary>
    public static class DCM
    {
        public static readonly CodedConcept AlgorithmName = new("111001", "DCM", "Algorithm Name");
        public static readonly CodedConcept AlgorithmParameters = new("111002", "DCM", "Algorithm Parameters");
        public static readonly CodedConcept AlgorithmVersion = new("111003", "DCM", "Algorithm Version");
        public static readonly CodedConcept ImageLibrary = new("111028", "DCM", "Image Library");
        public static readonly CodedConcept ImageRegion = new("111030", "DCM", "Image Region");
        public static readonly CodedConcept TrackingIdentifier = new("112039", "DCM", "Tracking Identifier");
        public static readonly CodedConcept TrackingUniqueIdentifier = new("112040", "DCM", "Tracking Unique Identifier");
        public static readonly CodedConcept RejectedForQualityReasons = new("113001", "DCM", "Rejected for Quality Reasons");
        public static readonly CodedConcept KeyObjectDescription = new("113012", "DCM", "Key Object Description");
        public static readonly CodedConcept Segmentation = new("113076", "DCM", "Segmentation");
        public static readonly CodedConcept ProcessingEquipment = new("109102", "DCM", "Processing Equipment");
        public static readonly CodedConcept ObserverType = new("121005", "DCM", "Observer Type");
        public static readonly CodedConcept Device = new("121007", "DCM", "Device");
        public static readonly CodedConcept DeviceObserverUid = new("121012", "DCM", "Device Observer UID");
        public static readonly CodedConcept DeviceObserverName = new("121013", "DCM", "Device Observer Name");
        public static readonly CodedConcept DeviceObserverManufacturer = new("121014", "DCM", "Device Observer Manufacturer");
        public static readonly CodedConcept DeviceObserverModelName = new("121015", "DCM", "Device Observer Model Name");
        public static readonly CodedConcept LanguageOfContentItem = new("121049", "DCM", "Language of Content Item and Descendants");
        public static readonly CodedConcept ProcedureReported = new("121058", "DCM", "Procedure reported");
        public static readonly CodedConcept Findings = new("121070", "DCM", "Findings");
        public static readonly CodedConcept Finding = new("121071", "DCM", "Finding");
        public static readonly CodedConcept Comment = new("121106", "DCM", "Comment");
        public static readonly CodedConcept Modality = new("121139", "DCM", "Modality");
        public static readonly CodedConcept ReferencedSegment = new("121191", "DCM", "Referenced Segment");
        public static readonly CodedConcept SourceSeriesForSegmentation = new("121232", "DCM", "Source series for segmentation");
        public static readonly CodedConcept SourceImage = new("121322", "DCM", "Source image for image processing operation");
        public static readonly CodedConcept Derivation = new("121401", "DCM", "Derivation");
        public static readonly CodedConcept ArtificialIntelligence = new("123110", "DCM", "Artificial Intelligence");
        public static readonly CodedConcept MeasurementGroup = new("125007", "DCM", "Measurement Group");
        public static readonly CodedConcept ImagingMeasurementReport = new("126000", "DCM", "Imaging Measurement Report");
        public static readonly CodedConcept ImagingMeasurements = new("126010", "DCM", "Imaging Measurements");
        public static readonly CodedConcept ImageLibraryGroup = new("126200", "DCM", "Image Library Group");
        public static readonly CodedConcept MagneticResonance = new("MR", "DCM", "Magnetic Resonance");
    }

    /// <summary>SNOMED CT, as PS3.16 uses it.</summary>
    public static class SCT
    {
        public static readonly CodedConcept AnatomicalStructure = new("91723000", "SCT", "Anatomical Structure");
        public static readonly CodedConcept SpinalCord = new("2748008", "SCT", "Spinal cord");
        public static readonly CodedConcept CervicalSpine = new("122494005", "SCT", "Cervical spine");
        public static readonly CodedConcept FindingSite = new("363698007", "SCT", "Finding Site");
        public static readonly CodedConcept Area = new("42798000", "SCT", "Area");
        public static readonly CodedConcept Length = new("410668003", "SCT", "Length");
        public static readonly CodedConcept Volume = new("118565006", "SCT", "Volume");
        public static readonly CodedConcept Mean = new("373098007", "SCT", "Mean");
        public static readonly CodedConcept StandardDeviation = new("386136009", "SCT", "Standard Deviation");
        public static readonly CodedConcept Minimum = new("255605001", "SCT", "Minimum");
        public static readonly CodedConcept Maximum = new("56851009", "SCT", "Maximum");
    }

    /// <summary>LOINC.</summary>
    public static class LN
    {
        public static readonly CodedConcept MriUnspecifiedBodyRegion = new("25056-3", "LN", "MRI unspecified body region");
        public static readonly CodedConcept RadiologyStudyObservation = new("18782-3", "LN", "Radiology Study observation (findings)");
    }

    /// <summary>Units of measurement, <c>UCUM</c>.</summary>
    public static class UCUM
    {
        public static readonly CodedConcept Millimetre = new("mm", "UCUM", "mm");
        public static readonly CodedConcept SquareMillimetre = new("mm2", "UCUM", "mm2");
        public static readonly CodedConcept CubicMillimetre = new("mm3", "UCUM", "mm3");
        public static readonly CodedConcept NoUnits = new("1", "UCUM", "no units");
    }

    /// <summary>Languages, IETF RFC 5646.</summary>
    public static class RFC5646
    {
        public static readonly CodedConcept EnglishUnitedStates = new("en-US", "RFC5646", "English (United States)");
    }

    /// <summary>
    /// Concepts for which no generic code exists. A report that uses one declares the scheme in
    /// Coding Scheme Identification Sequence (0008,0110).
    /// </summary>
    public static class SoftSeg
    {
        public const string Scheme = "99SOFTSEG";

        public const string SchemeName = "SoftSeg shape measurements of cross-sections";

        public const string ResponsibleOrganization = "The SoftSeg authors";

        /// <summary>
        /// Half of the 95 % interval of an area, mm2. Not a property of the area (TID 310): viewers list the measurements of a group, and nobody shows what lies below one.
        /// </summary>
        public static readonly CodedConcept AreaHalfWidth = new("AREA_HALF_WIDTH", Scheme, "Half-width of 95 % interval of area");

        /// <summary>Diameter along the antero-posterior axis of the cross-section, mm.</summary>
        public static readonly CodedConcept DiameterAP = new("DIAMETER_AP", Scheme, "Anteroposterior diameter of cross-section");

        /// <summary>Diameter along the right-left axis of the cross-section, mm.</summary>
        public static readonly CodedConcept DiameterRL = new("DIAMETER_RL", Scheme, "Transverse diameter of cross-section");

        /// <summary>Eccentricity of the ellipse with the same moments, 0 (circle) to 1.</summary>
        public static readonly CodedConcept Eccentricity = new("ECCENTRICITY", Scheme, "Eccentricity of cross-section");

        /// <summary>Area over the area of the convex hull, 0..1.</summary>
        public static readonly CodedConcept Solidity = new("SOLIDITY", Scheme, "Solidity of cross-section");
    }
}
