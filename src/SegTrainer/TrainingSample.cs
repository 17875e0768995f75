using SoftSeg.SegEngine;

namespace SoftSeg.SegTrainer;

/// <summary>
/// A stream of training samples of one shape. Implementations are thread-safe: each producer thread brings its own
/// <see cref="Random"/>, and everything a sample is made of is decided by that generator alone, so that a seed repeats a run.
/// </summary>
public interface ISampleSource
{
    /// <summary>Spatial shape of one sample: <c>[row, column]</c> or <c>[slice, row, column]</c>.</summary>
    int[] Shape { get; }

    /// <summary>Draws one sample. Every span is in C order and holds the product of <see cref="Shape"/>.</summary>
    /// <param name="random">Decides everything about the sample.</param>
    /// <param name="image">Intensities, normalised exactly as inference normalises them.</param>
    /// <param name="share">Truth: the share of the voxel that is cord, 0..1.</param>
    /// <param name="weight">Weight of the voxel in the loss; 0 where the truth is not known.</param>
    /// <returns>The pixel that the image was acquired with; for networks that are told (<c>pixel</c> in a recipe).</returns>
    AcquiredPixel Draw(Random random, Span<float> image, Span<float> share, Span<float> weight);
}
