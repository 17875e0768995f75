namespace SoftSeg.SegTrainer.Data;

/// <summary>What goes wrong in a scanner beside noise: the image alone shows it, the cord stays where it is.</summary>
public static class Artefacts
{
    /// <summary>One of them, drawn at random.</summary>
    /// <param name="image">Square plane, about 0..1.</param>
    /// <param name="share">The cord's share on it: metal does not hide the cord, whose truth would be unknown then.</param>
    /// <param name="spacing">Pixel, mm.</param>
    /// <param name="scratch">At least as long as the image.</param>
    public static void Draw(Random random, Span<float> image, ReadOnlySpan<float> share, int size, float spacing, Span<float> scratch)
    {
        ArgumentNullException.ThrowIfNull(random);
        switch (random.NextDouble())
        {
            case < 0.33:
                Wrap(image, size, random.Chance(0.6), random.Next(size / 10, size / 3), random.Chance(0.5), random.Uniform(0.2, 0.9), scratch);
                break;
            case < 0.66:
                Move(image, size, random.Normal(2) / spacing, random.Normal(1) / spacing, random.Uniform(0.1, 0.35), scratch);
                break;
            default:
                for (var attempt = 0; attempt < 8; attempt++)
                {
                    float radius = random.LogUniform(2, 14) / spacing, row = random.Uniform(0, size), column = random.Uniform(0, size);
                    if (!Touches(share, size, row, column, 1.8f * radius))
                    {
                        Void(image, size, row, column, radius, random.Uniform(0.3, 1.5));
                        break;
                    }
                }
                break;
        }
    }

    /// <summary>Aliasing: what lies beyond one side of the field of view appears over the opposite one.</summary>
    /// <param name="alongRows">Direction of phase encoding.</param>
    /// <param name="band">Width of what is folded, pixels.</param>
    /// <param name="atStart">Whether it appears over the first rows (columns) or the last.</param>
    /// <param name="strength">0..1: what a receive coil still sees of it.</param>
    public static void Wrap(Span<float> image, int size, bool alongRows, int band, bool atStart, float strength, Span<float> scratch)
    {
        image[..(size * size)].CopyTo(scratch);
        for (var i = 0; i < band; i++)
        {
            var (to, from) = atStart ? (i, size - band + i) : (size - band + i, i);
            for (var k = 0; k < size; k++)
            {
                if (alongRows)
                    image[(to * size) + k] += strength * scratch[(from * size) + k];
                else
                    image[(k * size) + to] += strength * scratch[(k * size) + from];
            }
        }
    }

    /// <summary>The person moved while a part of the lines was measured: a weaker second picture beside the first, which keeps its place.</summary>
    /// <param name="rows">Movement, pixels.</param>
    /// <param name="columns">Movement, pixels.</param>
    /// <param name="part">Part of the lines, 0..0.5.</param>
    public static void Move(Span<float> image, int size, float rows, float columns, float part, Span<float> scratch)
    {
        image[..(size * size)].CopyTo(scratch);
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                var (r, c) = (Math.Clamp(row - rows, 0, size - 1.001f), Math.Clamp(column - columns, 0, size - 1.001f));
                var (r0, c0) = ((int)r, (int)c);
                var (fr, fc) = (r - r0, c - c0);
                var at = (r0 * size) + c0;
                var moved = ((1 - fr) * (((1 - fc) * scratch[at]) + (fc * scratch[at + 1]))) + (fr * (((1 - fc) * scratch[at + size]) + (fc * scratch[at + size + 1])));
                image[(row * size) + column] += part * (moved - image[(row * size) + column]);
            }
        }
    }

    /// <summary>Metal: no signal in a disc, and a bright rim where the signal is displaced to.</summary>
    /// <param name="rim">What is added at the rim.</param>
    public static void Void(Span<float> image, int size, float row, float column, float radius, float rim)
    {
        for (var r = 0; r < size; r++)
        {
            for (var c = 0; c < size; c++)
            {
                var distance = MathF.Sqrt(((r - row) * (r - row)) + ((c - column) * (c - column))) / radius;
                if (distance > 1.8f)
                    continue;
                ref var pixel = ref image[(r * size) + c];
                pixel *= Math.Clamp((distance - 0.85f) / 0.3f, 0, 1);
                pixel += rim * MathF.Exp(-50 * (distance - 1.25f) * (distance - 1.25f));
            }
        }
    }

    static bool Touches(ReadOnlySpan<float> share, int size, float row, float column, float radius)
    {
        for (var n = 0; n < size * size; n++)
        {
            var (r, c) = ((n / size) - row, (n % size) - column);
            if (share[n] > 0 && (r * r) + (c * c) < radius * radius)
                return true;
        }
        return false;
    }
}
