namespace SoftSeg.SegEngine.Tests.Segmentation;

public sealed class FinePassTests
{
    /// <summary>A line through stray shares at both ends of neighbouring slices leaves the field of view a few slices on.</summary>
    [Theory]
    [InlineData(-1e4, 20)]
    [InlineData(20, 1e4)]
    [InlineData(1e12, -1e12)]
    public void A_tile_reaches_into_the_field_of_view_wherever_its_centre_is_looked_for(double row, double column)
    {
        var input = new FineInput(TubePhantom.Make(6, 60, 50, Phantom.Spaced(4, 0.6, 0.6)).Image);
        var tile = Assert.Single(new FinePass(input, new Everywhere(), batch: 4, lanes: 1).Run([3], _ => (row, column), () => { }, default));
        Assert.InRange(tile.FirstRow, 1 - FinePass.Side, input.Rows - 1);
        Assert.InRange(tile.FirstColumn, 1 - FinePass.Side, input.Columns - 1);
        // What the network says of places beyond the field of view does not count.
        Assert.InRange(tile.Share.Sum(), 1, input.Rows * input.Columns);
    }

    sealed class Everywhere : INetwork
    {
        public float[] Run(float[] image, ReadOnlySpan<int> shape) => [.. image.Select(_ => 1f)];
    }
}
