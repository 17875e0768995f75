using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>DCMTK's command-line tools as peers.</summary>
static class DcmtkPeer
{
    /// <summary>Runs a tool to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string tool, params string[] arguments)
    {
        using var process = Start(tool, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            Assert.Fail($"{tool} did not end: {await output}{await errors}");
        }
        return (process.ExitCode, await output + await errors);
    }

    public static Process Start(string tool, params string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{tool} is missing: apt-get install dcmtk", e);
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static bool Listens(int port)
    {
        using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>DCMTK's storescp with a folder of its own.</summary>
sealed class StoreScp : IAsyncDisposable
{
    readonly Process _process;

    StoreScp(Process process, string folder, int port) => (_process, Folder, Port) = (process, folder, port);

    public string Folder { get; }

    public int Port { get; }

    public static async Task<StoreScp> StartAsync(params string[] options)
    {
        string folder = Directory.CreateTempSubdirectory("softseg-storescp-").FullName;
        int port = DcmtkPeer.FreePort();
        var scp = new StoreScp(DcmtkPeer.Start("storescp", [.. options, "-od", folder, $"{port}"]), folder, port);
        await Until.TrueAsync(() => DcmtkPeer.Listens(port), "storescp listens");
        return scp;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
