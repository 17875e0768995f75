using System.CommandLine;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary><c>softseg-train synthesize</c>: a picture of what the networks are trained on, and its figures.</summary>
public static class SynthesizeCommand
{
    public static Command Create()
    {
        var output = new Option<string>("--out") { Description = "The picture to write (PNG).", Required = true };
        var count = new Option<int>("--count") { Description = "Number of samples.", DefaultValueFactory = _ => 64 };
        var seed = new Option<int>("--seed") { Description = "Seed of the first sample.", DefaultValueFactory = _ => 1 };
        var kind = new Option<string>("--network") { Description = "fine or locator.", DefaultValueFactory = _ => "fine" };
        kind.AcceptOnlyFromAmong("fine", "locator");
        var folder = new Option<string?>("--data") { Description = "Data folder; without it there are neither real images nor real outlines." };
        var manifest = new Option<string?>("--manifest") { Description = "Training manifest (conf/training/data.json); needed with --data." };
        var real = new Option<double>("--real") { Description = "Part of the samples made from real images.", DefaultValueFactory = _ => 0 };
        var artefacts = new Option<double>("--artefacts") { Description = "Part of the fine samples with wrap, motion or metal, and of the cords that are swollen or wasted.", DefaultValueFactory = _ => 0 };
        var faint = new Option<double>("--faint") { Description = "Part of the fine samples' cords that are about as bright as the CSF.", DefaultValueFactory = _ => 0 };
        var usual = new Option<double>("--usual") { Description = "Part of the spines that are ordinary scans of a healthy neck.", DefaultValueFactory = _ => 0 };
        var polarities = new Option<bool>("--both-polarities") { Description = "Half of the fine network's synthetic samples are negatives." };
        var command = new Command("synthesize", "Draw training samples into a picture and measure them.") { output, count, seed, kind, folder, manifest, real, artefacts, faint, usual, polarities };
        command.SetAction(parsed =>
        {
            try
            {
                var data = new TrainingData([], []);
                if (parsed.GetValue(folder) is { } path)
                    data = TrainingData.Load(path, TrainingManifest.Load(parsed.GetValue(manifest) ?? throw new InvalidDataException("--data needs --manifest, the list of what to read in it.")));
                var share = parsed.GetValue(real);
                ISampleSource source = parsed.GetValue(kind) == "locator"
                    ? new LocatorSamples(data) { RealShare = share, UsualShare = parsed.GetValue(usual) }
                    : new FineSamples(data) { RealShare = share, Artefacts = parsed.GetValue(artefacts), FaintShare = parsed.GetValue(faint), UsualShare = parsed.GetValue(usual), BothPolarities = parsed.GetValue(polarities) };
                Gallery.Write(parsed.GetRequiredValue(output), source, parsed.GetValue(count), parsed.GetValue(seed));
                Report(parsed.InvocationConfiguration.Output, source, parsed.GetValue(seed));
                return 0;
            }
            catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                parsed.InvocationConfiguration.Error.WriteLine($"softseg-train: {error.Message}");
                return 1;
            }
        });
        return command;
    }

    static void Report(TextWriter output, ISampleSource source, int seed)
    {
        const int count = 300;
        var length = source.Shape.Aggregate(1, (a, b) => a * b);
        float[] image = new float[length], share = new float[length], weight = new float[length];
        var empty = 0;
        double total = 0;
        // Processor time: what a sample costs whatever else the machine does.
        var before = Environment.CpuUsage.TotalTime;
        for (var n = 0; n < count; n++)
        {
            source.Draw(new Random(seed + n), image, share, weight);
            var sum = share.Sum();
            empty += sum == 0 ? 1 : 0;
            total += sum;
        }
        output.WriteLine($"{(Environment.CpuUsage.TotalTime - before).TotalMilliseconds / count:0.00} ms of one core a sample; {100.0 * empty / count:0} % without a cord; mean share {total / count / length:0.0000}");
    }
}
