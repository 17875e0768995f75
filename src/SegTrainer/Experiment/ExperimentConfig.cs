using System.Text.Json;
using System.Text.Json.Serialization;
using SoftSeg.SegTrainer.Networks;
using SoftSeg.SegTrainer.Training;

namespace SoftSeg.SegTrainer.Experiment;

/// <summary>What an arm of the experiment is trained on.</summary>
enum ArmLabels
{
    /// <summary>The masks as they were drawn on each contrast.</summary>
    Hard,

    /// <summary>Their average over all contrasts of the person (<see cref="GroundTruth.SoftAverage"/>).</summary>
    Soft,
}

/// <summary>One way to train.</summary>
/// <param name="Name">In tables.</param>
/// <param name="Labels">hard or soft.</param>
/// <param name="PerContrast">A network for each contrast, which share the arm's steps; otherwise one for all.</param>
/// <param name="Loss">Weights of the loss.</param>
sealed record ExperimentArm(string Name, ArmLabels Labels, bool PerContrast, LossWeights Loss)
{
    public ShareOutput Output { get; init; }

    /// <summary>Expected share at the start; 0.5 gives a rectified output something to learn from.</summary>
    public double? Prior { get; init; }
}

/// <summary>The paper's experiment on simulated people: <c>conf/training/experiment.json</c>.</summary>
sealed record ExperimentConfig
{
    public int Seed { get; init; } = 1;

    /// <summary>Threads of libtorch; 0 for one a core.</summary>
    public int Threads { get; init; }

    public required int TrainingPeople { get; init; }

    public required int TestPeople { get; init; }

    /// <summary>How far outside the true border the masks of a contrast end, mm.</summary>
    public required Dictionary<string, double> RaterOffsets { get; init; }

    /// <summary>Standard deviation of that from image to image, mm.</summary>
    public double RaterScatter { get; init; }

    /// <summary>Shared by all arms but for their loss and output; its steps are those of an arm.</summary>
    public required NetworkConfig Network { get; init; }

    /// <summary>The first arm that bears this name is held against all others.</summary>
    public required string Ours { get; init; }

    public required ExperimentArm[] Arms { get; init; }

    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
    };

    /// <exception cref="TrainingException">The file is missing, or not an experiment; the message says what is wrong.</exception>
    public static ExperimentConfig Load(string path)
    {
        if (!File.Exists(path))
            throw new TrainingException($"There is no experiment at '{path}'.");
        try
        {
            var config = JsonSerializer.Deserialize<ExperimentConfig>(File.ReadAllText(path), Json)
                ?? throw new TrainingException($"The experiment '{path}' is empty.");
            config.Check(path);
            return config;
        }
        catch (JsonException error)
        {
            throw new TrainingException($"The experiment '{path}' can't be read: {error.Message}", error);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    void Check(string path)
    {
        var problem = this switch
        {
            { TrainingPeople: < 1 } => $"'trainingPeople' is {TrainingPeople}, and at least 1 is needed",
            { TestPeople: < 2 } => $"'testPeople' is {TestPeople}, and at least 2 are needed",
            { Network.Dimensions: not 2 } => $"'network.dimensions' is {Network.Dimensions}; this network has 2",
            { Network.Steps: <= 0 } => "'network.steps' must be above 0: arms are compared after equal steps",
            { Network.Minutes: > 0 } => "'network.minutes' must be 0: arms are compared after equal steps",
            _ when Array.Find(Arms, arm => arm.Name.Contains(',', StringComparison.Ordinal)) is { } comma => $"the name \"{comma.Name}\" has a comma, which divides columns",
            _ when Arms.GroupBy(arm => arm.Name).FirstOrDefault(same => same.Count() > 1) is { } twice => $"two arms are named \"{twice.Key}\"",
            _ when !Array.Exists(Arms, arm => arm.Name == Ours) => $"'ours' is \"{Ours}\", and the arms are {string.Join(", ", Arms.Select(arm => $"\"{arm.Name}\""))}",
            _ => null,
        };
        if (problem is not null)
            throw new TrainingException($"The experiment '{path}': {problem}.");
    }
}
