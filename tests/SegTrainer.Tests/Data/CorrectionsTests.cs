using System.CommandLine;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Commands;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Tests.Data;

public sealed class CorrectionsTests : IDisposable
{
    const string Mask = "derivatives/labels/sub-new/anat/sub-new_T2w_label-SC_seg.nii.gz";

    static readonly Affine Grid = new(Vector3.Zero, new(0, 0, 4), new(0, 1, 0), new(1, 0, 0));

    readonly string folder = Directory.CreateTempSubdirectory("softseg-corrections").FullName;
    readonly string manifest;

    public CorrectionsTests()
    {
        manifest = At("data.json");
        foreach (var (name, seed) in new[] { ("anna", 1), ("bert", 2), ("frieda", 3), ("unnamed", 4) })
        {
            Write($"data/{name}.nii.gz", Image(seed));
            Write($"data/{name}_seg.nii.gz", Disc(4));
        }
        File.WriteAllText(manifest, """
            {
              // Comments are allowed.
              "train": [{ "image": "anna.nii.gz", "mask": "anna_seg.nii.gz", "person": "anna", "contrast": "T2w", "weight": 2.5 }],
              "unlabelled": [{ "images": ["unnamed.nii.gz"], "person": "unnamed", "contrasts": ["T2w"] }],
              "validation": [{ "image": "bert.nii.gz", "mask": "bert_seg.nii.gz", "person": "bert", "contrast": "T2w" }],
              "frozen": [{ "image": "frieda.nii.gz", "mask": "frieda_seg.nii.gz", "person": "frieda", "contrast": "T2w" }],
              "pairs": [{ "first": "frieda.nii.gz", "second": "bert.nii.gz", "person": "frieda", "kind": "scanRescan" }]
            }
            """);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Corrected_masks_make_the_next_version_and_leave_the_one_before()
    {
        var before = File.ReadAllText(manifest);
        Write("bids/sub-new/anat/sub-new_T2w.nii.gz", Image(9));
        Write($"bids/{Mask}", Disc(5));
        Write("bids/sub-01/anat/sub-01_T1w.nii.gz", Image(1)); // anna under another name
        Write("bids/derivatives/labels/sub-01/anat/sub-01_T1w_seg-manual.nii.gz", Disc(6));
        Write("bids/sub-02/anat/sub-02_T2w.nii.gz", Image(4)); // so far the teacher's
        Write("bids/derivatives/labels/sub-02/anat/sub-02_T2w_seg.nii.gz", Disc(6));
        Write("bids/sub-03/anat/sub-03_T2w.nii.gz", Image(11)); // nobody corrected it

        var (code, output, error) = Add();
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("version 2", output, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(At("data.v1.json")));

        var next = TrainingManifest.Load(manifest);
        Assert.Equal(2, next.Version);
        Assert.Equal(64, next.Previous!.Length);
        Assert.Equal(TrainingManifest.Load(At("data.v1.json")).Frozen, next.Frozen);
        Assert.Equal(["anna", "sub-new", "unnamed"], next.Train.Select(entry => entry.Person).Order());
        Assert.Empty(next.Unlabelled);
        var anna = next.Train.Single(entry => entry.Person == "anna");
        Assert.Equal(("anna.nii.gz", 2.5), (anna.Image, anna.Weight));
        var read = TrainingData.Load(At("data"), next);
        Assert.Equal(3, read.Volumes.Count);
        Assert.InRange(read.Volumes.Single(volume => volume.Person == "anna").Share.Voxels.Sum(), 0.9 * Math.PI * 36 * 6, 1.1 * Math.PI * 36 * 6);

        // Once more: version 3 beside version 2.
        Assert.Equal(0, Add().Code);
        Assert.Equal(3, TrainingManifest.Load(manifest).Version);
        Assert.True(File.Exists(At("data.v2.json")));
    }

    public static TheoryData<string, string> BadMasks => new()
    {
        { "none", "holds no corrected mask" },
        { "empty", "is empty" },
        { "other grid", "on another grid" },
        { "soft", "holds the value 0.5" },
        { "not a number", "not finite" },
        { "two", "has 2 masks" },
        { "orphan", "belongs to an image sub-gone_T2w.nii.gz that is not in" },
        { "frozen", "frozen person frieda" },
        { "frozen by name", "frozen person errsm_11" },
        { "four axes", "several volumes" },
        { "damaged", "cannot be read as NIfTI" },
    };

    [Theory]
    [MemberData(nameof(BadMasks))]
    public void A_bad_correction_is_named_and_nothing_is_written(string fault, string expected)
    {
        var image = "bids/sub-new/anat/sub-new_T2w.nii.gz";
        Write(image, Image(fault == "frozen" ? 3 : 9));
        var mask = Disc(5);
        switch (fault)
        {
            case "none": break;
            case "empty": Write($"bids/{Mask}", mask.LikeThis()); break;
            case "other grid": Write($"bids/{Mask}", new Volume(mask.Voxels, 6, 40, 40, Grid with { Origin = new(3, 0, 0) })); break;
            case "soft": mask.Voxels[5] = 0.5f; goto default;
            case "not a number": mask.Voxels[5] = float.NaN; goto default;
            case "two": Write("bids/derivatives/labels/sub-new/anat/sub-new_T2w_seg-manual.nii.gz", mask); goto default;
            case "orphan": Write("bids/derivatives/labels/sub-gone/anat/sub-gone_T2w_label-SC_seg.nii.gz", mask); goto default;
            case "frozen by name":
                File.Delete(At(image));
                Write("bids/sub-errsm_11/anat/sub-errsm_11_T2w.nii.gz", Image(9));
                Write("bids/derivatives/labels/sub-errsm_11/anat/sub-errsm_11_T2w_seg.nii.gz", mask);
                break;
            case "four axes": WriteFourAxes($"bids/{Mask}"); break;
            case "damaged": Directory.CreateDirectory(Path.GetDirectoryName(At($"bids/{Mask}"))!); File.WriteAllText(At($"bids/{Mask}"), "nothing"); break;
            default: Write($"bids/{Mask}", mask); break;
        }
        var before = File.ReadAllText(manifest);
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order().ToArray();

        var (code, _, error) = Add();
        Assert.Equal(1, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
        Assert.Equal(before, File.ReadAllText(manifest));
        Assert.Equal(files, Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order().ToArray());
    }

    (int Code, string Output, string Error) Add()
    {
        var (error, output) = (new StringWriter(), new StringWriter());
        var code = new RootCommand { AddCorrectionsCommand.Create() }.Parse(["add-corrections", At("bids"), "--manifest", manifest, "--data", At("data")])
            .Invoke(new InvocationConfiguration { Error = error, Output = output });
        return (code, output.ToString(), error.ToString());
    }

    string At(string name) => Path.Combine(folder, name);

    void Write(string name, Volume volume)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        NiftiFile.Write(At(name), volume);
    }

    void WriteFourAxes(string name)
    {
        Write(name, new Volume(new float[12 * 40 * 40], 12, 40, 40, Grid));
        using (var read = new System.IO.Compression.GZipStream(File.OpenRead(At(name)), System.IO.Compression.CompressionMode.Decompress))
        using (var memory = new MemoryStream())
        {
            read.CopyTo(memory);
            var bytes = memory.ToArray();
            (bytes[40], bytes[46], bytes[48]) = (4, 6, 2); // dim: four axes, 6 slices, 2 volumes
            read.Dispose();
            using var write = new System.IO.Compression.GZipStream(File.Create(At(name)), System.IO.Compression.CompressionLevel.Fastest);
            write.Write(bytes);
        }
    }

    static Volume Image(int seed)
    {
        var random = new Random(seed);
        return new Volume([.. Enumerable.Range(0, 6 * 40 * 40).Select(_ => (float)random.Next(1000))], 6, 40, 40, Grid);
    }

    static Volume Disc(double radius)
    {
        var volume = new Volume(new float[6 * 40 * 40], 6, 40, 40, Grid);
        for (var n = 0; n < volume.Voxels.Length; n++)
            volume.Voxels[n] = Math.Pow((n / 40 % 40) - 20, 2) + Math.Pow((n % 40) - 20, 2) <= radius * radius ? 1 : 0;
        return volume;
    }
}
