using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter.Modules;

/// <summary>General Study, PS3.3 C.7.2.1, Patient Study, C.7.2.2, and Clinical Trial Study, C.7.2.3: the source's own bytes.</summary>
static class GeneralStudyModule
{
    static readonly DicomTag[] Type2 =
        [DicomTag.StudyDate, DicomTag.StudyTime, DicomTag.ReferringPhysicianName, DicomTag.StudyID, DicomTag.AccessionNumber];

    static readonly DicomTag[] Optional =
    [
        DicomTag.StudyDescription, DicomTag.IssuerOfAccessionNumberSequence, DicomTag.PhysiciansOfRecord, DicomTag.NameOfPhysiciansReadingStudy,
        DicomTag.RequestingService, DicomTag.ReferencedStudySequence, DicomTag.ProcedureCodeSequence, DicomTag.ReasonForPerformedProcedureCodeSequence,
        DicomTag.AdmittingDiagnosesDescription, DicomTag.PatientAge, DicomTag.PatientSize, DicomTag.PatientWeight, DicomTag.MedicalAlerts,
        DicomTag.Allergies, DicomTag.SmokingStatus, DicomTag.PregnancyStatus, DicomTag.PatientState, DicomTag.Occupation,
        DicomTag.AdditionalPatientHistory, DicomTag.AdmissionID, DicomTag.PatientSexNeutered,
        DicomTag.ClinicalTrialTimePointID, DicomTag.ClinicalTrialTimePointDescription,
    ];

    public static void Write(DicomDataset target, DicomDataset source)
    {
        target.AddOrUpdate(DicomTag.StudyInstanceUID, source.GetString(DicomTag.StudyInstanceUID));
        Copy.Attributes(source, target, Type2, Optional);
    }
}
