using System.Security.Cryptography;
using System.Runtime.InteropServices;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Training;

namespace SoftSeg.SegTrainer.Data;

/// <summary>
/// Takes masks that people corrected into the training data: the next version of the manifest, beside the one before. The frozen set stays
/// as it is.
/// </summary>
static class Corrections
{
    /// <param name="Manifest">The next version.</param>
    /// <param name="Lines">What became of every corrected mask.</param>
    public sealed record Result(TrainingManifest Manifest, IReadOnlyList<string> Lines);

    /// <summary>Checks everything, copies images and masks into the data folder, and replaces the manifest; the old one stays as <c>NAME.vN.json</c>.</summary>
    /// <param name="folder">A BIDS data set (<see cref="BidsDataset"/>); images without a mask are passed over.</param>
    /// <param name="manifestPath">The manifest.</param>
    /// <param name="dataFolder">The folder that it names files of.</param>
    /// <exception cref="InvalidDataException">A mask does not fit its image, or belongs to a frozen person. Nothing has been written then.</exception>
    public static Result Add(string folder, string manifestPath, string dataFolder)
    {
        var manifest = TrainingManifest.Load(manifestPath);
        var corrected = BidsDataset.Read(folder).Where(image => image.Mask is not null).ToArray();
        if (corrected.Length == 0)
            throw new InvalidDataException($"'{folder}' holds no corrected mask: derivatives/labels/sub-01/anat/sub-01_T2w_label-SC_seg.nii.gz is expected for an image sub-01/anat/sub-01_T2w.nii.gz.");
        var known = Known(manifest, dataFolder);
        var next = manifest with { Version = manifest.Version + 1, Previous = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(manifestPath))) };
        var (lines, copies) = (new List<string>(), new List<(string From, string To)>());
        foreach (var image in corrected)
        {
            FrozenPeople.Refuse(image.Person, image.Image, image.Mask);
            var content = Check(folder, image);
            known.TryGetValue(content, out var same);
            if (manifest.Frozen.FirstOrDefault(frozen => frozen.Image == same) is { } taken)
                throw new InvalidDataException($"{image.Image} is the image {taken.Image} of the frozen person {taken.Person}: it measures models and must never be trained on. Remove it from '{folder}'.");
            next = Take(next, image, same, copies, lines);
        }

        next.Check();
        Copy(folder, dataFolder, copies, next.Version);
        DurableFile.Write(Path.ChangeExtension(manifestPath, $".v{manifest.Version}.json"), File.ReadAllBytes(manifestPath));
        DurableFile.Write(manifestPath, next.ToJson());
        return new(next, lines);
    }

    /// <returns>What the image's voxels are known by.</returns>
    static string Check(string folder, BidsImage image)
    {
        var (picture, mask) = (TrainingData.ReadCanonical(folder, image.Image), TrainingData.ReadCanonical(folder, image.Mask!));
        TrainingData.RequireSameGrid($"The mask of {image.Image}", picture, mask);
        if (!mask.Voxels.AsSpan().ContainsAnyInRange(0.5f, float.MaxValue))
            throw new InvalidDataException($"The mask {image.Mask} is empty.");
        if (Array.Find(mask.Voxels, voxel => voxel is not (0 or 1)) is var other and not 0)
            throw new InvalidDataException($"The mask {image.Mask} holds the value {other}, and 0 and 1 are expected: set the voxels that are cord for the most part to 1.");
        return ContentOf(picture);
    }

    static TrainingManifest Take(TrainingManifest manifest, BidsImage image, string? same, List<(string From, string To)> copies, List<string> lines)
    {
        var target = $"corrections/v{manifest.Version}/";
        copies.Add((image.Mask!, target + image.Mask));
        foreach (var part in new[] { "train", "validation" })
        {
            if (manifest.Part(part).FirstOrDefault(entry => entry.Image == same) is not { } entry)
                continue;
            lines.Add($"{entry.Image} ({part}): mask replaced");
            var replaced = manifest.Part(part).Select(other => other == entry ? other with { Mask = target + image.Mask } : other).ToArray();
            return part == "train" ? manifest with { Train = replaced } : manifest with { Validation = replaced };
        }

        // An image that a teacher labelled so far belongs to somebody whom the manifest knows under a name of its own.
        var unlabelled = same is null ? null : manifest.Unlabelled.FirstOrDefault(scan => scan.Images.Contains(same));
        var person = unlabelled?.Person ?? image.Person;
        if (unlabelled is not null)
        {
            var rest = unlabelled.Images.Zip(unlabelled.Contrasts).Where(scan => scan.First != same).ToArray();
            manifest = manifest with
            {
                Unlabelled = [.. manifest.Unlabelled.Select(scan => scan == unlabelled ? scan with { Images = [.. rest.Select(one => one.First)], Contrasts = [.. rest.Select(one => one.Second)] } : scan).Where(scan => scan.Images.Count > 0)],
            };
        }
        else
        {
            copies.Add((image.Image, target + image.Image));
        }

        var measured = manifest.Validation.Any(entry => entry.Person == person);
        var added = new LabelledImage(same ?? target + image.Image, target + image.Mask, person, image.Contrast);
        lines.Add($"{image.Image} ({(measured ? "validation" : "train")}): added{(unlabelled is null ? "" : ", no longer labelled by the teacher")}");
        return measured ? manifest with { Validation = [.. manifest.Validation, added] } : manifest with { Train = [.. manifest.Train, added] };
    }

    /// <summary>The manifest's images by their content.</summary>
    static Dictionary<string, string> Known(TrainingManifest manifest, string dataFolder)
    {
        var known = new Dictionary<string, string>();
        var paths = manifest.Train.Concat(manifest.Validation).Concat(manifest.Frozen).Select(entry => entry.Image).Concat(manifest.Unlabelled.SelectMany(scan => scan.Images));
        foreach (var path in paths.Distinct())
            known.TryAdd(ContentOf(TrainingData.ReadCanonical(dataFolder, path, mean: true)), path);
        return known;
    }

    /// <summary>Sha256 of size and voxels in canonical order: an image is known whatever program stored it.</summary>
    static string ContentOf(Volume volume)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes<int>(new[] { volume.Slices, volume.Rows, volume.Columns }));
        hash.AppendData(MemoryMarshal.AsBytes<float>(volume.Voxels));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static void Copy(string folder, string dataFolder, List<(string From, string To)> copies, int version)
    {
        var (whole, part) = (Path.Combine(dataFolder, $"corrections/v{version}"), Path.Combine(dataFolder, $"corrections/v{version}.part"));
        if (Directory.Exists(whole))
            throw new InvalidDataException($"'{whole}' exists already, and version {version} of the manifest would be made of it. Move it away.");
        if (Directory.Exists(part))
            Directory.Delete(part, recursive: true);
        foreach (var (from, to) in copies)
        {
            var file = Path.Combine(part, Path.GetRelativePath($"corrections/v{version}", to));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.Copy(Path.Combine(folder, from), file);
        }
        Directory.Move(part, whole);
    }
}
