using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary>A synthetic axial plane for the fine network: a scene, measured.</summary>
public static class PlaneSynthesis
{
    /// <summary>Paints and measures image and truth.</summary>
    /// <param name="negatives">Part of the planes whose tile has no cord, or has it at its border.</param>
    /// <param name="artefacts">Part of the planes with an <see cref="Artefacts">artefact</see>, and of the cords that are swollen or wasted.</param>
    /// <param name="faint">Part of the scenes whose CSF is about as bright as white matter (<see cref="TissueIntensities.WithFaintBorder"/>).</param>
    /// <returns>The pixel that it was measured with.</returns>
    public static AcquiredPixel Paint(Random random, PlanePatch patch, IReadOnlyList<CordShape> shapes, double negatives, double artefacts = 0, double faint = 0)
    {
        ArgumentNullException.ThrowIfNull(patch);
        const float spacing = (float)FineInput.PixelSpacing;
        var smear = (X: 0f, Y: 0f);
        var draw = random.NextDouble() / negatives;
        if (draw < 0.2)
        {
            Lookalikes.Paint(random, patch.Canvas);
        }
        else
        {
            var scene = new SpineScene(random, shapes, draw is >= 0.2 and < 0.75 ? SceneKind.CaudaEquina : SceneKind.Cord,
                artefacts > 0 && random.Chance(artefacts) ? SceneVariety.Sick : SceneVariety.Any);
            if (faint > 0 && random.Chance(faint))
                scene.Tissues = scene.Tissues.WithFaintBorder(random);
            var z = random.Uniform(-40, 40);
            var (x, y) = scene.CanalAt(z);
            patch.Canvas.Centre = draw is >= 0.75 and < 1
                ? (x + random.Uniform(-60, 60), y + random.Uniform(-70, 45))
                : (x + random.Normal(5), y + random.Normal(5));
            scene.Paint(patch.Canvas, z);
            var thickness = random.LogUniform(0.8, 17);
            var slope = scene.SlopeAt(z);
            smear = (Math.Clamp(slope.X * thickness, -4, 4), Math.Clamp(slope.Y * thickness, -4, 4));
        }
        if (random.Chance(0.15))
            IntensityTransforms.Remap(patch.Image, random, random.Chance(0.5));
        if (random.Chance(0.5))
            IntensityTransforms.BiasField(patch.Image, patch.Size, random, random.Uniform(0.05, 0.6));
        if (random.Chance(0.3))
            Deform(random, patch);
        if (artefacts > 0 && random.Chance(artefacts))
            Artefacts.Draw(random, patch.Image, patch.Share, patch.Size, spacing, patch.Scratch);
        var acquisition = Acquisition.Draw(random, real: false, smear, spacing);
        acquisition.Apply(random, patch.Image, patch.Share, patch.Size, patch.Scratch, patch.Acquired);
        return new(acquisition.RowFactor * spacing, acquisition.ColumnFactor * spacing);
    }

    /// <summary>A smooth displacement of image and truth together (susceptibility, irregular anatomy).</summary>
    static void Deform(Random random, PlanePatch patch)
    {
        const float spacing = (float)FineInput.PixelSpacing;
        patch.Warp.Fill(PlaneAffine.Identity, random, random.Uniform(0.5, 2.5));
        var middle = (patch.Size - 1) / 2f;
        foreach (var plane in new[] { patch.Image, patch.Share })
        {
            patch.Warp.Sample(plane, patch.Size, patch.Size, spacing, spacing, middle, middle, patch.Scratch);
            patch.Scratch.AsSpan(0, plane.Length).CopyTo(plane);
        }
    }
}
