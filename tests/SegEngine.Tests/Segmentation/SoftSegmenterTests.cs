namespace SoftSeg.SegEngine.Tests.Segmentation;

/// <summary>The way from a volume to a mask on its grid, with networks that read an easy phantom; what is tested is the geometry.</summary>
public sealed class SoftSegmenterTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 0.5, 0.5)]
    [InlineData(0.5, 0.7, 0.9)]
    [InlineData(6, 0.8, 0.4)]
    [InlineData(2, 1.2, 3)]
    public void The_mask_lies_on_the_cord_at_any_spacing(double slice, double row, double column)
    {
        var phantom = TubePhantom.Make((int)(80 / slice), (int)(70 / row), (int)(66 / column), Phantom.Turned(slice, row, column, 8, -5, 12, new Vector3(-50, 20, 700)));
        var result = TubePhantom.Segmenter().Segment(phantom.Image);
        Assert.True(result.CordFound, string.Join(' ', result.Notes));
        Assert.Empty(result.Notes);
        Assert.Equal(phantom.Image.Affine, result.SoftMask.Affine);
        Assert.InRange(Agreement.Dice(phantom.Share, result.SoftMask), 0.93, 1);
        Assert.InRange(result.SoftMask.Voxels.Sum() / phantom.Share.Voxels.Sum(), 0.94, 1.06);
        Assert.All(result.SoftMask.Voxels, v => Assert.InRange(v, 0, 1));
        // A shift of half a voxel would show here.
        Assert.True((Overlap.Centroid(phantom.Share) - Overlap.Centroid(result.SoftMask)).Length < 0.25);
    }

    [Fact]
    public void All_48_axis_orders_of_one_volume_have_the_same_mask_to_the_last_bit()
    {
        var phantom = TubePhantom.Make(12, 60, 50, Phantom.Turned(5, 1.1, 1.3, 10, 6, -9, new Vector3(3, 4, 5)));
        var segmenter = TubePhantom.Segmenter();
        var first = segmenter.Segment(phantom.Image);
        Assert.True(first.CordFound);
        foreach (var (stored, mask) in Phantom.InAllAxisOrders(phantom.Image).Zip(Phantom.InAllAxisOrders(first.SoftMask)))
            Assert.Equal(mask.Voxels, segmenter.Segment(stored).SoftMask.Voxels);
    }

    [Fact]
    public void Half_the_field_of_view_has_the_same_mask_where_they_overlap()
    {
        var phantom = TubePhantom.Make(120, 70, 66, Phantom.Spaced(1, 1, 1));
        var whole = TubePhantom.Segmenter().Segment(phantom.Image).SoftMask;
        foreach (var first in new[] { 0, 31, 60 })
        {
            var half = TubePhantom.Segmenter().Segment(Overlap.Slices(phantom.Image, first, 60)).SoftMask;
            Assert.InRange(Agreement.Dice(Overlap.Slices(whole, first, 60), half), 0.97, 1);
        }
    }

    [Fact]
    public void The_mask_ends_where_the_cord_ends()
    {
        var phantom = TubePhantom.Make(120, 70, 66, Phantom.Spaced(1, 1, 1), from: -20, to: 25);
        var result = TubePhantom.Segmenter().Segment(phantom.Image);
        Assert.InRange(Agreement.Dice(phantom.Share, result.SoftMask), 0.93, 1);
        Assert.Equal(0, result.SoftMask.Slice(30).ToArray().Max());
        Assert.Equal(0, result.SoftMask.Slice(95).ToArray().Max());
    }

    [Fact]
    public void Without_a_cord_there_is_no_mask_and_a_note_says_so()
    {
        var bottle = new Volume([.. Enumerable.Repeat(600f, 40 * 60 * 60)], 40, 60, 60, Phantom.Spaced(3, 1, 1));
        var result = TubePhantom.Segmenter().Segment(bottle);
        Assert.False(result.CordFound);
        Assert.All(result.SoftMask.Voxels, v => Assert.Equal(0, v));
        Assert.Contains(result.Notes, n => n.StartsWith("No cord", StringComparison.Ordinal));
    }

    [Fact]
    public void A_single_slice_is_enough()
    {
        var phantom = TubePhantom.Make(1, 70, 66, Phantom.Spaced(5, 1, 1));
        var result = TubePhantom.Segmenter().Segment(phantom.Image);
        Assert.True(result.CordFound);
        Assert.InRange(Agreement.Dice(phantom.Share, result.SoftMask), 0.93, 1);
    }

    [Fact]
    public void When_the_locator_is_not_sure_the_whole_field_of_view_is_searched_and_a_note_says_so()
    {
        var phantom = TubePhantom.Make(60, 70, 66, Phantom.Spaced(2, 1, 1));
        var sure = new SoftSegmenter(new TubePhantom.Threshold(), new Fine(), new PresenceGate()).Segment(phantom.Image).SoftMask;
        var unsure = new SoftSegmenter(new Faint(), new Fine(), new PresenceGate()).Segment(phantom.Image);
        Assert.True(unsure.CordFound);
        Assert.Contains(unsure.Notes, n => n.Contains("whole field of view", StringComparison.Ordinal));
        Assert.InRange(Agreement.Dice(sure, unsure.SoftMask), 0.99, 1);
    }

    [Fact]
    public void Where_the_locator_is_sure_and_the_fine_network_sees_nothing_a_note_says_so()
    {
        var phantom = TubePhantom.Make(60, 70, 66, Phantom.Spaced(2, 1, 1));
        var result = new SoftSegmenter(new TubePhantom.Threshold(), new Nothing(), new PresenceGate()).Segment(phantom.Image);
        Assert.False(result.CordFound);
        Assert.StartsWith("No cord: what looks like one from afar", Assert.Single(result.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void What_looks_more_like_a_cord_from_afar_gives_way_to_what_is_one_on_a_closer_look()
    {
        var phantom = TubePhantom.Make(40, 80, 180, Phantom.Spaced(2, 1, 1));
        var image = phantom.Image.With([.. phantom.Image.Voxels]);
        // Something larger, 55 mm to the side of the cord.
        for (var slice = 0; slice < image.Slices; slice++)
        {
            for (var row = 28; row <= 52; row++)
            {
                for (var column = 23; column <= 47; column++)
                {
                    if (((row - 40) * (row - 40)) + ((column - 35) * (column - 35)) <= 144)
                        image[slice, row, column] = 1000;
                }
            }
        }
        var result = new SoftSegmenter(new TubePhantom.Threshold(), new OnlySmall(), new PresenceGate()).Segment(image);
        Assert.True(result.CordFound, string.Join(' ', result.Notes));
        Assert.StartsWith("Two things looked like a cord from afar", Assert.Single(result.Notes), StringComparison.Ordinal);
        Assert.InRange(Agreement.Dice(phantom.Share, result.SoftMask), 0.9, 1);
    }

    [Fact]
    public void Spacing_in_the_wrong_unit_and_voxels_that_are_no_numbers_are_refused()
    {
        var metres = new Volume(new float[8], 2, 2, 2, Phantom.Spaced(0.001, 0.001, 0.001));
        Assert.Contains("wrong units", Assert.Throws<EngineException>(() => TubePhantom.Segmenter().Segment(metres)).Message);
        var nan = new Volume([1, 2, float.NaN, 4, 5, 6, 7, 8], 2, 2, 2, Phantom.Spaced(1, 1, 1));
        Assert.Contains("NaN", Assert.Throws<EngineException>(() => TubePhantom.Segmenter().Segment(nan)).Message);
    }

    [Fact]
    public void Progress_rises_to_1_and_every_step_has_its_time()
    {
        var seen = new Seen();
        var result = TubePhantom.Segmenter().Segment(TubePhantom.Make(60, 60, 60, Phantom.Spaced(2, 1, 1)).Image, seen);
        Assert.Equal(seen.Values.Order(), seen.Values);
        Assert.Equal(1, seen.Values[^1]);
        Assert.Equal(["prepare", "locate", "draw", "paste back"], result.Timings.Select(t => t.Step));
    }

    [Fact]
    public void A_cancelled_segmentation_stops()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var image = TubePhantom.Make(10, 60, 60, Phantom.Spaced(5, 1, 1)).Image;
        Assert.Throws<OperationCanceledException>(() => TubePhantom.Segmenter().Segment(image, null, cancelled.Token));
    }

    [Fact]
    public void Several_volumes_at_once_have_the_masks_that_they_have_alone()
    {
        var segmenter = TubePhantom.Segmenter();
        var images = Enumerable.Range(0, 4).Select(n => TubePhantom.Make(20, 60, 60, Phantom.Spaced(4, 1, 1 + (0.1 * n))).Image).ToArray();
        var alone = images.Select(i => segmenter.Segment(i).SoftMask.Voxels).ToArray();
        var together = images.AsParallel().AsOrdered().Select(i => segmenter.Segment(i).SoftMask.Voxels).ToArray();
        Assert.Equal(alone, together);
    }

    /// <summary>Sees the tube, but never with certainty.</summary>
    sealed class Faint : INetwork
    {
        public float[] Run(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default) => [.. image.Select(v => v > 1.5f ? 0.4f : 0)];
    }

    /// <summary>Tells the tube by its local contrast alone, so that it works on whole slices as on tiles.</summary>
    sealed class Fine : INetwork
    {
        public float[] Run(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default) => [.. image.Select(v => Math.Clamp(v - 0.8f, 0, 1))];
    }

    /// <summary>As <see cref="Fine"/>, but in tiles that show more than a cord.</summary>
    sealed class OnlySmall : INetwork
    {
        public float[] Run(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default)
        {
            var size = shape[2] * shape[3];
            float[] share = [.. image.Select(v => Math.Clamp(v - 0.8f, 0, 1))];
            foreach (var tile in Enumerable.Range(0, shape[0]).Select(n => share.AsMemory(n * size, size)))
            {
                // 300 pixels are 108 mm2.
                if (tile.ToArray().Count(v => v >= 0.5f) > 300)
                    tile.Span.Clear();
            }
            return share;
        }
    }

    sealed class Nothing : INetwork
    {
        public float[] Run(float[] image, ReadOnlySpan<int> shape, AcquiredPixel pixel = default) => new float[image.Length];
    }

    sealed class Seen : IProgress<double>
    {
        public List<double> Values { get; } = [];

        public void Report(double value) => Values.Add(value);
    }
}
