using System.Collections.Concurrent;
using Polly;
using Polly.Retry;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Return;

/// <summary>How an attempt to send a set of results ended.</summary>
public enum SendResult
{
    /// <summary>The peer has all that it accepts.</summary>
    Stored,

    /// <summary>It may work later.</summary>
    Temporary,

    /// <summary>The peer said no, and would say it again.</summary>
    Refused,
}

/// <param name="Detail">Words for the log and the history: what was stored, what was not and why.</param>
/// <param name="Sent">The files that the peer stored.</param>
public sealed record SendOutcome(SendResult Result, string Detail, IReadOnlyCollection<string>? Sent = null);

/// <summary>Sends files to a peer by C-STORE: one association for all of them, each with its own status.</summary>
public sealed class ResultSender(PeerConnections connections, ILogger<ResultSender> logger)
{
    /// <summary>A peer that restarts answers within seconds; longer outages are waited out between attempts, not in here.</summary>
    static readonly ResiliencePipeline Connecting = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<DicomNetworkException>(error => error is not DicomAssociationRejectedException),
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromSeconds(1),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        })
        .Build();

    readonly ConcurrentDictionary<(string Peer, string Result), string> told = [];

    /// <summary>Sends each result in the best form that the peer takes.</summary>
    /// <param name="wanted">Which kinds the peer gets.</param>
    public async Task<SendOutcome> Send(PeerSettings peer, IReadOnlyList<string> files, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        var results = ResultKind.Of(files, wanted);
        files = [.. results.SelectMany(result => result.Forms).SelectMany(form => form.Files).Distinct()];
        var stored = 0;
        var troubles = new List<string>();
        var temporary = false;
        // Pictures may be wanted for themselves and also stand in for a segmentation: they go once.
        var sentFiles = new HashSet<string>(StringComparer.Ordinal);
        if (results.Count == 0)
            return new SendOutcome(SendResult.Stored, $"nothing of these results is for {peer.Name}");
        try
        {
            await using var client = await Connecting.ExecuteAsync(async token => await DicomClient.ConnectAsync(connections.To(peer), files, token), cancellationToken);
            foreach (var result in results)
            {
                var sent = await Send(client, result, sentFiles, cancellationToken);
                stored += sent.Result == SendResult.Stored ? 1 : 0;
                temporary |= sent.Result == SendResult.Temporary;
                if (sent.Detail.Length == 0)
                    continue;
                troubles.Add(sent.Detail);
                TellOnce(peer, result, sent);
            }
            await Release(client, cancellationToken);
        }
        catch (DicomAssociationRejectedException error)
        {
            return new SendOutcome(error.Rejection.IsTransient ? SendResult.Temporary : SendResult.Refused, $"not sent to {peer.Name}: {error.Message}");
        }
        catch (DicomNetworkException error)
        {
            return new SendOutcome(SendResult.Temporary, $"not sent to {peer.Name}, {stored} of {results.Count} stored: {error.Message}", sentFiles);
        }

        var detail = $"{stored} of {results.Count} results stored by {peer.Name} ({peer.AeTitle} at {peer.Host}:{peer.Port})";
        if (troubles.Count > 0)
            detail += "; " + string.Join("; ", troubles);
        // What a peer can't show (a report, say) must not keep it from what it can.
        return new SendOutcome(temporary ? SendResult.Temporary : stored > 0 ? SendResult.Stored : SendResult.Refused, detail, sentFiles);
    }

    /// <summary>The first form that the peer takes; the detail says which better ones it did not take and why, and is empty when there is nothing to say.</summary>
    static async Task<SendOutcome> Send(DicomClient client, Result result, HashSet<string> sentFiles, CancellationToken cancellationToken)
    {
        var remarks = new List<string>();
        foreach (var form in result.Forms)
        {
            var (outcome, remark) = await Send(client, form, sentFiles, cancellationToken);
            if (remark.Length > 0 && !remarks.Contains(remark))
                remarks.Add(remark);
            if (outcome == SendResult.Temporary)
                return new SendOutcome(outcome, $"{result.Name} not stored: {string.Join(", ", remarks)}");
            if (outcome == SendResult.Stored)
                return new SendOutcome(outcome, remarks.Count == 0 ? "" : $"{result.Name} stored as {form.Form}: {string.Join(", ", remarks)}");
        }
        return new SendOutcome(SendResult.Refused, $"{result.Name} not sent: {string.Join(", ", remarks)}");
    }

    static async Task<(SendResult Result, string Remark)> Send(DicomClient client, FilesOfForm form, HashSet<string> sentFiles, CancellationToken cancellationToken)
    {
        var remark = "";
        foreach (var file in form.Files.Except(sentFiles))
        {
            try
            {
                var status = await client.StoreAsync(file, cancellationToken);
                if (!status.IsSuccess)
                    remark = $"{Path.GetFileName(file)} {(status.IsStored ? "stored with warning" : "refused with status")} {(status.Comment is { Length: > 0 } comment ? status.With(PeerWords.WithoutPatient(comment, file)) : status)}";
                if (!status.IsStored)
                    return (status.IsTransient ? SendResult.Temporary : SendResult.Refused, remark);
                sentFiles.Add(file);
            }
            catch (DicomNotAcceptedException error)
            {
                return (SendResult.Refused, error.Message);
            }
        }
        return (SendResult.Stored, remark);
    }

    /// <summary>A peer takes the same from one series to the next: its history says it each time, the log at the first time only.</summary>
    void TellOnce(PeerSettings peer, Result result, SendOutcome sent)
    {
        if (told.TryAdd((peer.Name, result.Forms[0].Form), sent.Detail))
            logger.PeerTakesLess(peer.Name, sent.Detail);
    }

    /// <summary>The statuses are in: a peer that fails to confirm the release has the results all the same.</summary>
    static async Task Release(DicomClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.ReleaseAsync(cancellationToken);
        }
        catch (DicomNetworkException)
        {
        }
    }

    /// <summary>Asks whether a peer keeps instances for good (PS3.4 J.3.2), and waits a moment for an answer on the same association.</summary>
    /// <returns>The answer; null where it will come on an association that the peer opens.</returns>
    /// <exception cref="DicomNetworkException">The peer can't be reached, does not do storage commitment, or refused; the message says which.</exception>
    public async Task<CommitmentResult?> RequestCommitment(PeerSettings peer, CommitmentRequest request, CancellationToken cancellationToken)
    {
        await using var client = await DicomClient.ConnectAsync(connections.To(peer), new AssociationProposal().AddCommitmentRequest(), cancellationToken);
        var status = await client.RequestCommitmentAsync(request, cancellationToken);
        if (!status.IsSuccess)
            throw new DicomNetworkException($"{peer.Name} answered the request of storage commitment with {status}");
        var result = await client.WaitForCommitmentAsync(TimeSpan.FromSeconds(5), cancellationToken);
        if (result is not null)
            await Release(client, cancellationToken);
        return result;
    }

    /// <summary>Negotiates every form of every result, in both syntaxes in which they can go, and sends none.</summary>
    /// <returns>The transfer syntaxes that the peer accepted for each SOP class.</returns>
    /// <exception cref="DicomNetworkException">The peer can't be reached or said no; the message says what to check.</exception>
    public async Task<ILookup<string, string>> Probe(PeerSettings peer, CancellationToken cancellationToken)
    {
        var proposal = new AssociationProposal();
        foreach (var form in ResultKind.All.SelectMany(kind => kind.Forms).DistinctBy(form => form.SopClass))
            proposal.AddStorage(form.SopClass.Value, DicomTransferSyntax.ExplicitVRLittleEndian.UID.Value);
        await using var client = await DicomClient.ConnectAsync(connections.To(peer), proposal, cancellationToken);
        var accepted = client.Contexts.Where(context => context.IsAccepted).ToLookup(context => context.AbstractSyntax, context => context.TransferSyntax);
        await Release(client, cancellationToken);
        return accepted;
    }

    /// <summary>C-ECHO.</summary>
    /// <exception cref="DicomNetworkException">The peer can't be reached or said no; the message says what to check.</exception>
    public async Task<string> Echo(PeerSettings peer, CancellationToken cancellationToken)
    {
        await using var client = await DicomClient.ConnectAsync(connections.To(peer), new AssociationProposal().AddVerification(), cancellationToken);
        var status = await client.EchoAsync(cancellationToken);
        await client.ReleaseAsync(cancellationToken);
        return status.IsSuccess ? client.PeerImplementation : throw new DicomNetworkException($"{peer.Name} answered the echo with {status}");
    }
}
