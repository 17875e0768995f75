using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Xml.Linq;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Tests.Network;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>Who may call, who may read what is kept, and what the audit trail tells of it.</summary>
public sealed class SecurityTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_peer_is_taken_only_from_its_addresses()
    {
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(
            new PeerEntry("here", "HERE", FreePort.Take()) { From = ["192.0.2.7", "127.0.0.0/8"] },
            new PeerEntry("elsewhere", "ELSEWHERE", FreePort.Take()) { From = ["192.0.2.0/24"] }));

        Assert.True(await Dcmtk.Echo(node.Port, node.AeTitle, "HERE"));
        Assert.False(await Dcmtk.Echo(node.Port, node.AeTitle, "ELSEWHERE"));
        await node.Logged("rejected", "\"ELSEWHERE\" may not call from 127.0.0.1, only from 192.0.2.0/24");
    }

    [Fact]
    public async Task Associations_over_TLS_need_a_certificate_and_the_user_that_the_peer_must_bring()
    {
        using var certificates = new TestCertificates();
        var tls = new TlsEntry(FreePort.Take(), certificates.PeerFile, certificates.PeerKeyFile, certificates.AuthorityFile);
        var passcode = folder.File("passcode");
        await File.WriteAllTextAsync(passcode, "open sesame\n");
        // The node calls itself, so one echo shows both sides.
        var setup = new NodeSetup(new PeerEntry("self", "SOFTSEG", tls.Port) { Tls = true, Brings = ("node", $"file:{passcode}"), Gets = ("node", $"file:{passcode}") },
            new PeerEntry("pacs", "PACS", FreePort.Take())) { Tls = tls };
        var chmod = new ExternalProgram("chmod", "coreutils");
        (await chmod.RunAsync(["644", tls.Key, passcode])).Succeeded();
        var readable = await CommandLineTests.SoftSeg("check-config", "--config", setup.Write(folder.Make("readable"), FreePort.Take()));
        Assert.Contains($"Tls: {tls.Key} can be read by everybody", readable.Error, StringComparison.Ordinal);
        Assert.Contains($"Peers:0:Passcode: {passcode} can be read by everybody", readable.Error, StringComparison.Ordinal);

        (await chmod.RunAsync(["600", tls.Key, passcode])).Succeeded();
        await using var node = await SoftSegNode.StartAsync(setup with { Peers = [.. setup.Peers.Reverse()] });
        var configuration = Path.Combine(Path.GetDirectoryName(node.DataDirectory)!, "softseg.json");

        (await CommandLineTests.SoftSeg("echo", "self", "--config", configuration)).Succeeded();
        Assert.False(await Dcmtk.Echo(node.Port, node.AeTitle, "SOFTSEG"));
        await node.Logged("rejected", "\"SOFTSEG\" must bring the user node with its passcode and brought none");
        string[] call = ["-aet", "PACS", "-aec", node.AeTitle, "127.0.0.1", $"{tls.Port}"];
        (await ExternalProgram.Echoscu.RunAsync(["+tls", tls.Key, tls.Certificate, "+cf", tls.Authorities, .. call])).Succeeded();
        Assert.NotEqual(0, (await ExternalProgram.Echoscu.RunAsync(["+tla", "+cf", tls.Authorities, .. call])).ExitCode);
        Assert.NotEqual(0, (await ExternalProgram.Echoscu.RunAsync(call)).ExitCode);
        Assert.DoesNotContain("sesame", node.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_node_keeps_is_its_users_alone_and_the_audit_trail_tells_who_sent_it()
    {
        using var repository = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        var setup = new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)) { Syslog = $"127.0.0.1:{((IPEndPoint)repository.Client.LocalEndPoint!).Port}" };
        await using var node = await SoftSegNode.StartAsync(setup);
        var source = SeriesEdit.AsNewSeries(new SourceLibrary(folder).NewPhantom("audit"), folder.Make("named"), "audit named",
            (dataset, _) => dataset.AddOrUpdate(DicomTag.PatientName, "Unmistakable^Name"));
        var header = DicomFile.Open(source.Files[0], DicomReadOptions.UntilPixelData).Dataset;

        Assert.False(await Dcmtk.Echo(node.Port, node.AeTitle, "STRANGER"));
        (await node.Send(pacs.AeTitle, source.Files)).Succeeded();
        await pacs.WaitForResults(source.SeriesUid, evidence: () => node.LogText);
        await node.Logged("results stored by pacs", source.SeriesUid);
        Assert.Equal(0, await node.TerminateAsync());

        // Nothing of it may be read, written or entered by group or others.
        Assert.Equal("", (await new ExternalProgram("find", "findutils").RunAsync([node.DataDirectory, "-perm", "/077"])).Succeeded().Output);
        var lines = Directory.GetFiles(Path.Combine(node.DataDirectory, "audit")).SelectMany(File.ReadAllLines).ToArray();
        var messages = lines.Select(line => XElement.Parse(line)).ToArray();
        string[] expected = ["110100 110120", "110113 110126", "110104 ", "110104 ", "110100 110121"];
        Assert.Equal(expected, messages.Select(message => $"{Code(message, "EventID")} {Code(message, "EventTypeCode")}"));

        var (alert, received, sent) = (messages[1], messages[2], messages[3]);
        Assert.Equal("127.0.0.1", alert.Element("ParticipantObjectIdentification")!.Attribute("ParticipantObjectID")!.Value);
        Assert.Equal("C", received.Element("EventIdentification")!.Attribute("EventActionCode")!.Value);
        Assert.Equal("AETITLES=PACS", received.Element("ActiveParticipant")!.Attribute("AlternativeUserID")!.Value);
        Assert.Equal("127.0.0.1", received.Element("ActiveParticipant")!.Attribute("NetworkAccessPointID")!.Value);
        Assert.Equal([source.StudyUid, header.GetString(DicomTag.PatientID)], Objects(received));
        Assert.Equal($"{source.Files.Count}", received.Descendants("SOPClass").Single().Attribute("NumberOfInstances")!.Value);
        Assert.Equal("AETITLES=SOFTSEG", sent.Element("ActiveParticipant")!.Attribute("AlternativeUserID")!.Value);
        Assert.Equal("0", sent.Element("EventIdentification")!.Attribute("EventOutcomeIndicator")!.Value);
        Assert.Equal([source.StudyUid, header.GetString(DicomTag.PatientID)], Objects(sent));

        foreach (var line in lines)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            var packet = Encoding.UTF8.GetString((await repository.ReceiveAsync(deadline.Token)).Buffer);
            Assert.Matches("^<85>1 [0-9T:.+-]+ [^ ]+ softseg [0-9]+ DICOM\\+RFC3881 - \uFEFF<AuditMessage>", packet);
            Assert.EndsWith(line, packet, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("Unmistakable", string.Concat(lines) + node.LogText + string.Concat(Directory.GetFiles(Path.Combine(node.DataDirectory, "logs")).Select(File.ReadAllText)),
            StringComparison.OrdinalIgnoreCase);
    }

    static string Code(XElement message, string name) => message.Descendants(name).FirstOrDefault()?.Attribute("csd-code")?.Value ?? "";

    static string[] Objects(XElement message) => [.. message.Elements("ParticipantObjectIdentification").Select(part => part.Attribute("ParticipantObjectID")!.Value)];
}
