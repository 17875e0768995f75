namespace SoftSeg.Dicom.Network;

/// <summary>Query/Retrieve, study root (PS3.4 C): the identifiers that ask for what is mostly asked. Others are a data set away.</summary>
public static class QueryRetrieve
{
    internal const string FindSopClass = "1.2.840.10008.5.1.4.1.2.2.1";
    internal const string MoveSopClass = "1.2.840.10008.5.1.4.1.2.2.2";
    internal const string GetSopClass = "1.2.840.10008.5.1.4.1.2.2.3";

    /// <summary>C-FIND: the studies of a patient.</summary>
    public static DicomDataset StudiesOf(string patientId) => Ask("STUDY", DicomTag.StudyInstanceUID, DicomTag.StudyDate, DicomTag.StudyTime, DicomTag.AccessionNumber,
        DicomTag.StudyDescription, DicomTag.ModalitiesInStudy).AddOrUpdate(DicomTag.PatientID, patientId);

    /// <summary>C-FIND: the series of a study.</summary>
    public static DicomDataset SeriesOf(string studyInstanceUid) => Ask("SERIES", DicomTag.SeriesInstanceUID, DicomTag.Modality, DicomTag.SeriesNumber, DicomTag.SeriesDescription,
        DicomTag.NumberOfSeriesRelatedInstances).AddOrUpdate(DicomTag.StudyInstanceUID, studyInstanceUid);

    /// <summary>C-FIND: the instances of a series.</summary>
    public static DicomDataset InstancesOf(string studyInstanceUid, string seriesInstanceUid) => Ask("IMAGE", DicomTag.SOPInstanceUID, DicomTag.SOPClassUID, DicomTag.InstanceNumber)
        .AddOrUpdate(DicomTag.StudyInstanceUID, studyInstanceUid).AddOrUpdate(DicomTag.SeriesInstanceUID, seriesInstanceUid);

    /// <summary>C-MOVE and C-GET: a whole study.</summary>
    public static DicomDataset Study(string studyInstanceUid) => Ask("STUDY").AddOrUpdate(DicomTag.StudyInstanceUID, studyInstanceUid);

    /// <summary>C-MOVE and C-GET: a whole series.</summary>
    public static DicomDataset Series(string studyInstanceUid, string seriesInstanceUid) => Ask("SERIES")
        .AddOrUpdate(DicomTag.StudyInstanceUID, studyInstanceUid).AddOrUpdate(DicomTag.SeriesInstanceUID, seriesInstanceUid);

    /// <summary>C-MOVE and C-GET: some instances of a series.</summary>
    public static DicomDataset Instances(string studyInstanceUid, string seriesInstanceUid, params string[] sopInstanceUids) => Ask("IMAGE")
        .AddOrUpdate(DicomTag.StudyInstanceUID, studyInstanceUid).AddOrUpdate(DicomTag.SeriesInstanceUID, seriesInstanceUid).AddOrUpdate(DicomTag.SOPInstanceUID, sopInstanceUids);

    static DicomDataset Ask(string level, params DicomTag[] wanted)
    {
        var identifier = new DicomDataset().AddOrUpdate(DicomTag.QueryRetrieveLevel, level);
        foreach (var tag in wanted)
            identifier.AddOrUpdate(tag);
        return identifier;
    }
}

/// <summary>One response of C-MOVE or C-GET (PS3.4 C.4.2.1, C.4.3.1).</summary>
/// <param name="Status">Pending; in the last one success, a warning (B000: some instances failed), FE00 (cancelled) or a failure.</param>
/// <param name="Remaining">Instances still to come.</param>
/// <param name="Completed">Instances that arrived.</param>
/// <param name="Failed">Instances that did not.</param>
/// <param name="Warning">Instances that arrived with a warning.</param>
/// <param name="FailedSopInstanceUids">Which did not, as far as the peer says; in the last response.</param>
public sealed record RetrieveProgress(DicomStatus Status, int Remaining, int Completed, int Failed, int Warning, IReadOnlyList<string> FailedSopInstanceUids);
