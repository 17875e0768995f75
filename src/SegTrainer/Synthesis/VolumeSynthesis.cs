using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary>A synthetic patch for the locator: a scene painted slice by slice at the acquired thickness, measured, on the locator's grid.</summary>
public static class VolumeSynthesis
{
    const float Thick = (float)LocatorInput.SliceSpacing;

    /// <summary>Paints and measures image, truth and weight.</summary>
    /// <param name="usual">Part of the spines that are healthy necks in usual contrasts; the rest is anything that a network should withstand.</param>
    public static void Paint(Random random, VolumePatch patch, IReadOnlyList<CordShape> shapes, double usual = 0)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(patch);
        Array.Fill(patch.Weight, 1);
        var kind = random.NextDouble();
        if (kind < 0.1)
        {
            Lookalike(random, patch);
        }
        else
        {
            var length = patch.Slices * Thick;
            var ends = kind < 0.3;
            // The conus: a cord that ends within the patch, roots below it.
            var end = ends ? random.Uniform(-length / 2, length / 2) : float.NegativeInfinity;
            var top = kind is >= 0.3 and < 0.42 ? random.Uniform(-length / 2, length / 2) : float.PositiveInfinity;
            var ordinary = usual > 0 && random.Chance(usual);
            var scene = new SpineScene(random, shapes, kind < 0.16 ? SceneKind.CaudaEquina : SceneKind.Cord, ordinary ? SceneVariety.Healthy : SceneVariety.Any)
            {
                CordExtent = (end, top),
                Taper = random.Uniform(15, 50),
            };
            if (ordinary)
                scene.Tissues = TissueIntensities.DrawUsual(random);
            PaintScene(random, patch, scene, top);
        }
        Measure(random, patch, real: false);
    }

    /// <summary>Bias, blur, thick pixels, ghosts and noise for every slice alike.</summary>
    public static void Measure(Random random, VolumePatch patch, bool real)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(patch);
        var area = patch.Side * patch.Side;
        if (random.Chance(0.5))
        {
            // One field for all slices, with a drift along them.
            var state = random.Next();
            var strength = random.Uniform(0.05, 0.5);
            var drift = random.Normal(0.3);
            for (var slice = 0; slice < patch.Slices; slice++)
            {
                var plane = patch.Image.AsSpan(slice * area, area);
                IntensityTransforms.BiasField(plane, patch.Side, new Random(state), strength);
                System.Numerics.Tensors.TensorPrimitives.Multiply(plane, MathF.Exp(drift * ((slice / (float)patch.Slices) - 0.5f)), plane);
            }
        }
        if (real && random.Chance(0.3))
            return;
        float row = random.Chance(0.3) ? random.Uniform(1, 1.5) : 1, column = random.Chance(0.3) ? random.Uniform(1, 2.2) : 1;
        var noise = random.Chance(0.85) ? random.LogUniform(0.003, real ? 0.08 : 0.12) : 0;
        var acquisition = new Acquisition(row, column, (0, 0), random.Chance(0.4) ? random.Uniform(0.3, 0.9) : 0, noise, random.Chance(0.6),
            random.Chance(0.08) ? random.Next(2, 6) : 0, random.Uniform(-0.25, 0.25), random.Chance(0.6));
        var image = new float[area];
        var share = new float[area];
        var phase = random.Next();
        for (var slice = 0; slice < patch.Slices; slice++)
        {
            patch.Image.AsSpan(slice * area, area).CopyTo(image);
            patch.Share.AsSpan(slice * area, area).CopyTo(share);
            acquisition.Apply(new Random(phase + slice), image, share, patch.Side, patch.Scratch, patch.Acquired);
            image.CopyTo(patch.Image.AsSpan(slice * area, area));
            share.CopyTo(patch.Share.AsSpan(slice * area, area));
        }
    }

    static void PaintScene(Random random, VolumePatch patch, SpineScene scene, float top)
    {
        var area = patch.Side * patch.Side;
        var canvas = patch.Canvas;
        var reach = patch.Side * canvas.Spacing / 2;
        var (x, y) = scene.CanalAt(0);
        // Mostly the cord is in view; sometimes the patch is beside it.
        var centre = random.Chance(0.8)
            ? (X: x + random.Uniform(-0.7 * reach, 0.7 * reach), Y: y + random.Uniform(-0.7 * reach, 0.7 * reach))
            : (X: x + random.Uniform(-1.6 * reach, 1.6 * reach), Y: y + random.Uniform(-1.6 * reach, 1.6 * reach));
        var brain = float.IsFinite(top) ? new Brain(random) : null;
        var spacing = random.Chance(0.5) ? Thick : random.LogUniform(Thick, 17);
        var phase = random.Uniform(0, spacing);
        var bottom = -((patch.Slices - 1) / 2f * Thick) - phase;
        float[] below = new float[3 * area], above = new float[3 * area];
        var (has, next) = (-1, 0);
        for (var slice = 0; slice < patch.Slices; slice++)
        {
            var position = (slice * Thick + phase) / spacing;
            next = (int)position;
            if (has < 0)
                PaintAt(next, above);
            while (has < next + 1)
            {
                (below, above) = (above, below);
                PaintAt(has + 1, above);
            }
            var f = position - next;
            Blend(0, patch.Image);
            Blend(1, patch.Share);
            Blend(2, patch.Weight);

            void Blend(int part, float[] target)
            {
                for (var i = 0; i < area; i++)
                {
                    var (a, b) = (below[(part * area) + i], above[(part * area) + i]);
                    target[(slice * area) + i] = a + (f * (b - a));
                }
            }
        }

        void PaintAt(int index, float[] to)
        {
            has = index;
            var z = bottom + (index * spacing);
            canvas.Centre = centre;
            scene.Paint(canvas, z);
            Array.Fill(to, 1, 2 * area, area);
            brain?.Paint(canvas, scene, z - top, to.AsSpan(2 * area, area));
            canvas.Image.CopyTo(to, 0);
            canvas.Share.CopyTo(to, area);
        }
    }

    static void Lookalike(Random random, VolumePatch patch)
    {
        var area = patch.Side * patch.Side;
        var state = random.Next();
        // The same plane with a drifting place: tubes, a bottle, a brain.
        var (dx, dy) = (random.Normal(1.5), random.Normal(1.5));
        var uncorrelated = random.Chance(0.15);
        for (var slice = 0; slice < patch.Slices; slice++)
        {
            if (slice == 0 || uncorrelated)
                Lookalikes.Paint(uncorrelated ? random : new Random(state), patch.Canvas);
            for (var row = 0; row < patch.Side; row++)
            {
                for (var column = 0; column < patch.Side; column++)
                {
                    var r = Math.Clamp(row + (int)(dy * slice / 2), 0, patch.Side - 1);
                    var c = Math.Clamp(column + (int)(dx * slice / 2), 0, patch.Side - 1);
                    patch.Image[(slice * area) + (row * patch.Side) + column] = patch.Canvas.Image[(r * patch.Side) + c];
                }
            }
        }
        Array.Clear(patch.Share);
    }

    /// <summary>A brain above the spine. Where the cord goes over into the brain stem the truth is a convention: nothing is learnt there.</summary>
    sealed class Brain(Random random)
    {
        readonly float _a = random.Uniform(45, 80);
        readonly float _b = random.Uniform(50, 95);
        readonly float _height = random.Uniform(50, 90);
        readonly float _x = random.Normal(6);
        readonly float _y = random.Uniform(-45, 0);
        readonly float _stem = random.Uniform(6, 14);
        readonly int _state = random.Next();

        /// <param name="above">Distance above the cord's upper end, mm.</param>
        public void Paint(SliceCanvas canvas, SpineScene scene, float above, Span<float> weight)
        {
            if (above < 0)
                return;
            var tissues = scene.Tissues;
            var (x, y) = scene.CanalAt(0);
            var t = Math.Clamp((above - 5) / _height, 0, 1);
            if (above > 5)
            {
                var size = MathF.Sqrt(1 - ((1 - t) * (1 - t)));
                var blobs = new Random(_state + (int)(above / 12));
                canvas.Paint(new Blob(x + _x, y + _y, (_a * size) + 5, (_b * size) + 5), tissues[Tissue.Cortical], default);
                canvas.Paint(new Blob(x + _x, y + _y, _a * size, _b * size), tissues[Tissue.Grey], tissues.TextureOf(Tissue.Grey));
                for (var i = 0; i < 12; i++)
                {
                    var (sin, cos) = MathF.SinCos(blobs.Uniform(0, Math.Tau));
                    var r = MathF.Sqrt(blobs.Uniform(0, 1));
                    canvas.Paint(new Blob(x + _x + (_a * size * r * cos), y + _y + (_b * size * r * sin), blobs.Uniform(3, 18), blobs.Uniform(3, 12), blobs.Uniform(0, 3)),
                        tissues[blobs.Chance(0.7) ? Tissue.White : Tissue.Csf], tissues.TextureOf(Tissue.White));
                }
            }
            if (above < 35)
            {
                var radius = _stem * (0.6f + (above / 60));
                canvas.Paint(new Blob(x, y, radius + 3, radius + 3), tissues[Tissue.Csf], default);
                canvas.Paint(new Blob(x, y, radius, radius), tissues[Tissue.White], tissues.TextureOf(Tissue.White));
            }
            if (above is > 25 and < 200)
            {
                canvas.Share.AsSpan().Clear();
                return;
            }
            for (var i = 0; i < weight.Length; i++)
            {
                var dx = (((i % canvas.Size) - ((canvas.Size - 1) / 2f)) * canvas.Spacing) + canvas.Centre.X - x;
                var dy = (((i / canvas.Size) - ((canvas.Size - 1) / 2f)) * canvas.Spacing) + canvas.Centre.Y - y;
                if ((dx * dx) + (dy * dy) < 30 * 30)
                    weight[i] = 0;
            }
        }
    }
}
