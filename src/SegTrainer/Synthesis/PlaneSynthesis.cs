using System.Numerics.Tensors;
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
    /// <param name="usual">Part of the scenes that are ordinary scans of a healthy neck; the rest is anything that a network should withstand.</param>
    /// <returns>The pixel that it was measured with.</returns>
    public static AcquiredPixel Paint(Random random, PlanePatch patch, IReadOnlyList<CordShape> shapes, double negatives, double artefacts = 0, double faint = 0, double usual = 0)
    {
        ArgumentNullException.ThrowIfNull(patch);
        const float spacing = (float)FineInput.PixelSpacing;
        var draw = random.NextDouble() / negatives;
        if (draw >= 0.2 && usual > 0 && random.Chance(usual))
            return PaintUsual(random, patch, shapes, draw, faint);
        var smear = (X: 0f, Y: 0f);
        if (draw < 0.2)
        {
            Lookalikes.Paint(random, patch.Canvas);
        }
        else
        {
            var scene = new SpineScene(random, shapes, KindOf(draw),
                artefacts > 0 && random.Chance(artefacts) ? SceneVariety.Sick : SceneVariety.Any);
            if (faint > 0 && random.Chance(faint))
                scene.Tissues = scene.Tissues.WithFaintBorder(random);
            var z = Place(random, scene, patch.Canvas, draw);
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

    /// <summary>An ordinary scan: usual intensities, voxels and noise, every slice averaged over its thickness.</summary>
    static AcquiredPixel PaintUsual(Random random, PlanePatch patch, IReadOnlyList<CordShape> shapes, double draw, double faint)
    {
        const double planeSpacing = 1;
        var canvas = patch.Canvas;
        var scene = new SpineScene(random, shapes, KindOf(draw), SceneVariety.AnySize) { Tissues = TissueIntensities.DrawUsual(random) };
        if (faint > 0 && random.Chance(faint))
            scene.Tissues = scene.Tissues.WithFaintBorder(random);
        var z = Place(random, scene, canvas, draw);
        var (acquisition, thickness) = Acquisition.DrawUsual(random, (float)FineInput.PixelSpacing);
        var planes = (int)Math.Ceiling(thickness / planeSpacing);
        var length = canvas.Image.Length;
        var image = patch.Scratch.AsSpan(0, length);
        var share = patch.Acquired.AsSpan(0, length);
        image.Clear();
        share.Clear();
        for (var plane = 0; plane < planes; plane++)
        {
            scene.Paint(canvas, z + (float)(thickness * (((plane + 0.5) / planes) - 0.5)));
            TensorPrimitives.MultiplyAdd(canvas.Image, 1f / planes, image, image);
            TensorPrimitives.MultiplyAdd(canvas.Share, 1f / planes, share, share);
        }
        image.CopyTo(canvas.Image);
        share.CopyTo(canvas.Share);
        if (random.Chance(0.7))
            IntensityTransforms.BiasField(patch.Image, patch.Size, random, random.Uniform(0.05, 0.3));
        acquisition.Apply(random, patch.Image, patch.Share, patch.Size, patch.Scratch, patch.Acquired);
        return new(acquisition.RowFactor * FineInput.PixelSpacing, acquisition.ColumnFactor * FineInput.PixelSpacing);
    }

    /// <summary>What <see cref="Paint"/>'s first draw says: below the conus, beside the cord, or the cord.</summary>
    static SceneKind KindOf(double draw) => draw is >= 0.2 and < 0.75 ? SceneKind.CaudaEquina : SceneKind.Cord;

    /// <summary>Draws the height, and where the planes lie at it.</summary>
    static float Place(Random random, SpineScene scene, SliceCanvas canvas, double draw)
    {
        var z = random.Uniform(-40, 40);
        var (x, y) = scene.CanalAt(z);
        canvas.Centre = draw is >= 0.75 and < 1
            ? (x + random.Uniform(-60, 60), y + random.Uniform(-70, 45))
            : (x + random.Normal(5), y + random.Normal(5));
        return z;
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
