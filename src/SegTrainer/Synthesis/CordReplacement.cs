using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary>
/// Another cord in a real image: the cord is painted over with what surrounds it, and one of another shape and size is painted
/// in its place, with the same intensities. The surroundings stay real, and the share is exact where a manual mask is not.
/// </summary>
public static class CordReplacement
{
    /// <summary>Replaces the cord of a plane; a plane without a whole cord stays as it is.</summary>
    /// <returns>Whether it was replaced.</returns>
    public static bool Apply(Random random, PlanePatch patch, IReadOnlyList<CordShape> shapes)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(patch);
        if (Measure(patch) is not { } old)
            return false;
        const float spacing = (float)FineInput.PixelSpacing;
        var texture = new Texture(random, old.Deviation);
        var cover = random.Uniform(0.3, 1.5);
        for (var i = 0; i < patch.Image.Length; i++)
        {
            var part = Math.Clamp((cover - patch.Distance[i]) / spacing, 0, 1);
            if (part > 0)
                patch.Image[i] += part * (old.Around + texture[i / patch.Size, i % patch.Size] - patch.Image[i]);
        }
        Array.Clear(patch.Share);
        Array.Fill(patch.Distance, LabelledVolume.DistanceLimit);
        var outline = shapes.Count > 0 && random.Chance(0.6) ? random.Pick(shapes) : null;
        var grey = shapes.Count > 0 ? random.Pick(shapes) : null;
        var radius = MathF.Sqrt(old.Area / MathF.PI) * random.LogUniform(0.65, 1.08);
        var elongation = MathF.Sqrt(random.Uniform(1, 2));
        var section = new CordSection(radius * elongation, radius / elongation, random.Normal(0.2), outline, grey, Harmonics.Draw(random, 0.04),
            random.Chance(0.1) ? random.Uniform(0.1, 0.4) : 0);
        patch.Canvas.Centre = (0, 0);
        patch.Canvas.PaintCord(section, old.X + random.Normal(0.5), old.Y + random.Normal(0.5), old.Cord, old.Cord + random.Normal(old.Deviation), texture, 0);
        return true;
    }

    /// <summary>The cord's place (mm from the plane's centre), area (mm2), intensity and its deviation, and the intensity around it.</summary>
    static (float X, float Y, float Area, float Cord, float Deviation, float Around)? Measure(PlanePatch patch)
    {
        const float spacing = (float)FineInput.PixelSpacing;
        double area = 0, x = 0, y = 0, count = 0, sum = 0, squares = 0, around = 0, ring = 0;
        for (var i = 0; i < patch.Image.Length; i++)
        {
            var share = patch.Share[i];
            if (share > 0)
                (area, x, y) = (area + share, x + (share * (i % patch.Size)), y + (share * (i / patch.Size)));
            if (patch.Distance[i] < -0.8f)
                (count, sum, squares) = (count + 1, sum + patch.Image[i], squares + ((double)patch.Image[i] * patch.Image[i]));
            if (patch.Distance[i] is > 0.8f and < 2.2f)
                (ring, around) = (ring + 1, around + patch.Image[i]);
        }
        if (count < 30 || ring < 30)
            return null;
        var mean = sum / count;
        var middle = (patch.Size - 1) / 2.0;
        return ((float)((x / area) - middle) * spacing, (float)((y / area) - middle) * spacing, (float)area * spacing * spacing,
            (float)mean, (float)Math.Sqrt(Math.Max(0, (squares / count) - (mean * mean))), (float)(around / ring));
    }
}
