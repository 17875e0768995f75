using SoftSeg.EndToEnd.Tests.Peers;

namespace SoftSeg.EndToEnd.Tests.Audit;

/// <summary>Debian's <c>rsyslogd</c> as an audit repository: it takes messages apart by RFC 5424 and writes what it understood.</summary>
sealed class Rsyslog : IAsyncDisposable
{
    readonly TemporaryFolder folder = new();
    readonly RunningProgram program;

    Rsyslog(int port)
    {
        Port = port;
        File.WriteAllText(folder.File("rsyslog.conf"), $"""
            global(workDirectory="{folder.Path}")
            module(load="imudp")
            input(type="imudp" address="127.0.0.1" port="{port}" ruleset="audit")
            template(name="parts" type="string" string="%pri%|%protocol-version%|%timereported:::date-rfc3339%|%hostname%|%app-name%|%procid%|%msgid%|%structured-data%|%msg%\n")
            ruleset(name="audit") {"{"} action(type="omfile" file="{Received}" template="parts") {"}"}
            """);
        program = RunningProgram.Start(new ExternalProgram("rsyslogd", "rsyslog").FullPath(), ["-n", "-f", folder.File("rsyslog.conf"), "-i", folder.File("pid")]);
    }

    public int Port { get; }

    string Received => folder.File("received");

    public static async Task<Rsyslog> StartAsync()
    {
        var rsyslog = new Rsyslog(FreePort.Take());
        var port = $":{rsyslog.Port:X4} ";
        await Until.True(() => rsyslog.program.HasExited || File.ReadAllText("/proc/net/udp").Contains(port, StringComparison.Ordinal), "rsyslogd listens", evidence: () => string.Join('\n', rsyslog.program.Lines));
        return rsyslog;
    }

    /// <summary>The messages so far, each in its parts: priority, version, time, host, program, process, message id, structured data, text.</summary>
    public string[][] Messages() => File.Exists(Received) ? [.. File.ReadAllLines(Received).Select(line => line.Split('|', 9))] : [];

    public async ValueTask DisposeAsync()
    {
        await program.DisposeAsync();
        folder.Dispose();
    }
}
