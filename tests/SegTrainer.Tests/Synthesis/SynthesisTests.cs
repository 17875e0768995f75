using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Synthesis;
using SoftSeg.SegTrainer.Tests.Data;

namespace SoftSeg.SegTrainer.Tests.Synthesis;

public sealed class SynthesisTests
{
    [Theory]
    [InlineData(0.6f)]
    [InlineData(2f)]
    public void The_share_of_a_painted_ellipse_has_its_area(float spacing)
    {
        var canvas = new SliceCanvas(64, spacing);
        double sum = 0, expected = 0;
        for (var i = 0; i < 40; i++)
        {
            var random = new Random(i);
            float a = random.Uniform(3, 8), b = random.Uniform(2, 5);
            canvas.Clear(0, default);
            canvas.PaintCord(new CordSection(a, b, random.Uniform(-1, 1)), random.Uniform(-1, 1), random.Uniform(-1, 1), 1, 1, default, 0);
            var area = Phantoms.Area(canvas.Share) * spacing * spacing;
            if (spacing < 1)
                Assert.InRange(area / (Math.PI * a * b), 0.99, 1.01);
            sum += area;
            expected += Math.PI * a * b;
        }
        Assert.InRange(sum / expected, 0.99, 1.01);
    }

    [Fact]
    public void A_painted_share_is_the_part_of_each_pixel_that_is_cord()
    {
        var canvas = new SliceCanvas(40, 0.6f);
        canvas.Clear(0.2f, default);
        canvas.PaintCord(new CordSection(6, 4, 0.3f), 0.13f, -0.21f, 0.8f, 0.8f, default, 0);
        for (var i = 0; i < canvas.Share.Length; i++)
        {
            double x = ((i % 40) - 19.5) * 0.6, y = ((i / 40) - 19.5) * 0.6;
            var truth = Phantoms.Cover((u, v) => Phantoms.Ellipse(u - 0.13, v + 0.21, 6, 4, 0.3), x, y, 0.6, 0.6);
            Assert.Equal(truth, canvas.Share[i], 0.12);
            // Partial volume of the image is that of the truth.
            Assert.Equal(0.2f + (0.6f * canvas.Share[i]), canvas.Image[i], 1e-5f);
        }
    }

    [Fact]
    public void A_real_outline_is_brought_to_the_diameters_asked_for()
    {
        var (_, mask) = Phantoms.Spine();
        var outline = CordShape.From(new ShapeVolume("phantom", mask, mask, null), 4).First();
        Assert.InRange(outline.HalfWidth, 5.5, 6.6);
        Assert.InRange(outline.HalfHeight, 3.8, 4.7);
        var canvas = new SliceCanvas(64, 0.5f);
        canvas.Clear(0, default);
        canvas.PaintCord(new CordSection(5, 3, 0, outline, outline), 0, 0, 0.5f, 1, default, 0);
        var columns = Enumerable.Range(0, 64).Where(c => Enumerable.Range(0, 64).Any(r => canvas.Share[(r * 64) + c] > 0.5f)).ToArray();
        Assert.InRange((columns[^1] - columns[0] + 1) * 0.5, 9, 10.6);
        Assert.True(canvas.Image[(32 * 64) + 32] > 0.9, "grey matter fills the phantom's middle");
    }

    [Fact]
    public void A_compression_takes_from_the_front_and_lessens_the_area()
    {
        var canvas = new SliceCanvas(64, 0.5f);
        canvas.Clear(0, default);
        canvas.PaintCord(new CordSection(6, 4, 0, dent: 0.3f), 0, 0, 1, 1, default, 0);
        Assert.InRange(Phantoms.Area(canvas.Share) * 0.25 / (Math.PI * 24), 0.6, 0.95);
        Assert.Equal(0, canvas.Share[((32 - 6) * 64) + 32]);
        Assert.Equal(1, canvas.Share[((32 + 6) * 64) + 32], 0.01f);
    }

    [Fact]
    public void Scenes_show_a_cord_in_its_canal_and_none_below_the_conus()
    {
        var canvas = new SliceCanvas(160, 0.6f);
        for (var seed = 0; seed < 40; seed++)
        {
            var scene = new SpineScene(new Random(seed), []) { CordExtent = (-10, float.PositiveInfinity), Taper = 20 };
            canvas.Centre = scene.CanalAt(40);
            scene.Paint(canvas, 40);
            var full = Phantoms.Area(canvas.Share) * 0.36;
            Assert.InRange(full, 12, 150);
            Assert.True(Array.TrueForAll(canvas.Image, float.IsFinite));
            canvas.Centre = scene.CanalAt(-5);
            scene.Paint(canvas, -5);
            Assert.True(Phantoms.Area(canvas.Share) * 0.36 < 0.7 * full);
            scene.Paint(canvas, -11);
            Assert.Equal(0, Phantoms.Area(canvas.Share));
        }
    }

    [Fact]
    public void What_only_looks_like_a_cord_has_no_share()
    {
        var canvas = new SliceCanvas(96, 0.6f);
        for (var seed = 0; seed < 40; seed++)
        {
            new SpineScene(new Random(seed), [], SceneKind.CaudaEquina).Paint(canvas, 0);
            Assert.Equal(0, Phantoms.Area(canvas.Share));
            Lookalikes.Paint(new Random(seed), canvas);
            Assert.Equal(0, Phantoms.Area(canvas.Share));
            Assert.True(canvas.Image.Max() > canvas.Image.Min());
        }
    }

    [Fact]
    public void Contrasts_cover_bright_and_dark_and_equal_neighbours()
    {
        var differences = Enumerable.Range(0, 400).Select(seed => TissueIntensities.Draw(new Random(seed))).Select(t => t[Tissue.Csf] - t[Tissue.White]).ToArray();
        Assert.InRange(differences.Count(d => d > 0.1f), 120, 320);
        Assert.InRange(differences.Count(d => d < -0.1f), 60, 250);
        Assert.InRange(differences.Count(d => Math.Abs(d) < 0.06f), 1, 40);
    }

    [Fact]
    public void A_replaced_cord_has_its_own_area_and_leaves_the_surroundings()
    {
        var replaced = 0;
        for (var seed = 0; seed < 10; seed++)
        {
            var patch = new PlanePatch(96);
            patch.Canvas.Clear(0.3f, default);
            patch.Canvas.Paint(new Blob(2, 3, 10, 9), 0.9f, default);
            patch.Canvas.PaintCord(new CordSection(6, 4, 0), 2, 3, 0.5f, 0.6f, default, 0);
            var before = patch.Image.ToArray();
            Assert.True(CordReplacement.Apply(new Random(seed), patch, []));
            var area = Phantoms.Area(patch.Share) * 0.36;
            Assert.InRange(area / (Math.PI * 24), 0.4, 1.2);
            replaced += Math.Abs((area / (Math.PI * 24)) - 1) > 0.05 ? 1 : 0;
            for (var i = 0; i < before.Length; i++)
            {
                double x = ((i % patch.Size) - 95.5) * 0.6, y = ((i / patch.Size) - 95.5) * 0.6;
                if (Phantoms.Ellipse(x - 2, y - 3, 9.5, 8.5, 0) > 0)
                    Assert.Equal(before[i], patch.Image[i]);
                if (patch.Share[i] == 1)
                    Assert.InRange(patch.Image[i], 0.3f, 0.75f);
            }
        }
        Assert.True(replaced >= 5);
    }

    [Fact]
    public void A_gallery_shows_every_sample()
    {
        var path = Path.Combine(Path.GetTempPath(), $"softseg-gallery-{Guid.NewGuid():N}.png");
        try
        {
            Gallery.Write(path, new FineSamples(new TrainingData([], [])), 6, 1);
            using var picture = SkiaSharp.SKBitmap.Decode(path);
            Assert.True(picture.Width >= 6 * 96 && picture.Height >= 2 * 96);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
