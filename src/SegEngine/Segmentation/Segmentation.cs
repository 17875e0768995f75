namespace SoftSeg.SegEngine;

/// <summary>How long one step took.</summary>
public sealed record StepTime(string Step, TimeSpan Time);

/// <summary>What the segmenter found.</summary>
/// <param name="SoftMask">Share of each voxel that is cord, 0..1, on the input's grid; all 0 without a cord.</param>
/// <param name="CordFound">Whether there is a cord in the field of view.</param>
/// <param name="Notes">What a reader of the result should know, one sentence each; e.g. that the whole field of view was searched, or why there is no cord.</param>
/// <param name="Provider">What ran the networks: "cpu", "cuda", ...</param>
/// <param name="Timings">Time per step, in order.</param>
public sealed record Segmentation(Volume SoftMask, bool CordFound, IReadOnlyList<string> Notes, string Provider, IReadOnlyList<StepTime> Timings)
{
    /// <summary>How sure the areas are; <see langword="null"/> without a cord, or where the model was not calibrated.</summary>
    public AreaUncertainty? Uncertainty { get; init; }

    /// <summary>The provider whose device had no memory left for this image, so that <see cref="Provider"/> took its place; <see langword="null"/> otherwise.</summary>
    public string? RanOutOfMemoryOn { get; init; }
}
