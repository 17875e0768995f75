using System.Security.Cryptography;
using System.Text.Json;

namespace SoftSeg.SegEngine;

/// <summary>A model package cannot be used; the message says which file and why.</summary>
public sealed class ModelPackageException : Exception
{
    public ModelPackageException(string message) : base(message) { }

    public ModelPackageException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>
/// A folder <c>models/name-version/</c>: model.json and the networks that it names. Every file's sha256 is checked as it
/// is loaded, so what runs is what the manifest describes.
/// </summary>
public sealed class ModelPackage
{
    /// <summary>The manifest's file name.</summary>
    public const string ManifestFile = "model.json";

    readonly Dictionary<string, byte[]> _networks;

    ModelPackage(string directory, ModelManifest manifest, string sha256, Dictionary<string, byte[]> networks) =>
        (Directory, Manifest, Sha256, _networks) = (directory, manifest, sha256, networks);

    public string Directory { get; }

    public ModelManifest Manifest { get; }

    public string Name => Manifest.Name;

    public string Version => Manifest.Version;

    /// <summary>Of model.json, which holds the networks' own: one value stands for the whole package.</summary>
    public string Sha256 { get; }

    public IReadOnlyList<ModelSegment> Segments => Manifest.Segments;

    /// <summary>The kind of measurement that the mask is for, e.g. "cord".</summary>
    public string Measurement => Manifest.Measurement;

    /// <summary>Why the model may not be used yet, as a sentence; <see langword="null"/> where its gate passed.</summary>
    public string? GateProblem => Manifest.Gate switch
    {
        null => $"The model {Name} {Version} was never held against the frozen set: its {ManifestFile} has no gate.",
        { Passed: false } gate => $"The model {Name} {Version} did not pass its gate: {string.Join("; ", gate.Reasons)}.",
        { } gate when gate.Fingerprint != Manifest.Fingerprint() => $"The gate in the {ManifestFile} of {Name} {Version} was passed by other networks.",
        _ => null,
    };

    /// <summary>The ONNX bytes of a network, by its role (<see cref="ModelNetwork"/>).</summary>
    public ReadOnlyMemory<byte> Network(string role) => _networks.TryGetValue(role, out var bytes)
        ? bytes
        : throw new ModelPackageException($"The model package '{Directory}' has no network with the role '{role}'.");

    /// <summary>Where that network's file lies.</summary>
    public string NetworkFile(string role) => Path.Combine(Directory, Manifest.Networks.First(network => network.Role == role).File);

    /// <summary>The same networks with another interval of their areas, in memory alone.</summary>
    public ModelPackage With(AreaInterval interval) => new(Directory, Manifest with { AreaInterval = interval }, Sha256, _networks);

    /// <summary>Loads and checks a package.</summary>
    /// <exception cref="ModelPackageException">A file is missing or damaged, or of another format; the message says which.</exception>
    public static ModelPackage Load(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!System.IO.Directory.Exists(directory))
            throw new ModelPackageException($"There is no model package '{directory}' (set Engine:Model to a folder with a {ModelPackage.ManifestFile}).");
        var json = ReadFile(directory, ManifestFile);
        var manifest = Parse(directory, json);
        var networks = new Dictionary<string, byte[]>();
        foreach (var network in manifest.Networks)
        {
            var bytes = ReadFile(directory, network.File);
            var sha256 = Hash(bytes);
            if (!sha256.Equals(network.Sha256, StringComparison.OrdinalIgnoreCase))
                throw new ModelPackageException($"'{Path.Combine(directory, network.File)}' is damaged or was exchanged: its sha256 is {sha256}, and {ManifestFile} says {network.Sha256}.");
            if (!networks.TryAdd(network.Role, bytes))
                throw new ModelPackageException($"The model package '{directory}' names two networks with the role '{network.Role}'.");
        }
        var package = new ModelPackage(directory, manifest, Hash(json), networks);
        package.Network(ModelNetwork.Locator);
        package.Network(ModelNetwork.Fine);
        return package;
    }

    /// <summary>Writes model.json beside networks that are in the folder already, with their sha256 filled in, and loads the package.</summary>
    public static ModelPackage Write(string directory, ModelManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var networks = manifest.Networks.Select(n => n with { Sha256 = Hash(ReadFile(directory, n.File)) });
        File.WriteAllBytes(Path.Combine(directory, ManifestFile), (manifest with { Networks = [.. networks] }).ToJson());
        return Load(directory);
    }

    static ModelManifest Parse(string directory, byte[] json)
    {
        var path = Path.Combine(directory, ManifestFile);
        ModelManifest manifest;
        try
        {
            // The format first: a later format may lack what this one requires.
            using (var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }))
            {
                var format = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("format", out var value) && value.TryGetInt32(out var number) ? number : 0;
                if (format != ModelManifest.CurrentFormat)
                    throw new ModelPackageException($"'{path}' has format {format}, and this version reads format {ModelManifest.CurrentFormat}.");
            }
            manifest = ModelManifest.FromJson(json) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ModelPackageException($"'{path}' is not a model manifest: {e.Message}", e);
        }
        if (manifest.Preprocessing is < 1 or > ModelManifest.CurrentPreprocessing)
            throw new ModelPackageException($"'{path}' asks for preprocessing {manifest.Preprocessing}, and this version prepares 1 to {ModelManifest.CurrentPreprocessing}.");
        if (manifest.Segments.Count == 0)
            throw new ModelPackageException($"'{path}' names no segment.");
        if (manifest.Border is { Neighbourhood: not (null or > 0) })
            throw new ModelPackageException($"'{path}': 'border.neighbourhood' is {manifest.Border.Neighbourhood}; it is a length, mm, above 0.");
        foreach (var segment in manifest.Segments)
        {
            if (segment.Colour.Count != 3)
                throw new ModelPackageException($"'{path}': the colour of segment {segment.Number} has {segment.Colour.Count} values, and 3 are expected (red, green, blue).");
        }
        foreach (var network in manifest.Networks)
        {
            if (network.File.Length == 0 || network.File != Path.GetFileName(network.File))
                throw new ModelPackageException($"'{path}': the file of network '{network.Role}' must be a plain name in the package's folder, and is '{network.File}'.");
        }
        return manifest;
    }

    static byte[] ReadFile(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelPackageException(File.Exists(path) ? $"'{path}' cannot be read: {e.Message}" : $"The model package '{directory}' has no file '{name}'.", e);
        }
    }

    static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
