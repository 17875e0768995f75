using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Modules;

/// <summary>Patient, PS3.3 C.7.1.1, and Clinical Trial Subject, C.7.1.3: the source's own bytes.</summary>
static class PatientModule
{
    static readonly DicomTag[] Type2 =
        [DicomTag.PatientName, DicomTag.PatientID, DicomTag.PatientBirthDate, DicomTag.PatientSex];

    static readonly DicomTag[] Optional =
    [
        DicomTag.IssuerOfPatientID, DicomTag.TypeOfPatientID, DicomTag.IssuerOfPatientIDQualifiersSequence, DicomTag.PatientBirthTime,
        DicomTag.QualityControlSubject, DicomTag.OtherPatientIDsSequence, DicomTag.OtherPatientNames, DicomTag.EthnicGroup,
        DicomTag.PatientComments, DicomTag.PatientSpeciesDescription, DicomTag.PatientSpeciesCodeSequence, DicomTag.PatientBreedDescription,
        DicomTag.PatientBreedCodeSequence, DicomTag.BreedRegistrationSequence, DicomTag.ResponsiblePerson, DicomTag.ResponsiblePersonRole,
        DicomTag.ResponsibleOrganization, DicomTag.PatientIdentityRemoved, DicomTag.DeidentificationMethod,
        DicomTag.DeidentificationMethodCodeSequence,
        DicomTag.ClinicalTrialSponsorName, DicomTag.ClinicalTrialProtocolID, DicomTag.ClinicalTrialProtocolName, DicomTag.ClinicalTrialSiteID,
        DicomTag.ClinicalTrialSiteName, DicomTag.ClinicalTrialSubjectID, DicomTag.ClinicalTrialSubjectReadingID,
    ];

    public static void Write(DicomDataset target, DicomDataset source) => Copy.Attributes(source, target, Type2, Optional);
}
