using System.Text.Json;
using System.Text.Json.Serialization;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Networks;

namespace SoftSeg.SegTrainer.Training;

/// <summary>How one network is trained.</summary>
sealed record NetworkConfig
{
    /// <summary>Spatial axes and channels of each level, finest first.</summary>
    public required int Dimensions { get; init; }

    public required int[] Features { get; init; }

    /// <summary>Samples of one step.</summary>
    public required int Batch { get; init; }

    /// <summary>Steps of the whole training; 0 when <see cref="Minutes"/> alone decides.</summary>
    public int Steps { get; init; }

    /// <summary>Minutes of the whole training, over all its runs; 0 when <see cref="Steps"/> alone decides. With both, whichever ends first.</summary>
    public double Minutes { get; init; }

    public double LearningRate { get; init; } = 2e-3;

    public double WeightDecay { get; init; } = 1e-2;

    /// <summary>Share of the training over which the learning rate rises from 0.</summary>
    public double WarmUp { get; init; } = 0.02;

    /// <summary>Largest norm of the gradient.</summary>
    public double ClipNorm { get; init; } = 2;

    /// <summary>Decay per step of the average of the weights, which is what is evaluated and exported.</summary>
    public double AverageDecay { get; init; } = 0.998;

    /// <summary>Expected mean share of a sample.</summary>
    public double Prior { get; init; } = 0.03;

    /// <summary>
    /// Part of the samples that are real images as they are. Under recolouring the cord's edge lies exactly where the manual mask
    /// has it; untouched images teach where raters draw it, without which areas come out too large.
    /// </summary>
    public double Untouched { get; init; }

    /// <summary>Part of the fine network's other samples that come from real images under augmentation; the rest is synthesised.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Real { get; init; }

    /// <summary>Part of the fine network's other samples without a cord, or with it at the border; of the synthetic ones of these a fifth are lookalikes, and over a half lie below the conus.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Negatives { get; init; }

    /// <summary>Part of the real samples whose cord is replaced by one of another shape, whose share is known exactly.</summary>
    public double Replaced { get; init; } = 0.12;

    /// <summary>Part of the fine network's samples with wrap, motion or metal, and of its synthetic cords that are swollen or wasted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Artefacts { get; init; }

    /// <summary>Part of the fine network's synthetic spines, ordinary scans among them, and of its recoloured real cords, that are about as bright as the CSF around them (decisions 0058, 0075).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Faint { get; init; }

    /// <summary>Part of the synthetic spines that are ordinary scans of a healthy neck; the fine network's thick slices are averaged plane by plane (decisions 0069, 0071).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Usual { get; init; }

    /// <summary>
    /// Exports the mean of the shares of an image and of its negative: where the cord ends does not depend on which of cord and surroundings is bright.
    /// Half of the synthetic samples are negatives for it (decision 0076). Nothing is trained on negatives of real images, so that half of the answer owes nothing
    /// to how raters draw each contrast (decision 0057).
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool BothPolarities { get; init; }

    /// <summary>The fine network is told how large the acquired pixels are (decision 0068).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Pixel { get; init; }

    public LossWeights Loss { get; init; } = new(1, 1, 0);

    /// <summary>What turns the last layer into a share; a model that ships takes the sigmoid.</summary>
    [JsonIgnore]
    public ShareOutput Output { get; init; }

    [JsonIgnore]
    public UNetSpec Spec => new(Dimensions, Features, Pixel);
}

/// <summary>The recipe of a model: <c>conf/training/*.json</c>.</summary>
sealed record TrainingConfig
{
    /// <summary>Name of the model, for example <c>cord-softseg</c>.</summary>
    public required string Name { get; init; }

    public required string Version { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>Threads of libtorch; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <summary>Threads that draw samples.</summary>
    public int Producers { get; init; } = 1;

    /// <summary>The manifest of images, masks and shapes with their split by person, relative to this file.</summary>
    public required string Data { get; init; }

    /// <summary>Folder of the model package that says what the manifest's unlabelled images show, relative to this file; without one they are left out.</summary>
    public string? Teacher { get; init; }

    /// <summary>
    /// The masks' borders are moved to half-way between the intensities of the cord and its surroundings, less this, mm (<see cref="SegEngine.HalfwayBorder"/>):
    /// one rule for all contrasts, instead of how each was drawn. Without it they stay where they were drawn.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Halfway { get; init; }

    /// <summary>People who are not trained on but validate the training: for choosing a recipe, and for cross-validation.</summary>
    public string[] HoldOut { get; init; } = [];

    /// <summary>How the locator is trained; without it the recipe is of the fine network alone, and <c>export --others</c> says whose locator it goes with.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NetworkConfig? Locator { get; init; }

    /// <summary>How the fine network is trained; without it the recipe is of the locator alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NetworkConfig? Fine { get; init; }

    /// <summary>The networks of the recipe in the order of their training.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, NetworkConfig> Networks => new (string Name, NetworkConfig? Network)[] { ("locator", Locator), ("fine", Fine) }
        .Where(network => network.Network is not null).ToDictionary(network => network.Name, network => network.Network!);

    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    /// <exception cref="TrainingException">The file is missing, or not a valid recipe; the message says what is wrong.</exception>
    public static TrainingConfig Load(string path)
    {
        if (!File.Exists(path))
            throw new TrainingException($"There is no training configuration at '{path}'.");
        try
        {
            var config = JsonSerializer.Deserialize<TrainingConfig>(File.ReadAllText(path), Json)
                ?? throw new TrainingException($"The training configuration '{path}' is empty.");
            if (config.Networks.Count == 0)
                throw new TrainingException($"The training configuration '{path}' trains nothing: it needs 'locator', 'fine' or both.");
            foreach (var (name, network) in config.Networks)
                Check(name, network, name == "locator" ? 3 : 2);
            return config;
        }
        catch (JsonException error)
        {
            throw new TrainingException($"The training configuration '{path}' can't be read: {error.Message}", error);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>The settings of a network that only the fine one's samples, input or output have.</summary>
    static string[] FineAlone(NetworkConfig network) =>
    [.. new (string Name, bool Set)[]
    {
        ("pixel", network.Pixel), ("bothPolarities", network.BothPolarities), ("real", network.Real is not null), ("negatives", network.Negatives is not null),
        ("faint", network.Faint != 0), ("artefacts", network.Artefacts != 0),
    }.Where(setting => setting.Set).Select(setting => $"'{setting.Name}'")];

    static void Check(string name, NetworkConfig network, int dimensions)
    {
        if (network.Dimensions != dimensions)
            throw new TrainingException($"'{name}.dimensions' is {network.Dimensions}; the {name} network has {dimensions}.");
        if (name == "locator" && FineAlone(network) is { Length: > 0 } settings)
            throw new TrainingException($"'{name}' has {string.Join(", ", settings)}; only the fine network knows what to do with that. Move it to 'fine', or take it out.");
        if (network.Features.Length < 2 || network.Features.Any(channels => channels < 1))
            throw new TrainingException($"'{name}.features' must list the channels of at least two levels.");
        if (network.Batch < 1)
            throw new TrainingException($"'{name}.batch' must be at least 1.");
        if (network.Untouched is not (>= 0 and <= 1))
            throw new TrainingException($"'{name}.untouched' is {network.Untouched}; it is a part, 0..1.");
        if (network.Real is not (null or (>= 0 and <= 1)))
            throw new TrainingException($"'{name}.real' is {network.Real}; it is a part, 0..1.");
        if (network.Negatives is not (null or (> 0 and <= 1)))
            throw new TrainingException($"'{name}.negatives' is {network.Negatives}; it is a part above 0, at most 1. Without it the fine network has {FineSamples.DefaultNegativeShare} of them.");
        if (network.Artefacts is not (>= 0 and <= 1))
            throw new TrainingException($"'{name}.artefacts' is {network.Artefacts}; it is a part, 0..1.");
        if (network.Faint is not (>= 0 and <= 1))
            throw new TrainingException($"'{name}.faint' is {network.Faint}; it is a part, 0..1.");
        if (network.Usual is not (>= 0 and <= 1))
            throw new TrainingException($"'{name}.usual' is {network.Usual}; it is a part, 0..1.");
        if (network.Steps <= 0 && network.Minutes <= 0)
            throw new TrainingException($"'{name}' needs 'steps' or 'minutes' above 0.");
    }
}

/// <summary>Something in the way of a training, said so that the person can put it right.</summary>
public sealed class TrainingException : Exception
{
    public TrainingException()
    {
    }

    public TrainingException(string message)
        : base(message)
    {
    }

    public TrainingException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
