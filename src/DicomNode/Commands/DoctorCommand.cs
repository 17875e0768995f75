using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Return;
using SoftSeg.DicomNode.Segment;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Commands;

/// <summary>Looks at everything that a node needs, before it starts or while it runs.</summary>
static partial class DoctorCommand
{
    public static Command Create()
    {
        var config = SoftSegCommandLine.ConfigOption();
        var command = new Command("doctor", "Check the port, the disk, the model, the processor or GPU, the peers and the clock") { config };
        command.SetAction((parsed, cancellationToken) => SoftSegCommandLine.WithConfiguration(parsed.GetRequiredValue(config),
            configuration => Examine(configuration, cancellationToken)));
        return command;
    }

    static async Task<int> Examine(NodeConfiguration configuration, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        await Add("data directory", () => Task.FromResult(CheckDataDirectory(configuration)));
        foreach (var (setting, at) in ListeningPorts.Of(configuration))
            await Add(setting, () => Task.FromResult(CheckPort(setting, at, configuration)));
        await Add("model", () => Task.FromResult(CheckModel(configuration)));
        await Add("clock", () => Task.FromResult(CheckClock()));
        foreach (var peer in configuration.Peers)
            await Add($"peer {peer.Name}", () => CheckPeer(peer, configuration, cancellationToken));
        var failed = findings.Count(finding => !finding.IsGood);
        Console.WriteLine(failed == 0 ? "Nothing is wrong." : $"{failed} of {findings.Count} checks failed.");
        return failed == 0 ? 0 : SoftSegCommandLine.Failed;

        async Task Add(string what, Func<Task<Finding>> check)
        {
            Finding finding;
            try
            {
                finding = await check();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or SocketException or SegEngine.ModelPackageException or SegEngine.EngineException or DicomNetworkException)
            {
                finding = new(false, error.Message);
            }
            findings.Add(finding);
            Console.WriteLine($"{(!finding.IsGood ? "FAILED" : finding.IsNote ? "note  " : "ok    ")} {what}: {finding.Words}");
        }
    }

    static Finding CheckDataDirectory(NodeConfiguration configuration)
    {
        var data = new DataDirectory(configuration.Node.DataDirectory);
        var probe = Path.Combine(data.Root, "doctor.tmp");
        using (File.Create(probe, 1, FileOptions.DeleteOnClose))
        {
        }
        var disk = new DiskSpace(data, configuration);
        var words = string.Create(CultureInfo.InvariantCulture, $"{data.Root} can be written, {disk.Free / 1e9:0.0} of {disk.Total / 1e9:0.0} GB are free");
        return disk.Free >= disk.Least ? new(true, words) : new(false, $"{words}; below {configuration.Node.MinFreeMegabytes} MB (Node:MinFreeMegabytes) instances are refused");
    }

    /// <summary>The port must be free, or this very node's.</summary>
    static Finding CheckPort(string setting, IPEndPoint at, NodeConfiguration configuration)
    {
        if (IsRunning(configuration))
            return new(true, $"the node is running on {at.Port}");
        return ListeningPorts.WhyNot(setting, at) is not { } why
            ? new(true, $"{at.Port} is free; the node is not running")
            : new(why.IsOfUser, why.Words, IsNote: why.IsOfUser);
    }

    static bool IsRunning(NodeConfiguration configuration)
    {
        try
        {
            new DataDirectory(configuration.Node.DataDirectory).Lock().Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Loads the model as the node does: its hashes are compared and its networks made ready on the provider.</summary>
    static Finding CheckModel(NodeConfiguration configuration)
    {
        using var segmenter = new CordSegmenter(configuration.Engine, NullLogger.Instance);
        var model = segmenter.Model;
        var gate = model.GateProblem is { } problem ? $"; {problem}" : "";
        return new(true, $"{model.Name} {model.Version} is undamaged ({model.Sha256}) and runs on {segmenter.Provider} (Engine:Provider {configuration.Engine.Provider}){gate}",
            IsNote: gate.Length > 0);
    }

    static async Task<Finding> CheckPeer(PeerSettings peer, NodeConfiguration configuration, CancellationToken cancellationToken)
    {
        var implementation = await new ResultSender(new PeerConnections(configuration, DicomLimits.Default), NullLogger<ResultSender>.Instance).Echo(peer, cancellationToken);
        return new(true, $"{peer.AeTitle} at {peer.Host}:{peer.Port} answers C-ECHO ({implementation})");
    }

    /// <summary>The kernel knows whether something keeps the clock right (adjtimex(2)): results and audit carry its time.</summary>
    static Finding CheckClock()
    {
        var now = DateTimeOffset.Now.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
        if (!OperatingSystem.IsLinux())
            return new(true, $"{now}; compare it with that of the PACS");
        const int TimeError = 5;
        Span<byte> timex = stackalloc byte[512];
        timex.Clear();
        return AdjTimeX(ref MemoryMarshal.GetReference(timex)) == TimeError
            ? new(true, $"{now}, but nothing on this machine keeps it right: switch time synchronization on (chrony, systemd-timesyncd)", IsNote: true)
            : new(true, $"{now}, kept right by time synchronization");
    }

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    private static partial int AdjTimeX(ref byte timex);

    /// <param name="IsNote">Good, but worth a look.</param>
    sealed record Finding(bool IsGood, string Words, bool IsNote = false);
}
