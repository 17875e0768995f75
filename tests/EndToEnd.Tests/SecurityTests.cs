using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;
using SoftSeg.Dicom.Tests.Network;
using SoftSeg.EndToEnd.Tests.Audit;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;
using Xunit.Abstractions;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>Who may call, who may read what is kept, and what the audit trail tells of it.</summary>
public sealed class SecurityTests(ITestOutputHelper output) : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_peer_has_no_more_associations_than_its_own_limit_while_others_go_on()
    {
        await using var node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("few", "FEW", FreePort.Take()) { MaxAssociations = 2 }, new PeerEntry("many", "MANY", FreePort.Take())));
        await using ScriptedSender first = await Connect(), second = await Connect(), third = await Connect();
        Assert.Equal(2, await first.AssociateAsync("FEW", node.AeTitle, Dicom.DicomUID.MRImageStorage.Value));
        Assert.Equal(2, await second.AssociateAsync("FEW", node.AeTitle, Dicom.DicomUID.MRImageStorage.Value));

        Assert.Equal(3, await third.AssociateAsync("FEW", node.AeTitle, Dicom.DicomUID.MRImageStorage.Value));
        await node.Logged("2 associations of \"FEW\" are open", "raise MaxAssociations of the peer few");
        Assert.True(await Dcmtk.Echo(node.Port, node.AeTitle, "MANY"));
        second.Reset();

        await Until.True(() => Dcmtk.Echo(node.Port, node.AeTitle, "FEW"), "a place is free again", evidence: () => node.LogText);

        Task<ScriptedSender> Connect() => ScriptedSender.ConnectAsync(node.Port);
    }

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
        await using var repository = await Rsyslog.StartAsync();
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        var setup = new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port)) { Syslog = $"127.0.0.1:{repository.Port}" };
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

        foreach (var (n, line) in lines.Index())
        {
            await File.WriteAllTextAsync(folder.File($"audit-{n}.xml"), line);
            (await new ExternalProgram("xmllint", "libxml2-utils").RunAsync(["--noout", "--relaxng", Path.Combine(AppContext.BaseDirectory, "AuditMessage.rng"), folder.File($"audit-{n}.xml")])).Succeeded();
        }
        await Until.True(() => repository.Messages().Length == lines.Length, "the repository has every message", evidence: () => string.Join('\n', repository.Messages().Select(parts => string.Join('|', parts))));
        foreach (var (parts, line) in repository.Messages().Zip(lines))
        {
            // Facility 10, severity 5.
            Assert.Equal(["85", "1", "softseg", "DICOM+RFC3881", "-"], [parts[0], parts[1], parts[4], parts[6], parts[7]]);
            Assert.Equal(XElement.Parse(line).Element("EventIdentification")!.Attribute("EventDateTime")!.Value[..16], parts[2][..16]);
            Assert.EndsWith(line, parts[8], StringComparison.Ordinal);
        }
        Assert.DoesNotContain("Unmistakable", string.Concat(lines), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task No_log_names_a_patient_whatever_happens_and_at_every_level()
    {
        string[] identity = ["Unmistakable", "ID-4711-PRIVATE", "19310203"];
        await using var pacs = await StorescpPeer.StartAsync("PACS");
        await using var picky = new PickyPacs(dataSet => dataSet.AsSpan().IndexOf("Unmistakable^Name"u8) < 0 ? DicomStatus.OutOfResources
            : DicomStatus.OutOfResources.With($"no room for {identity[0].ToUpperInvariant()}, {identity[1]}"));
        var setup = new NodeSetup(new PeerEntry("pacs", pacs.AeTitle, pacs.Port), new PeerEntry("picky", "PICKY", picky.Port))
        {
            LogLevel = "Debug",
            To = ["origin", "picky"],
            RetrySeconds = [3600],
            Rules = JsonNode.Parse("""{ "List": [ { "Name": "by name", "When": [ { "Attribute": "PatientName", "Contains": "mistakable" }, { "Attribute": "PatientID", "Matches": "4711" } ], "Priority": "urgent" } ] }"""),
        };
        await using var node = await SoftSegNode.StartAsync(setup);
        var sources = new SourceLibrary(folder);
        var good = Named(sources.NewPhantom("good"), "named");
        var gap = Named(sources.NewPhantom("gap"), "gap");

        (await node.Send(pacs.AeTitle, good.Files)).Succeeded();
        await node.Logged([good.SeriesUid, "next attempt"], timeout: TimeSpan.FromMinutes(2));
        (await node.Send(pacs.AeTitle, gap.Slices.Where((_, n) => n != 5).Select(slice => slice.File))).Succeeded();
        await node.Logged(gap.SeriesUid, "refused");
        // The same instances with another birth date, an instance that ends in the name, and a name where a number belongs.
        var corrected = SeriesEdit.Copy(good, folder.Make("corrected"), (dataset, _) => dataset.AddOrUpdate(DicomTag.PatientBirthDate, "19310204"));
        (await node.Send(pacs.AeTitle, corrected.Files.Take(1))).Succeeded();
        await node.Logged("other bytes");
        var whole = PartTen.DatasetOf(good.Files[0]);
        await using (var sender = await ScriptedSender.ConnectAsync(node.Port))
        {
            Assert.Equal(2, await sender.AssociateAsync(pacs.AeTitle, node.AeTitle, DicomUID.MRImageStorage.Value));
            await sender.SendInstanceAsync(DicomUID.MRImageStorage.Value, good.Slices[0].SopInstanceUid, whole[..(whole.AsSpan().IndexOf("Unmistakable"u8) + 20)]);
            Assert.NotEqual((ushort)0, await sender.ReadStatusAsync());
        }
        // Values that break the rules of their VR: errors are tempted to quote them.
        var damaged = SeriesEdit.AsNewSeries(good, folder.Make("damaged"), "damaged", (dataset, _) =>
        {
            dataset.AddOrUpdate(new DicomElement(DicomTag.PatientName, DicomVR.PN, Encoding.ASCII.GetBytes($"{identity[0]}^{new string('x', 300)}\t=\\=")));
            dataset.AddOrUpdate(new DicomElement(DicomTag.PatientID, DicomVR.LO, Encoding.ASCII.GetBytes($"{identity[1]}{new string('x', 300)}")));
            dataset.AddOrUpdate(new DicomElement(DicomTag.PatientBirthDate, DicomVR.DA, Encoding.ASCII.GetBytes($"{identity[2]} or {identity[0]} ")));
        });
        await node.Send(pacs.AeTitle, damaged.Files);
        await Until.True(() => node.Log.Any(line => line.Contains(damaged.SeriesUid, StringComparison.Ordinal) && (line.Contains("segmented in", StringComparison.Ordinal) || line.Contains("refused", StringComparison.Ordinal)
            || line.Contains("failed", StringComparison.Ordinal))), "the damaged series ends", TimeSpan.FromMinutes(2), () => node.LogText);
        output.WriteLine(string.Join('\n', node.Log.Where(line => line.Contains(damaged.SeriesUid, StringComparison.Ordinal))));
        (await CommandLineTests.SoftSeg("retry", good.SeriesUid, "--config", node.ConfigurationFile)).Succeeded();
        await node.Logged("retry asked for");
        Assert.Equal(0, await node.TerminateAsync());

        var logs = node.LogText + string.Concat(Directory.GetFiles(Path.Combine(node.DataDirectory, "logs")).Select(File.ReadAllText));
        Assert.Contains("DBG", logs, StringComparison.Ordinal);
        Assert.Contains("WRN", logs, StringComparison.Ordinal);
        Assert.Contains("no room for ***, ***", logs, StringComparison.Ordinal);
        foreach (var secret in identity)
            Assert.DoesNotContain(logs.Split('\n'), line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));

        SourceSeries Named(SourceSeries source, string name) => SeriesEdit.AsNewSeries(source, folder.Make(name), name, (dataset, _) =>
        {
            dataset.AddOrUpdate(DicomTag.PatientName, $"{identity[0]}^Name");
            dataset.AddOrUpdate(DicomTag.PatientID, identity[1]);
            dataset.AddOrUpdate(DicomTag.PatientBirthDate, identity[2]);
        });
    }

    static string Code(XElement message, string name) => message.Descendants(name).FirstOrDefault()?.Attribute("csd-code")?.Value ?? "";

    static string[] Objects(XElement message) => [.. message.Elements("ParticipantObjectIdentification").Select(part => part.Attribute("ParticipantObjectID")!.Value)];
}
