using System.CommandLine;
using System.Net.Sockets;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Segment;

namespace SoftSeg.DicomNode.Commands;

static class ServeCommand
{
    public static Command Create()
    {
        var config = SoftSegCommandLine.ConfigOption();
        var command = new Command("serve", "Run the node until it is stopped (SIGTERM, Ctrl+C)") { config };
        command.SetAction((parsed, cancellationToken) => SoftSegCommandLine.WithConfiguration(parsed.GetRequiredValue(config), async configuration =>
        {
            try
            {
                await using var node = NodeHost.Build(configuration, logToConsole: true, configurationFile: parsed.GetRequiredValue(config));
                var faults = ListeningPorts.Of(configuration).Select(port => (port.Setting, Why: ListeningPorts.WhyNot(port.Setting, port.At)))
                    .Where(port => port.Why is not null).Select(port => $"{port.Setting}: {port.Why!.Value.Words}").ToArray();
                if (faults.Length > 0)
                    return SoftSegCommandLine.Fail(string.Join(Environment.NewLine, faults));
                // A model that can't be loaded stops the node before the first series finds out.
                node.Services.GetRequiredService<Segmenters>().LoadAll();
                node.Lifetime.ApplicationStarted.Register(() => node.Services.GetRequiredService<ILogger<NodeConfiguration>>().Listening(
                    NodeHost.Version, configuration.Node.AeTitle, NodeHost.Port(node), Path.GetFullPath(configuration.Node.DataDirectory)));
                await node.RunAsync(cancellationToken);
                return 0;
            }
            catch (Exception error) when (IsExpected(error))
            {
                return SoftSegCommandLine.Fail(error.Message);
            }
        }));
        return command;
    }

    /// <summary>What an administrator can mend: the message says how, a stack trace would hide it.</summary>
    static bool IsExpected(Exception error) =>
        error is IOException or UnauthorizedAccessException or SocketException or InvalidDataException
            or SegEngine.ModelPackageException or SegEngine.EngineException;
}
