using System.Globalization;
using System.Runtime.ExceptionServices;
using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer.Data;

/// <summary>Reads a data folder by its manifest, in canonical order, with the soft truth of every mask.</summary>
public sealed class TrainingData
{
    /// <summary>Reads the labelled images and shapes to train on.</summary>
    /// <param name="folder">The data folder that the manifest's paths are relative to.</param>
    /// <param name="manifest">What to read; its split is checked first.</param>
    /// <param name="teacher">Gives the truth of the unlabelled images; without one they are left out.</param>
    /// <param name="border">Where the borders of the masks that people drew are moved to, or null.</param>
    /// <param name="report">Receives a line for every scan that the teacher labelled.</param>
    /// <param name="cancellation">Looked at while the teacher labels, which takes minutes.</param>
    /// <exception cref="InvalidDataException">A file is missing or unreadable, a mask is empty or on another grid than its image, or the split is broken.</exception>
    public static TrainingData Load(string folder, TrainingManifest manifest, SoftSegmenter? teacher = null, Action<string>? report = null, HalfwayBorder? border = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        manifest.Check();
        if (!Directory.Exists(folder))
            throw new InvalidDataException($"The data folder {folder} does not exist.");
        try
        {
            return new TrainingData(
                [
                    .. manifest.Train.AsParallel().AsOrdered().Select(image => border is null ? Read(folder, image) : Read(folder, image).ToHalfway(border)),
                    .. teacher is null ? [] : manifest.Unlabelled.SelectMany(scan => TeacherLabels.Label(teacher, folder, scan, report ?? (_ => { }), cancellation)),
                ],
                [.. manifest.Shapes.AsParallel().AsOrdered().Select(shape => ReadShape(folder, shape))]);
        }
        catch (AggregateException several)
        {
            // The person is told what is wrong with the first file, not that files were read side by side.
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
            throw;
        }
    }

    /// <param name="volumes">Labelled images.</param>
    /// <param name="shapes">Label-only volumes.</param>
    public TrainingData(IReadOnlyList<LabelledVolume> volumes, IReadOnlyList<ShapeVolume> shapes)
    {
        ArgumentNullException.ThrowIfNull(volumes);
        foreach (var volume in volumes)
            FrozenPeople.Refuse(volume.Person, volume.Name);
        (Volumes, Shapes) = (volumes, shapes);
    }

    public IReadOnlyList<LabelledVolume> Volumes { get; }

    public IReadOnlyList<ShapeVolume> Shapes { get; }

    /// <summary>One labelled image of any part of the split.</summary>
    public static LabelledVolume Read(string folder, LabelledImage entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return new LabelledVolume(entry.Image, entry.Person, entry.Contrast, ReadCanonical(folder, entry.Image), ReadCanonical(folder, entry.Mask), entry.Weight, entry.SlicesBelowCord);
    }

    /// <param name="folder">The data folder.</param>
    /// <param name="path">The file within it.</param>
    /// <param name="mean">Take the mean of a file with several volumes instead of refusing it.</param>
    /// <exception cref="InvalidDataException">The file is missing or no NIfTI volume, holds a value that is no number, or cannot be in millimetres.</exception>
    public static Volume ReadCanonical(string folder, string path, bool mean = false)
    {
        var file = Path.Combine(folder, path);
        if (!File.Exists(file))
            throw new InvalidDataException($"{path} is listed in the training manifest but missing in {folder}.");
        var volume = Orientation.ToCanonical(mean ? NiftiFile.ReadMean(file) : NiftiFile.Read(file), out _);
        var (slice, row, column) = volume.Affine.Spacing;
        if (Math.Min(slice, Math.Min(row, column)) < SoftSegmenter.LeastSpacing || Math.Max(slice, Math.Max(row, column)) > SoftSegmenter.MostSpacing)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{path} has voxels of {column:0.####} x {row:0.####} x {slice:0.####} mm, and {SoftSegmenter.LeastSpacing} to {SoftSegmenter.MostSpacing} mm are expected (wrong units in its header?)."));
        return volume;
    }

    /// <param name="what">Begins the message, for example <c>The mask of t2.nii.gz</c>.</param>
    /// <param name="image">The grid that is asked for.</param>
    /// <param name="mask">What must lie on it.</param>
    /// <exception cref="InvalidDataException">Sizes differ, or a corner is more than a tenth of a voxel elsewhere.</exception>
    public static void RequireSameGrid(string what, Volume image, Volume mask)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(mask);
        if ((image.Slices, image.Rows, image.Columns) != (mask.Slices, mask.Rows, mask.Columns))
            throw new InvalidDataException($"{what} is on another grid: {mask.Slices} x {mask.Rows} x {mask.Columns} voxels instead of {image.Slices} x {image.Rows} x {image.Columns} (slices x rows x columns, canonical).");
        var spacing = image.Affine.Spacing;
        var tolerance = 0.1 * Math.Min(spacing.Slice, Math.Min(spacing.Row, spacing.Column));
        foreach (var (slice, row, column) in new[] { (0, 0, 0), (image.Slices - 1, 0, 0), (0, image.Rows - 1, 0), (0, 0, image.Columns - 1) })
        {
            var apart = (image.Affine.ToPatient(slice, row, column) - mask.Affine.ToPatient(slice, row, column)).Length;
            if (apart > tolerance)
                throw new InvalidDataException($"{what} is on another grid: voxel ({slice}, {row}, {column}) lies {apart:0.00} mm elsewhere.");
        }
    }

    static ShapeVolume ReadShape(string folder, LabelledShape entry)
    {
        var mask = ReadCanonical(folder, entry.Mask);
        return new ShapeVolume(entry.Mask, mask, Optional(entry.GreyMatter), Optional(entry.Csf));

        Volume? Optional(string? path)
        {
            if (path is null)
                return null;
            var volume = ReadCanonical(folder, path);
            RequireSameGrid(path, mask, volume);
            return volume;
        }
    }
}

/// <summary>Label maps without an image, canonical.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Cord">Hard cord mask.</param>
/// <param name="GreyMatter">Grey matter, hard or a probability.</param>
/// <param name="Csf">CSF mask.</param>
public sealed record ShapeVolume(string Name, Volume Cord, Volume? GreyMatter, Volume? Csf);
