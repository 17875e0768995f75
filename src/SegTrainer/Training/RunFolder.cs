using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SoftSeg.SegTrainer.Training;

/// <summary>One training's folder: <c>config.json</c>, <c>revision.txt</c>, <c>data.tsv</c>, checkpoints and loss curves.</summary>
sealed class RunFolder
{
    public RunFolder(string path)
    {
        FolderPath = path;
        Directory.CreateDirectory(path);
    }

    public string FolderPath { get; }

    public string Checkpoint(string network) => Path.Combine(FolderPath, $"{network}.checkpoint");

    public string BestCheckpoint(string network) => Path.Combine(FolderPath, $"{network}.best.checkpoint");

    public string Curve(string network) => Path.Combine(FolderPath, $"{network}.csv");

    /// <summary>Notes what is trained from what. A folder goes on with the recipe that it began with.</summary>
    /// <exception cref="TrainingException">The folder belongs to another recipe.</exception>
    public void Begin(TrainingConfig config, string dataFolder)
    {
        Begin(config.ToJson());
        DurableFile.Write(Path.Combine(FolderPath, "data.tsv"), Manifest(dataFolder));
    }

    /// <summary>The same for what reads no data.</summary>
    /// <exception cref="TrainingException">The folder belongs to another configuration.</exception>
    public void Begin(string json)
    {
        var path = Path.Combine(FolderPath, "config.json");
        if (File.Exists(path) && File.ReadAllText(path) != json)
            throw new TrainingException($"The run folder '{FolderPath}' was begun with another configuration (its config.json). Use another folder, or that configuration.");
        DurableFile.Write(path, json);
        DurableFile.Write(Path.Combine(FolderPath, "revision.txt"), Revision() + "\n");
    }

    /// <summary>Notes which weights a network started from: sha256 and path of their file.</summary>
    public void NoteStart(string network, string file)
    {
        using var stream = File.OpenRead(file);
        DurableFile.Write(Path.Combine(FolderPath, $"{network}.start.txt"), $"{Convert.ToHexStringLower(SHA256.HashData(stream))}  {Path.GetFullPath(file)}\n");
    }

    public LossCurve OpenCurve(string network, int step) => new(Curve(network), step);

    static string Revision()
    {
        try
        {
            var start = new ProcessStartInfo("git", "describe --always --dirty --abbrev=40") { RedirectStandardOutput = true, RedirectStandardError = true };
            using var git = Process.Start(start);
            var revision = git?.StandardOutput.ReadToEnd().Trim();
            return string.IsNullOrEmpty(revision) ? "unknown" : revision;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown (git is not installed)";
        }
    }

    /// <summary>Every file of the data folder with its size and SHA-256.</summary>
    static string Manifest(string folder)
    {
        var lines = new StringBuilder("file\tbytes\tsha256\n");
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var stream = File.OpenRead(file);
            lines.Append(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(folder, file)}\t{stream.Length}\t{Convert.ToHexStringLower(SHA256.HashData(stream))}\n");
        }

        return lines.ToString();
    }
}

/// <summary>A training's numbers, step by step, as CSV. Opened again at a step, it drops the rows behind that step.</summary>
sealed class LossCurve : IDisposable
{
    const string Header = "step,seconds,loss,gradient_norm,learning_rate,validation_loss,validation_soft_dice,validation_dice,validation_area_bias,validation_false_voxels";

    readonly StreamWriter writer;

    public LossCurve(string path, int step)
    {
        var kept = File.Exists(path)
            ? File.ReadLines(path).Skip(1).Where(line => int.TryParse(line.AsSpan(0, Math.Max(0, line.IndexOf(','))), CultureInfo.InvariantCulture, out var at) && at <= step).ToList()
            : [];
        DurableFile.Write(path, string.Join('\n', [Header, .. kept]) + "\n");
        writer = new StreamWriter(path, append: true);
    }

    public void Add(int step, double seconds, double loss, double norm, double rate, ValidationFigures? figures)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{step},{seconds:F1},{loss:G6},{norm:G4},{rate:G4},");
        writer.WriteLine(line + (figures is null ? ",,,," : string.Create(CultureInfo.InvariantCulture, $"{figures.Loss:G6},{figures.SoftDice:F5},{figures.Dice:F5},{figures.AreaBias:F5},{figures.FalseVoxels:F2}")));
        if (figures is not null || step % 50 == 0)
            writer.Flush();
    }

    public void Dispose() => writer.Dispose();
}
