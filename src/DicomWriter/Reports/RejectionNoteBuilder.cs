using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Modules;

namespace SoftSeg.DicomWriter.Reports;

/// <summary>
/// Key Object Selection Document Storage, PS3.3 A.35.4, with the title Rejected for Quality Reasons (TID 2010): the note by which an archive that follows IHE RAD
/// Imaging Object Change Management no longer shows results that others took the place of.
/// </summary>
public static class RejectionNoteBuilder
{
    const string Why = "Replaced by results that were made when more of the source series had come.";

    /// <param name="replacement">One of the results that take their place: patient, study, equipment and date of the note are its own.</param>
    /// <param name="rejected">Results of the same study, at least one, by their study, series, class and instance UIDs. Their order does not matter.</param>
    /// <exception cref="ArgumentException">None is rejected, or one is of another study.</exception>
    public static DicomFile Build(DicomDataset replacement, IReadOnlyList<DicomDataset> rejected)
    {
        var study = replacement.GetString(DicomTag.StudyInstanceUID);
        if (rejected.Count == 0 || rejected.Any(old => old.GetString(DicomTag.StudyInstanceUID) != study))
            throw new ArgumentException("A rejection note needs at least one instance, and all of one study.", nameof(rejected));
        rejected = [.. rejected.OrderBy(old => old.GetString(DicomTag.SOPInstanceUID), StringComparer.Ordinal)];

        var dataset = new DicomDataset();
        Copy.IfPresent(replacement, dataset, DicomTag.SpecificCharacterSet);
        Copy.IfPresent(replacement, dataset, DicomTag.TimezoneOffsetFromUTC);
        dataset.AddOrUpdate(DicomTag.SOPClassUID, DicomUID.KeyObjectSelectionDocumentStorage.Value);
        PatientModule.Write(dataset, replacement);
        GeneralStudyModule.Write(dataset, replacement);
        KeyObjectDocumentSeries(dataset, replacement);
        Copy.Attributes(replacement, dataset, [], equipmentTags);
        KeyObjectDocument(dataset, replacement, rejected);
        ContentItem.Root(dataset, Codes.DCM.RejectedForQualityReasons, "2010",
        [
            ReportTemplates.Language(),
            .. ReportTemplates.DeviceObserver(Equipment(replacement)),
            ContentItem.Text(Relationship.Contains, Codes.DCM.KeyObjectDescription, Why),
            .. rejected.Select(ContentItem.Instance),
        ]);
        new ResultIdentity([study, .. rejected.Select(old => old.GetString(DicomTag.SOPInstanceUID))]).Seal(dataset, "rejection note");
        return new DicomFile(dataset, DicomTransferSyntax.ExplicitVRLittleEndian);
    }

    static readonly DicomTag[] equipmentTags =
    [
        DicomTag.Manufacturer, DicomTag.ManufacturerModelName, DicomTag.DeviceSerialNumber, DicomTag.SoftwareVersions, DicomTag.StationName, DicomTag.InstitutionName,
    ];

    /// <summary>Key Object Document Series, PS3.3 C.17.6.1. Its number is the tenth behind the source's.</summary>
    static void KeyObjectDocumentSeries(DicomDataset target, DicomDataset replacement)
    {
        var number = int.TryParse(replacement.GetStringOrNull(DicomTag.SeriesNumber), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? (n / 100 * 100) + 10 : 10;
        target.AddOrUpdate(DicomTag.Modality, "KO");
        target.AddOrUpdate(DicomTag.SeriesNumber, number.ToString(CultureInfo.InvariantCulture));
        target.AddOrUpdate(DicomTag.SeriesDescription, "SoftSeg: replaced results");
        target.AddOrUpdate(DicomTag.ReferencedPerformedProcedureStepSequence);
    }

    /// <summary>Key Object Document, PS3.3 C.17.6.2. Date and time are those of the replacement, so that the same input gives the same bytes.</summary>
    static void KeyObjectDocument(DicomDataset target, DicomDataset replacement, IReadOnlyList<DicomDataset> rejected)
    {
        target.AddOrUpdate(DicomTag.InstanceNumber, "1");
        target.AddOrUpdate(DicomTag.ContentDate, replacement.GetString(DicomTag.ContentDate));
        target.AddOrUpdate(DicomTag.ContentTime, replacement.GetString(DicomTag.ContentTime));
        target.AddOrUpdate(DicomTag.CurrentRequestedProcedureEvidenceSequence, SRDocumentModules.References(rejected));
    }

    static EquipmentIdentification Equipment(DicomDataset result) => new()
    {
        Manufacturer = result.GetString(DicomTag.Manufacturer),
        ManufacturerModelName = result.GetString(DicomTag.ManufacturerModelName),
        DeviceSerialNumber = result.GetString(DicomTag.DeviceSerialNumber),
        StationName = result.GetStringOrNull(DicomTag.StationName),
    };
}
