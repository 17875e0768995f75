using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary>A smooth random function of the position along the cord (mm): a mean and two sines.</summary>
public readonly struct Wave
{
    readonly float _amplitude1;
    readonly float _amplitude2;
    readonly float _rate1;
    readonly float _rate2;
    readonly float _phase1;
    readonly float _phase2;

    /// <param name="mean">Mean value.</param>
    /// <param name="amplitude">Standard deviation of each sine's amplitude.</param>
    /// <param name="shortest">Shortest period, mm.</param>
    public Wave(Random random, float mean, double amplitude, double shortest = 80)
    {
        ArgumentNullException.ThrowIfNull(random);
        Mean = mean;
        (_amplitude1, _amplitude2) = (random.Normal(amplitude), random.Normal(amplitude / 2));
        (_rate1, _rate2) = (MathF.Tau / random.Uniform(2 * shortest, 4 * shortest), MathF.Tau / random.Uniform(shortest, 2 * shortest));
        (_phase1, _phase2) = (random.Uniform(0, Math.Tau), random.Uniform(0, Math.Tau));
    }

    public float Mean { get; }

    public float At(float z) =>
        Mean + (_amplitude1 * MathF.Sin((_rate1 * z) + _phase1)) + (_amplitude2 * MathF.Sin((_rate2 * z) + _phase2));
}
