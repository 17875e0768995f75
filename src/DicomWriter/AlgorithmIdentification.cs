namespace SoftSeg.DicomWriter;

/// <summary>What made the mask and the numbers. Every result names all of it.</summary>
public sealed record AlgorithmIdentification
{
    /// <summary>Name of the model, at most 64 characters: Algorithm Name (0066,0036).</summary>
    public required string ModelName { get; init; }

    /// <summary>Version of the model: Algorithm Version (0066,0031).</summary>
    public required string ModelVersion { get; init; }

    /// <summary>SHA-256 of the model, hexadecimal.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>Version of this software: Software Versions (0018,1020).</summary>
    public required string SoftwareVersion { get; init; }

    /// <summary>Version of the measurement method: numbers with different versions are not comparable.</summary>
    public required string MeasurementVersion { get; init; }
}
