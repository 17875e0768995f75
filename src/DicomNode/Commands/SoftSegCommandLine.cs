using System.CommandLine;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.State;
using Spectre.Console;

namespace SoftSeg.DicomNode.Commands;

/// <summary>The command line <c>softseg</c>. Exit codes: 0 done, 1 it did not work (the reason is on the error stream), 2 the configuration is wrong.</summary>
static class SoftSegCommandLine
{
    public const int Failed = 1;
    public const int BadConfiguration = 2;

    const string InstalledConfiguration = "/etc/softseg/softseg.json";

    public static RootCommand Create() => new("SoftSeg: soft spinal cord segmentation as a DICOM node. Not for clinical use.")
    {
        ServeCommand.Create(),
        DemoCommand.Create(),
        SegmentCommand.Create(),
        StatusCommand.Create(),
        QueueCommand.Create(),
        RetryCommand.Create(),
        ResendCommand.Create(),
        DoctorCommand.Create(),
        ConvertCommand.Create(),
        EchoCommand.Create(),
        ProbeCommand.Create(),
        CheckConfigCommand.Create(),
        ConformanceCommand.Create(),
        RulesCommand.Create(),
    };

    /// <summary><c>--config FILE</c>, as every command that needs the configuration has it.</summary>
    public static Option<string> ConfigOption() => new("--config", "-c")
    {
        Description = $"The configuration file, such as conf/softseg.json; left out: {InstalledConfiguration}, where an installed node has it",
        DefaultValueFactory = _ => InstalledConfiguration,
        HelpName = "FILE",
    };

    /// <summary>Runs a command with the configuration in <paramref name="file"/>, or prints everything that is wrong with it.</summary>
    public static async Task<int> WithConfiguration(string file, Func<NodeConfiguration, Task<int>> run)
    {
        NodeConfiguration configuration;
        try
        {
            configuration = ConfigurationFile.Load(file);
        }
        catch (ConfigurationException error)
        {
            foreach (var line in error.Errors)
                await Console.Error.WriteLineAsync(line);
            await Console.Error.WriteLineAsync($"{error.Errors.Count} error{(error.Errors.Count == 1 ? "" : "s")} in the configuration; nothing was started.");
            return BadConfiguration;
        }
        return await run(configuration);
    }

    /// <summary>Runs a command on the state of the node, which may be running or not.</summary>
    public static Task<int> WithState(string file, Func<NodeConfiguration, DataDirectory, NodeState, Task<int>> run) => WithConfiguration(file, configuration =>
    {
        var root = Path.GetFullPath(configuration.Node.DataDirectory);
        if (configuration.Node.PostgreSql.Length == 0 && !File.Exists(Path.Combine(root, DataDirectory.StateFileName)))
            return Task.FromResult(Fail($"{root} holds no state: no node has run there (Node:DataDirectory). A relative path counts from the folder that the command is called in."));
        try
        {
            var data = new DataDirectory(root);
            return run(configuration, data, NodeHost.OpenState(configuration, data));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.Data.Common.DbException)
        {
            return Task.FromResult(Fail($"The state in {root} can't be opened: {error.Message}. Run the command as root or as the user that the node runs as."));
        }
    });

    /// <summary>Prints one clear message and returns the exit code.</summary>
    public static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return Failed;
    }

    /// <summary>The terminal for tables and progress. Without a terminal there is no colour and no animation.</summary>
    public static IAnsiConsole Terminal => AnsiConsole.Console;
}
