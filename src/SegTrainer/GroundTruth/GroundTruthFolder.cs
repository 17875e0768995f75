using System.Globalization;
using System.Text;
using System.Text.Json;
using SkiaSharp;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Evaluation;
using SoftSeg.SegTrainer.Training;

namespace SoftSeg.SegTrainer.GroundTruth;

/// <summary>
/// Soft ground truth of a whole BIDS data set: <c>sub-01/.../sub-01_T2w_label-SC_softseg.nii.gz</c> on every image's own grid with a
/// <c>.json</c> of what is known, a picture a session, and the lists <c>contrasts.tsv</c> and <c>excluded.tsv</c>.
/// </summary>
static class GroundTruthFolder
{
    static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <param name="Subjects">Sessions that have a ground truth.</param>
    /// <param name="Excluded">Sessions and contrasts that have none, and why.</param>
    public sealed record Result(IReadOnlyList<(string Session, SubjectTruth Truth)> Subjects, IReadOnlyList<(string Name, string Reason)> Excluded);

    /// <param name="folder">A BIDS data set with masks (<see cref="BidsDataset"/>).</param>
    /// <param name="target">Folder to write; must not exist, and appears when it is whole.</param>
    /// <param name="reference">The contrast whose space is the common one; null for the best that a session has.</param>
    /// <param name="progress">Receives a line for every session.</param>
    /// <exception cref="InvalidDataException">There is nothing to make a ground truth of.</exception>
    public static Result Make(string folder, string target, string? reference, Action<string> progress)
    {
        if (Directory.Exists(target) || File.Exists(target))
            throw new InvalidDataException($"'{target}' exists already; name a folder that does not, or remove it.");
        var part = target + ".part";
        if (Directory.Exists(part))
            Directory.Delete(part, recursive: true);
        var (subjects, excluded) = (new List<(string, SubjectTruth)>(), new List<(string Name, string Reason)>());
        try
        {
            var sessions = BidsDataset.Read(folder).GroupBy(image => SessionOf(image.Stem)).OrderBy(session => session.Key, StringComparer.Ordinal).ToArray();
            foreach (var session in sessions)
            {
                if (Session(folder, part, session.Key, [.. session], reference, excluded, progress) is { } truth)
                    subjects.Add((session.Key, truth));
            }
            if (subjects.Count == 0)
                throw new InvalidDataException($"No session of '{folder}' has a ground truth: {string.Join("; ", excluded.Select(one => $"{one.Name}: {one.Reason}"))}.");
            DurableFile.Write(Path.Combine(part, "excluded.tsv"), "name\treason\n" + string.Concat(excluded.Select(one => $"{one.Name}\t{one.Reason}\n")));
            DurableFile.Write(Path.Combine(part, "contrasts.tsv"), Contrasts(subjects));
            DurableFile.Write(Path.Combine(part, "dataset_description.json"), """{ "Name": "Soft spinal cord segmentations", "BIDSVersion": "1.9.0", "DatasetType": "derivative", "GeneratedBy": [{ "Name": "softseg-train ground-truth" }] }""" + "\n");
            Directory.Move(part, target);
        }
        finally
        {
            if (Directory.Exists(part))
                Directory.Delete(part, recursive: true);
        }
        return new(subjects, excluded);
    }

    static SubjectTruth? Session(string folder, string part, string session, BidsImage[] images, string? reference, List<(string Name, string Reason)> excluded, Action<string> progress)
    {
        var contrasts = new List<(BidsImage Entry, SubjectContrast Contrast)>();
        foreach (var image in images)
        {
            try
            {
                contrasts.Add((image, Read(folder, image)));
            }
            catch (InvalidDataException error)
            {
                // One unusable image does not take the person away.
                excluded.Add((image.Image, error.Message));
            }
        }

        try
        {
            var truth = SubjectTruth.Of([.. contrasts.Select(one => one.Contrast)], reference);
            excluded.AddRange(truth.LeftOut);
            foreach (var contrast in truth.Contrasts)
                Write(folder, part, contrasts.Single(one => one.Contrast == contrast.Contrast).Entry, contrast, truth);
            DurableFile.Write(Path.Combine(part, $"{session}_qc.png"), Picture(truth));
            progress($"{session}: {truth.Contrasts.Count} contrasts, {string.Join(", ", truth.Contrasts.Select(contrast => string.Create(CultureInfo.InvariantCulture, $"{contrast.Contrast.Contrast} (Dice {contrast.Agreement:0.00}, {contrast.Known.Count(known => known)} slices)")))}");
            return truth;
        }
        catch (InvalidDataException error)
        {
            excluded.Add((session, error.Message));
            progress($"{session}: excluded: {error.Message}");
            return null;
        }
    }

    static SubjectContrast Read(string folder, BidsImage image)
    {
        if (image.Mask is null)
            throw new InvalidDataException("has no mask");
        var (picture, mask) = (TrainingData.ReadCanonical(folder, image.Image, mean: true), TrainingData.ReadCanonical(folder, image.Mask));
        TrainingData.RequireSameGrid($"The mask of {image.Image}", picture, mask);
        return mask.Voxels.AsSpan().ContainsAnyInRange(0.5f, float.MaxValue)
            ? new(image.Stem, image.Contrast, picture, mask)
            : throw new InvalidDataException($"the mask {image.Mask} is empty");
    }

    static void Write(string folder, string part, BidsImage entry, ContrastTruth truth, SubjectTruth subject)
    {
        var source = NiftiFile.Read(Path.Combine(folder, entry.Mask!), out var header);
        Orientation.ToCanonical(source, out var order);
        var below = Path.Combine(part, Path.GetDirectoryName(entry.Image)!);
        Directory.CreateDirectory(below);
        NiftiFile.Write(Path.Combine(below, $"{entry.Stem}_label-SC_softseg.nii.gz"), Orientation.FromCanonical(truth.Share, order, source), header);
        var shift = truth.Alignment.Rigid.Shift;
        DurableFile.Write(Path.Combine(below, $"{entry.Stem}_label-SC_softseg.json"), JsonSerializer.Serialize(new
        {
            Sources = subject.Contrasts.Select(contrast => contrast.Contrast.Name),
            // Counted from foot to head, whatever the file's axes.
            KnownSlicesFootToHead = Enumerable.Range(0, truth.Known.Length).Where(slice => truth.Known[slice]),
            ShiftToReferenceMillimetres = new[] { shift.X, shift.Y, shift.Z }.Select(value => Math.Round(value, 2)),
            LargestSliceOffsetMillimetres = Math.Round(truth.Alignment.LargestOffset, 2),
            DiceWithReference = Math.Round(truth.Agreement, 3),
        }, Json) + "\n");
    }

    static string Contrasts(IEnumerable<(string Session, SubjectTruth Truth)> subjects)
    {
        var lines = new StringBuilder("session\tcontrast\tknown_slices\tmask_mm2\tshare_mm2\tshift_mm\tslice_offset_mm\tdice_with_reference\n");
        foreach (var (session, truth) in subjects)
        {
            foreach (var contrast in truth.Contrasts)
            {
                lines.Append(CultureInfo.InvariantCulture, $"{session}\t{contrast.Contrast.Contrast}\t{contrast.Known.Count(known => known)}\t{Area(contrast, contrast.Contrast.Mask):F2}\t{Area(contrast, contrast.Share):F2}\t{contrast.Alignment.Rigid.Shift.Length:F2}\t{contrast.Alignment.LargestOffset:F2}\t{contrast.Agreement:F3}\n");
            }
        }
        return lines.ToString();
    }

    /// <summary>Mean area over known slices, mm2, in their plane.</summary>
    static double Area(ContrastTruth contrast, Volume of)
    {
        var (sum, count) = (0.0, 0);
        for (var slice = 0; slice < of.Slices; slice++)
        {
            if (!contrast.Known[slice])
                continue;
            count++;
            foreach (var share in of.Slice(slice))
                sum += share;
        }
        return sum * of.Affine.Spacing.Row * of.Affine.Spacing.Column / Math.Max(1, count);
    }

    /// <summary>A row a contrast: the slices where mask and share differ most.</summary>
    static byte[] Picture(SubjectTruth truth)
    {
        var rows = truth.Contrasts.Select(contrast => SKBitmap.Decode(WorstCases.Draw(contrast.Contrast.Image, contrast.Contrast.Mask, contrast.Share, contrast.Known))).ToArray();
        using var surface = SKSurface.Create(new SKImageInfo(rows.Max(row => row.Width), rows.Sum(row => row.Height)));
        surface.Canvas.Clear(SKColors.Black);
        var top = 0;
        foreach (var row in rows)
        {
            surface.Canvas.DrawBitmap(row, 0, top, SKSamplingOptions.Default);
            top += row.Height;
            row.Dispose();
        }
        using var picture = surface.Snapshot();
        using var png = picture.Encode(SKEncodedImageFormat.Png, 90);
        return png.ToArray();
    }

    static string SessionOf(string stem)
    {
        var parts = stem.Split('_');
        return parts.Length > 1 && parts[1].StartsWith("ses-", StringComparison.Ordinal) ? $"{parts[0]}_{parts[1]}" : parts[0];
    }
}
