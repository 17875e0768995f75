using SoftSeg.SegEngine;
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
    public void A_line_along_the_border_changes_neither_the_share_nor_the_middle()
    {
        SliceCanvas plain = new(64, 0.3f), lined = new(64, 0.3f);
        foreach (var (canvas, line) in new[] { (plain, 0f), (lined, -0.2f) })
        {
            canvas.Clear(0.7f, default);
            canvas.PaintCord(new CordSection(6, 4, 0), 0.15f, 0.15f, 0.7f, 0.9f, default, 0, line);
        }
        Assert.Equal(plain.Share, lined.Share);
        for (var i = 0; i < plain.Image.Length; i++)
        {
            var nearness = Math.Max(0, 1 - (Math.Abs(plain.Distance[i]) / 0.7f));
            Assert.Equal(plain.Image[i] - (0.2f * nearness), lined.Image[i], 1e-5f);
        }
        Assert.True(lined.Image.Min() < 0.55f, "the line is darker than both sides");
    }

    [Fact]
    public void A_real_cord_recoloured_faint_hardly_differs_from_what_surrounds_it()
    {
        Assert.True(MedianStep(faint: 1) < 0.5 * MedianStep(faint: 0), $"{MedianStep(1)} and {MedianStep(0)}");

        static float MedianStep(double faint)
        {
            const int size = 64;
            return Enumerable.Range(0, 400).Select(seed =>
            {
                var canvas = new SliceCanvas(size, 0.6f);
                canvas.Clear(0.9f, default);
                canvas.PaintCord(new CordSection(6, 4, 0), 0, 0, 0.3f, 0.3f, default, 0);
                ContrastChange.Apply(new Random(seed), canvas.Image, canvas.Share, canvas.Distance, faint);
                // The cord's middle, and 0.9 mm in front of it.
                return Math.Abs(canvas.Image[(size / 2 * size) + (size / 2)] - canvas.Image[(((size / 2) - 8) * size) + (size / 2)]);
            }).Order().ElementAt(160);
        }
    }

    [Fact]
    public void A_faint_border_is_hardly_there_and_grey_matter_is()
    {
        var random = new Random(3);
        var faint = Enumerable.Range(0, 400).Select(_ => TissueIntensities.Draw(random)).Select(tissues => (tissues, Faint: tissues.WithFaintBorder(random))).ToArray();
        Assert.InRange(faint.Select(pair => Math.Abs(pair.Faint[Tissue.Csf] - pair.Faint[Tissue.White])).Order().ElementAt(200), 0.03, 0.07);
        Assert.All(faint, pair => Assert.InRange(Math.Abs(pair.Faint[Tissue.Grey] - pair.Faint[Tissue.White]), 0.0599, 0.3001));
        Assert.All(faint, pair => Assert.Equal(pair.tissues[Tissue.Fat], pair.Faint[Tissue.Fat]));
        Assert.InRange(faint.Count(pair => pair.Faint.BorderLine < 0), 80, 200);
        Assert.InRange(faint.Count(pair => pair.Faint.BorderLine > 0), 80, 200);
    }

    [Fact]
    public void An_ordinary_scan_can_have_a_faint_border_too()
    {
        Assert.True(MedianStep(faint: 1) < 0.5 * MedianStep(faint: 0), $"{MedianStep(1)} and {MedianStep(0)}");

        static double MedianStep(double faint)
        {
            var patch = new PlanePatch(96);
            return Enumerable.Range(0, 60).Select(seed =>
            {
                PlaneSynthesis.Paint(new Random(seed), patch, [], negatives: 0.001, faint: faint, usual: 1);
                // What is all cord, and the ring of 1.2 mm around what is.
                List<float> cord = [], ring = [];
                for (var row = 2; row < patch.Size - 2; row++)
                {
                    for (var column = 2; column < patch.Size - 2; column++)
                    {
                        var at = (row * patch.Size) + column;
                        if (patch.Share[at] > 0.95f)
                            cord.Add(patch.Image[at]);
                        else if (patch.Share[at] < 0.05f && new[] { -2, 2, -2 * patch.Size, 2 * patch.Size }.Any(step => patch.Share[at + step] > 0.5f))
                            ring.Add(patch.Image[at]);
                    }
                }
                return cord.Count > 0 && ring.Count > 0 ? Math.Abs(cord.Average() - ring.Average()) : double.NaN;
            }).Where(double.IsFinite).Order().ElementAt(25);
        }
    }

    [Fact]
    public void An_ordinary_scan_has_a_border_and_the_voxels_of_a_protocol()
    {
        var random = new Random(5);
        var tissues = Enumerable.Range(0, 300).Select(_ => TissueIntensities.DrawUsual(random)).ToArray();
        Assert.All(tissues, drawn => Assert.True(Math.Abs(drawn[Tissue.Csf] - drawn[Tissue.White]) >= 0.06f));
        Assert.Equal(9, tissues.Select(drawn => drawn.Kind).Distinct().Count());
        var patch = new PlanePatch(FineInput.TileSide);
        var areas = new List<double>();
        for (var seed = 0; seed < 60; seed++)
        {
            var pixel = PlaneSynthesis.Paint(new Random(seed), patch, [], negatives: 0.001, usual: 1);
            Assert.InRange(pixel.Row, 0.6, 1.31);
            Assert.InRange(pixel.Column, 0.6, 4.6);
            Assert.InRange(patch.Share.Max(), 0.9f, 1.001f);
            areas.Add(Phantoms.Area(patch.Share) * 0.36);
        }
        Assert.All(areas, area => Assert.InRange(area, 25, 150));
        Assert.InRange(areas.Average(), 55, 90);
    }

    [Fact]
    public void The_locator_sees_ordinary_necks_too()
    {
        var (usual, any) = (Areas(1), Areas(0));
        // Whole cords of healthy people, mm2; of anything, some are far larger or smaller.
        Assert.InRange(usual.Count(area => area is > 45 and < 110) / (double)usual.Length, 0.9, 1);
        Assert.InRange(any.Count(area => area is > 45 and < 110) / (double)any.Length, 0.2, 0.75);

        static double[] Areas(double usual)
        {
            var patch = new VolumePatch(8, 64);
            return [.. Enumerable.Range(0, 40).SelectMany(seed =>
            {
                VolumeSynthesis.Paint(new Random(seed), patch, [], usual);
                return Enumerable.Range(0, 8).Select(slice => 4.0 * patch.Share.AsSpan(slice * 64 * 64, 64 * 64).ToArray().Sum()).Where(area => area > 15).ToArray();
            })];
        }
    }

    [Fact]
    public void A_thick_slice_of_an_ordinary_scan_blurs_share_and_image_along_the_cord()
    {
        // The same cord, thin and thick: what is partly cord grows with the thickness.
        static double Partial() => Enumerable.Range(0, 40).Average(seed =>
        {
            var patch = new PlanePatch(FineInput.TileSide);
            PlaneSynthesis.Paint(new Random(seed), patch, [], negatives: 0.001, usual: 1);
            return patch.Share.Count(share => share is > 0.02f and < 0.98f) / Math.Sqrt(patch.Share.Count(share => share >= 0.5f));
        });
        Assert.True(Partial() > 1.05 * ThinPartial(), $"{Partial()} and {ThinPartial()}");

        static double ThinPartial() => Enumerable.Range(0, 40).Average(seed =>
        {
            var canvas = new SliceCanvas(128, 0.6f);
            var scene = new SpineScene(new Random(seed), [], SceneKind.Cord, SceneVariety.AnySize);
            canvas.Centre = scene.CanalAt(0);
            scene.Paint(canvas, 0);
            return canvas.Share.Count(share => share is > 0.02f and < 0.98f) / Math.Sqrt(canvas.Share.Count(share => share >= 0.5f));
        });
    }

    /// <summary>Of healthy sizes alone a network learns what a cord measures, and answers that where the border is not plain.</summary>
    [Fact]
    public void Cords_of_ordinary_scans_have_any_size()
    {
        var (healthy, any) = (Sizes(SceneVariety.Healthy), Sizes(SceneVariety.AnySize));
        Assert.InRange(Deviation(healthy), 0.08, 0.14);
        Assert.InRange(Deviation(any), 0.28, 0.42);
        Assert.InRange(any.Average(), healthy.Average() - 0.15, healthy.Average() + 0.15);

        // Logarithms of areas.
        static double[] Sizes(SceneVariety variety) =>
            [.. Enumerable.Range(0, 300).Select(seed => new CordSceneGeometry(new Random(seed), [], variety)).Select(cord => Math.Log(cord.HalfWidth.Mean * cord.HalfHeight.Mean))];

        static double Deviation(double[] values) => Math.Sqrt(values.Average(value => Math.Pow(value - values.Average(), 2)));
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
    public void Sick_cords_are_swollen_or_wasted_where_they_say()
    {
        var (wasted, swollen) = (0, 0);
        for (var seed = 0; seed < 60; seed++)
        {
            var geometry = new CordSceneGeometry(new Random(seed), [], SceneVariety.Sick);
            var sizes = Enumerable.Range(-60, 121).Select(z => geometry.SwellingAt(z)).ToArray();
            var (least, most) = (sizes.Min(), sizes.Max());
            Assert.InRange(least, 0.49f, 1.51f);
            Assert.InRange(most, 0.49f, 1.51f);
            (wasted, swollen) = (wasted + (least < 0.9f ? 1 : 0), swollen + (most > 1.1f ? 1 : 0));

            float Area(float z, SceneVariety variety)
            {
                var canvas = new SliceCanvas(80, 0.5f);
                canvas.Clear(0, default);
                new CordSceneGeometry(new Random(seed), [], variety).Paint(canvas, TissueIntensities.Draw(new Random(1)), 0, 0, 12, 12, z, 1, 0);
                return canvas.Share.Sum();
            }

            // The same cord without the sickness, squared diameters.
            Assert.Equal(Math.Pow(geometry.SwellingAt(10), 2), Area(10, SceneVariety.Sick) / Area(10, SceneVariety.Any), 0.04);
        }
        Assert.InRange(wasted, 25, 50);
        Assert.InRange(swollen, 12, 35);
    }

    [Fact]
    public void A_lesion_changes_the_cord_inside_and_not_its_share()
    {
        var different = 0;
        for (var seed = 0; seed < 120; seed++)
        {
            // With lesions as bright as the cord nothing is to be seen of them.
            var tissues = TissueIntensities.Imitate("T2w", new Random(1));
            float[] Draw(TissueIntensities with, out float[] share)
            {
                var canvas = new SliceCanvas(80, 0.5f);
                canvas.Clear(0, default);
                new CordSceneGeometry(new Random(seed), []).Paint(canvas, with, 0, 0, 12, 12, 0, 1, 0);
                share = canvas.Share.ToArray();
                return canvas.Image.ToArray();
            }

            var image = Draw(tissues, out var share);
            var inside = Enumerable.Range(0, image.Length).Where(n => share[n] == 1).Select(n => image[n]).ToArray();
            different += inside.Max() - inside.Min() > 0.12f ? 1 : 0;
            Assert.InRange(share.Sum() * 0.25, 10, 150);
        }
        // 15 % have lesions, and not every one lies at this height.
        Assert.InRange(different, 3, 30);
    }

    [Fact]
    public void Canals_bend_and_lean()
    {
        var bends = Enumerable.Range(0, 60).Select(seed =>
        {
            var scene = new SpineScene(new Random(seed), []);
            var (foot, middle, head) = (scene.CanalAt(-60).Y, scene.CanalAt(0).Y, scene.CanalAt(60).Y);
            return (Bend: Math.Abs(middle - ((foot + head) / 2)), Lean: Math.Abs(head - foot) / 120);
        }).ToArray();
        Assert.InRange(bends.Max(bend => bend.Bend), 4, 40);
        Assert.True(bends.Count(bend => bend.Bend > 1) > 20 && bends.Count(bend => bend.Lean > 0.1) > 20);
    }

    [Fact]
    public void Fields_of_view_without_any_cord_and_thick_slices_occur()
    {
        var source = new FineSamples(new TrainingData([], [])) { RealShare = 0, Artefacts = 0.3 };
        int empty = 0, cut = 0;
        float[] image = new float[96 * 96], share = new float[96 * 96], weight = new float[96 * 96];
        for (var seed = 0; seed < 200; seed++)
        {
            source.Draw(new Random(seed), image, share, weight);
            empty += share.Sum() == 0 ? 1 : 0;
            cut += weight.Contains(0) ? 1 : 0;
            Assert.All(image, value => Assert.True(float.IsFinite(value)));
        }
        Assert.InRange(empty, 20, 80);
        Assert.InRange(cut, 10, 120);
        // 17 mm of a cord that leans by half a millimetre per mm smear it by 8 pixels.
        var plane = new float[96 * 96];
        for (var n = 0; n < plane.Length; n++)
            plane[n] = Math.Pow((n / 96) - 48, 2) + Math.Pow((n % 96) - 48, 2) < 64 ? 1 : 0;
        var area = plane.Sum();
        new Acquisition(1, 1, (0, 0.5f * 17 / 0.6f), 0, 0, false, 0, 0, false).Apply(new Random(1), (float[])plane.Clone(), plane, 96, new float[2 * 97 * 97], new float[97 * 97]);
        Assert.Equal(1, plane.Sum() / area, 0.02);
        Assert.InRange(plane[(58 * 96) + 48], 0.1f, 0.9f);
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
