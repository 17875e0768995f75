using System.CommandLine;
using SoftSeg.SegTrainer.GroundTruth;

namespace SoftSeg.SegTrainer.Commands;

/// <summary><c>softseg-train ground-truth</c>: one soft truth for all contrasts of a person, from the masks drawn on each.</summary>
static class GroundTruthCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "BIDS data set: images in sub-01/anat/, masks in derivatives/labels/sub-01/anat/ (sub-01_T2w_label-SC_seg.nii.gz)." };
        var to = new Option<string>("--to") { Required = true, Description = "Folder to write, for example FOLDER/derivatives/softseg; it must not exist." };
        var reference = new Option<string?>("--reference") { Description = "The contrast whose space is the common one; T2w, or the best that a session has, when left out." };
        var command = new Command("ground-truth", "Average the masks of a person's contrasts to one soft truth on every native grid.") { folder, to, reference };
        command.SetAction(result => Outcome.Of(result, () =>
        {
            var from = result.GetRequiredValue(folder);
            Outcome.RequireFolder("FOLDER", from);
            var output = result.InvocationConfiguration.Output;
            var made = GroundTruthFolder.Make(from, Path.TrimEndingDirectorySeparator(result.GetRequiredValue(to)), result.GetValue(reference), output.WriteLine);
            foreach (var (name, reason) in made.Excluded)
                output.WriteLine($"left out: {name}: {reason}");
            output.WriteLine($"{made.Subjects.Count} sessions in {result.GetRequiredValue(to)}");
            return 0;
        }));
        return command;
    }
}
