using System.Diagnostics;
using System.Globalization;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomReader;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomNode.Segment;

/// <summary>The model, loaded once and shared by every job: a volume in, its soft mask and measurements out.</summary>
public sealed class CordSegmenter : IDisposable
{
    readonly SoftSegmenter segmenter;

    /// <exception cref="ModelPackageException">The package is missing, damaged, of another format, or without a passed gate.</exception>
    /// <exception cref="EngineException">The configured provider can't be used here.</exception>
    public CordSegmenter(NodeConfiguration configuration, ILogger<CordSegmenter> logger)
        : this(configuration.Engine, logger)
    {
    }

    internal CordSegmenter(EngineSettings settings, ILogger logger)
    {
        Model = ModelFolder.Load(settings.Model, settings.AllowModelWithoutGate);
        if (Model.GateProblem is { } problem)
            logger.ModelWithoutGate(problem);
        segmenter = SoftSegmenter.Load(Model, new EngineOptions { Provider = Enum.Parse<ExecutionProvider>(settings.Provider, ignoreCase: true), Threads = settings.Threads }, logger);
        logger.ModelLoaded($"{Model.Name} {Model.Version}", Model.Sha256, segmenter.Provider);
    }

    public ModelPackage Model { get; }

    /// <summary>What the networks run on: cpu, cuda, tensorrt.</summary>
    public string Provider => segmenter.Provider;

    /// <summary>Whether that is a device of its own, with its own memory.</summary>
    public bool IsOnDevice => Provider != "cpu";

    /// <summary>Segments and measures one volume.</summary>
    public SegmentedVolume Segment(Volume image, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var segmentation = segmenter.Segment(image, progress, cancellationToken);
        var segmented = clock.Elapsed;
        var measurements = CordMorphometry.Measure(segmentation.SoftMask, uncertainty: segmentation.Uncertainty);
        return new SegmentedVolume(image, segmentation, measurements, segmented, clock.Elapsed - segmented);
    }

    public void Dispose() => segmenter.Dispose();
}

/// <summary>A volume with its soft mask and measurements; both are empty where there is no cord.</summary>
/// <param name="SegmentTime">Preprocessing, networks and postprocessing.</param>
/// <param name="MeasureTime">Morphometry.</param>
public sealed record SegmentedVolume(Volume Image, Segmentation Segmentation, CordMeasurements Measurements, TimeSpan SegmentTime, TimeSpan MeasureTime)
{
    public bool CordFound => Segmentation.CordFound;

    /// <summary>One line for the log and the history.</summary>
    public string Summary => CordFound
        ? string.Create(CultureInfo.InvariantCulture,
            $"{Measurements.Whole.ValidStations} of {Measurements.Stations.Count} cross-sections valid, mean area {Measurements.Whole.MeanArea:0.0} mm2, {Measurements.Whole.Length:0} mm of cord")
        : "no cord";
}

/// <summary>A stack of a DICOM series, segmented.</summary>
public sealed record SegmentedStack(ImageStack Stack, SegmentedVolume Result);
