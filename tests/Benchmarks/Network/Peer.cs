using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace SoftSeg.Benchmarks.Network;

/// <summary>A receiver that runs as a process of its own, with what it uses of processors and memory (children included).</summary>
sealed class Peer : IDisposable
{
    readonly Process process;
    readonly DirectoryInfo folder;

    Peer(string name, string aeTitle, int port, DirectoryInfo folder, string program, IEnumerable<string> arguments)
    {
        (Name, AeTitle, Port, this.folder) = (name, aeTitle, port, folder);
        process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.FullName })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (var deadline = Stopwatch.StartNew(); ;)
        {
            try
            {
                using var probe = new TcpClient();
                probe.Connect(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (!process.HasExited && deadline.Elapsed < TimeSpan.FromMinutes(1))
            {
                Thread.Sleep(100);
            }
        }
    }

    public string Name { get; }

    public string AeTitle { get; }

    public int Port { get; }

    public static Peer Bare() => Start("bare, fsync", "BARE", (port, folder) => ("dotnet", [Program, "bare-scp", "--port", $"{port}", "--folder", folder]));

    public static Peer BareWithFolder() => Start("bare, +folder", "BARE", (port, folder) => ("dotnet", [Program, "bare-scp", "--flush-folder", "--port", $"{port}", "--folder", folder]));

    public static Peer Library() => Start("softseg library", "LIBRARY", (port, folder) => ("dotnet", [Program, "library-scp", "--port", $"{port}", "--folder", folder]));

    public static Peer SoftSeg() => Start("softseg serve", "SOFTSEG", (port, folder) =>
    {
        var file = Path.Combine(folder, "softseg.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            Node = new { AeTitle = "SOFTSEG", Port = port, DataDirectory = Path.Combine(folder, "data"), AcceptUnknownPeers = true },
            Assemble = new { IdleSeconds = 3600 },
            Engine = new { Provider = "cpu" },
            Web = new { Enabled = false },
        }));
        return ("dotnet", [Path.Combine(AppContext.BaseDirectory, "softseg.dll"), "serve", "--config", file]);
    });

    /// <summary>As shipped, but one process an association where there are several.</summary>
    public static Peer Storescp() => Start("storescp", "STORESCP", (port, folder) => ("storescp", ["--fork", "-od", folder, $"{port}"]));

    /// <summary>Bit preserving and with large PDUs: its fastest.</summary>
    public static Peer StorescpFast() => Start("storescp +B", "STORESCP", (port, folder) => ("storescp", ["--fork", "+B", "-pdu", "131072", "-od", folder, $"{port}"]));

    public static Peer Orthanc() => Start("Orthanc", "ORTHANC", (port, folder) =>
    {
        var file = Path.Combine(folder, "orthanc.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new { StorageDirectory = folder, IndexDirectory = folder, HttpServerEnabled = false, DicomPort = port, DicomAet = "ORTHANC", DicomCheckCalledAet = false, DicomThreadsCount = 8 }));
        return ("/usr/sbin/Orthanc", [file]);
    });

    public double ProcessorSeconds => Tree().Sum(pid =>
    {
        // Fields 14 to 17 of /proc/PID/stat: own and waited-for children's user and system ticks, 100 a second.
        var fields = Read($"/proc/{pid}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length < 15 ? 0 : fields[11..15].Sum(f => double.Parse(f, CultureInfo.InvariantCulture)) / 100;
    });

    /// <summary>The largest of the processes, MB, at its peak.</summary>
    public double PeakMegabytes => Tree().Max(pid =>
        Read($"/proc/{pid}/status").Split('\n').FirstOrDefault(l => l.StartsWith("VmHWM", StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kib, ..]
            ? double.Parse(kib, CultureInfo.InvariantCulture) / 1024 : 0);

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
        folder.Delete(recursive: true);
    }

    static string Program => Path.Combine(AppContext.BaseDirectory, "SoftSeg.Benchmarks.dll");

    static Peer Start(string name, string aeTitle, Func<int, string, (string, string[])> command)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        var folder = Directory.CreateTempSubdirectory("softseg-bench-");
        var (program, arguments) = command(port, folder.FullName);
        return new Peer(name, aeTitle, port, folder, program, arguments);
    }

    List<int> Tree()
    {
        var all = new List<int> { process.Id };
        for (var i = 0; i < all.Count; i++)
        {
            foreach (var child in Read($"/proc/{all[i]}/task/{all[i]}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                all.Add(int.Parse(child, CultureInfo.InvariantCulture));
        }
        return all;
    }

    static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
