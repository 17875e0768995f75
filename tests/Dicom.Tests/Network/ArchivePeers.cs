using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>DCMTK's dcmqrscp: an archive that is asked and that sends, to one move destination.</summary>
sealed class QueryRetrieveScp : IAsyncDisposable
{
    readonly Process _process;
    readonly string _folder;

    QueryRetrieveScp(Process process, string folder, int port) => (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    public DicomClientOptions Client => new() { Host = "127.0.0.1", Port = Port, CalledAeTitle = "ARCHIVE", CallingAeTitle = "TESTER" };

    public static async Task<QueryRetrieveScp> StartAsync(string destination = "NOBODY", int destinationPort = 1, params string[] options)
    {
        string folder = Directory.CreateTempSubdirectory("softseg-qrscp-").FullName;
        string storage = Directory.CreateDirectory(Path.Combine(folder, "storage")).FullName;
        int port = DcmtkPeer.FreePort();
        string configuration = Path.Combine(folder, "dcmqrscp.cfg");
        File.WriteAllText(configuration, $"""
            NetworkTCPPort = {port}
            MaxPDUSize = 16384
            MaxAssociations = 16
            HostTable BEGIN
            destination = ({destination}, 127.0.0.1, {destinationPort})
            HostTable END
            VendorTable BEGIN
            VendorTable END
            AETable BEGIN
            ARCHIVE {storage} RW (100, 1024mb) ANY
            AETable END

            """);
        var scp = new QueryRetrieveScp(DcmtkPeer.Start("dcmqrscp", ["-c", configuration, .. options]), folder, port);
        await Until.TrueAsync(() => DcmtkPeer.Listens(port), "dcmqrscp listens");
        return scp;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>Orthanc, which knows one modality: us.</summary>
sealed class OrthancArchive : IAsyncDisposable
{
    readonly Process _process;
    readonly string _folder;
    readonly HttpClient _http;

    OrthancArchive(Process process, string folder, int port, HttpClient http) => (_process, _folder, Port, _http) = (process, folder, port, http);

    public int Port { get; }

    public DicomClientOptions Client => new() { Host = "127.0.0.1", Port = Port, CalledAeTitle = "ORTHANC", CallingAeTitle = "SOFTSEG" };

    /// <param name="modalityPort">Where SOFTSEG listens.</param>
    /// <param name="settings">Added to Orthanc's configuration.</param>
    public static async Task<OrthancArchive> StartAsync(int modalityPort, JsonObject? settings = null)
    {
        string folder = Directory.CreateTempSubdirectory("softseg-orthanc-").FullName;
        int port = DcmtkPeer.FreePort();
        int httpPort = DcmtkPeer.FreePort();
        var configuration = new JsonObject
        {
            ["StorageDirectory"] = folder,
            ["IndexDirectory"] = folder,
            ["HttpPort"] = httpPort,
            ["DicomPort"] = port,
            ["DicomAet"] = "ORTHANC",
            ["AuthenticationEnabled"] = false,
            ["OverwriteInstances"] = true,
            // Its 10 s are short where other tests keep every processor busy.
            ["DicomScuTimeout"] = 60,
            ["DicomAlwaysAllowGet"] = true,
            ["DicomAlwaysAllowFind"] = true,
            ["DicomAlwaysAllowMove"] = true,
            ["DicomModalities"] = new JsonObject { ["us"] = new JsonObject { ["AET"] = "SOFTSEG", ["Host"] = "127.0.0.1", [nameof(Port)] = modalityPort } },
        };
        foreach (var (key, value) in settings ?? [])
            configuration[key] = value?.DeepClone();
        string file = Path.Combine(folder, "orthanc.json");
        File.WriteAllText(file, configuration.ToJsonString());
        string program = new[] { "/usr/sbin/Orthanc", "/usr/bin/Orthanc" }.FirstOrDefault(File.Exists) ?? throw new InvalidOperationException("Orthanc is missing: apt-get install orthanc");
        var process = DcmtkPeer.Start(program, file);
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var archive = new OrthancArchive(process, folder, port, new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}/") });
        await Until.TrueAsync(() => DcmtkPeer.Listens(port) && DcmtkPeer.Listens(httpPort), "Orthanc listens");
        return archive;
    }

    public async Task<JsonElement> PostAsync(string path, JsonNode body)
    {
        using var response = await _http.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"POST {path}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public async Task<JsonElement> GetAsync(string path) => (await _http.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative)))!;

    public Task<byte[]> GetBytesAsync(string path) => _http.GetByteArrayAsync(new Uri(path, UriKind.Relative));

    public async Task DeleteAsync(string path)
    {
        using var response = await _http.DeleteAsync(new Uri(path, UriKind.Relative));
        Assert.True(response.IsSuccessStatusCode, $"DELETE {path}: {response.StatusCode}");
    }

    /// <summary>Puts a file into the archive by HTTP; Orthanc's name for the instance.</summary>
    public async Task<string> ImportAsync(string path)
    {
        using var response = await _http.PostAsync(new Uri("instances", UriKind.Relative), new ByteArrayContent(await File.ReadAllBytesAsync(path)));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("ID").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
