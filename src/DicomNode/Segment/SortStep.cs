using Hangfire;
using SoftSeg.Dicom;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Receive;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Segment;

/// <summary>Decides from the headers of a complete series whether it is segmented and in which line it waits, so that what is not ours waits for nothing.</summary>
public sealed class SortStep(NodeState state, Spool spool, NodeConfiguration configuration, SeriesJobs jobs, ILogger<SortStep> logger)
{
    [AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public void Run(string seriesUid, CancellationToken cancellationToken)
    {
        if (state.Find(seriesUid) is not { State: SeriesState.Complete or SeriesState.Segmenting } series)
            return;
        try
        {
            state.Took(series, spool.Count(series.StudyUid, seriesUid));
            var facts = SeriesFacts.Received(spool.Files(series.StudyUid, seriesUid), state.Origins(seriesUid));
            state.Identify(seriesUid, facts.Header.GetStringOrNull(DicomTag.AccessionNumber), facts.Header.GetStringOrNull(DicomTag.PatientID));
            if (LoopGuard.Rule(facts, state.IsOwnSeries) is { } rule)
            {
                Skip(series, rule);
                return;
            }
            var decision = SeriesRules.Decide(configuration.Rules, facts);
            if (decision.Skip)
                Skip(series, decision.Summary);
            else
                jobs.Segment(seriesUid, decision.Urgent);
        }
        catch (Exception error) when (error is DicomDataException or IOException or UnauthorizedAccessException)
        {
            // A header that can't be read is refused where the images are read, with the reason.
            logger.SeriesNote(seriesUid, $"no rule could be asked: {error.Message}");
            jobs.Segment(seriesUid, urgent: false);
        }
    }

    /// <summary>Whoever sent an image that is not ours, or one of our results, is not waiting for an answer: no report.</summary>
    void Skip(SeriesRow series, string rule)
    {
        logger.SeriesSkipped(series.SeriesUid, rule);
        state.Move(series, SeriesState.Skipped, $"skipped({rule})", rule);
    }
}
