using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using SoftSeg.EndToEnd.Tests.Results;

namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>Orthanc with its DICOMweb plug-in: a PACS that, where it is started with a node, sends every stable MR series there by itself (auto-routing in Lua).</summary>
sealed class OrthancPeer : IAsyncDisposable
{
    const string DicomWebPlugin = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";

    // SendToModality() of Orthanc 1.10 takes instances only, each on an association of its own; this sends the series on one.
    const string AutoRouting = """
        function OnStableSeries(seriesId, tags, metadata)
          if tags['Modality'] == 'MR' then
            RestApiPost('/modalities/softseg/store', DumpJson({ Resources = { seriesId }, Synchronous = false }))
          end
        end
        """;

    readonly TemporaryFolder folder = new();
    readonly HttpClient http;
    RunningProgram? program;

    public OrthancPeer(string aeTitle)
    {
        AeTitle = aeTitle;
        Port = FreePort.Take();
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{FreePort.Take()}/") };
    }

    public string AeTitle { get; }

    public int Port { get; }

    public string Log => string.Join('\n', program?.Lines ?? []);

    /// <summary>Root of Orthanc's HTTP server; DICOMweb is below <c>dicom-web/</c>.</summary>
    public Uri Address => http.BaseAddress!;

    /// <summary>As an archive that sends nothing by itself.</summary>
    public Task StartAsync() => StartAsync([]);

    public async Task StartAsync(string nodeAeTitle, int nodePort)
    {
        await File.WriteAllTextAsync(folder.File("routing.lua"), AutoRouting);
        await StartAsync(new JsonObject
        {
            ["LuaScripts"] = new JsonArray(folder.File("routing.lua")),
            ["DicomModalities"] = new JsonObject { ["softseg"] = new JsonArray(nodeAeTitle, "127.0.0.1", nodePort) },
        });
    }

    /// <summary>As an archive that sends nothing by itself, and that the node may ask and fetch from.</summary>
    public Task StartAsArchiveAsync(string nodeAeTitle, int nodePort) => StartAsync(new JsonObject
    {
        ["DicomModalities"] = new JsonObject { ["softseg"] = new JsonArray(nodeAeTitle, "127.0.0.1", nodePort) },
        ["DicomAlwaysAllowFind"] = true,
        ["DicomAlwaysAllowMove"] = true,
    });

    async Task StartAsync(JsonObject routing)
    {
        if (!File.Exists(DicomWebPlugin))
            throw new FileNotFoundException("Orthanc's DICOMweb plug-in is not installed. Install it with: apt-get install orthanc-dicomweb");
        var configuration = new JsonObject
        {
            ["Name"] = "SoftSeg test",
            ["StorageDirectory"] = folder.Make("storage"),
            ["IndexDirectory"] = folder.Make("index"),
            ["HttpPort"] = http.BaseAddress!.Port,
            ["DicomPort"] = Port,
            ["DicomAet"] = AeTitle,
            ["AuthenticationEnabled"] = false,
            ["StableAge"] = 1,
            // Orthanc 1.10 does not know label map segmentations.
            ["UnknownSopClassAccepted"] = true,
            ["Plugins"] = new JsonArray(DicomWebPlugin),
        };
        foreach (var (key, value) in routing)
            configuration[key] = value!.DeepClone();
        await File.WriteAllTextAsync(folder.File("orthanc.json"), configuration.ToJsonString());
        program = RunningProgram.Start(ExternalProgram.Orthanc.FullPath(), [folder.File("orthanc.json")], folder.Path);
        await Until.True(() => Dcmtk.Echo(Port, AeTitle), $"Orthanc answers on port {Port}", evidence: () => Log);
    }

    /// <summary>The series of a study, as QIDO-RS lists them: Series Instance UID and Modality.</summary>
    public async Task<IReadOnlyList<(string SeriesUid, string Modality)>> SeriesOverDicomWeb(string studyUid)
    {
        var series = await GetDicomJson($"dicom-web/studies/{studyUid}/series");
        return [.. series.Select(s => (Value(s, "0020000E"), Value(s, "00080060")))];
    }

    /// <summary>The data sets of a series, as WADO-RS gives their metadata (DICOM JSON, PS3.18 F).</summary>
    public Task<IReadOnlyList<JsonElement>> MetadataOverDicomWeb(string studyUid, string seriesUid) =>
        GetDicomJson($"dicom-web/studies/{studyUid}/series/{seriesUid}/metadata");

    /// <summary>An instance, as Orthanc keeps it.</summary>
    public async Task<ReceivedObject> Instance(string sopInstanceUid)
    {
        using var found = await http.PostAsync(new Uri("tools/lookup", UriKind.Relative), new StringContent(sopInstanceUid));
        var id = JsonDocument.Parse(await found.Content.ReadAsStringAsync()).RootElement.EnumerateArray()
            .First(resource => resource.GetProperty("Type").GetString() == "Instance").GetProperty("ID").GetString();
        var file = folder.File($"{id}.dcm");
        await File.WriteAllBytesAsync(file, await http.GetByteArrayAsync(new Uri($"instances/{id}/file", UriKind.Relative)));
        return await ReceivedObject.ReadAsync(file);
    }

    /// <summary>An instance over WADO-RS as DICOM PS3.10 (PS3.18 10.4.1): the one part of the multipart answer, in the transfer syntax that it is kept in.</summary>
    public async Task<byte[]> RetrieveOverDicomWeb(string studyUid, string seriesUid, string sopInstanceUid)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"dicom-web/studies/{studyUid}/series/{seriesUid}/instances/{sopInstanceUid}", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", "multipart/related; type=\"application/dicom\"; transfer-syntax=*");
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        var boundary = response.Content.Headers.ContentType!.Parameters.Single(parameter => parameter.Name == "boundary").Value!.Trim('"');
        var body = await response.Content.ReadAsByteArrayAsync();
        var part = body.AsSpan(body.AsSpan().IndexOf("\r\n\r\n"u8) + 4);
        return part[..part.LastIndexOf(System.Text.Encoding.ASCII.GetBytes($"\r\n--{boundary}--"))].ToArray();
    }

    /// <summary>A string value of DICOM JSON.</summary>
    public static string Value(JsonElement dataset, string tag) => dataset.GetProperty(tag).GetProperty("Value")[0].GetString()!;

    public async Task StopAsync()
    {
        if (program is not null)
            await program.DisposeAsync();
        program = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        http.Dispose();
        folder.Dispose();
    }

    async Task<IReadOnlyList<JsonElement>> GetDicomJson(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/dicom+json"));
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return [.. JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.EnumerateArray()];
    }
}
