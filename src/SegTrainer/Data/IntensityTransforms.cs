namespace SoftSeg.SegTrainer.Data;

/// <summary>Transforms of intensities only. Images are brought to about 0..1 first (<see cref="ToUnitRange"/>).</summary>
public static class IntensityTransforms
{
    /// <summary>Maps the 1st..99th percentile (of a sample of the pixels) to 0..1, without cutting.</summary>
    public static void ToUnitRange(Span<float> image)
    {
        const int most = 1024;
        Span<float> sample = stackalloc float[most];
        var step = Math.Max(1, image.Length / most);
        var count = 0;
        for (var i = step / 2; i < image.Length && count < most; i += step)
            sample[count++] = image[i];
        sample = sample[..count];
        sample.Sort();
        float low = sample[count / 100], high = sample[count - 1 - (count / 100)];
        var scale = high > low ? 1 / (high - low) : 0;
        for (var i = 0; i < image.Length; i++)
            image[i] = (image[i] - low) * scale;
    }

    /// <summary><c>v^gamma</c>; negative values keep their sign.</summary>
    public static void Gamma(Span<float> image, float gamma)
    {
        // A table over 0..1 at a twentieth of the power's cost; it is exact to 1e-4 but for the first bin of a small gamma.
        const int bins = 1024;
        Span<float> curve = stackalloc float[bins + 2];
        for (var i = 0; i < curve.Length; i++)
            curve[i] = MathF.Pow(i / (float)bins, gamma);
        for (var i = 0; i < image.Length; i++)
        {
            var position = image[i] * bins;
            if (position is >= 2 and <= bins)
            {
                var k = (int)position;
                image[i] = curve[k] + ((position - k) * (curve[k + 1] - curve[k]));
            }
            else
            {
                image[i] = MathF.CopySign(MathF.Pow(Math.Abs(image[i]), gamma), image[i]);
            }
        }
    }

    /// <summary>A random curve over 0..1 (linear beyond): rising, falling, or going both ways, which changes the contrast itself.</summary>
    public static void Remap(Span<float> image, Random random, bool monotone)
    {
        const int knots = 7;
        const int bins = 256;
        Span<float> knot = stackalloc float[knots + 1];
        if (monotone)
        {
            for (var i = 1; i < knots; i++)
                knot[i] = knot[i - 1] + random.Uniform(0.05, 1);
            for (var i = 0; i < knots; i++)
                knot[i] /= knot[knots - 1];
        }
        else
        {
            for (var i = 0; i < knots; i++)
                knot[i] = random.Uniform(0, 1);
        }
        knot[knots] = (2 * knot[knots - 1]) - knot[knots - 2];
        Span<float> curve = stackalloc float[bins + 2];
        for (var i = 0; i <= bins + 1; i++)
        {
            var position = i * (knots - 1) / (float)bins;
            var k = Math.Min((int)position, knots - 1);
            curve[i] = knot[k] + ((position - k) * (knot[k + 1] - knot[k]));
        }
        for (var i = 0; i < image.Length; i++)
        {
            var position = Math.Clamp(image[i], 0, 1) * bins;
            var k = (int)position;
            image[i] = curve[k] + ((position - k) * (curve[k + 1] - curve[k])) + (0.3f * (image[i] - Math.Clamp(image[i], 0, 1)));
        }
    }

    /// <summary><c>1 - v</c>.</summary>
    public static void Invert(Span<float> image)
    {
        for (var i = 0; i < image.Length; i++)
            image[i] = 1 - image[i];
    }

    /// <summary>
    /// Gives the cord (and a ring around it, about the CSF's place) another intensity: a pixel that is <c>s</c> cord becomes
    /// <c>(1 - s) v + s (target + texture (v - mean))</c>. Partial volume is kept by the share.
    /// </summary>
    /// <param name="distance">Signed distance to the cord's border, mm.</param>
    /// <param name="ringWidth">Width of the recoloured ring, mm; 0 for none.</param>
    public static void Recolour(Span<float> image, ReadOnlySpan<float> share, ReadOnlySpan<float> distance,
        float cordTarget, float cordTexture, float ringTarget, float ringWidth, float ringStrength)
    {
        double sum = 0, count = 1e-6;
        for (var i = 0; i < image.Length; i++)
        {
            if (share[i] > 0.99f)
                (sum, count) = (sum + image[i], count + 1);
        }
        var mean = (float)(sum / count);
        for (var i = 0; i < image.Length; i++)
        {
            var s = share[i];
            if (ringWidth > 0 && s < 1 && distance[i] < ringWidth + 1)
            {
                var ring = (1 - s) * ringStrength * Math.Clamp(ringWidth + 0.5f - distance[i], 0, 1);
                image[i] += ring * (ringTarget - image[i]);
            }
            if (s > 0)
                image[i] = ((1 - s) * image[i]) + (s * (cordTarget + (cordTexture * (image[i] - mean))));
        }
    }

    /// <summary>Multiplies by <c>exp</c> of a random second-order polynomial of the position (a receive coil's shading).</summary>
    public static void BiasField(Span<float> image, int size, Random random, float strength)
    {
        float a = random.Normal(strength), b = random.Normal(strength), c = random.Normal(strength / 2),
            d = random.Normal(strength / 2), e = random.Normal(strength / 2);
        Span<float> growth = stackalloc float[size];
        for (var row = 0; row < size; row++)
        {
            var y = (2f * row / (size - 1)) - 1;
            // exp(p + q x + r x^2) along a row by its ratios: two multiplications a pixel.
            var h = 2f / (size - 1);
            float p = (a * y) + (c * y * y), q = b + (d * y), r = e;
            var value = MathF.Exp(p - q + r);
            var ratio = MathF.Exp((q * h) + (r * ((h * h) - (2 * h))));
            var acceleration = MathF.Exp(2 * r * h * h);
            for (var column = 0; column < size; column++)
            {
                growth[column] = value;
                value *= ratio;
                ratio *= acceleration;
            }
            System.Numerics.Tensors.TensorPrimitives.Multiply(image.Slice(row * size, size), growth, image.Slice(row * size, size));
        }
    }

    /// <summary>Adds copies shifted by an n-th of the plane along one axis, as periodic motion does along the phase-encoding direction.</summary>
    public static void Ghost(Span<float> image, int rows, int columns, bool alongRows, int parts, float strength, Span<float> scratch)
    {
        image[..(rows * columns)].CopyTo(scratch);
        var shift = (alongRows ? rows : columns) / parts;
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var at = alongRows ? ((row + shift) % rows * columns) + column : (row * columns) + ((column + shift) % columns);
                image[(row * columns) + column] = ((1 - Math.Abs(strength)) * scratch[(row * columns) + column]) + (strength * scratch[at]);
            }
        }
    }

    /// <summary>Adds a part of the detail (what a blur of 1.2 pixels takes away) once more.</summary>
    /// <param name="scratch">Room for the plane twice.</param>
    public static void Sharpen(Span<float> image, int rows, int columns, float amount, Span<float> scratch)
    {
        var blurred = scratch[..(rows * columns)];
        image[..blurred.Length].CopyTo(blurred);
        ResolutionTransforms.GaussianBlur(blurred, rows, columns, 1.2f, scratch[blurred.Length..]);
        for (var i = 0; i < blurred.Length; i++)
            image[i] += amount * (image[i] - blurred[i]);
    }

    /// <summary>Adds a wave over the plane: one wrong value in k-space. Rates in radians a pixel.</summary>
    public static void Stripes(Span<float> image, int columns, float rowRate, float columnRate, float amplitude)
    {
        for (var i = 0; i < image.Length; i++)
        {
            var (row, column) = Math.DivRem(i, columns);
            image[i] += amplitude * MathF.Cos((rowRate * row) + (columnRate * column));
        }
    }
}
