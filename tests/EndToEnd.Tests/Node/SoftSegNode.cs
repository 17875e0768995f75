using SoftSeg.EndToEnd.Tests.Peers;

namespace SoftSeg.EndToEnd.Tests.Node;

/// <summary>The built program, <c>softseg serve</c>, as a process of its own.</summary>
sealed class SoftSegNode : IAsyncDisposable
{
    readonly NodeSetup setup;
    readonly TemporaryFolder folder = new();
    readonly List<string> earlierLines = [];
    RunningProgram? program;

    SoftSegNode(NodeSetup setup)
    {
        this.setup = setup;
        Port = FreePort.Take();
    }

    /// <summary>The built program; <c>dotnet</c> runs it.</summary>
    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "softseg.dll");

    public string AeTitle => setup.AeTitle;

    public int Port { get; }

    public string DataDirectory => setup.DataDirectory ?? folder.File("data");

    public string ConfigurationFile => folder.File("softseg.json");

    /// <summary>The process that runs now.</summary>
    public RunningProgram Program => program ?? throw new InvalidOperationException("The node is stopped.");

    /// <summary>What it logged, over all its starts.</summary>
    public IReadOnlyList<string> Log => [.. earlierLines, .. program?.Lines ?? []];

    /// <summary>All of it, and whether the process is still there: evidence for what a test misses.</summary>
    public string LogText => string.Join(Environment.NewLine, [.. Log, program switch
    {
        null => "(stopped by the test)",
        { HasExited: true } => $"(ended with {program.ExitCode})",
        _ => "(running)",
    }]);

    public static async Task<SoftSegNode> StartAsync(NodeSetup setup)
    {
        var node = new SoftSegNode(setup);
        try
        {
            await node.StartAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, again if it was stopped, and waits until it answers a C-ECHO.</summary>
    public async Task StartAsync()
    {
        StartWithoutWaiting();
        await Until.True(async () => Program.HasExited || await AnswersEcho(), "softseg serve answers a C-ECHO", TimeSpan.FromMinutes(2), evidence: () => LogText);
        if (Program.HasExited)
            throw new InvalidOperationException($"softseg serve ended with {Program.ExitCode}:{Environment.NewLine}{LogText}");
    }

    /// <summary>Starts the process and leaves it to itself.</summary>
    // A SIGHUP that the tests' own parent ignores (nohup) would stay ignored in the node: .NET leaves it so.
    public void StartWithoutWaiting() =>
        program = RunningProgram.Start("env", ["--default-signal=HUP", .. setup.Environment, "dotnet", Assembly, "serve", "--config", setup.Write(folder.Path, Port)], folder.Path);

    /// <summary>SIGTERM, as a service manager stops it.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        await Program.TerminateAsync(TimeSpan.FromSeconds(40));
        var exitCode = Program.ExitCode;
        await ForgetProgram();
        return exitCode;
    }

    /// <summary>SIGKILL, as a power cut stops it.</summary>
    public async Task KillAsync()
    {
        await Program.KillAsync();
        await ForgetProgram();
    }

    /// <summary>Another command of the program, with this node's configuration.</summary>
    public Task<ProgramResult> Command(string command, params string[] arguments) =>
        CommandLineTests.SoftSeg([command, .. arguments, "--config", ConfigurationFile]);

    /// <summary>A known peer's C-ECHO; the first peer's title, as the node may refuse those it does not know.</summary>
    public Task<bool> AnswersEcho() => Dcmtk.Echo(Port, AeTitle, setup.Peers.Count > 0 ? setup.Peers[0].AeTitle : "ANY");

    /// <summary>Sends files with <c>storescu</c>, which says whether all were taken.</summary>
    public Task<ProgramResult> Send(string callingAeTitle, IEnumerable<string> files, params string[] options) =>
        Dcmtk.Send(Port, AeTitle, callingAeTitle, files, options);

    /// <summary>Waits for a log line that contains every one of <paramref name="words"/>, among the lines after the first <paramref name="after"/>.</summary>
    public async Task<string> Logged(string[] words, int after = 0, TimeSpan? timeout = null)
    {
        string? found = null;
        await Until.True(
            () => (found = Log.Skip(after).FirstOrDefault(line => words.All(word => line.Contains(word, StringComparison.OrdinalIgnoreCase)))) is not null,
            $"a log line with {string.Join(", ", words)}", timeout ?? TimeSpan.FromMinutes(1), () => LogText);
        return found!;
    }

    public Task<string> Logged(params string[] words) => Logged(words, after: 0);

    public async ValueTask DisposeAsync()
    {
        if (program is not null)
            await program.DisposeAsync();
        folder.Dispose();
    }

    async Task ForgetProgram()
    {
        earlierLines.AddRange(Program.Lines);
        await Program.DisposeAsync();
        program = null;
    }
}
