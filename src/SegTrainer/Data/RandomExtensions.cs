namespace SoftSeg.SegTrainer.Data;

/// <summary>The draws that augmentation and synthesis are made of.</summary>
public static class RandomExtensions
{
    extension(Random random)
    {
        /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
        public float Uniform(double low, double high) => (float)(low + ((high - low) * random.NextDouble()));

        /// <summary>Uniform on a logarithmic scale, as fits scales and exponents.</summary>
        public float LogUniform(double low, double high) => (float)Math.Exp(random.Uniform(Math.Log(low), Math.Log(high)));

        /// <summary>Standard normal (Box-Muller).</summary>
        public float Normal() =>
            (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

        /// <summary>Normal with the given standard deviation, cut at 2.5 of them.</summary>
        public float Normal(double deviation) => (float)(Math.Clamp(random.Normal(), -2.5, 2.5) * deviation);

        public bool Chance(double probability) => random.NextDouble() < probability;

        public T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];
    }
}
