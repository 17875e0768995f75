using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;
using SoftSeg.SegTrainer.Training;

namespace SoftSeg.SegTrainer.Commands;

/// <summary>The sample sources of a recipe: for training, and for validation on people held out.</summary>
sealed class SampleSources
{
    readonly TrainingData training;
    readonly TrainingData? validation;

    SampleSources(TrainingData training, TrainingData? validation) => (this.training, this.validation) = (training, validation);

    public static TrainingManifest Manifest(TrainingConfig config, string configPath) =>
        TrainingManifest.Load(Beside(configPath, config.Data)).HoldOut(config.HoldOut);

    /// <summary>The folder of the recipe's teacher, or null.</summary>
    public static string? Teacher(TrainingConfig config, string configPath) => config.Teacher is { } teacher ? Beside(configPath, teacher) : null;

    static string Beside(string configPath, string path) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(configPath))!, path);

    /// <param name="manifest">The split.</param>
    /// <param name="dataFolder">The folder that it names files of.</param>
    /// <param name="teacher">Folder of the model that labels the unlabelled images, or null.</param>
    /// <param name="cancellation">Stops the labelling.</param>
    /// <param name="halfway">As <see cref="TrainingConfig.Halfway"/>.</param>
    public static SampleSources Load(TrainingManifest manifest, string dataFolder, string? teacher, CancellationToken cancellation, double? halfway = null)
    {
        var heldOut = manifest.Validation.Select(entry => TrainingData.Read(dataFolder, entry)).ToArray();
        using var segmenter = teacher is null ? null : SoftSegmenter.Load(ModelPackage.Load(teacher));
        return new(TrainingData.Load(dataFolder, manifest, segmenter, Console.WriteLine, halfway is { } inside ? new HalfwayBorder(inside) : null, cancellation), heldOut.Length > 0 ? new TrainingData(heldOut, []) : null);
    }

    public (ISampleSource Source, ISampleSource? Validation) Locator(NetworkConfig config) => (
        new MixedSamples(new LocatorSamples(training) { UsualShare = config.Usual }, new LocatorSamples(training) { AsTheyAre = true }, config.Untouched),
        validation is null ? null : new LocatorSamples(validation) { AsTheyAre = true });

    public (ISampleSource Source, ISampleSource? Validation) Fine(NetworkConfig config) => (
        new MixedSamples(new FineSamples(training) { RealShare = config.Real ?? FineSamples.DefaultRealShare, NegativeShare = config.Negatives ?? FineSamples.DefaultNegativeShare, ReplacedShare = config.Replaced, Artefacts = config.Artefacts, FaintShare = config.Faint, UsualShare = config.Usual, BothPolarities = config.BothPolarities }, new FineSamples(training) { AsTheyAre = true }, config.Untouched),
        validation is null ? null : new FineSamples(validation) { AsTheyAre = true });
}
