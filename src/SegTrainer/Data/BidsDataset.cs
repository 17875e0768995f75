namespace SoftSeg.SegTrainer.Data;

/// <summary>An image of a BIDS data set and the cord mask in its derivatives.</summary>
/// <param name="Person">The subject, <c>sub-01</c>.</param>
/// <param name="Stem">The image's name without its extension, <c>sub-01_ses-1_T2w</c>.</param>
/// <param name="Contrast">As manifests call it: T1w, T2w, T2star, MTon, MToff, DWI, or the suffix itself.</param>
/// <param name="Image">The image's path below the data set's folder.</param>
/// <param name="Mask">The mask's path below the data set's folder; null where there is none.</param>
sealed record BidsImage(string Person, string Stem, string Contrast, string Image, string? Mask);

/// <summary>
/// Reads a folder in the form of BIDS: images in <c>sub-*/[ses-*/]{anat,dwi}/</c>, cord masks in <c>derivatives/labels/</c> under the same
/// sub-folders, named as the image with <c>_label-SC_seg</c> (BIDS derivatives), <c>_seg-manual</c> or <c>_seg</c> behind it.
/// </summary>
static class BidsDataset
{
    const string Extension = ".nii.gz";

    static readonly string[] MaskEndings = ["_label-SC_seg", "_label-SC_mask", "_seg-manual", "_seg"];

    /// <exception cref="InvalidDataException">There is no image, or an image has two masks, or a mask has no image.</exception>
    public static IReadOnlyList<BidsImage> Read(string folder)
    {
        var masks = Files(Path.Combine(folder, "derivatives"), folder)
            .Select(path => (Path: path, Image: ImageOf(Stem(path))))
            .Where(mask => mask.Image is not null)
            .ToLookup(mask => mask.Image!, mask => mask.Path, StringComparer.Ordinal);
        var images = Directory.EnumerateDirectories(folder, "sub-*")
            .SelectMany(subject => Files(subject, folder))
            .Where(path => ImageOf(Stem(path)) is null)
            .Order(StringComparer.Ordinal)
            .Select(path => new BidsImage(Stem(path).Split('_')[0], Stem(path), ContrastOf(Stem(path)), path, One(masks[Stem(path)], path)))
            .ToArray();
        if (images.Length == 0)
            throw new InvalidDataException($"'{folder}' holds no image in the form of BIDS: sub-01/anat/sub-01_T2w{Extension} is expected.");
        var known = images.Select(image => image.Stem).ToHashSet(StringComparer.Ordinal);
        if (masks.FirstOrDefault(mask => !known.Contains(mask.Key)) is { } orphan)
            throw new InvalidDataException($"The mask {orphan.First()} belongs to an image {orphan.Key}{Extension} that is not in '{folder}'.");
        return images;

        static string? One(IEnumerable<string> found, string image)
        {
            var all = found.ToArray();
            return all.Length < 2 ? all.FirstOrDefault() : throw new InvalidDataException($"{image} has {all.Length} masks ({string.Join(", ", all)}), and one is expected.");
        }
    }

    static IEnumerable<string> Files(string below, string folder) => Directory.Exists(below)
        ? Directory.EnumerateFiles(below, "*" + Extension, SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path))
        : [];

    static string Stem(string path) => Path.GetFileName(path)[..^Extension.Length];

    /// <summary>The stem of the image that a mask's stem names; null for what is no mask.</summary>
    static string? ImageOf(string stem) =>
        Array.Find(MaskEndings, ending => stem.EndsWith(ending, StringComparison.Ordinal)) is { } found ? stem[..^found.Length] : null;

    static string ContrastOf(string stem)
    {
        var suffix = stem[(stem.LastIndexOf('_') + 1)..];
        var on = stem.Contains("mt-on", StringComparison.OrdinalIgnoreCase) || stem.Contains("MTon", StringComparison.OrdinalIgnoreCase);
        return suffix switch
        {
            "T2starw" => "T2star",
            "MTS" when stem.Contains("T1w", StringComparison.OrdinalIgnoreCase) => "GRE-T1w",
            "MTS" => on ? "MTon" : "MToff",
            "dwi" => "DWI",
            _ => suffix,
        };
    }
}
