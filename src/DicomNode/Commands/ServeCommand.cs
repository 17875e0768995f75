using System.CommandLine;
using System.Net.Sockets;

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
                await using var node = NodeHost.Build(configuration, logToConsole: true);
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
        error is IOException or UnauthorizedAccessException or SocketException or InvalidDataException or SegEngine.ModelPackageException;
}
