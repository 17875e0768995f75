using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary>Planes without a spine, some of which resemble a cord: brain, a bottle, a body of blobs, rings and discs, noise.</summary>
public static class Lookalikes
{
    public static void Paint(Random random, SliceCanvas canvas)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(canvas);
        canvas.Centre = (0, 0);
        switch (random.NextDouble())
        {
            case < 0.3:
                Brain(random, canvas);
                break;
            case < 0.55:
                Bottle(random, canvas);
                break;
            case < 0.62:
                Noise(random, canvas);
                break;
            default:
                Blobs(random, canvas);
                break;
        }
    }

    /// <summary>Skull, CSF, folded cortex around white matter, ventricles.</summary>
    static void Brain(Random random, SliceCanvas canvas)
    {
        var tissues = TissueIntensities.Draw(random);
        canvas.Clear(tissues[Tissue.Air], default);
        float x = random.Uniform(-40, 40), y = random.Uniform(-40, 40), a = random.Uniform(30, 75), b = random.Uniform(30, 90), tilt = random.Uniform(-0.4, 0.4);
        var shape = Harmonics.Draw(random, 0.05);
        Oval(Tissue.Fat, 12);
        Oval(Tissue.Cortical, 7);
        Oval(Tissue.Csf, 3);
        Oval(Tissue.Grey, 0);
        for (var i = 0; i < 40; i++)
        {
            var (sin, cos) = MathF.SinCos(random.Uniform(0, Math.Tau));
            var r = MathF.Sqrt(random.Uniform(0, 1));
            var tissue = random.Chance(0.65) ? Tissue.White : random.Chance(0.6) ? Tissue.Grey : Tissue.Csf;
            float length = random.Uniform(3, 16);
            canvas.Paint(new Blob(x + (a * 0.92f * r * cos), y + (b * 0.92f * r * sin), length, random.Uniform(1.5, 6), random.Uniform(0, Math.PI), Harmonics.Draw(random, 0.1)),
                tissues[tissue], tissues.TextureOf(tissue));
        }

        void Oval(Tissue tissue, float margin) => canvas.Paint(new Blob(x, y, a + margin, b + margin, tilt, shape), tissues[tissue], tissues.TextureOf(tissue), 1, 1.5f);
    }

    static void Bottle(Random random, SliceCanvas canvas)
    {
        canvas.Clear(random.Uniform(0, 0.1), default);
        float x = random.Uniform(-30, 30), y = random.Uniform(-30, 30), a = random.Uniform(4, 60);
        canvas.Paint(new Blob(x, y, a + 1.5f, a + 1.5f), random.Uniform(0, 0.3), default);
        canvas.Paint(new Blob(x, y, a, a * random.Uniform(0.7, 1)), random.Uniform(0.4, 1), new Texture(random, random.Uniform(0, 0.03)));
        // Tubes as quality phantoms have them: as thick as a cord and as straight, with nothing of a spine around them.
        for (var tubes = random.Chance(0.6) ? random.Next(1, 7) : 0; tubes > 0; tubes--)
        {
            var radius = random.LogUniform(2, 14);
            canvas.Paint(new Blob(x + random.Normal(a / 2), y + random.Normal(a / 2), radius, radius * random.LogUniform(0.7, 1.4)), random.Uniform(0, 1), default);
        }
    }

    static void Noise(Random random, SliceCanvas canvas)
    {
        canvas.Clear(random.Uniform(0, 0.5), new Texture(random, random.Uniform(0, 0.3)));
        NoiseTable.Add(random, canvas.Image, random.Uniform(0.02, 0.2));
    }

    /// <summary>Muscles, organs, vessels with walls, bowel: rings, discs and tubes of every size anywhere.</summary>
    static void Blobs(Random random, SliceCanvas canvas)
    {
        var tissues = TissueIntensities.Draw(random);
        var all = Enum.GetValues<Tissue>();
        canvas.Clear(tissues[Tissue.Muscle], tissues.TextureOf(Tissue.Muscle));
        for (var i = random.Next(4, 40); i > 0; i--)
        {
            float x = random.Uniform(-60, 60), y = random.Uniform(-60, 60), a = random.LogUniform(1.5, 30), b = a * random.LogUniform(0.35, 1.5), tilt = random.Uniform(0, Math.PI);
            var shape = Harmonics.Draw(random, 0.12);
            var tissue = random.Pick(all);
            if (random.Chance(0.3))
            {
                var wall = random.Pick(all);
                canvas.Paint(new Blob(x, y, a + random.Uniform(0.5, 2.5), b + random.Uniform(0.5, 2.5), tilt, shape), tissues[wall], tissues.TextureOf(wall));
            }
            canvas.Paint(new Blob(x, y, a, b, tilt, shape), tissues[tissue] + random.Normal(0.05), tissues.TextureOf(tissue), random.Uniform(0.3, 1), random.Chance(0.2) ? random.Uniform(0, 5) : 0);
        }
    }
}
