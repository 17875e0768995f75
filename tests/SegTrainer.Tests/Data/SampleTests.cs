using System.Numerics.Tensors;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Synthesis;

namespace SoftSeg.SegTrainer.Tests.Data;

public sealed class SampleTests
{
    static readonly TrainingData Phantom = MakeData();

    static TrainingData MakeData()
    {
        var (_, mask) = Phantoms.Spine();
        return new TrainingData([Phantoms.Labelled()], [new ShapeVolume("phantom", mask, null, null)]);
    }

    public static TheoryData<string> Sources => ["fine", "locator"];

    static ISampleSource Source(string name) => name == "fine" ? new FineSamples(Phantom) : new LocatorSamples(Phantom, 16, 48);

    static (float[] Image, float[] Share, float[] Weight) Draw(ISampleSource source, int seed)
    {
        var length = source.Shape.Aggregate((a, b) => a * b);
        var sample = (Image: new float[length], Share: new float[length], Weight: new float[length]);
        source.Draw(new Random(seed), sample.Image, sample.Share, sample.Weight);
        return sample;
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_seed_repeats_its_sample_whatever_other_threads_draw(string name)
    {
        var source = Source(name);
        var alone = Enumerable.Range(0, 12).Select(seed => Draw(source, seed)).ToArray();
        var together = new (float[] Image, float[] Share, float[] Weight)[48];
        Parallel.For(0, together.Length, i => together[i] = Draw(source, i % 12));
        for (var i = 0; i < together.Length; i++)
        {
            Assert.Equal(alone[i % 12].Image, together[i].Image);
            Assert.Equal(alone[i % 12].Share, together[i].Share);
            Assert.Equal(alone[i % 12].Weight, together[i].Weight);
        }
        Assert.NotEqual(alone[0].Image, alone[1].Image);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Samples_are_finite_shares_and_silent_beyond_the_field_of_view(string name)
    {
        var source = Source(name);
        int without = 0, cut = 0;
        for (var seed = 0; seed < 120; seed++)
        {
            var (image, share, weight) = Draw(source, seed);
            Assert.True(Array.TrueForAll(image, v => float.IsFinite(v) && Math.Abs(v) < 60));
            Assert.True(share.Min() >= 0 && share.Max() <= 1.0001f);
            Assert.True(weight.Min() >= 0 && weight.Max() <= 1);
            if (name == "fine")
                Assert.DoesNotContain(Enumerable.Range(0, image.Length), i => weight[i] == 0 && (image[i] != 0 || share[i] != 0));
            without += share.Max() < 0.5f ? 1 : 0;
            cut += weight.Min() == 0 ? 1 : 0;
        }
        Assert.InRange(without, 5, 75);
        Assert.InRange(cut, 5, 110);
    }

    /// <summary>A tile drawn as the image is must hold what <see cref="FineInput"/> makes of the same place.</summary>
    [Fact]
    public void Training_and_inference_normalise_alike()
    {
        var volume = Phantom.Volumes[0];
        var fine = new FineInput(volume.Image);
        var source = new FineSamples(Phantom) { AsTheyAre = true, NegativeShare = 0 };
        var compared = 0;
        for (var seed = 0; seed < 8; seed++)
        {
            var (image, share, weight) = Draw(source, seed);
            var (row, column) = Centroid(share, 96);
            // The slice is told by the area and the place by the centroid: the truth of every slice differs in sub-pixel place only.
            var errors = Enumerable.Range(0, volume.Image.Slices).Select(slice => Compare(slice)).ToArray();
            Assert.True(errors.Min() < 0.05, $"seed {seed}: least mean difference {errors.Min():0.000}");
            compared++;

            double Compare(int slice)
            {
                var expected = fine.Slice(slice);
                var centre = volume.Centres[slice];
                double sum = 0, count = 0;
                for (var r = 20; r < 76; r++)
                {
                    for (var c = 20; c < 76; c++)
                    {
                        double y = centre.Row + r - row, x = centre.Column + c - column;
                        int y0 = (int)y, x0 = (int)x;
                        if (y0 < 0 || x0 < 0 || y0 >= fine.Rows - 1 || x0 >= fine.Columns - 1 || weight[(r * 96) + c] == 0)
                            continue;
                        double fy = y - y0, fx = x - x0;
                        var at = (y0 * fine.Columns) + x0;
                        var value = ((1 - fy) * (((1 - fx) * expected[at]) + (fx * expected[at + 1]))) + (fy * (((1 - fx) * expected[at + fine.Columns]) + (fx * expected[at + fine.Columns + 1])));
                        sum += Math.Abs(value - image[(r * 96) + c]);
                        count++;
                    }
                }
                return sum / count;
            }
        }
        Assert.Equal(8, compared);
    }

    /// <summary>Normalised, a negative is the image with its sign changed: the same seed gives one or the other, and the same truth.</summary>
    [Fact]
    public void For_both_polarities_half_of_the_synthetic_tiles_are_negatives()
    {
        var nothing = new TrainingData([], []);
        var positive = new FineSamples(nothing) { UsualShare = 0.5 };
        var both = new FineSamples(nothing) { UsualShare = 0.5, BothPolarities = true };
        int same = 0, negative = 0;
        for (var seed = 0; seed < 100; seed++)
        {
            var (a, b) = (Draw(positive, seed), Draw(both, seed));
            // The field of view is drawn after the polarity, and differs.
            var seen = Enumerable.Range(0, a.Image.Length).Where(n => a.Weight[n] > 0 && b.Weight[n] > 0).ToArray();
            if (seen.Length == 0)
                continue;
            Assert.All(seen, n => Assert.Equal(a.Share[n], b.Share[n]));
            var alike = TensorPrimitives.CosineSimilarity<float>([.. seen.Select(n => a.Image[n])], [.. seen.Select(n => b.Image[n])]);
            same += alike > 0.8 ? 1 : 0;
            negative += alike < -0.8 ? 1 : 0;
        }
        Assert.InRange(same, 30, 65);
        Assert.InRange(negative, 30, 65);
        Assert.InRange(same + negative, 90, 100);
    }

    /// <summary>Tiles say how large the acquired pixels are, and their truth is as fine as the tile's pixels whatever these were.</summary>
    [Fact]
    public void Fine_tiles_tell_the_acquired_pixel()
    {
        var source = new FineSamples(Phantom) { NegativeShare = 0.01 };
        var length = source.Shape.Aggregate((a, b) => a * b);
        var (image, share, weight) = (new float[length], new float[length], new float[length]);
        var pixels = new List<(AcquiredPixel Pixel, double Border)>();
        for (var seed = 0; seed < 300; seed++)
        {
            var pixel = source.Draw(new Random(seed), image, share, weight);
            var area = Phantoms.Area(share);
            if (area > 150)
                pixels.Add((pixel, share.Count(p => p is > 0.02f and < 0.98f) / Math.Sqrt(area)));
        }
        Assert.All(pixels, sample => Assert.InRange(Math.Min(sample.Pixel.Row, sample.Pixel.Column), 0.3, 2.6));
        Assert.Contains(pixels, sample => sample.Pixel.Column > 4);
        Assert.Contains(pixels, sample => sample.Pixel is { Row: < 1.3, Column: < 1.3 });
        double Border(Func<AcquiredPixel, bool> which) => pixels.Where(sample => which(sample.Pixel)).Select(sample => sample.Border).Order().ElementAt(pixels.Count(sample => which(sample.Pixel)) / 2);
        Assert.InRange(Border(pixel => pixel.Column > 2.5) / Border(pixel => pixel.Column < 1.3), 0.7, 1.3);
        Assert.Equal(new AcquiredPixel(Phantom.Volumes[0].Image.Affine.Spacing.Row, Phantom.Volumes[0].Image.Affine.Spacing.Column),
            new FineSamples(Phantom) { AsTheyAre = true }.Draw(new Random(1), image, share, weight));
    }

    /// <summary>A mask that was drawn 0.15 mm smaller comes to the same border, which the image shows.</summary>
    [Fact]
    public void Truth_is_brought_to_half_way()
    {
        var drawn = Phantoms.Labelled();
        var small = drawn.Share.With([.. drawn.Share.Voxels]);
        for (var slice = 0; slice < small.Slices; slice++)
            HalfwayBorder.Shift(small, slice, -0.15);
        var drawnSmaller = new LabelledVolume(drawn.Name, drawn.Person, drawn.Contrast, drawn.Image, small, drawn.Labelled, drawn.Weight);
        var (moved, movedSmaller) = (drawn.ToHalfway(new HalfwayBorder(0)), drawnSmaller.ToHalfway(new HalfwayBorder(0)));
        Assert.InRange(Phantoms.Area(small.Voxels) / Phantoms.Area(drawn.Share.Voxels), 0.93, 0.95);
        Assert.InRange(Phantoms.Area(movedSmaller.Share.Voxels) / Phantoms.Area(moved.Share.Voxels), 0.99, 1.01);
        Assert.Equal(drawn.Centres, moved.Centres);
    }

    [Fact]
    public void Real_tiles_keep_the_cords_area()
    {
        var source = new FineSamples(Phantom) { AsTheyAre = true, NegativeShare = 0 };
        var areas = new List<double>();
        for (var seed = 0; seed < 20; seed++)
        {
            var (_, share, _) = Draw(source, seed);
            if (!Touches(share))
                areas.Add(Phantoms.Area(share) * 0.36);
        }
        Assert.True(areas.Count >= 10);
        // The phantom's hard mask itself is up to 2 % off in a slice.
        Assert.InRange(areas.Average() / (Math.PI * 24), 0.99, 1.01);

        static bool Touches(float[] share) => Enumerable.Range(0, 96).Any(i => share[i] + share[(95 * 96) + i] + share[i * 96] + share[(i * 96) + 95] > 0);
    }

    static (double Row, double Column) Centroid(float[] share, int side)
    {
        double sum = 0, row = 0, column = 0;
        for (var i = 0; i < share.Length; i++)
            (sum, row, column) = (sum + share[i], row + (share[i] * (i / side)), column + (share[i] * (i % side)));
        return (row / sum, column / sum);
    }
}
