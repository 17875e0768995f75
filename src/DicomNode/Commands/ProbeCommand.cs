using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Return;
using Spectre.Console;

namespace SoftSeg.DicomNode.Commands;

static class ProbeCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("PEER") { Description = "Name of a peer in the configuration" };
        var config = SoftSegCommandLine.ConfigOption();
        var command = new Command("probe", "Ask a peer which results it takes, and in which form it would get them; nothing is sent") { name, config };
        command.SetAction((parsed, cancellationToken) => SoftSegCommandLine.WithConfiguration(parsed.GetRequiredValue(config), async configuration =>
        {
            var asked = parsed.GetRequiredValue(name);
            if (configuration.FindPeer(asked) is not { } peer)
                return SoftSegCommandLine.Fail($"{asked} is not the Name of a peer; known are {string.Join(", ", configuration.Peers.Select(p => p.Name))}.");
            try
            {
                var accepted = await new ResultSender(new PeerConnections(configuration, DicomLimits.Default), NullLogger<ResultSender>.Instance).Probe(peer, cancellationToken);
                Print(peer, accepted, configuration);
                return 0;
            }
            catch (DicomNetworkException error)
            {
                return SoftSegCommandLine.Fail($"{peer.Name}: {error.Message}");
            }
        }));
        return command;
    }

    static void Print(PeerSettings peer, ILookup<string, string> accepted, NodeConfiguration configuration)
    {
        var table = new Table().AddColumns("Result", "Form", "SOP class", "Explicit VR", "Implicit VR");
        foreach (var kind in ResultKind.All)
        {
            foreach (var form in kind.Forms)
            {
                table.AddRow(form == kind.Forms[0] ? kind.Name : "", form.Name, form.SopClass.Name,
                    Accepts(form, DicomTransferSyntax.ExplicitVRLittleEndian), Accepts(form, DicomTransferSyntax.ImplicitVRLittleEndian));
            }
        }
        SoftSegCommandLine.Terminal.Write(table);
        foreach (var kind in ResultKind.All)
            Console.WriteLine($"{peer.Name}: {kind.Name}: {WouldGo(kind)}");

        string Accepts(ResultForm form, DicomTransferSyntax syntax) => accepted[form.SopClass.Value].Contains(syntax.UID.Value) ? "yes" : "no";

        string WouldGo(ResultKind kind) =>
            !configuration.Wants(peer, kind.Setting) ? "switched off in Results"
            : kind.Forms.FirstOrDefault(form => accepted[form.SopClass.Value].Any()) is { } form ? $"would be sent as {form.Name}"
            : $"would not be sent: the peer accepts none of {string.Join(", ", kind.Forms.Select(f => f.SopClass.Name).Distinct())}; add them to what it accepts from this node";
    }
}
