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

    [Fact]
    public void Shares_of_a_tile_s_middle_lie_where_those_of_all_of_it_do()
    {
        var input = new FineInput(TubePhantom.Make(6, 200, 200, Phantom.Spaced(4, 0.6, 0.6)).Image);
        var (whole, middle) = (Draw(new Itself(border: 0)), Draw(new Itself(border: 30)));
        Assert.Equal((FinePass.Side, FinePass.Side - 60), (whole.Side, middle.Side));
        Assert.Equal((whole.FirstRow + 30, whole.FirstColumn + 30), (middle.FirstRow, middle.FirstColumn));
        Assert.Equal(whole.Share[(35 * whole.Side) + 42], middle.Share[(5 * middle.Side) + 12]);

        FineTile Draw(INetwork network) => Assert.Single(new FinePass(input, network, batch: 4, lanes: 1).Run([3], _ => (100, 90), () => { }, default));
    }

    /// <summary>Gives back what it is shown, without its border.</summary>
    sealed class Itself(int border) : INetwork
    {
        public float[] Run(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default) => throw new NotSupportedException();

        public float[] RunMiddle(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default)
        {
            var side = shape[^1];
            return [.. image.Where((_, n) => n / side % side >= border && n / side % side < side - border && n % side >= border && n % side < side - border)];
        }
    }

    [Fact]
    public void The_network_is_told_of_the_images_own_pixel()
    {
        var volume = TubePhantom.Make(6, 60, 50, Phantom.Spaced(4, 0.7, 3)).Image;
        var (input, network) = (new FineInput(volume), new Everywhere());
        new FinePass(input, network, batch: 4, lanes: 1).Run([3], _ => (20, 20), () => { }, default);
        Assert.Equal((0.7, 3), (Math.Round(network.Pixel.Row, 9), Math.Round(network.Pixel.Column, 9)));
        network.Pixel = default;
        new FinePass(input, network, batch: 4, lanes: 1).RunWhole(volume, () => { }, default);
        Assert.Equal((0.7, 3), (Math.Round(network.Pixel.Row, 9), Math.Round(network.Pixel.Column, 9)));
    }

    [Theory]
    [InlineData(0.3, 1.2, 0, 1)]
    [InlineData(0.6, 4.8, 0, 3)]
    [InlineData(0, 1000, 0, 4)]
    public void Its_sides_are_told_as_doublings_of_the_fine_grids(double row, double column, float first, float second)
    {
        var numbers = new float[AcquiredPixel.Numbers];
        new AcquiredPixel(row, column).Write(numbers);
        Assert.Equal(first, numbers[0], 5);
        Assert.Equal(second, numbers[1], 5);
    }

    sealed class Everywhere : INetwork
    {
        public AcquiredPixel Pixel { get; set; }

        public float[] Run(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default)
        {
            Pixel = pixel;
            return [.. image.Select(_ => 1f)];
        }
    }
}
