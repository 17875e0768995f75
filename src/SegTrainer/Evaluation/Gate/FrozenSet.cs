using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Synthesis;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>What models are judged on: the frozen people's images, masks and pairs, simulated people that no training draws, and volumes without a cord.</summary>
static class FrozenSet
{
    /// <summary>The part of the manifest that it is.</summary>
    public const string Part = "frozen";

    /// <summary>How many simulated people belong to it.</summary>
    public const int SimulatedPeople = 20;

    /// <summary>Sha256 over the name and content of every file; two sets with one hash are one set.</summary>
    /// <exception cref="InvalidDataException">A file is missing.</exception>
    public static string Hash(TrainingManifest manifest, string dataFolder)
    {
        var lines = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{SimulatedPeople} simulated people from {SimulatedProtocol.SpineGeneric.FirstSeed}, version {SimulatedPerson.Version}; volumes without a cord, version {Negatives.Version}\n"));
        foreach (var path in Files(manifest))
            lines.Append(path).Append(' ').Append(HashOf(dataFolder, path)).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }

    /// <summary>Every file of the set, in order.</summary>
    public static IEnumerable<string> Files(TrainingManifest manifest) =>
        manifest.Frozen.SelectMany(image => new[] { image.Image, image.Mask })
            .Concat(manifest.PairsOf(Part).SelectMany(pair => new[] { pair.First, pair.Second }))
            .Distinct().Order(StringComparer.Ordinal);

    /// <summary>Sha256 of a file's content, decompressed where it is compressed: packing an image again does not change the set.</summary>
    public static string HashOf(string folder, string path)
    {
        var file = Path.Combine(folder, path);
        if (!File.Exists(file))
            throw new InvalidDataException($"{path} belongs to the frozen set but is missing in {folder}.");
        using var stream = File.OpenRead(file);
        if (!path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        using var content = new System.IO.Compression.GZipStream(stream, System.IO.Compression.CompressionMode.Decompress);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }
}
