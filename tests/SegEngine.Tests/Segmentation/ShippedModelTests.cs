using Microsoft.ML.OnnxRuntime;
using SoftSeg.SegEngine.Phantoms;

namespace SoftSeg.SegEngine.Tests.Segmentation;

/// <summary>The whole way with the model that ships, on phantoms whose share is known and, where SOFTSEG_TESTDATA is set, on people whom it never saw.</summary>
public sealed class ShippedModelTests(ShippedModel model) : IClassFixture<ShippedModel>
{
    public static TheoryData<PhantomPlane, PhantomContrast, double> Series() => new()
    {
        { PhantomPlane.Sagittal, PhantomContrast.T2w, 0 },
        { PhantomPlane.Sagittal, PhantomContrast.T1w, 0 },
        { PhantomPlane.Axial, PhantomContrast.T2star, 0 },
        { PhantomPlane.Axial, PhantomContrast.T2w, 12 },
        { PhantomPlane.Coronal, PhantomContrast.T2w, 0 },
    };

    [Theory]
    [MemberData(nameof(Series))]
    public void A_phantom_s_cord_is_found_with_its_area(PhantomPlane plane, PhantomContrast contrast, double tilt)
    {
        var phantom = Generate(plane, contrast, tilt);
        var result = model.Segmenter.Segment(phantom.Image);
        Assert.True(result.CordFound, string.Join(' ', result.Notes));
        Assert.InRange(Agreement.Dice(phantom.Share, result.SoftMask), 0.88, 1);
        var (found, truth) = (CordMorphometry.Measure(result.SoftMask).Whole.MeanArea, CordMorphometry.Measure(phantom.Share).Whole.MeanArea);
        Assert.Equal(1, found / truth, 0.12);
    }

    [Fact]
    public void Without_a_cord_there_is_no_mask()
    {
        var random = new Random(1);
        var noise = new float[40 * 80 * 80];
        var bottle = new float[noise.Length];
        for (var n = 0; n < noise.Length; n++)
        {
            var (r, c) = ((n / 80 % 80) - 40, (n % 80) - 40);
            noise[n] = 100 * random.NextSingle();
            bottle[n] = ((r * r) + (c * c) < 30 * 30 ? 800 : 0) + (20 * random.NextSingle());
        }
        Volume[] images =
        [
            new(noise, 40, 80, 80, Phantom.Spaced(3, 1.5, 1.5)),
            new(bottle, 40, 80, 80, Phantom.Spaced(3, 1.5, 1.5)),
            Generate(PhantomPlane.Sagittal, PhantomContrast.T2w, 0, hasCord: false).Image,
            Generate(PhantomPlane.Axial, PhantomContrast.T2star, 0, hasCord: false).Image,
            .. Enum.GetValues<CordlessScene>().Select(scene => CordlessPhantom.Generate(scene)),
            CordlessPhantom.Generate(CordlessScene.Brain, inverted: true, sliceSpacing: 1, pixelSpacing: 1.2),
            Generate(PhantomPlane.Sagittal, PhantomContrast.T2w, 0, change: o => o with { ConusAt = 1000 }).Image,
            Generate(PhantomPlane.Axial, PhantomContrast.T2star, 0, change: o => o with { ConusAt = 1000 }).Image,
        ];
        foreach (var image in images)
        {
            var result = model.Segmenter.Segment(image);
            Assert.False(result.CordFound);
            Assert.Equal(0, result.SoftMask.Voxels.Max());
            Assert.Contains(result.Notes, n => n.StartsWith("No cord", StringComparison.Ordinal));
        }
    }

    public static TheoryData<string, PhantomPlane, PhantomContrast> Sick()
    {
        var data = new TheoryData<string, PhantomPlane, PhantomContrast>();
        foreach (var condition in new[] { "compression", "lesions", "atrophy" })
        {
            data.Add(condition, PhantomPlane.Sagittal, PhantomContrast.T2w);
            data.Add(condition, PhantomPlane.Axial, PhantomContrast.T2star);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Sick))]
    public void A_sick_cord_is_drawn_whole(string condition, PhantomPlane plane, PhantomContrast contrast)
    {
        var phantom = Generate(plane, contrast, 0, change: options => condition switch
        {
            "compression" => options with { Compression = 0.45 },
            "lesions" => options with { Lesions = 5 },
            _ => options with { Atrophy = 0.4 },
        });
        var result = model.Segmenter.Segment(phantom.Image);
        Assert.True(result.CordFound, string.Join(' ', result.Notes));
        Assert.InRange(Agreement.Dice(phantom.Share, result.SoftMask), 0.85, 1);
        var (found, truth) = (CordMorphometry.Measure(result.SoftMask), CordMorphometry.Measure(phantom.Share));
        // A lesion as bright as CSF that reaches the border is cut out of the cord (model card).
        Assert.Equal(1, found.Whole.MeanArea / truth.Whole.MeanArea, condition == "lesions" ? 0.15 : 0.12);
        Assert.Equal(1, found.Whole.Length / truth.Whole.Length, 0.1);
    }

    [Fact]
    public void The_mask_ends_where_the_cord_ends()
    {
        foreach (var (image, conus) in LumbarSpines())
        {
            var result = model.Segmenter.Segment(image);
            Assert.True(result.CordFound, string.Join(' ', result.Notes));
            Assert.InRange(CordMorphometry.Measure(result.SoftMask).Stations[0].Centre.Z, conus - 25, conus + 25);
            double below = 0;
            for (var slice = 0; slice < image.Slices; slice++)
            {
                for (var row = 0; row < image.Rows; row++)
                {
                    for (var column = 0; column < image.Columns; column++)
                    {
                        if (result.SoftMask[slice, row, column] >= 0.5f && image.Affine.ToPatient(slice, row, column).Z < conus - 25)
                            below += image.Affine.VoxelVolume;
                    }
                }
            }
            Assert.InRange(below, 0, 100);
        }
    }

    /// <summary>Spines that show the conus, and the height at which the cord ends, mm: a generated one, and a real T2w one read by eye.</summary>
    static IEnumerable<(Volume Image, double Conus)> LumbarSpines()
    {
        yield return (Generate(PhantomPlane.Sagittal, PhantomContrast.T2w, 0, change: o => o with { Height = 160, ConusAt = -20 }).Image, -10);
        if (Environment.GetEnvironmentVariable("SOFTSEG_TESTDATA") is { Length: > 0 } data)
            yield return (NiftiFile.Read(Path.Combine(data, "dev/t2_lumbar_unlabelled.nii.gz")), -430);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public void All_48_axis_orders_have_the_same_mask_to_the_last_bit(double turn)
    {
        var image = SpinePhantom.Generate(new SpinePhantomOptions { Plane = PhantomPlane.Axial, SliceSpacing = 5, PixelSpacing = 1, Width = 70, Depth = 90, Height = 40, TiltDegrees = 9 }).Image;
        if (turn != 0)
            image = TurnedWithinItsSlices(image, turn)(image);
        var first = model.Segmenter.Segment(image);
        Assert.True(first.CordFound);
        foreach (var (stored, mask) in Phantom.InAllAxisOrders(image).Zip(Phantom.InAllAxisOrders(first.SoftMask)))
            Assert.Equal(mask.Voxels, model.Segmenter.Segment(stored).SoftMask.Voxels);
    }

    [Theory]
    [InlineData(25)]
    [InlineData(30)]
    [InlineData(-45)]
    public void Axial_slices_that_are_turned_within_their_planes_show_the_same_cord(double degrees)
    {
        var phantom = Generate(PhantomPlane.Axial, PhantomContrast.T2w, 0);
        foreach (var (stored, truth) in new[] { Labelled().Last(), (phantom.Image, phantom.Share) })
        {
            var (image, share) = (Orientation.ToCanonical(stored, out _), Orientation.ToCanonical(truth, out _));
            var onto = TurnedWithinItsSlices(image, degrees);
            var upright = model.Segmenter.Segment(image);
            var result = model.Segmenter.Segment(onto(image));
            Assert.DoesNotContain(upright.Notes, note => note.Contains("turned", StringComparison.Ordinal));
            Assert.Contains(result.Notes, note => note.Contains("degrees from the patient's axes", StringComparison.Ordinal));
            Assert.InRange(Agreement.Dice(onto(upright.SoftMask), result.SoftMask), 0.95, 1);
            Assert.InRange(Agreement.Dice(onto(share), result.SoftMask), 0.88, 1);
            Assert.Equal(1, result.SoftMask.Voxels.Sum() / onto(upright.SoftMask).Voxels.Sum(), 0.04);
        }
    }

    /// <summary>Samples volumes on the grid of one, turned about the normal of its slices and as large.</summary>
    static Func<Volume, Volume> TurnedWithinItsSlices(Volume grid, double degrees)
    {
        var (sin, cos) = Math.SinCos(double.DegreesToRadians(degrees));
        var (row, column) = (grid.Affine.RowStep, grid.Affine.ColumnStep);
        var turned = grid.Affine with { RowStep = (row * cos) - (column * sin), ColumnStep = (column * cos) + (row * sin) };
        turned = turned with { Origin = turned.Origin + grid.Affine.ToPatient(0, (grid.Rows - 1) / 2.0, (grid.Columns - 1) / 2.0) - turned.ToPatient(0, (grid.Rows - 1) / 2.0, (grid.Columns - 1) / 2.0) };
        return volume => Resampler.SampleGrid(volume, grid.Slices, grid.Rows, grid.Columns, turned);
    }

    [Fact]
    public void Half_the_field_of_view_has_the_same_mask_where_they_overlap()
    {
        var image = Orientation.ToCanonical(Labelled().First().Image, out _);
        var whole = model.Segmenter.Segment(image).SoftMask;
        var half = image.Slices / 2;
        foreach (var first in new[] { 0, half / 2, image.Slices - half })
        {
            var part = model.Segmenter.Segment(Overlap.Slices(image, first, half)).SoftMask;
            Assert.InRange(Agreement.Dice(Overlap.Slices(whole, first, half), part), 0.97, 1);
        }
    }

    [Theory]
    [InlineData(PhantomPlane.Axial, PhantomContrast.T2star, 1)]
    [InlineData(PhantomPlane.Axial, PhantomContrast.T1w, 2)]
    [InlineData(PhantomPlane.Sagittal, PhantomContrast.T2w, 3)]
    public void A_few_slices_across_the_cord_are_enough(PhantomPlane plane, PhantomContrast contrast, int slices)
    {
        var phantom = Generate(plane, contrast, 0);
        var (image, share) = (Orientation.ToCanonical(phantom.Image, out _), Orientation.ToCanonical(phantom.Share, out _));
        var found = model.Segmenter.Segment(Overlap.Slices(image, image.Slices / 2, slices));
        Assert.True(found.CordFound, string.Join(' ', found.Notes));
        Assert.InRange(Agreement.Dice(Overlap.Slices(share, image.Slices / 2, slices), found.SoftMask), 0.88, 1);
    }

    [Theory]
    [InlineData(1, 0.1, false)]
    [InlineData(3, 0.1, false)]
    [InlineData(4, 0.2, true)]
    public void Thick_sagittal_slices_show_a_smaller_area_and_a_note_says_so(double sliceSpacing, double tolerance, bool noted)
    {
        var phantom = Generate(PhantomPlane.Sagittal, PhantomContrast.T2w, 0, change: o => o with { SliceSpacing = sliceSpacing });
        var result = model.Segmenter.Segment(phantom.Image);
        var (found, truth) = (CordMorphometry.Measure(result.SoftMask).Whole.MeanArea, CordMorphometry.Measure(phantom.Share).Whole.MeanArea);
        Assert.Equal(1, found / truth, tolerance);
        Assert.Equal(noted, result.Notes.Any(note => note.Contains("mm across the cord are larger than 1.8 mm, or than 3.5 mm in one direction: areas come out up to 20 % too small.", StringComparison.Ordinal)));
    }

    [Fact]
    public void People_whom_the_model_never_saw_are_segmented()
    {
        var dice = new List<double>();
        foreach (var (image, truth) in Labelled())
        {
            var result = model.Segmenter.Segment(image);
            Assert.True(result.CordFound);
            dice.Add(Agreement.Dice(truth, result.SoftMask));
        }
        Assert.InRange(dice.Average(), 0.92, 1);
        Assert.InRange(dice.Min(), 0.88, 1);
    }

    [Fact]
    public void Moving_a_tile_changes_no_share_around_its_middle_by_more_than_0_02()
    {
        // As the segmenter lays tiles: 128 pixels wide, on multiples of the network's stride.
        const int Side = 128;
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var network = new OnnxNetwork(ModelNetwork.Fine, model.Package.Network(ModelNetwork.Fine), options, 2);
        var phantom = Generate(PhantomPlane.Axial, PhantomContrast.T2star, 0);
        var input = new FineInput(Orientation.ToCanonical(phantom.Image, out _));
        var centre = CordMorphometry.Measure(phantom.Share).Stations[9].Centre;
        var (_, row, column) = phantom.Image.Affine.ToIndex(centre);
        var firstRow = FineInput.FirstOf(input.Sampling.Row.FromSource(row), Side);
        var firstColumn = FineInput.FirstOf(input.Sampling.Column.FromSource(column), Side);
        var still = Shares(0, 0);
        Assert.True(still.Max() > 0.9f);
        foreach (var (down, right) in new[] { (8, 0), (0, -8), (16, 8), (-16, -16) })
        {
            var moved = Shares(down, right);
            for (var r = 40; r < Side - 40; r++)
            {
                for (var c = 40; c < Side - 40; c++)
                    Assert.Equal(still[(r * Side) + c], moved[((r - down) * Side) + c - right], 0.02f);
            }
        }

        // What the segmenter asks for is the middle of these.
        const int Shown = 68, Border = (Side - Shown) / 2;
        var middle = network.RunMiddle(Tile(0, 0), [1, 1, Side, Side], input.Pixel);
        Assert.Equal(Shown * Shown, middle.Length);
        for (var n = 0; n < middle.Length; n++)
            Assert.Equal(still[((Border + (n / Shown)) * Side) + Border + (n % Shown)], middle[n], 1e-5f);

        float[] Shares(int down, int right) => network.Run(Tile(down, right), [1, 1, Side, Side], input.Pixel);

        float[] Tile(int down, int right)
        {
            var tile = new float[Side * Side];
            input.CutTile(9, firstRow + down, firstColumn + right, Side, Side, tile);
            return tile;
        }
    }

    [Fact]
    public void A_smaller_field_of_view_around_the_cord_gives_the_same_mask()
    {
        foreach (var (image, truth) in Labelled().Append(Generated()))
        {
            var (canonical, share) = (Orientation.ToCanonical(image, out _), Orientation.ToCanonical(truth, out _));
            var whole = model.Segmenter.Segment(canonical).SoftMask;
            var cord = Enumerable.Range(0, share.Voxels.Length).Where(n => share.Voxels[n] >= 0.5f).Select(n => (Row: n / share.Columns % share.Rows, Column: n % share.Columns)).ToArray();
            var (first, left) = (Math.Max(0, cord.Min(at => at.Row) - 25), Math.Max(0, cord.Min(at => at.Column) - 27));
            var (last, right) = (Math.Min(share.Rows - 1, cord.Max(at => at.Row) + 26), Math.Min(share.Columns - 1, cord.Max(at => at.Column) + 23));
            Volume Cut(Volume volume) => volume.Part(0, volume.Slices, first, last - first + 1, left, right - left + 1);
            var found = model.Segmenter.Segment(Cut(canonical)).SoftMask;
            Assert.InRange(Agreement.Dice(Cut(whole), found), 0.99, 1);
            // Measured with 1.6.0, whose border has wider neighbourhoods: 0.0032 at most.
            Assert.Equal(1, CordMorphometry.Measure(found).Whole.MeanArea / CordMorphometry.Measure(whole).Whole.MeanArea, 0.004);
        }

        static (Volume Image, Volume Truth) Generated()
        {
            var phantom = Generate(PhantomPlane.Axial, PhantomContrast.T2star, 12);
            return (phantom.Image, phantom.Share);
        }
    }

    [Fact]
    public void What_is_beside_the_cord_holds_no_cord()
    {
        foreach (var (image, truth) in Labelled())
        {
            var (canonical, share) = (Orientation.ToCanonical(image, out _), Orientation.ToCanonical(truth, out _));
            var spacing = canonical.Affine.Spacing.Row;
            var rows = Enumerable.Range(0, share.Rows).Where(r => Enumerable.Range(0, share.Slices).Any(s => share.Slice(s).Slice(r * share.Columns, share.Columns).ContainsAnyInRange(0.5f, 1f))).ToArray();
            // In front of its foremost and behind its hindmost point, with 10 mm between.
            foreach (var (first, count) in new[] { (0, rows[0] - (int)(10 / spacing)), (rows[^1] + (int)(10 / spacing), share.Rows - rows[^1] - (int)(10 / spacing)) })
            {
                if (count * spacing < 25)
                    continue;
                var part = canonical.Part(0, canonical.Slices, first, count, 0, canonical.Columns);
                var found = model.Segmenter.Segment(part);
                Assert.InRange(found.SoftMask.Voxels.Count(v => v >= 0.5f) * part.Affine.VoxelVolume, 0, 100);
            }
        }
    }

    [Fact]
    public void A_very_large_field_of_view_is_searched_in_slabs_and_the_cord_is_still_found_whole()
    {
        // 360 x 360 x 280 mm: 2.3 million voxels for the locator, mostly air around a neck.
        var neck = SpinePhantom.Generate(new SpinePhantomOptions { Plane = PhantomPlane.Axial, SliceSpacing = 8, PixelSpacing = 2, Width = 100, Depth = 120, Height = 280 });
        Volume Padded(Volume v)
        {
            var wide = new Volume(new float[v.Slices * 180 * 180], v.Slices, 180, 180, v.Affine with { Origin = v.Affine.ToPatient(0, -60, -70) });
            for (var s = 0; s < v.Slices; s++)
            {
                for (var r = 0; r < v.Rows; r++)
                    v.Slice(s).Slice(r * v.Columns, v.Columns).CopyTo(wide.Slice(s)[(((r + 60) * 180) + 70)..]);
            }
            return wide;
        }

        var found = model.Segmenter.Segment(Padded(neck.Image));
        Assert.True(found.CordFound, string.Join(' ', found.Notes));
        Assert.InRange(Agreement.Dice(Padded(neck.Share), found.SoftMask), 0.8, 1);
        Assert.InRange(CordMorphometry.Measure(found.SoftMask).Whole.Length, 250, 300);
    }

    [Fact]
    public void Auto_falls_back_to_the_CPU_and_the_result_names_what_ran()
    {
        Assert.Contains(model.Segmenter.Provider, new[] { "cpu", "cuda" });
        Assert.All(model.Segmenter.ProvidersTried, t => Assert.Contains(": ", t));
    }

    /// <summary>The frozen people; without real volumes, two phantoms.</summary>
    static IEnumerable<(Volume Image, Volume Truth)> Labelled()
    {
        if (Environment.GetEnvironmentVariable("SOFTSEG_TESTDATA") is not { Length: > 0 } data)
        {
            yield return (Generate(PhantomPlane.Sagittal, PhantomContrast.T2w, 0).Image, Generate(PhantomPlane.Sagittal, PhantomContrast.T2w, 0).Share);
            yield return (Generate(PhantomPlane.Axial, PhantomContrast.T2star, 0).Image, Generate(PhantomPlane.Axial, PhantomContrast.T2star, 0).Share);
            yield break;
        }
        yield return (NiftiFile.Read(Path.Combine(data, "train/errsm_11/t2.nii.gz")), NiftiFile.Read(Path.Combine(data, "train/errsm_11/t2_seg-manual.nii.gz")));
        yield return (NiftiFile.Read(Path.Combine(data, "train/gmc_9418/run-1_T2starw.nii.gz")), NiftiFile.Read(Path.Combine(data, "train/gmc_9418/run-1_seg-manual.nii.gz")));
    }

    static SpinePhantom Generate(PhantomPlane plane, PhantomContrast contrast, double tilt, bool hasCord = true, Func<SpinePhantomOptions, SpinePhantomOptions>? change = null)
    {
        var options = new SpinePhantomOptions { Plane = plane, Contrast = contrast, TiltDegrees = tilt, HasCord = hasCord, Height = 90, Depth = 110 };
        options = plane == PhantomPlane.Axial ? options with { SliceSpacing = 5, PixelSpacing = 0.7, Width = 90 } : options;
        return SpinePhantom.Generate(change is null ? options : change(options));
    }
}

/// <summary>The newest package in <c>models/</c>, loaded once.</summary>
public sealed class ShippedModel : IDisposable
{
    public ShippedModel()
    {
        var root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "SoftSeg.sln")))
            root = Path.GetDirectoryName(root);
        var packages = Directory.GetDirectories(Path.Combine(root!, "models"), "cord-*");
        Package = ModelPackage.Load(packages.MaxBy(p => Version.Parse(p[(p.LastIndexOf('-') + 1)..]))!);
        Segmenter = SoftSegmenter.Load(Package);
    }

    public ModelPackage Package { get; }

    public SoftSegmenter Segmenter { get; }

    public void Dispose() => Segmenter.Dispose();
}
