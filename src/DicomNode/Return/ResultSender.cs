using Polly;
using Polly.Retry;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Configuration;

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
public sealed record SendOutcome(SendResult Result, string Detail);

/// <summary>Sends files to a peer by C-STORE: one association for all of them, each with its own status.</summary>
public sealed class ResultSender(NodeConfiguration configuration, DicomLimits limits)
{
    /// <summary>A peer that restarts answers within seconds; longer outages are waited out between attempts, not in here.</summary>
    static readonly ResiliencePipeline Connecting = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<DicomNetworkException>(error => error is not DicomAssociationRejectedException),
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromSeconds(1),
        })
        .Build();

    public async Task<SendOutcome> Send(PeerSettings peer, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        var stored = 0;
        var troubles = new List<string>();
        var temporary = false;
        try
        {
            await using var client = await Connecting.ExecuteAsync(async token => await DicomClient.ConnectAsync(Options(peer), files, token), cancellationToken);
            foreach (var file in files)
            {
                try
                {
                    var status = await client.StoreAsync(file, cancellationToken);
                    if (status.IsStored)
                        stored++;
                    else
                        temporary |= status.IsTransient;
                    if (!status.IsSuccess)
                        troubles.Add($"{Path.GetFileName(file)}: {(status.IsStored ? "stored with warning" : "refused with status")} {status}");
                }
                catch (DicomNotAcceptedException error)
                {
                    troubles.Add($"{Path.GetFileName(file)} not sent: {error.Message}");
                }
            }
            await Release(client, cancellationToken);
        }
        catch (DicomAssociationRejectedException error)
        {
            return new SendOutcome(error.Rejection.IsTransient ? SendResult.Temporary : SendResult.Refused, $"not sent to {peer.Name}: {error.Message}");
        }
        catch (DicomNetworkException error)
        {
            return new SendOutcome(SendResult.Temporary, $"not sent to {peer.Name}, {stored} of {files.Count} stored: {error.Message}");
        }

        var detail = $"{stored} of {files.Count} results stored by {peer.Name} ({peer.AeTitle} at {peer.Host}:{peer.Port})";
        if (troubles.Count > 0)
            detail += "; " + string.Join("; ", troubles);
        // What a peer can't show (a report, say) must not keep it from what it can.
        return new SendOutcome(temporary ? SendResult.Temporary : stored > 0 ? SendResult.Stored : SendResult.Refused, detail);
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

    /// <summary>C-ECHO.</summary>
    /// <exception cref="DicomNetworkException">The peer can't be reached or said no; the message says what to check.</exception>
    public async Task<string> Echo(PeerSettings peer, CancellationToken cancellationToken)
    {
        await using var client = await DicomClient.ConnectAsync(Options(peer), new AssociationProposal().AddVerification(), cancellationToken);
        var status = await client.EchoAsync(cancellationToken);
        await client.ReleaseAsync(cancellationToken);
        return status.IsSuccess ? client.PeerImplementation : throw new DicomNetworkException($"{peer.Name} answered the echo with {status}");
    }

    DicomClientOptions Options(PeerSettings peer) => new()
    {
        Host = peer.Host,
        Port = peer.Port,
        CalledAeTitle = peer.AeTitle,
        CallingAeTitle = configuration.Node.AeTitle,
        Limits = limits,
    };
}
