using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;

namespace SoftSeg.SegEngine;

/// <summary>
/// Draws the soft mask of the spinal cord: the volume is brought to canonical axis order, and thick slices upright, a locator finds the cord's path in
/// the whole field of view, a fine network draws the share in a tube around it, and what is connected to the cord comes
/// back to the input's grid. One segmenter serves several threads.
/// </summary>
public sealed partial class SoftSegmenter : IDisposable
{
    /// <summary>A cord goes on evenly: half of its slices differ from the next by less than this part of their area.</summary>
    const double LargestRoughness = 0.2;

    /// <summary>Voxels of a spine MR volume lie at least this far apart in every direction, mm.</summary>
    public const double LeastSpacing = 0.1;

    /// <summary>... and at most this far, mm: beyond, a header is likely in other units.</summary>
    public const double MostSpacing = 30;

    /// <summary>Larger pixels, or longer ones across thick sagittal slices, make areas too small (<c>softseg-train evaluate --coarser</c>), mm.</summary>
    const double LargestPixel = 1.8;
    const double LongestPixel = 3.5;

    readonly Networks _networks;
    readonly Lazy<NetworkPair>? _onCpu;
    readonly PresenceGate _gate;
    readonly AreaInterval? _interval;
    readonly int _batch;
    readonly int _preprocessing;
    readonly HalfwayBorder? _border;
    readonly ILogger _logger;
    readonly IDisposable? _owned;

    /// <summary>A segmenter over any two networks that keep to <see cref="INetwork"/>.</summary>
    public SoftSegmenter(INetwork locator, INetwork fine, PresenceGate gate, EngineOptions? options = null, ILogger? logger = null)
        : this(new Networks(locator, fine, 1, "given"), gate, options ?? new EngineOptions(), [], logger ?? NullLogger.Instance) { }

    SoftSegmenter(Networks networks, PresenceGate gate, EngineOptions options, IReadOnlyList<string> tried, ILogger logger, IDisposable? owned = null, AreaInterval? interval = null, Lazy<NetworkPair>? onCpu = null, int preprocessing = ModelManifest.CurrentPreprocessing, HalfwayBorder? border = null)
    {
        (_networks, _gate, _interval, _logger, _owned, _onCpu, _preprocessing, _border) = (networks, gate, interval, logger, owned, onCpu, preprocessing, border);
        (ProvidersTried, _batch) = (tried, Math.Max(1, options.Batch));
    }

    /// <summary>What runs the networks: "cpu", "cuda", ...</summary>
    public string Provider => _networks.Provider;

    /// <summary>The providers that were tried before and why they do not work here.</summary>
    public IReadOnlyList<string> ProvidersTried { get; }

    /// <summary>Loads and warms up both networks.</summary>
    /// <exception cref="EngineException">The provider that was asked for cannot be used here, or the networks cannot be run.</exception>
    /// <exception cref="ModelPackageException">A network is not of the expected shape.</exception>
    public static SoftSegmenter Load(ModelPackage package, EngineOptions? options = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        options ??= new EngineOptions();
        logger ??= NullLogger.Instance;
        return Load(package, options, NetworkPair.Load(package, options, logger), logger);
    }

    internal static SoftSegmenter Load(ModelPackage package, EngineOptions options, NetworkPair pair, ILogger logger)
    {
        var onCpu = pair.Provider == NetworkPair.Cpu ? null : new Lazy<NetworkPair>(() => NetworkPair.Load(package, options with { Provider = ExecutionProvider.Cpu }, logger));
        return new SoftSegmenter(Networks.Of(pair), package.Manifest.Presence, options, pair.Notes, logger, pair, package.Manifest.AreaInterval, onCpu, package.Manifest.Preprocessing, package.Manifest.Border);
    }

    /// <summary>Draws the cord.</summary>
    /// <param name="image">Any axis order; voxels finite; <see cref="LeastSpacing"/> to <see cref="MostSpacing"/> mm between voxels.</param>
    /// <param name="progress">Receives 0..1.</param>
    /// <param name="cancellationToken">Looked at between batches.</param>
    /// <remarks>Where the device has no memory left all of it is done once more on the CPU, and a note says so.</remarks>
    /// <exception cref="EngineException">The image cannot be a spine MR volume: spacing or values out of range.</exception>
    public Segmentation Segment(Volume image, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        Check(image);
        try
        {
            return Segment(image, _networks, new Run(progress), cancellationToken);
        }
        catch (OnnxRuntimeException error) when (_onCpu is not null && DeviceMemory.IsExhausted(error))
        {
            LogOutOfMemory(_logger, Provider, error.Message.Split('\n', 2)[0].Trim());
            var run = new Run(progress);
            run.Note($"The device ({Provider}) had no memory left for this image, so it was computed on the CPU.");
            return Segment(image, Networks.Of(_onCpu.Value), run, cancellationToken) with { RanOutOfMemoryOn = Provider };
        }
    }

    Segmentation Segment(Volume image, Networks networks, Run run, CancellationToken cancellationToken)
    {
        var stored = Orientation.ToCanonical(image, out var order);
        var upright = UprightGrid.Of(stored, out var turn);
        if (upright is not null)
            run.Note(string.Create(CultureInfo.InvariantCulture, $"The slices are turned within their planes by {turn:0} degrees from the patient's axes, and were turned back to be drawn on."));
        var canonical = upright ?? stored;

        var locatorImage = run.Time("prepare", () => LocatorInput.Prepare(canonical));
        cancellationToken.ThrowIfCancellationRequested();
        var locatorShare = run.Time("locate", () => LocatorPass.Run(networks.Locator, locatorImage, cancellationToken));
        var presence = CordPath.Find(locatorShare, LocatorInput.SamplingOf(canonical), _gate, out var path);
        run.Progress(0.2);

        CordTube? tube = null;
        FineInput? input = null;
        if (presence == CordPresence.Absent)
        {
            run.Note("No cord: nothing in the field of view looks like one.");
        }
        else
        {
            input = new FineInput(canonical, _preprocessing);
            var pass = new FinePass(input, networks.Fine, _batch, networks.Lanes);
            if (presence == CordPresence.Certain)
                tube = run.Time("draw", () => Along(Likelier(path!, locatorShare, input, canonical, pass, run, cancellationToken), input, canonical, pass, run, cancellationToken));
            else
                tube = run.Time("draw", () => WholeField(input, canonical, pass, run, cancellationToken));
        }

        var mask = tube is null ? null : run.Time("paste back", () => PasteBack(tube, input!, canonical, presence, run));
        run.Progress(1);
        if (mask is not null && upright is not null)
            mask = Resampler.SampleGrid(mask, stored.Slices, stored.Rows, stored.Columns, stored.Affine);
        var softMask = mask is null ? image.LikeThis() : Orientation.FromCanonical(mask, order, image);
        var (_, deep, wide) = canonical.Affine.Spacing;
        if (mask is not null && (Math.Min(deep, wide) > LargestPixel || Math.Max(deep, wide) > LongestPixel))
            run.Note(string.Create(CultureInfo.InvariantCulture, $"Voxels of {wide:0.##} x {deep:0.##} mm across the cord are larger than {LargestPixel} mm, or than {LongestPixel} mm in one direction: areas come out up to 20 % too small."));
        LogSegmented(_logger, mask is not null, string.Join(' ', run.Notes), run.Total.TotalSeconds);
        return new Segmentation(softMask, mask is not null, run.Notes, networks.Provider, run.Timings)
        {
            Uncertainty = mask is not null && _interval is not null ? new AreaUncertainty(tube!.Share, _interval) : null,
        };
    }

    /// <summary>Disposes the networks that <see cref="Load"/> made.</summary>
    public void Dispose()
    {
        _owned?.Dispose();
        if (_onCpu is { IsValueCreated: true })
            _onCpu.Value.Dispose();
    }

    /// <summary>Both networks where they run.</summary>
    /// <param name="Lanes">How many batches of the fine network run side by side.</param>
    sealed record Networks(INetwork Locator, INetwork Fine, int Lanes, string Provider)
    {
        public static Networks Of(NetworkPair pair) => new(pair.Locator, pair.Fine, pair.Lanes, pair.Provider);
    }

    static void Check(Volume image)
    {
        var (slice, row, column) = image.Affine.Spacing;
        if (new[] { slice, row, column }.Any(s => s is < LeastSpacing or > MostSpacing))
            throw new EngineException(string.Create(CultureInfo.InvariantCulture, $"The spacing {slice:0.####} x {row:0.####} x {column:0.####} mm is not that of a spine MR volume ({LeastSpacing} to {MostSpacing} mm; wrong units?)."));
        foreach (var voxel in image.Voxels)
        {
            if (!float.IsFinite(voxel))
                throw new EngineException("The volume holds voxels that are not finite numbers (NaN or infinite).");
        }
    }

    /// <summary>The locator is not sure: the fine network sees everything, and its own shares are asked for a path.</summary>
    CordTube? WholeField(FineInput input, Volume canonical, FinePass pass, Run run, CancellationToken cancellationToken)
    {
        run.Note("The locator was not sure, so the whole field of view was searched.");
        var whole = CordTube.Whole(input, canonical, pass, run.Advance, cancellationToken);
        var sampling = LocatorInput.SamplingOf(canonical);
        var coarse = Resampler.Resample(whole.ToCanonical(canonical), sampling);
        // The fine shares, area-averaged to 4 x 2 x 2 mm, are judged as the locator's are.
        if (CordPath.Find(coarse, sampling, _gate, out var path) == CordPresence.Certain)
            return Along(path!, input, canonical, pass, run, cancellationToken);
        run.Note("No cord: nothing in the field of view is certainly one.");
        return null;
    }

    /// <summary>
    /// From afar a gullet in fat, or a vessel, may look more like a cord than the cord does. Where the locator sees something else as well, the one on
    /// which the fine network sees the longer cord is taken (decision 0071).
    /// </summary>
    CordPath Likelier(CordPath path, Volume locatorShare, FineInput input, Volume canonical, FinePass pass, Run run, CancellationToken cancellationToken)
    {
        if (CordPath.Find(path.Without(locatorShare), LocatorInput.SamplingOf(canonical), _gate, out var other) == CordPresence.Absent)
            return path;
        double Shown(CordPath way) => CordTube.Shown(input, way, pass, run.Advance, cancellationToken);
        static double Length(CordPath way) => way.LastSlice - way.FirstSlice + 1;
        var shown = Shown(path);
        if (shown == 1 || Length(other!) * Shown(other!) <= Length(path) * shown)
            return path;
        run.Note("Two things looked like a cord from afar, and the one that looks more like it on a closer look was measured: see that it is the cord.");
        return other!;
    }

    static CordTube? Along(CordPath path, FineInput input, Volume canonical, FinePass pass, Run run, CancellationToken cancellationToken)
    {
        var tube = CordTube.Draw(input, canonical, path, pass, run.Advance, cancellationToken);
        if (tube is null)
            run.Note("No cord: what looks like one from afar shows none on a closer look.");
        return tube;
    }

    Volume? PasteBack(CordTube tube, FineInput input, Volume canonical, CordPresence presence, Run run)
    {
        var (slice, row, column) = canonical.Affine.Spacing;
        var fringe = (int)Math.Ceiling(Math.Max(1.8, 1.5 * Math.Max(row, column)) / FineInput.PixelSpacing);
        var (volume, length, roughness, meanPeak) = tube.KeepCord(canonical, fringe);
        // One slice of 1 mm through a cord holds less than the least volume; a cord of 25 mm2 does for it.
        var leastVolume = Math.Min(_gate.LeastVolume, 25 * slice * canonical.Slices);
        // A cord passes through a field of view; what shows up on a short stretch of a long one is something else.
        var leastLength = Math.Min(presence == CordPresence.Certain ? _gate.LeastLength : _gate.LeastLengthSearched, 0.6 * slice * canonical.Slices);
        if (volume >= leastVolume && length >= leastLength && roughness <= LargestRoughness && meanPeak >= _gate.LeastMeanPeak)
        {
            _border?.Move(tube.Share, slice => input.Intensities(tube.Sampling, slice), input.Pixel);
            return tube.ToCanonical(canonical);
        }
        run.Note(string.Create(CultureInfo.InvariantCulture, $"No cord: what looks like one is too short, too small, too faint or too uneven ({length:0} mm, {volume:0} mm3, mean peak {meanPeak:0.00}, area changes by {roughness:P0} from slice to slice)."));
        return null;
    }

    /// <summary>Notes, times and progress of one segmentation.</summary>
    sealed class Run(IProgress<double>? progress)
    {
        readonly List<string> _notes = [];
        readonly List<StepTime> _timings = [];
        readonly Lock _reporting = new();
        double _done;

        public IReadOnlyList<string> Notes => _notes;

        public IReadOnlyList<StepTime> Timings => _timings;

        public TimeSpan Total => _timings.Aggregate(TimeSpan.Zero, (sum, t) => sum + t.Time);

        public void Note(string note) => _notes.Add(note);

        public void Progress(double done)
        {
            lock (_reporting)
                progress?.Report(_done = done);
        }

        /// <summary>How many batches there will be is not known ahead: each takes a share of what is left.</summary>
        public void Advance()
        {
            lock (_reporting)
                Progress(_done + (0.06 * (0.97 - _done)));
        }

        public T Time<T>(string step, Func<T> work)
        {
            var watch = Stopwatch.StartNew();
            var result = work();
            _timings.Add(new StepTime(step, watch.Elapsed));
            return result;
        }
    }

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message = "{Provider} has no memory left for this image, it is computed on the CPU: {Error}")]
    static partial void LogOutOfMemory(ILogger logger, string provider, string error);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Debug, Message = "Segmented: cord {Found}; {Notes} ({Seconds:0.00} s)")]
    static partial void LogSegmented(ILogger logger, bool found, string notes, double seconds);
}
