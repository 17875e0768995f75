using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using System.Xml.Linq;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Receive;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Audit;

/// <summary>
/// The audit trail (PS3.15 annex A): start and stop, instances that came and went, calls that were turned away. Written beside the work, never in its way:
/// a repository that is gone is an error in the log and nothing else.
/// </summary>
public sealed class AuditTrail(NodeConfiguration configuration, DataDirectory data, TimeProvider time, ILogger<AuditTrail> logger) : IHostedService, IDisposable
{
    readonly ConcurrentDictionary<Guid, Received> underWay = [];
    readonly Channel<Func<XElement>> messages = Channel.CreateBounded<Func<XElement>>(10_000);
    readonly UdpClient? syslog = configuration.Audit.Syslog.Length > 0 ? new UdpClient() : null;
    readonly string host = Dns.GetHostName();
    Task writing = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        writing = Task.Run(Write, CancellationToken.None);
        Application(AuditCode.ApplicationStart);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Application(AuditCode.ApplicationStop);
        messages.Writer.TryComplete();
        return writing.WaitAsync(cancellationToken);
    }

    public void Dispose() => syslog?.Dispose();

    public void Stored(StoredInstance instance) =>
        underWay.GetOrAdd(instance.Context.Association.Id, _ => new Received()).Add(instance);

    public void AssociationEnded(AssociationSummary summary)
    {
        if (summary is { End: AssociationEnd.Rejected, Request: { } request })
        {
            Add(() => Message(AuditCode.SecurityAlert, AuditCode.NodeAuthentication, 'E', success: false, [Self(isRequestor: false, AuditCode.Application)],
                AuditMessage.Node(Address(request.Remote) ?? "unknown", $"association of {request.CallingAeTitle.Trim()} to {request.CalledAeTitle.Trim()} rejected")));
        }
        if (summary.Association is not { } association || !underWay.TryRemove(association.Id, out var received))
            return;
        var sender = association.CallingAeTitle.Trim();
        Transferred(received, new AuditParticipant(sender, sender, Address(association.Remote), IsRequestor: true, AuditCode.Source));
    }

    /// <summary>What we fetched from a peer, on an association of our own.</summary>
    public void Fetched(PeerSettings peer, DicomAssociation association)
    {
        if (underWay.TryRemove(association.Id, out var received))
            Transferred(received, new AuditParticipant(peer.AeTitle, peer.AeTitle, peer.Host, IsRequestor: false, AuditCode.Source));
    }

    void Transferred(Received received, AuditParticipant source)
    {
        foreach (var study in received.Studies)
        {
            Add(() => Message(AuditCode.InstancesTransferred, null, study.Value.IsNew ? 'C' : 'R', success: true,
                [source, Self(!source.IsRequestor, AuditCode.Destination)], AuditMessage.Study(study.Key, study.Value.Instances), Patient(study.Value.File)));
        }
    }

    public void Sent(PeerSettings peer, SeriesRow series, bool success)
    {
        var files = Directory.GetFiles(data.ResultsOf(series), "*.dcm");
        Add(() => Message(AuditCode.InstancesTransferred, null, 'R', success,
            [Self(isRequestor: true, AuditCode.Source), new AuditParticipant(peer.AeTitle, peer.AeTitle, peer.Host, IsRequestor: false, AuditCode.Destination)],
            AuditMessage.Study(series.StudyUid, files.CountBy(SopClassOf).Select(sopClass => (sopClass.Key, sopClass.Value))), Patient(files.FirstOrDefault())));
    }

    /// <param name="files">What is about to be deleted.</param>
    public void Deleted(string studyUid, IReadOnlyCollection<string> files)
    {
        try
        {
            var message = Message(AuditCode.StudyDeleted, null, 'D', success: true, [Self(isRequestor: true, AuditCode.Application)],
                AuditMessage.Study(studyUid, files.CountBy(SopClassOf).Select(sopClass => (sopClass.Key, sopClass.Value))), Patient(files.FirstOrDefault()));
            Add(() => message);
        }
        catch (DicomDataException error)
        {
            logger.AuditFailed(error.Message);
        }
    }

    void Application(AuditCode what) => Add(() => Message(AuditCode.ApplicationActivity, what, 'E', success: true, [Self(isRequestor: false, AuditCode.Application)]));

    XElement Message(AuditCode id, AuditCode? type, char action, bool success, AuditParticipant[] participants, params XElement?[] objects) =>
        AuditMessage.Create(id, type, action, success, time.GetLocalNow(), $"{configuration.Node.AeTitle}@{host}", participants, objects);

    AuditParticipant Self(bool isRequestor, AuditCode role) =>
        new(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), configuration.Node.AeTitle, host, isRequestor, role);

    XElement? Patient(string? file) =>
        configuration.Audit.PatientId && file is not null && Header(file).GetStringOrNull(DicomTag.PatientID) is { Length: > 0 } patientId ? AuditMessage.Patient(patientId) : null;

    static string SopClassOf(string file) => Header(file).GetString(DicomTag.SOPClassUID);

    static DicomDataset Header(string file) => DicomFile.Open(file, DicomReadOptions.UntilPixelData).Dataset;

    static string? Address(EndPoint? remote) => CallerAddress.Of(remote)?.ToString();

    void Add(Func<XElement> message)
    {
        if (!messages.Writer.TryWrite(message))
            logger.AuditFailed("10000 messages wait to be written");
    }

    async Task Write()
    {
        await foreach (var message in messages.Reader.ReadAllAsync())
        {
            try
            {
                var text = message().ToString(SaveOptions.DisableFormatting);
                if (configuration.Audit.File)
                    await File.AppendAllTextAsync(Path.Combine(data.Audit, $"audit-{time.GetLocalNow():yyyyMMdd}.log"), text + "\n");
                if (syslog is not null && SyslogServerAttribute.TryParse(configuration.Audit.Syslog, out var server, out var port))
                    await syslog.SendAsync(SyslogMessage(text), server, port);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or SocketException or DicomDataException)
            {
                logger.AuditFailed(error.Message);
            }
        }
    }

    /// <summary>RFC 5424, with the message id and the byte order mark of PS3.15 A.5. 85: facility 10 (security), severity 5 (notice).</summary>
    byte[] SyslogMessage(string text) =>
    [
        .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<85>1 {time.GetLocalNow():yyyy-MM-ddTHH:mm:ss.fffzzz} {host} softseg {Environment.ProcessId} DICOM+RFC3881 - ")),
        .. Encoding.UTF8.Preamble,
        .. Encoding.UTF8.GetBytes(text),
    ];

    /// <summary>What one association has brought so far. Its calls come one after the other.</summary>
    sealed class Received
    {
        public Dictionary<string, StudyReceived> Studies { get; } = [];

        public void Add(StoredInstance instance)
        {
            if (!Studies.TryGetValue(instance.StudyInstanceUid, out var study))
                Studies[instance.StudyInstanceUid] = study = new StudyReceived(instance.Path);
            study.Add(instance);
        }
    }

    sealed class StudyReceived(string file)
    {
        readonly Dictionary<string, int> instances = [];

        public string File => file;

        public bool IsNew { get; private set; }

        public IEnumerable<(string, int)> Instances => instances.Select(sopClass => (sopClass.Key, sopClass.Value));

        public void Add(StoredInstance instance)
        {
            instances[instance.Context.SopClassUid] = instances.GetValueOrDefault(instance.Context.SopClassUid) + 1;
            IsNew |= instance.Outcome != StoredOutcome.Identical;
        }
    }
}
