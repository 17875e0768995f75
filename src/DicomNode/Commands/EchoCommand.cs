using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Return;

namespace SoftSeg.DicomNode.Commands;

static class EchoCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("PEER") { Description = "Name of a peer in the configuration" };
        var config = SoftSegCommandLine.ConfigOption();
        var command = new Command("echo", "Ask a peer for an answer (C-ECHO)") { name, config };
        command.SetAction((parsed, cancellationToken) => SoftSegCommandLine.WithConfiguration(parsed.GetRequiredValue(config), async configuration =>
        {
            var asked = parsed.GetRequiredValue(name);
            if (configuration.FindPeer(asked) is not { } peer)
                return SoftSegCommandLine.Fail($"{asked} is not the Name of a peer; known are {string.Join(", ", configuration.Peers.Select(p => p.Name))}.");
            var clock = Stopwatch.StartNew();
            try
            {
                var implementation = await new ResultSender(new PeerConnections(configuration, DicomLimits.Default), NullLogger<ResultSender>.Instance).Echo(peer, cancellationToken);
                Console.WriteLine($"{peer.Name}: {peer.AeTitle} at {peer.Host}:{peer.Port} answered after {clock.ElapsedMilliseconds} ms ({implementation})");
                return 0;
            }
            catch (DicomNetworkException error)
            {
                return SoftSegCommandLine.Fail($"{peer.Name}: {error.Message}");
            }
        }));
        return command;
    }
}
