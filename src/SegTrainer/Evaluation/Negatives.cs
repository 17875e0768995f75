using SoftSeg.SegEngine;
using SoftSeg.SegEngine.Phantoms;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Evaluation;

/// <summary>Volumes without a cord: nothing may be found in them.</summary>
static class Negatives
{
    /// <summary>Changes when other volumes are looked at, or the same name gives another one: verdicts of two versions are not comparable.</summary>
    public const int Version = 2;

    /// <summary>Least distance from the cord at which a cut may begin, mm.</summary>
    const double Clearance = 15;

    /// <summary>Least side of a cut, mm.</summary>
    const double LeastSide = 25;

    /// <summary>People below whose conus is looked.</summary>
    const int People = 12;

    /// <summary>The parts of a labelled image's field of view to the left, right, front and back of its cord, where they are large enough.</summary>
    public static IEnumerable<(string Name, Volume Image)> BesideCord(LabelledVolume volume)
    {
        var (minRow, maxRow, minColumn, maxColumn) = (int.MaxValue, 0, int.MaxValue, 0);
        foreach (var slice in volume.LabelledIndices)
        {
            var (row, column) = volume.Centres[slice];
            (minRow, maxRow) = (Math.Min(minRow, (int)row), Math.Max(maxRow, (int)row));
            (minColumn, maxColumn) = (Math.Min(minColumn, (int)column), Math.Max(maxColumn, (int)column));
        }

        var (image, spacing) = (volume.Image, volume.Image.Affine.Spacing);
        // Only where every slice is labelled is it known where the cord is not.
        var (first, count) = (volume.LabelledIndices[0], volume.LabelledIndices[^1] - volume.LabelledIndices[0] + 1);
        var (rows, columns) = ((int)(Clearance / spacing.Row), (int)(Clearance / spacing.Column));
        foreach (var (name, row, rowCount, column, columnCount) in new[]
        {
            ("front", 0, minRow - rows, 0, image.Columns),
            ("back", maxRow + rows, image.Rows - maxRow - rows, 0, image.Columns),
            ("right", 0, image.Rows, 0, minColumn - columns),
            ("left", 0, image.Rows, maxColumn + columns, image.Columns - maxColumn - columns),
        })
        {
            if (rowCount * spacing.Row >= LeastSide && columnCount * spacing.Column >= LeastSide)
                yield return ($"{volume.Name}, {name} of the cord", image.Part(first, count, row, rowCount, column, columnCount));
        }
    }

    /// <summary>Noise of two kinds on a common grid: independent voxels, and smooth clouds.</summary>
    public static IEnumerable<(string Name, Volume Image)> Noise(int seed)
    {
        var random = new Random(seed);
        var affine = new Affine(Vector3.Zero, new(0, 0, 3), new(0, 1, 0), new(1, 0, 0));
        var noise = new Volume(new float[24 * 128 * 128], 24, 128, 128, affine);
        for (var i = 0; i < noise.Voxels.Length; i++)
            noise.Voxels[i] = (float)(100 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())));
        yield return ("independent noise", noise);
        var coarse = Resampler.ToSpacing(noise, 9, 12, 12);
        yield return ("smooth clouds", Resampler.SampleGrid(coarse, 24, 128, 128, affine));
    }

    /// <summary>A head, a belly and bottles, bright and dark.</summary>
    public static IEnumerable<(string Name, Volume Image)> Generated() =>
    [
        .. Enum.GetValues<CordlessScene>().SelectMany(scene => new (string, Volume)[]
        {
            ($"generated {scene}", CordlessPhantom.Generate(scene)),
            ($"generated {scene}, inverted", CordlessPhantom.Generate(scene, inverted: true)),
        }),
    ];

    /// <summary>Canals with roots below the conus: twelve people in three contrasts and two planes, at 0.55 to 1.2 mm with slices of 1 to 6 mm.</summary>
    public static IEnumerable<(string Name, Volume Image)> BelowConus()
    {
        for (var person = 1; person <= People; person++)
        {
            foreach (var contrast in Enum.GetValues<PhantomContrast>())
            {
                var sagittal = new SpinePhantomOptions { Contrast = contrast, ConusAt = 1000, Seed = person, SliceSpacing = 1 + (0.3 * (person % 8)), PixelSpacing = 0.6 + (0.05 * person) };
                var axial = sagittal with { Plane = PhantomPlane.Axial, SliceSpacing = 3 + (person % 4), PixelSpacing = 0.5 + (0.05 * person), Width = 100 };
                yield return ($"generated spine {person} below the conus, {contrast} sagittal", SpinePhantom.Generate(sagittal).Image);
                yield return ($"generated spine {person} below the conus, {contrast} axial", SpinePhantom.Generate(axial).Image);
            }
        }
    }
}
