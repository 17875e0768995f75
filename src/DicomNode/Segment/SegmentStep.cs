using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Hangfire;
using SoftSeg.Dicom;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Receive;
using SoftSeg.DicomNode.Return;
using SoftSeg.DicomNode.State;
using SoftSeg.DicomNode.Web;
using SoftSeg.DicomReader;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomNode.Segment;

/// <summary>
/// From the spool to result objects on disk. Safe to run again at any point: results are written to a folder that gets its name
/// only when it is whole, and the state moves only if no instance arrived meanwhile.
/// </summary>
public sealed class SegmentStep(
    NodeState state, DataDirectory data, Spool spool, NodeConfiguration configuration, Segmenters segmenters, SegmentationPlaces places, EarlierResults earlier, SeriesJobs jobs, NodeMetrics metrics, ILogger<SegmentStep> logger)
{
    const int MostBreakdowns = 10;

    [AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public void Run(string seriesUid, CancellationToken cancellationToken)
    {
        if (state.Find(seriesUid) is not { State: SeriesState.Complete or SeriesState.Segmenting } found)
            return;
        // Found in segmenting it was left there by a stop that nobody asked for: a series that takes the node with it must not do so for ever.
        if (found.State == SeriesState.Segmenting && found.Attempts >= MostBreakdowns)
        {
            Fail(found, $"the node broke down {found.Attempts} times while it segmented this series. See the log and journal of that time; softseg retry tries it once more");
            return;
        }
        using var place = places.Take(SegmentationPlaces.Estimate(Voxels(found)), segmenters.Of("").IsOnDevice, cancellationToken);
        if (state.BeginSegmenting(found, "segmenting") is not { } series)
            return;

        var longest = configuration.Jobs.TimeoutSeconds;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(longest));

        try
        {
            Segment(series, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var late = new TimeoutException(FormattableString.Invariant($"not done after {longest} s (Jobs:TimeoutSeconds). Raise it, or relieve the machine, and try again with softseg retry"));
            logger.SeriesFailed(late, seriesUid, SeriesRow.SegmentStep, series.Attempts);
            Fail(series, late.Message);
        }
        catch (OperationCanceledException)
        {
            // The node stops; it takes the series up again when it starts.
            state.Move(series, SeriesState.Complete, "the node stops: segmented when it starts again");
            throw;
        }
        catch (Exception error) when (error is SeriesRefusedException or DicomDataException or DicomWriter.DicomConformanceException or SegEngine.EngineException)
        {
            logger.SeriesRefused(seriesUid, error.Message);
            End(series, SeriesState.Refused, $"refused: {error.Message}", error.Message);
        }
        // Where the state is away nobody could note the failure, and the series has no fault.
        catch (Exception error) when (error is not DbException)
        {
            logger.SeriesFailed(error, seriesUid, SeriesRow.SegmentStep, series.Attempts);
            Fail(series, error.Message);
        }
    }

    /// <summary>Of all images of the series; 0 where the first has no matrix, or can't be read.</summary>
    long Voxels(SeriesRow series)
    {
        try
        {
            var files = spool.Files(series.StudyUid, series.SeriesUid);
            var header = DicomFile.Open(files[0], DicomReadOptions.UntilPixelData).Dataset;
            return (long)(header.GetInt32OrNull(DicomTag.Rows) ?? 0) * (header.GetInt32OrNull(DicomTag.Columns) ?? 0) * (header.GetInt32OrNull(DicomTag.NumberOfFrames) ?? 1) * files.Length;
        }
        catch (Exception error) when (error is DicomDataException or IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    void Fail(SeriesRow series, string error) => state.Fail(series, SeriesRow.SegmentStep, error, series.Attempts);

    void Segment(SeriesRow series, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var files = spool.Files(series.StudyUid, series.SeriesUid);
        var decision = SeriesRules.Decide(configuration.Rules, SeriesFacts.Received(files, state.Origins(series.SeriesUid)));
        if (decision.Findings.Count > 0)
            Tell(series, decision.Summary);
        var segmenter = segmenters.Of(decision.Model);

        var reading = SeriesReader.Read(files, cancellationToken: cancellationToken);
        var readTime = clock.Elapsed;
        var (stacks, notes) = StackChoice.Choose(reading.Stacks);
        foreach (var note in reading.Notes.Concat(reading.Refusals.Select(refusal => $"refused: {refusal}")).Concat(notes))
            Tell(series, note);
        if (stacks.Count == 0)
        {
            reading.OrRefuse();
            Skip(series, $"no volume to segment: {string.Join("; ", notes)}");
            return;
        }

        var results = new List<SegmentedStack>();
        foreach (var stack in stacks)
        {
            var result = segmenter.Segment(stack.Volume, progress: null, cancellationToken);
            foreach (var note in result.Segmentation.Notes)
                Tell(series, note);
            if (result.Segmentation.RanOutOfMemoryOn is { } device)
                metrics.RanOutOfMemory(device);
            if (result.CordFound)
                results.Add(new SegmentedStack(stack, result));
            else
                Tell(series, $"no cord in {stack.Description}");
        }
        if (results.Count == 0)
        {
            Skip(series, "no cord");
            return;
        }

        var writing = Stopwatch.StartNew();
        WriteResults(series, results, segmenter, decision.Results);
        StepTime[] steps =
        [
            new("read", readTime),
            .. results.SelectMany(result => result.Result.Segmentation.Timings),
            .. results.Select(result => new StepTime("measure", result.Result.MeasureTime)),
            new("write", writing.Elapsed),
        ];
        metrics.Steps(steps);
        var peers = Destinations.Of(state.Origins(series.SeriesUid), configuration, out var problems, decision.To);
        var summary = string.Join("; ", results.Select(result => result.Result.Summary));
        logger.SeriesSegmented(series.SeriesUid, series.StudyUid, clock.Elapsed.TotalSeconds, summary, $"{segmenter.Model.Name} {segmenter.Model.Version}", segmenter.Model.Sha256,
            string.Join(", ", results.Select(result => result.Result.Segmentation.Provider).Distinct()), StepTimes(steps), string.Join(", ", Directory.GetFiles(data.ResultsOf(series), "*.dcm").Select(Path.GetFileName).Order(StringComparer.Ordinal)),
            decision.Shadow ? "nobody (shadow)" : string.Join(", ", peers.Select(peer => peer.Name)));
        if (!state.Segmented(series, decision.Shadow ? [] : [.. peers.Select(peer => peer.Name)], $"segmented: {summary}", kinds: decision.Results, results: Made(series)))
            return;
        if (decision.Shadow)
        {
            state.Move(series with { State = SeriesState.Segmented }, SeriesState.Done, "done: shadow, the results are kept and not sent");
            return;
        }
        foreach (var problem in problems)
        {
            logger.NoDestination(series.SeriesUid, problem);
            state.Note(series.SeriesUid, problem);
        }
        if (peers.Count == 0)
            state.Fail(series with { State = SeriesState.Segmented }, SeriesRow.ReturnStep, $"no destination, the results are kept{string.Concat(problems.Take(1).Select(problem => $": {problem}"))}", attempts: 0);
        else
            jobs.Return(series.SeriesUid);
    }

    static string StepTimes(IEnumerable<StepTime> steps) =>
        string.Join(", ", steps.Select(step => string.Create(CultureInfo.InvariantCulture, $"{step.Step} {step.Time.TotalSeconds:0.00} s")));

    /// <summary>Writes everything beside the final place, then renames: the folder of the results is whole or not there.</summary>
    void WriteResults(SeriesRow series, List<SegmentedStack> results, CordSegmenter segmenter, IReadOnlyList<string> kinds)
    {
        var folder = data.ResultsOf(series);
        var part = folder + ".part";
        if (Directory.Exists(part))
            Directory.Delete(part, recursive: true);
        // The same input gives the same bytes (decision 7): what an earlier run wrote whole is as good as new.
        if (Directory.Exists(folder))
            return;
        Directory.CreateDirectory(part);
        for (var i = 0; i < results.Count; i++)
            ResultObjects.Write(results[i], segmenter, configuration, part, results.Count > 1 ? $"{i + 1:00}-" : "", everyForm: true, kinds, series.Missing, file => earlier.ReplacedBy(series, file));
        DurableFiles.Publish(part, folder);
    }

    /// <summary>The results on disk, for the state.</summary>
    ResultRow[] Made(SeriesRow series) =>
    [
        .. from file in Directory.GetFiles(data.ResultsOf(series), "*.dcm")
           let header = DicomFile.Open(file, DicomReadOptions.UntilPixelData).Dataset
           select new ResultRow(header.GetString(DicomTag.SOPInstanceUID), header.GetString(DicomTag.SOPClassUID), header.GetString(DicomTag.SeriesInstanceUID),
               series.SeriesUid, series.Revision, Path.GetFileName(file)),
    ];

    void Skip(SeriesRow series, string rule)
    {
        logger.SeriesSkipped(series.SeriesUid, rule);
        End(series, SeriesState.Skipped, $"skipped({rule})", rule);
    }

    /// <summary>Ends a series without results; where a destination wants to be told, a text report with the reason is returned first.</summary>
    void End(SeriesRow series, SeriesState outcome, string what, string reason)
    {
        var peers = Destinations.Of(state.Origins(series.SeriesUid), configuration, out _).Where(peer => configuration.Wants(peer, nameof(ResultsSettings.Refusal))).ToArray();
        if (peers.Length == 0 || !WriteReason(series, what))
            state.Move(series, outcome, what, reason);
        else if (state.Segmented(series, [.. peers.Select(peer => peer.Name)], $"{what}; a report says so", new SeriesOutcome(outcome, reason), results: Made(series)))
            jobs.Return(series.SeriesUid);
    }

    /// <returns>False where the instances are not fit to be referred to.</returns>
    bool WriteReason(SeriesRow series, string reason)
    {
        var folder = data.ResultsOf(series);
        var part = folder + ".part";
        if (Directory.Exists(part))
            Directory.Delete(part, recursive: true);
        if (Directory.Exists(folder))
            return true;
        try
        {
            Directory.CreateDirectory(part);
            ResultObjects.WriteReason(spool.Files(series.StudyUid, series.SeriesUid), reason, segmenters.Of(""), configuration, part, earlier.ReplacedBy(series, "reason.dcm"));
            DurableFiles.Publish(part, folder);
            return true;
        }
        catch (Exception error) when (error is DicomDataException or DicomWriter.DicomConformanceException)
        {
            Tell(series, $"no report of it: {error.Message}");
            return false;
        }
    }

    void Tell(SeriesRow series, string note)
    {
        logger.SeriesNote(series.SeriesUid, note);
        state.Note(series.SeriesUid, note);
    }
}
