using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SoftSeg.SegEngine;

/// <summary>A code of a coding scheme, e.g. (2748008, SCT, "Spinal cord").</summary>
public sealed record CodedConcept(string Value, string Scheme, string Meaning);

/// <summary>One structure that a model finds.</summary>
/// <param name="Number">Segment number, from 1.</param>
/// <param name="Label">Its name, as people read it.</param>
/// <param name="Category">Segmented property category.</param>
/// <param name="Type">Segmented property type.</param>
/// <param name="Colour">Recommended display colour, sRGB 0..255.</param>
public sealed record ModelSegment(int Number, string Label, CodedConcept Category, CodedConcept Type, IReadOnlyList<byte> Colour);

/// <summary>One network of a model.</summary>
/// <param name="Role">"locator" or "fine".</param>
/// <param name="File">Its ONNX file in the package's folder: input "image", output "share", float32 NCHW or NCDHW; from preprocessing 3 on the fine network may have an input "pixel" <c>[1,2,1,1]</c> as well (<see cref="AcquiredPixel"/>).</param>
/// <param name="Sha256">Of the file, lower-case hexadecimal.</param>
public sealed record ModelNetwork(string Role, string File, string Sha256)
{
    /// <summary>Finds the cord in the whole field of view (<see cref="LocatorInput"/>); input <c>[1,1,D,H,W]</c>.</summary>
    public const string Locator = "locator";

    /// <summary>Draws the cord in tiles (<see cref="FineInput"/>); input <c>[N,1,H,W]</c>.</summary>
    public const string Fine = "fine";
}

/// <summary>A source of training data, named as its licence asks.</summary>
public sealed record ModelTrainingData(string Name, string Licence, string Source);

/// <summary>When a share map of the locator counts as a cord; a model may bring its own values.</summary>
/// <remarks>Settable, not init-only: the generated JSON reader would write 0 over the default of an init-only property that the file leaves out.</remarks>
public sealed record PresenceGate
{
    /// <summary>A locator slice shows cord where the share on the cord's path reaches this.</summary>
    public double SlicePeak { get; set; } = 0.3;

    /// <summary>A cord is certain where the median of these peaks reaches this; less calls for the whole field of view.</summary>
    public double CertainPeak { get; set; } = 0.6;

    /// <summary>There is no cord where no share on the path reaches this.</summary>
    public double AbsentPeak { get; set; } = 0.2;

    /// <summary>A certain cord is at least this long, mm, or fills 60 % of a shorter field of view.</summary>
    public double CertainLength { get; set; } = 20;

    /// <summary>The drawn cord holds at least this volume of shares of 0.5 and more, mm3 (less only in a field of view thinner than 4 mm).</summary>
    public double LeastVolume { get; set; } = 100;

    /// <summary>The drawn cord is at least this long, mm, or fills 60 % of a shorter field of view.</summary>
    public double LeastLength { get; set; } = 20;

    /// <summary>The same where the locator was not sure and the whole field of view was searched.</summary>
    public double LeastLengthSearched { get; set; } = 40;

    /// <summary>The drawn cord's slices peak at this share on average.</summary>
    public double LeastMeanPeak { get; set; } = 0.6;
}

/// <summary>model.json: what a model package holds, finds and was made from.</summary>
public sealed record ModelManifest
{
    /// <summary>The format that this version reads and writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The newest version of <see cref="LocatorInput"/> and <see cref="FineInput"/>; every earlier one, from 1 on, is still prepared.</summary>
    public const int CurrentPreprocessing = 4;

    public int Format { get; set; } = CurrentFormat;

    public required string Name { get; init; }

    public required string Version { get; init; }

    /// <summary>Date of the training, ISO 8601.</summary>
    public required string Created { get; init; }

    /// <summary>The version of <see cref="LocatorInput"/> and <see cref="FineInput"/> that the networks are shown.</summary>
    public int Preprocessing { get; set; } = CurrentPreprocessing;

    public required IReadOnlyList<ModelNetwork> Networks { get; init; }

    public required IReadOnlyList<ModelSegment> Segments { get; init; }

    /// <summary>The kind of measurement that the mask is for: "cord" (cross-sections along a centre line).</summary>
    public string Measurement { get; set; } = "cord";

    public PresenceGate Presence { get; set; } = new();

    /// <summary>Where in the image the structure's border is; <see langword="null"/> for where the network draws it.</summary>
    public HalfwayBorder? Border { get; set; }

    /// <summary>How the shares' haze tells the uncertainty of an area; <see langword="null"/> where it was not calibrated.</summary>
    public AreaInterval? AreaInterval { get; set; }

    public IReadOnlyList<ModelTrainingData> TrainingData { get; set; } = [];

    /// <summary>Measured figures by name, e.g. "dice.mean".</summary>
    public IReadOnlyDictionary<string, double> Figures { get; set; } = new Dictionary<string, double>();

    /// <summary>Whether the model may be used; <see langword="null"/> where it was never judged.</summary>
    public ModelGate? Gate { get; set; }

    /// <summary>Sha256 of what decides the masks: the networks, their preprocessing, when a cord is present and where its border is. Figures and intervals leave it as it is.</summary>
    public string Fingerprint()
    {
        var networks = Networks.OrderBy(network => network.Role, StringComparer.Ordinal).Select(network => $"{network.Role} {network.Sha256.ToLowerInvariant()}\n");
        var text = $"preprocessing {Preprocessing}\n{string.Concat(networks)}{JsonSerializer.Serialize(Presence, ModelJson.Default.PresenceGate)}{(Border is null ? "" : JsonSerializer.Serialize(Border, ModelJson.Default.HalfwayBorder))}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"))));
    }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ModelJson.Default.ModelManifest);

    internal static ModelManifest? FromJson(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, ModelJson.Default.ModelManifest);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(PresenceGate))]
[JsonSerializable(typeof(HalfwayBorder))]
sealed partial class ModelJson : JsonSerializerContext;
