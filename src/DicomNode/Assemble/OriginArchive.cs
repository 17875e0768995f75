using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Audit;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Receive;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Assemble;

/// <summary>The origin of a series as an archive that can be asked what it has of it, and for what did not come (PS3.4 C, study root).</summary>
sealed class OriginArchive(PeerConnections connections, Spool spool, Intake intake, SeriesArrivals arrivals, AuditTrail audit, NodeConfiguration configuration)
{
    /// <summary>Instances in one request: their UIDs must fit into one value of 64 KiB.</summary>
    const int AtOnce = 200;

    /// <summary>A question takes an archive no longer; one that does not answer is not waited for.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>C-FIND at the level of instances: SOP class of each SOP Instance UID that the peer has of a series; empty where it does not say.</summary>
    /// <exception cref="DicomNetworkException">The peer can't be reached, does not do C-FIND, or answered with a failure.</exception>
    public async Task<IReadOnlyDictionary<string, string>> Instances(PeerSettings peer, SeriesRow series, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            await using var client = await DicomClient.ConnectAsync(connections.To(peer), new AssociationProposal().AddFind(), deadline.Token);
            var found = new Dictionary<string, string>(StringComparer.Ordinal);
            await foreach (var match in client.FindAsync(QueryRetrieve.InstancesOf(series.StudyUid, series.SeriesUid), deadline.Token))
            {
                if (match.GetStringOrNull(DicomTag.SOPInstanceUID)?.Trim() is { Length: > 0 } uid)
                    found[uid] = match.GetStringOrNull(DicomTag.SOPClassUID)?.Trim() ?? "";
            }
            await client.ReleaseAsync(deadline.Token);
            return found;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DicomTimeoutException($"{peer.Name} did not answer C-FIND within {Patience.TotalSeconds:0} s");
        }
    }

    /// <summary>Fetches instances of a series by C-MOVE to this node, or by C-GET.</summary>
    /// <param name="wanted">SOP class of each SOP Instance UID.</param>
    /// <returns>What the peer said, in words.</returns>
    /// <exception cref="DicomNetworkException">The peer can't be reached, does not do it, or broke off.</exception>
    public async Task<string> Fetch(PeerSettings peer, SeriesRow series, IReadOnlyDictionary<string, string> wanted, CancellationToken cancellationToken)
    {
        // One that keeps silent holds the series up no longer than the series would wait anyway.
        var patience = TimeSpan.FromSeconds(Math.Max(Patience.TotalSeconds, configuration.Assemble.MaxWaitSeconds));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            return peer.Completion == PeerSettings.ByMove ? await Move(peer, series, wanted, deadline.Token) : await Get(peer, series, wanted, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DicomTimeoutException($"{peer.Name} did not end the retrieval within {patience.TotalSeconds:0} s");
        }
    }

    async Task<string> Move(PeerSettings peer, SeriesRow series, IReadOnlyDictionary<string, string> wanted, CancellationToken cancellationToken)
    {
        await using var client = await DicomClient.ConnectAsync(connections.To(peer), new AssociationProposal().AddMove(), cancellationToken);
        var words = await Progress(series, wanted, request => client.MoveAsync(request, configuration.Node.AeTitle, cancellationToken));
        await client.ReleaseAsync(cancellationToken);
        return $"C-MOVE at {peer.Name}: {words}";
    }

    async Task<string> Get(PeerSettings peer, SeriesRow series, IReadOnlyDictionary<string, string> wanted, CancellationToken cancellationToken)
    {
        var classes = wanted.Values.Where(sopClass => sopClass.Length > 0).DefaultIfEmpty(DicomUID.MRImageStorage.Value).Distinct();
        await using var client = await DicomClient.ConnectAsync(connections.To(peer), new AssociationProposal().AddGet(classes, Spool.AcceptedServices.TransferSyntaxes), cancellationToken);
        DicomAssociation? association = null;
        try
        {
            var words = await Progress(series, wanted, request => client.GetAsync(request,
                Begin, cancellationToken));
            await client.ReleaseAsync(cancellationToken);
            return $"C-GET at {peer.Name}: {words}";
        }
        finally
        {
            if (association is not null)
            {
                arrivals.Closed(association);
                audit.Fetched(peer, association);
            }
        }

        ValueTask<IInstanceSink> Begin(StoreContext context, CancellationToken _)
        {
            association = context.Association;
            return new(spool.Begin(context, (stored, _) => intake.Stored(stored)));
        }
    }

    static async Task<string> Progress(SeriesRow series, IReadOnlyDictionary<string, string> wanted, Func<DicomDataset, IAsyncEnumerable<RetrieveProgress>> retrieve)
    {
        var (completed, failed, status) = (0, 0, DicomStatus.Success);
        foreach (var part in wanted.Keys.Order(StringComparer.Ordinal).Chunk(AtOnce))
        {
            var last = await retrieve(QueryRetrieve.Instances(series.StudyUid, series.SeriesUid, part)).LastAsync();
            completed += last.Completed + last.Warning;
            failed += last.Failed;
            if (!last.Status.IsSuccess)
                status = last.Status;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{completed} of {wanted.Count} came{(failed > 0 ? $", {failed} failed" : "")}{(status.IsSuccess ? "" : $", status {status}")}");
    }
}
