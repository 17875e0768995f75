namespace SoftSeg.SegTrainer.Data;

/// <summary>
/// A fixed table of standard normal values, read from a drawn place: noise for 30 000 pixels at the cost of a copy
/// (Box-Muller per pixel took two thirds of a fine sample's time).
/// </summary>
public static class NoiseTable
{
    const int Length = 1 << 18;
    const int Mask = Length - 1;

    static readonly float[] Values = Fill();

    /// <summary>Adds <paramref name="deviation"/> times standard normal noise.</summary>
    public static void Add(Random random, Span<float> values, float deviation)
    {
        var at = random.Next(Length);
        for (var i = 0; i < values.Length; i++)
            values[i] += deviation * Values[(at + i) & Mask];
    }

    /// <summary>The magnitude of a complex signal whose both channels have noise of <paramref name="deviation"/>:
    /// <c>sqrt((v + n1)^2 + n2^2)</c> (Gudbjartsson and Patz 1995). Negative signals count as 0.</summary>
    public static void AddRician(Random random, Span<float> values, float deviation)
    {
        int real = random.Next(Length), imaginary = random.Next(Length);
        for (var i = 0; i < values.Length; i++)
        {
            var a = Math.Max(values[i], 0) + (deviation * Values[(real + i) & Mask]);
            var b = deviation * Values[(imaginary + i) & Mask];
            values[i] = MathF.Sqrt((a * a) + (b * b));
        }
    }

    static float[] Fill()
    {
        var random = new Random(20231025);
        var values = new float[Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = random.Normal();
        return values;
    }
}
