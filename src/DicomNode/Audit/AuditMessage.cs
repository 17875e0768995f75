using System.Globalization;
using System.Xml.Linq;

namespace SoftSeg.DicomNode.Audit;

/// <summary>A code of DCM (PS3.16 annex D) as audit messages write it.</summary>
sealed record AuditCode(string Code, string Meaning, string System = "DCM")
{
    public static readonly AuditCode ApplicationActivity = new("110100", "Application Activity");
    public static readonly AuditCode ApplicationStart = new("110120", "Application Start");
    public static readonly AuditCode ApplicationStop = new("110121", "Application Stop");
    public static readonly AuditCode InstancesTransferred = new("110104", "DICOM Instances Transferred");
    public static readonly AuditCode StudyDeleted = new("110105", "DICOM Study Deleted");
    public static readonly AuditCode SecurityAlert = new("110113", "Security Alert");
    public static readonly AuditCode NodeAuthentication = new("110126", "Node Authentication");
    public static readonly AuditCode Application = new("110150", "Application");
    public static readonly AuditCode Source = new("110153", "Source Role ID");
    public static readonly AuditCode Destination = new("110152", "Destination Role ID");
    public static readonly AuditCode StudyInstanceUid = new("110180", "Study Instance UID");
    public static readonly AuditCode NodeId = new("110182", "Node ID");
    public static readonly AuditCode PatientNumber = new("2", "Patient Number", "RFC-3881");

    public XElement Element(string name) =>
        new(name, new XAttribute("csd-code", Code), new XAttribute("codeSystemName", System), new XAttribute("originalText", Meaning));
}

/// <summary>Someone who took part: a program with its AE title and address (PS3.15 A.5.2.2).</summary>
sealed record AuditParticipant(string UserId, string? AeTitle, string? Address, bool IsRequestor, AuditCode Role)
{
    public XElement Element() => new("ActiveParticipant",
        new XAttribute("UserID", UserId),
        AeTitle is null ? null : new XAttribute("AlternativeUserID", $"AETITLES={AeTitle}"),
        new XAttribute("UserIsRequestor", IsRequestor ? "true" : "false"),
        // 2: an IP address; 1: a name.
        Address is null ? null : new XAttribute("NetworkAccessPointID", Address),
        Address is null ? null : new XAttribute("NetworkAccessPointTypeCode", System.Net.IPAddress.TryParse(Address, out _) ? "2" : "1"),
        Role.Element("RoleIDCode"));
}

/// <summary>An audit message (PS3.15 A.5.1), built part by part as its schema orders them.</summary>
static class AuditMessage
{
    /// <param name="action">C created, R read, U updated, D deleted, E executed (PS3.15 A.5.2.1).</param>
    public static XElement Create(AuditCode id, AuditCode? type, char action, bool success, DateTimeOffset time, string source, IEnumerable<AuditParticipant> participants, params XElement?[] objects) =>
        new("AuditMessage",
            new XElement("EventIdentification",
                new XAttribute("EventActionCode", action),
                new XAttribute("EventDateTime", time.ToString("yyyy-MM-ddTHH:mm:ss.fffzzz", CultureInfo.InvariantCulture)),
                // 4: minor failure.
                new XAttribute("EventOutcomeIndicator", success ? "0" : "4"),
                id.Element("EventID"),
                type?.Element("EventTypeCode")),
            participants.Select(participant => participant.Element()),
            // 4: application server process or thread.
            new XElement("AuditSourceIdentification", new XAttribute("AuditSourceID", source), new XElement("AuditSourceTypeCode", new XAttribute("csd-code", "4"))),
            objects);

    public static XElement Study(string studyUid, IEnumerable<(string SopClassUid, int Instances)> instances) => Object(studyUid, "2", "3", AuditCode.StudyInstanceUid,
        new XElement("ParticipantObjectDescription",
            instances.Select(sopClass => new XElement("SOPClass", new XAttribute("UID", sopClass.SopClassUid), new XAttribute("NumberOfInstances", sopClass.Instances)))));

    public static XElement Patient(string patientId) => Object(patientId, "1", "1", AuditCode.PatientNumber);

    public static XElement Node(string node, string detail) => Object(node, "2", "13", AuditCode.NodeId,
        new XElement("ParticipantObjectDetail", new XAttribute("type", "Alert Description"),
            new XAttribute("value", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(detail)))));

    /// <summary>The schema wants a name or a query; the name stays empty, as that of a patient is in no log.</summary>
    static XElement Object(string id, string typeCode, string role, AuditCode idType, XElement? more = null) => new("ParticipantObjectIdentification",
        new XAttribute("ParticipantObjectID", id),
        new XAttribute("ParticipantObjectTypeCode", typeCode),
        new XAttribute("ParticipantObjectTypeCodeRole", role),
        idType.Element("ParticipantObjectIDTypeCode"),
        new XElement("ParticipantObjectName"),
        more);
}
