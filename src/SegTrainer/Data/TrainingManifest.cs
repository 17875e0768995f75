using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SoftSeg.SegTrainer.Data;

/// <summary>A labelled image. Paths are relative to the data folder.</summary>
/// <param name="Image">NIfTI file of the image.</param>
/// <param name="Mask">NIfTI file of the hard cord mask on the same grid.</param>
/// <param name="Person">Who was scanned: a split never divides a person.</param>
/// <param name="Contrast">T1w, T2w, T2star, MT, DWI ...</param>
public sealed record LabelledImage(string Image, string Mask, string Person, string Contrast)
{
    /// <summary>How often it is drawn, relative to others.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>This many slices at the lower end of the image lie below the conus: they are known to have no cord. The truth of
    /// other slices without a label is unknown: a mask may end before the cord does.</summary>
    public int SlicesBelowCord { get; init; }
}

/// <summary>Images of one scan position without a mask: a trained model says what they show (<see cref="TeacherLabels"/>). Paths are relative to the data folder.</summary>
/// <param name="Images">NIfTI files on one grid, one a contrast: they share one truth. A file with several volumes counts as their mean.</param>
/// <param name="Person">Who was scanned.</param>
/// <param name="Contrasts">The contrast of each image.</param>
public sealed record UnlabelledImages(IReadOnlyList<string> Images, string Person, IReadOnlyList<string> Contrasts)
{
    /// <summary>How often each of the images is drawn, relative to others.</summary>
    public double Weight { get; init; } = 1;
}

/// <summary>A mask without an image, whose cross-sections are used in synthesis. Paths are relative to the data folder.</summary>
public sealed record LabelledShape(string Mask, string Person)
{
    /// <summary>Grey matter mask on the same grid.</summary>
    public string? GreyMatter { get; init; }

    /// <summary>CSF mask (the canal without the cord) on the same grid.</summary>
    public string? Csf { get; init; }
}

/// <summary>What the two images of a pair have in common.</summary>
public enum PairKind
{
    /// <summary>The same contrast scanned twice in one session.</summary>
    ScanRescan,

    /// <summary>Two contrasts of one session.</summary>
    Contrast,
}

/// <summary>Two images of one person and session whose cord has one area, labelled or not. Measured, never trained on as such.</summary>
/// <param name="First">NIfTI file, relative to the data folder.</param>
/// <param name="Second">NIfTI file, relative to the data folder.</param>
/// <param name="Person">Who was scanned; a pair belongs to the part of the split that its person is in, and to validation where it is in none.</param>
/// <param name="Kind">scanRescan or contrast.</param>
public sealed record ImagePair(string First, string Second, string Person, PairKind Kind);

/// <summary>What a training reads: the JSON files in <c>conf/training</c>.</summary>
public sealed record TrainingManifest
{
    /// <summary>Grows by one with every batch of corrections.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Sha256 of the file of the version before.</summary>
    public string? Previous { get; init; }

    /// <summary>Labelled images to train on.</summary>
    public required IReadOnlyList<LabelledImage> Train { get; init; }

    /// <summary>Images to train on with a teacher's shares as their truth.</summary>
    public IReadOnlyList<UnlabelledImages> Unlabelled { get; init; } = [];

    /// <summary>Labelled images that measure a training while it runs; other people than <see cref="Train"/>'s.</summary>
    public IReadOnlyList<LabelledImage> Validation { get; init; } = [];

    /// <summary>Labelled images of the frozen people (<see cref="FrozenPeople"/>): measured at the end, never trained on.</summary>
    public IReadOnlyList<LabelledImage> Frozen { get; init; } = [];

    /// <summary>Label maps for synthesis.</summary>
    public IReadOnlyList<LabelledShape> Shapes { get; init; } = [];

    /// <summary>Pairs of images whose areas should agree.</summary>
    public IReadOnlyList<ImagePair> Pairs { get; init; } = [];

    static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Reads and checks a manifest.</summary>
    /// <exception cref="InvalidDataException">The file is missing, is not a manifest, or breaks the split.</exception>
    public static TrainingManifest Load(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"The training manifest {path} does not exist.");
        try
        {
            var manifest = JsonSerializer.Deserialize<TrainingManifest>(File.ReadAllText(path), Options)
                ?? throw new InvalidDataException($"The training manifest {path} is empty.");
            manifest.Check();
            return manifest;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The training manifest {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>As <see cref="Load"/> reads it, an entry a line.</summary>
    public string ToJson()
    {
        var lists = new (string Name, IEnumerable<object> Entries)[]
        {
            ("train", Train), ("unlabelled", Unlabelled), ("validation", Validation), ("frozen", Frozen), ("shapes", Shapes), ("pairs", Pairs),
        };
        var text = new StringBuilder("{\n").Append(CultureInfo.InvariantCulture, $"  \"version\": {Version},\n");
        if (Previous is not null)
            text.Append(CultureInfo.InvariantCulture, $"  \"previous\": \"{Previous}\",\n");
        text.AppendJoin(",\n", lists.Select(list =>
            $"  \"{list.Name}\": [{string.Join(",", list.Entries.Select(entry => "\n    " + JsonSerializer.Serialize(entry, Options)))}{(list.Entries.Any() ? "\n  " : "")}]"));
        return text.Append("\n}\n").ToString();
    }

    /// <summary>The labelled images of a part of the split: train, validation or frozen.</summary>
    public IReadOnlyList<LabelledImage> Part(string part) => part switch { "train" => Train, "validation" => Validation, _ => Frozen };

    /// <summary>The pairs of people in a part of the split.</summary>
    public IEnumerable<ImagePair> PairsOf(string part)
    {
        var trained = TrainedPeople();
        var frozen = Frozen.Select(image => image.Person).Concat(FrozenPeople.Names).ToHashSet();
        return Pairs.Where(pair => part == (trained.Contains(pair.Person) ? "train" : frozen.Contains(pair.Person) ? "frozen" : "validation"));
    }

    /// <summary>The same data with people kept out of training: their labelled images become <see cref="Validation"/>, everything else of theirs is left out.</summary>
    /// <exception cref="InvalidDataException">One of them has no labelled image to train on.</exception>
    public TrainingManifest HoldOut(IReadOnlyCollection<string> people)
    {
        foreach (var person in people)
        {
            if (!Train.Any(image => image.Person == person))
                throw new InvalidDataException($"{person} cannot be held out: the manifest trains on {string.Join(", ", Train.Select(image => image.Person).Distinct())}.");
        }
        return this with
        {
            Train = [.. Train.Where(image => !people.Contains(image.Person))],
            Validation = [.. Validation, .. Train.Where(image => people.Contains(image.Person))],
            Unlabelled = [.. Unlabelled.Where(scan => !people.Contains(scan.Person))],
            Shapes = [.. Shapes.Where(shape => !people.Contains(shape.Person))],
        };
    }

    HashSet<string> TrainedPeople() =>
        [.. Train.Select(image => image.Person), .. Unlabelled.Select(scan => scan.Person), .. Shapes.Select(shape => shape.Person)];

    /// <summary>Holds the subject-level split.</summary>
    /// <exception cref="InvalidDataException">A frozen person is trained on, or a person is in two parts.</exception>
    public void Check()
    {
        foreach (var image in Train.Concat(Validation))
            FrozenPeople.Refuse(image.Person, image.Image, image.Mask);
        foreach (var scan in Unlabelled)
        {
            FrozenPeople.Refuse(scan.Person, scan.Images);
            if (scan.Images.Count == 0 || scan.Images.Count != scan.Contrasts.Count)
                throw new InvalidDataException($"An unlabelled entry of {scan.Person} names {scan.Images.Count} images and {scan.Contrasts.Count} contrasts: one contrast an image is expected.");
        }
        foreach (var shape in Shapes)
            FrozenPeople.Refuse(shape.Person, shape.Mask, shape.GreyMatter, shape.Csf);
        var trained = TrainedPeople();
        foreach (var image in Validation.Concat(Frozen))
        {
            if (trained.Contains(image.Person))
                throw new InvalidDataException($"{image.Person} is trained on and also measured ({image.Image}): a person belongs to one part of the split.");
        }
    }
}

/// <summary>The people on whom models are judged. Nothing of theirs, image or label, is ever trained on.</summary>
public static class FrozenPeople
{
    public static IReadOnlyList<string> Names { get; } = ["errsm_11", "gmc_9418"];

    /// <summary>What file names call them, in any of the sources.</summary>
    static readonly string[] Marks = ["errsm_11", "gmc_9418", "sub-9418"];

    /// <exception cref="InvalidDataException">The person or one of the paths is a frozen person's.</exception>
    public static void Refuse(string person, params IEnumerable<string?> paths)
    {
        foreach (var name in paths.Prepend(person))
        {
            if (name is not null && Marks.FirstOrDefault(mark => name.Contains(mark, StringComparison.OrdinalIgnoreCase)) is { } frozen)
                throw new InvalidDataException($"{name} belongs to the frozen person {frozen}: it measures models and must never be trained on. Remove it from the training list.");
        }
    }
}
