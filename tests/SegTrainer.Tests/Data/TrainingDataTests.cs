using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Tests.Data;

public sealed class TrainingDataTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("softseg-data").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static TrainingManifest Only(LabelledImage image) => new() { Train = [image] };

    string Write(string name, Volume volume)
    {
        NiftiFile.Write(Path.Combine(_folder, name), volume);
        return name;
    }

    [Theory]
    [InlineData("errsm_11", "a.nii.gz", "b.nii.gz")]
    [InlineData("gmc_9418", "a.nii.gz", "b.nii.gz")]
    [InlineData("somebody", "errsm_11/t2.nii.gz", "b.nii.gz")]
    [InlineData("somebody", "a.nii.gz", "labels_only/errsm_t1/errsm_11_t1_seg-manual.nii.gz")]
    [InlineData("somebody", "a.nii.gz", "derivatives/sub-9418/run-1_seg.nii.gz")]
    public void Frozen_people_are_refused_by_name_and_by_path(string person, string image, string mask)
    {
        var entry = new LabelledImage(image, mask, person, "T2w");
        Assert.Contains("frozen person", Assert.Throws<InvalidDataException>(() => TrainingData.Load(_folder, Only(entry))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(new TrainingManifest { Train = [], Validation = [entry] }.Check);
        Assert.Throws<InvalidDataException>(new TrainingManifest { Train = [], Shapes = [new LabelledShape(mask, person) { Csf = image }] }.Check);
        new TrainingManifest { Train = [], Frozen = [entry] }.Check();
    }

    [Fact]
    public void A_person_is_in_one_part_of_the_split()
    {
        var image = new LabelledImage("a.nii.gz", "b.nii.gz", "errsm_21", "T2w");
        var manifest = new TrainingManifest { Train = [image], Validation = [image with { Image = "c.nii.gz" }] };
        Assert.Contains("errsm_21", Assert.Throws<InvalidDataException>(manifest.Check).Message, StringComparison.Ordinal);
        manifest = new TrainingManifest { Train = [], Shapes = [new LabelledShape("m.nii.gz", "errsm_21")], Validation = [image] };
        Assert.Throws<InvalidDataException>(manifest.Check);
    }

    [Fact]
    public void People_held_out_are_measured_and_nothing_of_theirs_is_trained_on()
    {
        LabelledImage first = new("a.nii.gz", "b.nii.gz", "first", "T2w"), second = new("c.nii.gz", "d.nii.gz", "second", "T2w");
        var manifest = new TrainingManifest
        {
            Train = [first, second],
            Shapes = [new("b.nii.gz", "first"), new("d.nii.gz", "second")],
            Unlabelled = [new(["e.nii.gz"], "first", ["T1w"])],
            Pairs = [new("a.nii.gz", "e.nii.gz", "first", PairKind.Contrast)],
        };
        var held = manifest.HoldOut(["first"]);
        held.Check();
        Assert.Equal([second], held.Train);
        Assert.Equal([first], held.Validation);
        Assert.Equal("second", Assert.Single(held.Shapes).Person);
        Assert.Empty(held.Unlabelled);
        Assert.Single(held.PairsOf("validation"));
        Assert.Contains("first, second", Assert.Throws<InvalidDataException>(() => manifest.HoldOut(["nobody"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_with_a_file_is_said()
    {
        var (image, mask) = Phantoms.Spine(slices: 3, rows: 60, columns: 70);
        Write("image.nii.gz", image);
        Write("mask.nii.gz", mask);
        Write("empty.nii.gz", mask.LikeThis());
        Write("small.nii.gz", new Volume(new float[3 * 60 * 69], 3, 60, 69, mask.Affine));
        Write("moved.nii.gz", new Volume(mask.Voxels, 3, 60, 70, mask.Affine with { Origin = new Vector3(1, 0, 0) }));
        var broken = image.LikeThis();
        broken[0, 0, 0] = float.NaN;
        Write("nan.nii.gz", broken);

        Assert.Contains("missing", Message("image.nii.gz", "nowhere.nii.gz"), StringComparison.Ordinal);
        Assert.Contains("is empty", Message("image.nii.gz", "empty.nii.gz"), StringComparison.Ordinal);
        Assert.Contains("another grid: 3 x 60 x 69", Message("image.nii.gz", "small.nii.gz"), StringComparison.Ordinal);
        Assert.Contains("1.00 mm elsewhere", Message("image.nii.gz", "moved.nii.gz"), StringComparison.Ordinal);
        Assert.Contains("not finite", Message("nan.nii.gz", "mask.nii.gz"), StringComparison.Ordinal);
        Assert.Single(TrainingData.Load(_folder, Only(new LabelledImage("image.nii.gz", "mask.nii.gz", "a", "T2w"))).Volumes);

        string Message(string file, string label)
        {
            var error = Assert.ThrowsAny<Exception>(() => TrainingData.Load(_folder, Only(new LabelledImage(file, label, "a", "T2w"))));
            return (error as AggregateException)?.InnerException!.Message ?? Assert.IsType<InvalidDataException>(error).Message;
        }
    }

    [Fact]
    public void A_manifest_with_a_misspelt_key_is_refused()
    {
        var path = Path.Combine(_folder, "data.json");
        File.WriteAllText(path, """{ "train": [ { "image": "a", "mask": "b", "person": "c", "contrast": "T2w", "wieght": 2 } ] }""");
        Assert.Contains("wieght", Assert.Throws<InvalidDataException>(() => TrainingManifest.Load(path)).Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", Assert.Throws<InvalidDataException>(() => TrainingManifest.Load(path + "x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Masks_become_shares_of_their_own_area_and_slices_below_the_conus_are_known_to_have_none()
    {
        var (image, mask) = Volumes();
        foreach (var slice in new[] { 0, 1, 2, mask.Slices - 1 })
            mask.Slice(slice).Clear();
        var open = new LabelledVolume("phantom", "a", "T2w", image, mask);
        Assert.Equal(3, open.LabelledIndices[0]);
        Assert.False(open.Labelled[^1]);
        var ended = new LabelledVolume("phantom", "a", "T2w", image, mask, slicesBelowCord: 2);
        Assert.Equal(0, ended.LabelledIndices[0]);
        Assert.False(ended.Labelled[2]);
        Assert.False(ended.Labelled[^1]);
        Assert.Contains("begins in slice 3", Assert.Throws<InvalidDataException>(() => new LabelledVolume("phantom", "a", "T2w", image, mask, slicesBelowCord: 4)).Message, StringComparison.Ordinal);
        Assert.Equal(0, Phantoms.Area(ended.Share.Slice(1)));
        Assert.InRange(Phantoms.Area(open.Share.Voxels) / Phantoms.Area(mask.Voxels), 0.99, 1.01);
    }

    /// <summary>A real T2*-weighted volume where the test data are, else the phantom: the same must hold.</summary>
    static (Volume Image, Volume Mask) Volumes()
    {
        if (Environment.GetEnvironmentVariable("SOFTSEG_TESTDATA") is not { Length: > 0 } data)
            return Phantoms.Spine();
        var folder = Path.Combine(data, "train");
        return (TrainingData.ReadCanonical(folder, "gmc_9669/run-1_T2starw.nii.gz"), TrainingData.ReadCanonical(folder, "gmc_9669/run-1_seg-manual.nii.gz"));
    }
}
