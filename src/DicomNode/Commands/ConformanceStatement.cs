using System.Globalization;
using System.Reflection;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Receive;
using SoftSeg.DicomNode.Return;
using SoftSeg.DicomNode.Segment;

namespace SoftSeg.DicomNode.Commands;

/// <summary>The tables of a conformance statement (PS3.2), read from the code that does what they say.</summary>
public static class ConformanceStatement
{
    public static string ToMarkdown()
    {
        var text = new StringBuilder("# DICOM conformance statement\n\n");
        text.Append("Made by `softseg conformance` from the program itself: what stands here is what the code does, and a test holds this page current.\n");
        text.Append("The node receives images, segments the spinal cord in them, and sends the results to the archive that they came from.\n");

        Section(text, "Implementation", null);
        Table(text, ["", ""],
        [
            ["Implementation Class UID", DicomFile.ImplementationClassUID],
            ["Implementation Version Name", DicomFile.ImplementationVersionName],
            ["Application Context Name", DicomUID.DICOMApplicationContext.Value],
            ["Largest PDU received", $"{DicomLimits.Default.MaxPdu} bytes"],
            ["Asynchronous operations window", "1 invoked, 1 performed: not negotiated upwards"],
        ]);

        Section(text, "Storage and Verification as SCP", """
            Any calling AE title of `Peers`, or any at all with `Node:AcceptUnknownPeers`. An instance is answered with success when it is on stable storage.
            What is no MR image is kept, and skipped by name.
            """);
        var services = Spool.AcceptedServices;
        Table(text, ["SOP class", "UID", "Use"],
        [
            [DicomUID.Verification.Name, DicomUID.Verification.Value, "answered"],
            .. services.CommitmentRequests ? (string[][])[[DicomUID.StorageCommitmentPushModel.Name, DicomUID.StorageCommitmentPushModel.Value, "answered"]] : [],
            .. DicomUID.Registered.Where(uid => uid.Type == "SOP Class" && services.IsStorage(uid.Value)).Select(uid => (string[])
                [uid.Name, uid.Value, LoopGuard.IsSegmented(uid.Value) ? "**segmented**" : "kept"]),
        ]);

        Section(text, "Transfer syntaxes as SCP, best first", "The first of these that a presentation context offers is taken.");
        Table(text, ["Transfer syntax", "UID", "Pixel data"], services.TransferSyntaxes.Select(uid => (string[])
            [new DicomUID(uid).Name, uid, DicomTransferSyntax.Lookup(uid) is { } syntax && PixelData.CanRead(syntax) ? syntax.IsLossy ? "read; marked as lossy" : "read" : "kept, not read"]));

        Section(text, "Storage as SCU", $"""
            One association carries all results of a series; each kind goes in the first form that the peer takes, and each instance's status is kept.
            Every context offers {DicomUID.ExplicitVRLittleEndian.Name} and {DicomUID.ImplicitVRLittleEndian.Name}.
            """);
        Table(text, ["Result", "Setting", "Sent unless configured otherwise", "Forms, best first"], ResultKind.All.Select(kind => (string[])
        [
            kind.Name, kind.Setting == nameof(PeerSettings.Withdraw) ? $"`Peers:{kind.Setting}`" : $"`Results:{kind.Setting}`", new ResultsSettings().IsOn(kind.Setting) ? "yes" : "no",
            string.Join("; ", kind.Forms.Select(form => $"{form.Name} ({form.SopClass.Value})")),
        ]));
        text.Append($"\n{DicomUID.Verification.Name} ({DicomUID.Verification.Value}) as SCU: `softseg echo`. C-FIND, C-MOVE and C-GET, Study Root, as SCU of a peer with `Peers:Completion`.\n");

        Section(text, "Status codes", "Those that this implementation answers with, and what it makes of those of its peers when it sends.");
        Table(text, ["Status", "Meaning", "As SCU"], Statuses().Select(status =>
            (string[])[$"{status.Code:X4}", status.ToString()[5..], status.IsStored ? "stored" : status.IsTransient ? "sent again later" : "refused for good"]));

        Section(text, "Associations rejected", null);
        Table(text, ["Reason", "Result", "Source", "Reason code"], Static<AssociationRejection>().Select(rejection => (string[])
            [rejection.ToString(), rejection.IsTransient ? "2 transient" : "1 permanent", Number(rejection.Source), Number(rejection.Reason)]));

        Section(text, "Limits", $"At most {new NodeSettings().MaxAssociations} associations at once (`Node:MaxAssociations`).");
        Table(text, ["Limit", "Value"], typeof(DicomLimits).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.PropertyType.IsValueType)
            .Select(property => (string[])[property.Name, Value(property.GetValue(DicomLimits.Default)!)]));

        Section(text, "Security", null);
        var (node, tls) = (new NodeSettings(), new TlsSettings());
        Table(text, ["", ""],
        [
            ["Called AE title", "must be `Node:AeTitle`"],
            ["Calling AE title", node.AcceptUnknownPeers ? "any" : "must be that of one of `Peers`, unless `Node:AcceptUnknownPeers` is set"],
            ["User identity", "type 1 (user name) and 2 (user name and passcode) of PS3.7 D.3.3.7, as SCP where a peer has `User`, as SCU where it has `LoginUser`, with a positive response when asked for; types 3 to 5 do not count"],
            ["TLS as SCP", $"on `Tls:Port` ({(tls.Port == 0 ? "none unless set" : tls.Port)}), beside the plain port"],
            ["TLS as SCU", "to each of `Peers` with `Tls`"],
            ["TLS profile", "BCP 195 TLS Secure Transport Connection Profile (PS3.15 B.9, RFC 9325)"],
            ["TLS versions", string.Join(", ", DicomTls.Versions.Select(version => version == SslProtocols.Tls13 ? "1.3" : "1.2"))],
            ["Cipher suites", $"{string.Join(", ", DicomTls.CipherSuites)} (on Linux; on Windows and macOS those of the machine's policy)"],
            ["Certificate of a sender", tls.RequirePeerCertificate ? "must be of `Tls:Authorities` (mutual authentication), unless `Tls:RequirePeerCertificate` is off" : "not asked for"],
            ["Certificate of a receiver", $"must be of `Tls:Authorities`{(tls.CheckHostName ? " and name the host that is called, unless `Tls:CheckHostName` is off" : "")}"],
            ["Revoked certificates", $"`Tls:Revocation`: {tls.Revocation} unless set; {nameof(X509RevocationMode.Online)} and {nameof(X509RevocationMode.Offline)} refuse what the authority's list names, and what has no list"],
            ["File names", "made of UIDs of digits and dots only"],
            ["Log", "no names of patients"],
        ]);

        Section(text, "Character sets", "Read in any combination that PS3.5 6.1 allows; the results repeat their source's own.");
        Table(text, ["Specific Character Set"], DicomCharacterSet.Supported.Select(term => (string[])[term]));
        return text.ToString();
    }

    static IEnumerable<DicomStatus> Statuses() =>
        Static<DicomStatus>().Concat(new ushort[] { 0xB000, 0xB006, 0xB007, 0x0107, 0x0116, 0x0111 }.Select(code => new DicomStatus(code))).DistinctBy(s => s.Code).OrderBy(s => s.Code);

    /// <summary>The values that a type has as static properties of its own kind.</summary>
    static IEnumerable<T> Static<T>() => typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Static)
        .Where(property => property.PropertyType == typeof(T)).Select(property => (T)property.GetValue(null)!);

    static string Value(object value) => value switch
    {
        TimeSpan time => $"{Number(time.TotalSeconds)} s",
        IFormattable number => Number(number),
        _ => value.ToString()!,
    };

    static string Number(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    static void Section(StringBuilder text, string title, string? words)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n");
        if (words is not null)
            text.Append(words.ReplaceLineEndings("\n")).Append("\n\n");
    }

    static void Table(StringBuilder text, string[] head, IEnumerable<string[]> rows)
    {
        Row(head);
        Row([.. head.Select(_ => "---")]);
        foreach (var row in rows)
            Row(row);

        void Row(string[] cells) => text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", cells)} |\n");
    }
}
