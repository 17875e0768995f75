using System.Net.Sockets;
using System.Text;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using Xunit.Abstractions;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>The node as a service: the unit, what it tells systemd, and the Debian package.</summary>
public sealed class ServiceTests(ITestOutputHelper output) : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Serve_tells_systemd_that_it_is_ready_alive_and_stopping()
    {
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(folder.File("notify")));
        var configuration = new NodeSetup(new PeerEntry("pacs", "PACS", FreePort.Take())).Write(folder.Path, FreePort.Take());
        await using var node = RunningProgram.Start("dotnet", [SoftSegNode.Assembly, "serve", "--config", configuration], folder.Path,
            new Dictionary<string, string> { ["NOTIFY_SOCKET"] = folder.File("notify"), ["WATCHDOG_USEC"] = "1000000" });

        // A start that takes longer than half a second is alive before it is ready.
        Assert.Equal("READY=1", await NextButAlive());
        Assert.Equal("WATCHDOG=1", await Next());
        Assert.Equal("WATCHDOG=1", await Next());
        await node.TerminateAsync(TimeSpan.FromSeconds(40));
        Assert.Equal("STOPPING=1", await NextButAlive());
        Assert.Equal(0, node.ExitCode);

        async Task<string> NextButAlive()
        {
            string said;
            while ((said = await Next()) == "WATCHDOG=1") { }
            return said;
        }

        async Task<string> Next()
        {
            using var deadline = new CancellationTokenSource(Patience);
            var buffer = new byte[256];
            try
            {
                return Encoding.UTF8.GetString(buffer, 0, await systemd.ReceiveAsync(buffer, deadline.Token));
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The node told systemd nothing: {string.Join(Environment.NewLine, node.Lines)}");
            }
        }
    }

    [Fact]
    public async Task The_unit_is_one_that_systemd_understands()
    {
        // The program is not installed here: one that is stands in for it, and for its folder.
        var unit = (await File.ReadAllTextAsync(Path.Combine(Repository, "install/softseg.service")))
            .Replace("/usr/lib/softseg/softseg ", "/bin/true ", StringComparison.Ordinal).Replace("WorkingDirectory=/usr/lib/softseg", "WorkingDirectory=/", StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.File("softseg.service"), unit);
        var analyze = new ExternalProgram("systemd-analyze", "systemd");

        var verified = (await analyze.RunAsync(["verify", "--man=no", folder.File("softseg.service")])).Succeeded();
        Assert.Equal("", verified.Output + verified.Error);
        var exposure = (await analyze.RunAsync(["security", "--offline=true", "--threshold=20", folder.File("softseg.service")])).Succeeded();
        output.WriteLine(exposure.Output.TrimEnd().Split('\n')[^1]);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task The_Debian_package_installs_upgrades_and_goes_and_keeps_what_is_the_hospitals()
    {
        var result = await new ExternalProgram("bash", "bash").RunAsync([Path.Combine(Repository, "tests/install/debian")], TimeSpan.FromMinutes(15));
        output.WriteLine(result.Output);
        result.Succeeded();
    }

    static string Repository { get; } = Path.GetFullPath(Path.Combine(Here(), "../.."));

    static string Here([System.Runtime.CompilerServices.CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
