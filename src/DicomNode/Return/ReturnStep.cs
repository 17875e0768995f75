using System.Data.Common;
using System.Diagnostics;
using Hangfire;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Audit;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.State;
using SoftSeg.DicomNode.Web;
using SoftSeg.DicomWriter.Reports;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomNode.Return;

/// <summary>
/// Sends the kept results of a series to every destination that still waits for them. What fails for now is tried again later for as long
/// as it takes; what a peer refuses for good ends there, and the results stay on disk.
/// </summary>
public sealed class ReturnStep(NodeState state, DataDirectory data, NodeConfiguration configuration, ResultSender sender, EarlierResults earlier, Commitments commitments, SeriesJobs jobs, NodeMetrics metrics, AuditTrail audit, ILogger<ReturnStep> logger)
{
    [AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public async Task Run(string seriesUid, CancellationToken cancellationToken)
    {
        if (state.Find(seriesUid) is not { State: SeriesState.Segmented or SeriesState.Returning } series)
            return;
        if (series.State == SeriesState.Segmented)
        {
            if (!state.Move(series, SeriesState.Returning, "returning", series.Reason))
                return;
            series = series with { State = SeriesState.Returning };
        }

        TimeSpan? nextAttempt = null;
        var sending = state.EarlierDeliveries(series).Where(delivery => delivery.State == DeliveryState.Sending).Select(delivery => delivery.Peer).ToHashSet();
        foreach (var waiting in state.Deliveries(series).Where(delivery => delivery.State == DeliveryState.Waiting))
        {
            // What these results replace is still on its way to the peer.
            if (sending.Contains(waiting.Peer))
            {
                nextAttempt ??= TimeSpan.FromSeconds(1);
                continue;
            }
            if (state.BeginDelivery(waiting) is not { } delivery)
                continue;
            if (await Deliver(series, delivery, cancellationToken) is { } delay && !(delay > nextAttempt))
                nextAttempt = delay;
        }

        if (nextAttempt is { } later)
            jobs.ReturnLater(seriesUid, later);
        else
            Finish(series);
    }

    /// <returns>The time to the next attempt, or null when there will be none.</returns>
    async Task<TimeSpan?> Deliver(SeriesRow series, DeliveryRow delivery, CancellationToken cancellationToken)
    {
        var folder = data.ResultsOf(series);
        if (configuration.FindPeer(delivery.Peer) is not { } peer)
        {
            End(DeliveryState.Failed, $"{delivery.Peer} is no peer any more");
            return null;
        }
        if (!Directory.Exists(folder))
        {
            End(DeliveryState.Failed, $"not sent to {peer.Name}: the results are no longer on this machine (Retention); send the series again");
            return null;
        }

        SendOutcome outcome;
        var begin = Stopwatch.GetTimestamp();
        try
        {
            var files = Directory.GetFiles(folder, "*.dcm").Order(StringComparer.Ordinal).ToArray();
            outcome = await sender.Send(peer, [.. files, .. Rejection(series, delivery, peer, files)], kind => Wants(peer, delivery, kind), cancellationToken);
        }
        catch (Exception error) when (error is not DbException)
        {
            // Whatever it was, the results are still here: a delivery is given up only on the peer's own word.
            outcome = new SendOutcome(SendResult.Temporary, $"not sent to {peer.Name}: {error.Message}");
        }

        if (outcome.Sent is { Count: > 0 } stored)
            state.Sent(delivery, stored.Select(file => Path.GetFileName(file)));
        metrics.Delivered(peer.Name, outcome.Result.ToString());
        audit.Sent(peer, series, outcome.Result == SendResult.Stored);
        metrics.Steps([new StepTime("send", Stopwatch.GetElapsedTime(begin))]);
        switch (outcome.Result)
        {
            case SendResult.Stored:
                logger.Delivered(series.SeriesUid, outcome.Detail);
                if (peer.Commitment && outcome.Sent is { Count: > 0 } sent)
                    return await Commit(series, delivery, peer, outcome.Detail, sent, cancellationToken);
                state.EndDelivery(delivery, DeliveryState.Delivered, outcome.Detail);
                return null;
            case SendResult.Refused:
                End(DeliveryState.Failed, outcome.Detail);
                return null;
            default:
                return Postpone(series, delivery, outcome.Detail);
        }

        void End(DeliveryState to, string detail)
        {
            state.EndDelivery(delivery, to, detail);
            logger.DeliveryFailed(series.SeriesUid, detail, folder);
        }
    }

    /// <summary>The note that withdraws what the peer has of earlier revisions: none where it wants none or has nothing. Written once, as all results are.</summary>
    string[] Rejection(SeriesRow series, DeliveryRow delivery, PeerSettings peer, string[] files)
    {
        if (!peer.Withdraw || files.Length == 0)
            return [];
        var folder = Path.Combine(data.ResultsOf(series), $"for-{Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(peer.Name))}");
        var note = Path.Combine(folder, EarlierResults.RejectionFile);
        if (File.Exists(note))
            return [note];
        var old = earlier.At(peer.Name, series, kind => Wants(peer, delivery, kind));
        if (old.Count == 0)
            return [];
        var part = folder + ".part";
        if (Directory.Exists(part))
            Directory.Delete(part, recursive: true);
        Directory.CreateDirectory(part);
        RejectionNoteBuilder.Build(DicomFile.Open(files[0], DicomReadOptions.UntilPixelData).Dataset, old).Save(Path.Combine(part, EarlierResults.RejectionFile));
        DurableFiles.Publish(part, folder);
        state.Note(series.SeriesUid, $"{old.Count} earlier results are withdrawn from {peer.Name}");
        return [note];
    }

    TimeSpan Postpone(SeriesRow series, DeliveryRow delivery, string detail)
    {
        var delay = configuration.Return.RetryAfter((int)delivery.Attempts);
        state.EndDelivery(delivery, DeliveryState.Waiting, $"{detail}; next attempt in {delay.TotalSeconds:0} s");
        logger.DeliveryPostponed(series.SeriesUid, detail, delay.TotalSeconds);
        return delay;
    }

    /// <summary>Asks the peer to keep what it stored. The state knows of the request first: the answer may come before this returns.</summary>
    /// <returns>The time to the next attempt where the request failed for now, or null.</returns>
    async Task<TimeSpan?> Commit(SeriesRow series, DeliveryRow delivery, PeerSettings peer, string detail, IReadOnlyCollection<string> sent, CancellationToken cancellationToken)
    {
        var names = sent.Select(Path.GetFileName).ToHashSet();
        var made = state.Results(series.SeriesUid).Where(result => result.Revision == series.Revision && names.Contains(result.File));
        var request = CommitmentRequest.For(made.Select(result => new SopReference(result.SopClassUid, result.SopInstanceUid)));
        if (request.Instances.Count == 0)
        {
            state.EndDelivery(delivery, DeliveryState.Delivered, detail);
            return null;
        }
        state.RequestCommitment(delivery, request.TransactionUid, $"{detail}; storage commitment requested");
        try
        {
            var result = await sender.RequestCommitment(peer, request, cancellationToken);
            if (result is not null)
                commitments.Answered(peer.Name, result);
            return null;
        }
        catch (DicomNotAcceptedException error)
        {
            state.EndDelivery(delivery, DeliveryState.Delivered, $"{detail}; no storage commitment: {error.Message}");
            return null;
        }
        catch (DicomNetworkException error)
        {
            return Postpone(series, delivery, $"{detail}; storage commitment not requested: {error.Message}");
        }
    }

    /// <summary>A rule's choice stands in place of the peer's; reasons why there are no results go to whoever wants them.</summary>
    bool Wants(PeerSettings peer, DeliveryRow delivery, string kind) =>
        delivery.Kinds is { } kinds && kind != nameof(PeerSettings.Withdraw) ? kinds.Split(',').Contains(kind, StringComparer.OrdinalIgnoreCase) : configuration.Wants(peer, kind);

    void Finish(SeriesRow series)
    {
        var deliveries = state.Deliveries(series);
        if (deliveries.Any(delivery => delivery.State is DeliveryState.Waiting or DeliveryState.Sending))
            return;
        var failed = deliveries.Where(delivery => delivery.State == DeliveryState.Failed).ToArray();
        if (SeriesOutcome.Parse(series.Reason) is { } outcome)
            state.Move(series, outcome.State, outcome.ToString(), outcome.Reason);
        else if (failed.Length == 0)
            state.Move(series, SeriesState.Done, "done");
        else
            state.Fail(series, SeriesRow.ReturnStep, failed[0].Detail ?? "the peer said no", failed[0].Attempts);
    }
}
