using System.CommandLine;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Commands;
using SoftSeg.SegTrainer.Experiment;
using SoftSeg.SegTrainer.GroundTruth;
using SoftSeg.SegTrainer.Synthesis;
using Xunit.Abstractions;

namespace SoftSeg.SegTrainer.Tests;

public sealed class GroundTruthTests(ITestOutputHelper output) : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("softseg-truth").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Six_contrasts_of_a_moving_person_give_the_share_that_is_known() => Hold(Measure(21));

    /// <summary>Masks without error, and such as people draw, a sixth of a millimetre inside or outside the border by contrast.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Category", "Long")]
    public void Six_contrasts_of_eight_moving_people_give_the_share_that_is_known(bool raters)
    {
        var all = Enumerable.Range(31, 8).SelectMany(seed => Measure(seed, raters)).ToArray();
        foreach (var contrast in all.GroupBy(figures => figures.Contrast))
        {
            output.WriteLine(FormattableString.Invariant(
                $"{contrast.Key}: share off by {contrast.Average(f => f.Error):F3} on average (its own mask {contrast.Average(f => f.MaskError):F3}), area {contrast.Average(f => f.Area):+0.0%;-0.0%} (mean of |.| {contrast.Average(f => Math.Abs(f.Area)):P1}; its own mask {contrast.Average(f => Math.Abs(f.MaskArea)):P1}), moved {contrast.Average(f => f.Shift):F2} mm, found to {contrast.Average(f => f.ShiftError):F2} mm"));
        }
        Hold(all);
    }

    static void Hold(IReadOnlyCollection<Figures> all) => Assert.All(all, figures =>
    {
        Assert.True(figures.Error < 0.12, $"{figures.Contrast}: share off by {figures.Error:F3}");
        Assert.True(Math.Abs(figures.Area) < 0.04, $"{figures.Contrast}: area off by {figures.Area:P1}");
        Assert.True(figures.ShiftError < 5, $"{figures.Contrast}: shift off by {figures.ShiftError:F2} mm");
    });

    sealed record Figures(string Contrast, double Error, double MaskError, double Area, double MaskArea, double Shift, double ShiftError);

    static IReadOnlyCollection<Figures> Measure(int seed, bool raters = false)
    {
        var rater = new SimulatedRater(new Dictionary<string, double> { ["T1w"] = 0.15, ["T2w"] = -0.15, ["T2star"] = 0.1, ["MToff"] = 0.1, ["DWI"] = -0.1 }, 0.08);
        var random = new Random(seed);
        var scans = new SimulatedPerson(seed) { Width = 72, Length = 50 }.Scan();
        var canonical = scans.Select(scan => (Scan: scan, Image: Orientation.ToCanonical(scan.Image, out _), Share: Orientation.ToCanonical(scan.Share, out _)))
            .Select(one => (one.Scan, one.Image, Mask: raters ? rater.Draw(one.Scan with { Share = one.Share }, random) : Orientation.ToCanonical(one.Scan.HardMask(), out _), one.Share)).ToArray();
        var truth = SubjectTruth.Of([.. canonical.Select(one => new SubjectContrast(one.Scan.Sequence.Name, one.Scan.Sequence.Name, one.Image, one.Mask))]);
        Assert.Empty(truth.LeftOut);
        var reference = scans.Single(scan => scan.Sequence.Name == "T2w").Shift;
        return [.. truth.Contrasts.Select(contrast =>
        {
            var (scan, _, mask, share) = canonical.Single(one => one.Scan.Sequence.Name == contrast.Contrast.Name);
            Assert.True(contrast.Known.Count(known => known) >= share.Slices - 4, $"{contrast.Contrast.Name}: {contrast.Known.Count(known => known)} of {share.Slices} slices are known");
            double error = 0, maskError = 0, voxels = 0, area = 0, drawn = 0, known = 0;
            for (var slice = 0; slice < share.Slices; slice++)
            {
                if (!contrast.Known[slice])
                    continue;
                for (var n = 0; n < share.Rows * share.Columns; n++)
                {
                    var (t, s, m) = (share.Slice(slice)[n], contrast.Share.Slice(slice)[n], mask.Slice(slice)[n]);
                    (area, drawn, known) = (area + s, drawn + m, known + t);
                    if (t == 0 && s == 0)
                        continue;
                    (error, maskError, voxels) = (error + Math.Abs(s - t), maskError + Math.Abs(m - t), voxels + 1);
                }
            }
            var moved = scan.Shift - reference;
            return new Figures(contrast.Contrast.Name, error / voxels, maskError / voxels, (area / known) - 1, (drawn / known) - 1, moved.Length, (contrast.Alignment.Rigid.Shift - moved).Length);
        })];
    }

    [Fact]
    public void A_turn_and_shift_are_undone()
    {
        var transform = new RigidTransform(new(10, 20, 30), new(1, -2, 3), new(0.1, -0.05, 0.2));
        var back = transform.Undo(transform.Apply(new(15, 5, 80)));
        Assert.Equal(0, (back - new Vector3(15, 5, 80)).Length, 9);
        Assert.Equal(new Vector3(15, 5, 80) - new Vector3(10, 20, 30) is var v ? v.Length : 0, (transform.Apply(new(15, 5, 80)) - transform.Apply(new(10, 20, 30))).Length, 9);
    }

    [Fact]
    public void A_data_set_gives_shares_pictures_and_a_list_of_who_is_left_out()
    {
        WritePerson("sub-01", 41);
        // Somebody with one mask, and somebody whose masks are of no use.
        WritePerson("sub-02", 42);
        File.Delete(At("bids/derivatives/labels/sub-02/anat/sub-02_T2w_label-SC_seg.nii.gz"));
        WritePerson("sub-03", 43);
        Write("bids/derivatives/labels/sub-03/anat/sub-03_T2w_label-SC_seg.nii.gz", NiftiFile.Read(At("bids/sub-03/anat/sub-03_T2w.nii.gz")).LikeThis());
        Write("bids/derivatives/labels/sub-03/anat/sub-03_acq-MTon_MTS_label-SC_seg.nii.gz", NiftiFile.Read(At("bids/sub-01/anat/sub-01_T2w.nii.gz")));

        var (code, text, error) = Run("--to", At("out"));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("1 sessions", text, StringComparison.Ordinal);
        var excluded = File.ReadAllText(At("out/excluded.tsv"));
        Assert.Contains("sub-02\t1 contrast with a mask, and an average needs two", excluded, StringComparison.Ordinal);
        Assert.Contains("sub-03_T2w_label-SC_seg.nii.gz is empty", excluded, StringComparison.Ordinal);
        Assert.Contains("is on another grid", excluded, StringComparison.Ordinal);
        Assert.True(new FileInfo(At("out/sub-01_qc.png")).Length > 10_000);
        Assert.Equal(3, File.ReadLines(At("out/contrasts.tsv")).Count());

        // On the image's own grid and axes.
        var share = NiftiFile.Read(At("out/sub-01/anat/sub-01_T2w_label-SC_softseg.nii.gz"), out var header);
        NiftiFile.Read(At("bids/sub-01/anat/sub-01_T2w.nii.gz"), out var image);
        Assert.Equal(image.Affine, header.Affine);
        Assert.InRange(Agreement.Dice(NiftiFile.Read(At("bids/derivatives/labels/sub-01/anat/sub-01_T2w_label-SC_seg.nii.gz")), share), 0.9, 1);
        Assert.Contains("KnownSlicesFootToHead", File.ReadAllText(At("out/sub-01/anat/sub-01_T2w_label-SC_softseg.json")), StringComparison.Ordinal);

        // What is there already is not written over.
        Assert.Contains("exists already", Run("--to", At("out")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", "holds no image in the form of BIDS")]
    [InlineData("no masks", "No session of")]
    [InlineData("no reference", "no PD with a mask, which is the reference")]
    public void A_data_set_without_a_ground_truth_says_why_and_leaves_nothing(string fault, string expected)
    {
        Directory.CreateDirectory(At("bids"));
        if (fault != "nothing")
            WritePerson("sub-01", 41);
        if (fault == "no masks")
            Directory.Delete(At("bids/derivatives"), recursive: true);
        var (code, _, error) = Run("--to", At("out"), "--reference", fault == "no reference" ? "PD" : "T2w");
        Assert.Equal(1, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder, "out*"));
    }

    (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var (error, text) = (new StringWriter(), new StringWriter());
        var code = new RootCommand { GroundTruthCommand.Create() }.Parse(["ground-truth", At("bids"), .. arguments]).Invoke(new InvocationConfiguration { Error = error, Output = text });
        return (code, text.ToString(), error.ToString());
    }

    void WritePerson(string name, int seed)
    {
        var person = new SimulatedPerson(seed) { Width = 48, Length = 30 };
        foreach (var (index, suffix) in new[] { (1, "T2w"), (3, "acq-MTon_MTS") })
        {
            var scan = person.Scan(SimulatedSequence.SpineGeneric[index], index - 1);
            Write($"bids/{name}/anat/{name}_{suffix}.nii.gz", scan.Image);
            Write($"bids/derivatives/labels/{name}/anat/{name}_{suffix}_label-SC_seg.nii.gz", scan.HardMask());
        }
    }

    void Write(string name, Volume volume)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        NiftiFile.Write(At(name), volume);
    }

    string At(string name) => Path.Combine(folder, name);
}
