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
        TrainingManifest.Load(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(configPath))!, config.Data));

    public static SampleSources Load(TrainingManifest manifest, string dataFolder)
    {
        var heldOut = manifest.Validation.Select(entry => TrainingData.Read(dataFolder, entry)).ToArray();
        return new(TrainingData.Load(dataFolder, manifest), heldOut.Length > 0 ? new TrainingData(heldOut, []) : null);
    }

    public (ISampleSource Source, ISampleSource? Validation) Locator(double untouched) => (
        new MixedSamples(new LocatorSamples(training), new LocatorSamples(training) { AsTheyAre = true }, untouched),
        validation is null ? null : new LocatorSamples(validation) { AsTheyAre = true });

    public (ISampleSource Source, ISampleSource? Validation) Fine(double untouched) => (
        new MixedSamples(new FineSamples(training), new FineSamples(training) { AsTheyAre = true }, untouched),
        validation is null ? null : new FineSamples(validation) { AsTheyAre = true });
}
