namespace SoftSeg.SegEngine;

/// <summary>The verdict of a comparison on the frozen set, made before a model is used: <c>softseg-train gate</c> writes it.</summary>
public sealed record ModelGate
{
    /// <summary>Whether the model may be used.</summary>
    public required bool Passed { get; init; }

    /// <summary>What was judged (<see cref="ModelManifest.Fingerprint"/>): a verdict does not go over to other networks.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The model that it was compared with, "name version"; <see langword="null"/> for a first model, which is held against fixed bars alone.</summary>
    public string? Against { get; set; }

    /// <summary>Sha256 of the frozen set: every file that was measured, and what was simulated.</summary>
    public required string FrozenSet { get; init; }

    /// <summary>Date of the verdict, ISO 8601.</summary>
    public required string Date { get; init; }

    /// <summary>Why it did not pass; empty where it did.</summary>
    public IReadOnlyList<string> Reasons { get; set; } = [];

    /// <summary>What was measured by name, e.g. "dice.mean"; compared figures also as ".difference", ".low" and ".high" (new less old, 95 % interval).</summary>
    public IReadOnlyDictionary<string, double> Figures { get; set; } = new Dictionary<string, double>();
}
