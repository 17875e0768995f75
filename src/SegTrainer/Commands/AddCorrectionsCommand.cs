using System.CommandLine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Evaluation;

namespace SoftSeg.SegTrainer.Commands;

/// <summary><c>softseg-train add-corrections</c>: takes corrected masks into the training data as the manifest's next version.</summary>
static class AddCorrectionsCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "BIDS data set with the images and, in derivatives/labels, the corrected masks (sub-01_T2w_label-SC_seg.nii.gz)." };
        var manifest = new Option<string>("--manifest") { Required = true, Description = "The manifest to take to its next version, for example conf/training/data.json; the old one is kept beside it." };
        var data = new Option<string>("--data") { Required = true, Description = "The data folder that the manifest names files of; receives images and masks." };
        var command = new Command("add-corrections", "Take corrected masks into the training data; the frozen set stays frozen.") { folder, manifest, data };
        command.SetAction(result => Outcome.Of(result, () =>
        {
            var (from, path, to) = (result.GetRequiredValue(folder), result.GetRequiredValue(manifest), result.GetRequiredValue(data));
            Outcome.RequireFolder("FOLDER", from);
            Outcome.RequireFolder("--data", to);
            var added = Corrections.Add(from, path, to);
            var output = result.InvocationConfiguration.Output;
            foreach (var line in added.Lines)
                output.WriteLine(line);
            output.WriteLine($"{path} is version {added.Manifest.Version} now; frozen set {FrozenSet.Hash(added.Manifest, to)}, as before.");
            return 0;
        }));
        return command;
    }
}
