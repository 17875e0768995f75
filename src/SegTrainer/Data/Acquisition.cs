namespace SoftSeg.SegTrainer.Data;

/// <summary>How a plane is measured: pixels, slice thickness, blur, noise, ghosts. Drawn once per sample.</summary>
/// <param name="RowFactor">Acquired pixel along rows (front to back), in target pixels; 1 for no loss.</param>
/// <param name="ColumnFactor">Acquired pixel along columns (right to left), in target pixels.</param>
/// <param name="Smear">Displacement of the cord through the slice's thickness, target pixels (x, y).</param>
/// <param name="Blur">Standard deviation of the point spread function, target pixels.</param>
/// <param name="Noise">Standard deviation in each channel, in the image's unit.</param>
/// <param name="Rician">Magnitude of complex noise instead of plain noise.</param>
/// <param name="GhostParts">The ghost's shift as a part of the plane; 0 for none.</param>
/// <param name="GhostStrength">The ghost's amplitude.</param>
/// <param name="GhostAlongRows">Direction of phase encoding.</param>
public sealed record Acquisition(float RowFactor, float ColumnFactor, (float X, float Y) Smear, float Blur, float Noise, bool Rician,
    int GhostParts, float GhostStrength, bool GhostAlongRows)
{
    /// <summary>Overshoot at borders, as a scanner's filter or a cut k-space leaves it: this part of the detail is added again.</summary>
    public float Sharpening { get; init; }

    /// <summary>Amplitude of a spike in k-space: stripes over the image.</summary>
    public float Spike { get; init; }

    /// <param name="random">Decides everything.</param>
    /// <param name="real">A real image has its own blur and noise already: less is added.</param>
    /// <param name="smear">Displacement through the slice, mm.</param>
    /// <param name="spacing">Target pixel, mm.</param>
    public static Acquisition Draw(Random random, bool real, (float X, float Y) smear, float spacing)
    {
        float row = 1, column = 1;
        switch (random.NextDouble())
        {
            case < 0.35 when real:
                break;
            case < 0.65:
                row = column = random.LogUniform(1, real ? 3.4 : 3.7);
                break;
            case < 0.95:
                // Sagittal: thick from right to left.
                row = random.LogUniform(1, 2.2);
                column = random.LogUniform(1.4, real ? 8 : 9);
                break;
            default:
                column = random.LogUniform(1, 2.2);
                row = random.LogUniform(1.4, 7);
                break;
        }
        var noise = random.Chance(0.85) ? random.LogUniform(0.004, real ? 0.06 : 0.08) : 0;
        return new Acquisition(row, column, (smear.X / spacing, smear.Y / spacing),
            random.Chance(0.5) ? random.Uniform(0.3, real ? 1.1 : 1.4) : 0, noise, random.Chance(0.6),
            random.Chance(0.08) ? random.Next(2, 6) : 0, random.Uniform(-0.25, 0.25), random.Chance(0.6))
        {
            Sharpening = random.Chance(0.2) ? random.Uniform(0.3, 1.5) : 0,
            Spike = random.Chance(0.02) ? random.Uniform(0.03, 0.15) : 0,
        };
    }

    /// <summary>What a usual protocol measures with: sagittal slices, of 1 mm or thick, or axial ones; a little blur, a little noise.</summary>
    /// <param name="random">Decides everything.</param>
    /// <param name="spacing">Target pixel, mm.</param>
    /// <returns>The acquisition within the plane across the cord, and how far a voxel reaches along it, mm.</returns>
    public static (Acquisition Acquisition, float Along) DrawUsual(Random random, float spacing)
    {
        var sagittal = random.Chance(0.45);
        var row = sagittal ? random.Uniform(0.5, 1.2) : random.LogUniform(0.4, 1.3);
        var column = !sagittal ? row : random.Chance(0.5) ? random.Uniform(0.8, 1.2) : random.Uniform(2, 4.5);
        var along = sagittal ? row : random.LogUniform(2.5, 6);
        var pointSpread = random.Uniform(0.25, 0.55) * row / spacing;
        return (new Acquisition(Math.Max(1, row / spacing), Math.Max(1, column / spacing), (0, 0), pointSpread, random.LogUniform(0.008, 0.05), true, 0, 0, false), along);
    }

    /// <summary>
    /// Measures the image, which comes back by linear interpolation. The truth stays as fine as it is, but for a thick slice's smear: on the way out of the network it is
    /// averaged over the acquired pixels, which makes it the share of each.
    /// </summary>
    public void Apply(Random random, float[] image, float[] share, int size, float[] scratch, float[] acquired)
    {
        if (Math.Abs(Smear.X) + Math.Abs(Smear.Y) > 0.5f)
        {
            ResolutionTransforms.DirectionalBlur(image, size, Smear.Y, Smear.X, scratch);
            ResolutionTransforms.DirectionalBlur(share, size, Smear.Y, Smear.X, scratch);
        }
        if (Blur > 0)
            ResolutionTransforms.GaussianBlur(image, size, size, Blur, scratch);
        if (RowFactor <= 1.05f && ColumnFactor <= 1.05f)
        {
            Measure(random, image.AsSpan(0, size * size), size, size, scratch);
            return;
        }
        float rowPhase = random.Uniform(0, 1), columnPhase = random.Uniform(0, 1);
        var (rows, columns) = ResolutionTransforms.AverageDown(image, size, RowFactor, ColumnFactor, rowPhase, columnPhase, scratch, acquired);
        Measure(random, acquired.AsSpan(0, rows * columns), rows, columns, scratch);
        ResolutionTransforms.LinearUp(acquired, rows, columns, size, RowFactor, ColumnFactor, rowPhase, columnPhase, scratch, image);
    }

    void Measure(Random random, Span<float> image, int rows, int columns, float[] scratch)
    {
        if (Sharpening > 0)
            IntensityTransforms.Sharpen(image, rows, columns, Sharpening, scratch);
        if (Spike > 0)
            IntensityTransforms.Stripes(image, columns, random.Normal(1), random.Normal(1), Spike);
        if (GhostParts > 0)
            IntensityTransforms.Ghost(image, rows, columns, GhostAlongRows, GhostParts, GhostStrength, scratch);
        if (Noise <= 0)
            return;
        if (Rician)
            NoiseTable.AddRician(random, image, Noise);
        else
            NoiseTable.Add(random, image, Noise);
    }
}
