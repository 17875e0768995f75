using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Results;
using SoftSeg.EndToEnd.Tests.Sources;
using Xunit.Abstractions;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>What comes back agrees with the mask that people drew (or, on phantoms, with the truth). The series are of people the model was never trained on.</summary>
[Collection(SharedNode.Collection)]
public sealed class AccuracyTests(SharedNode shared, ITestOutputHelper output)
{
    [Theory]
    [InlineData(SourceLibrary.SagittalLabelled, 0.92)]
    [InlineData(SourceLibrary.AxialLabelled, 0.95)]
    public async Task The_received_segmentation_agrees_with_the_label(string name, double leastDice)
    {
        var source = shared.Sources[name];
        var label = source.Label!;
        var results = await shared.ResultsOf(source);

        var dice = MaskComparison.Dice(results.Visible.OnGridOf(source), label);
        var labelAreas = MaskComparison.CrossSections(label, source);
        var soft = MaskComparison.CrossSectionError(MaskComparison.CrossSections(results.Soft.OnGridOf(source), source), labelAreas);
        var hard = MaskComparison.CrossSectionError(MaskComparison.CrossSections(results.Visible.OnGridOf(source), source), labelAreas);
        output.WriteLine($"{name}: Dice {dice:0.000}; mean CSA label {soft.Label:0.0} mm2, soft {soft.Mask:0.0} mm2 (error {soft.Error:0.0%}), binary {hard.Mask:0.0} mm2 (error {hard.Error:0.0%})");

        Assert.True(dice >= leastDice, $"Dice {dice:0.000}");
        SourceGrid.AssertFramesLieOn(source, results.Visible);
    }
}
