using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Assemble;
using SoftSeg.DicomNode.Audit;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Return;
using SoftSeg.DicomNode.State;
using SoftSeg.DicomNode.Web;

namespace SoftSeg.DicomNode.Receive;

/// <summary>Who may send, and what becomes of what they send: to the spool, then into the state, then the peer hears of success.</summary>
sealed class ReceivingHandler(NodeConfiguration configuration, Spool spool, Intake intake, SeriesArrivals arrivals, Commitments commitments, DiskSpace disk, NodeMetrics metrics, AuditTrail audit)
    : IDicomServiceHandler
{
    readonly Lock gate = new();

    /// <summary>The calling AE title of each request that was accepted and has not ended.</summary>
    readonly Dictionary<AssociationRequest, string> open = new(ReferenceEqualityComparer.Instance);

    public AssociationAnswer AcceptAssociation(AssociationRequest request)
    {
        if (!configuration.IsCalled(request.CalledAeTitle))
        {
            return AssociationAnswer.Reject(AssociationRejection.CalledAeNotRecognized,
                $"it calls {Quote(request.CalledAeTitle)}, this node is {string.Join(", ", configuration.Node.Aliases.Prepend(configuration.Node.AeTitle).Select(Quote))}: change the sender's destination, or Node:AeTitle or Node:Aliases");
        }
        if (!configuration.Node.AcceptUnknownPeers && configuration.FindPeerByAeTitle(request.CallingAeTitle) is null)
        {
            return AssociationAnswer.Reject(AssociationRejection.CallingAeNotRecognized,
                $"{Quote(request.CallingAeTitle)} is not a peer; known are {string.Join(", ", configuration.Peers.Select(peer => Quote(peer.AeTitle)))}; "
                + $"to let it send add to Peers: {Destinations.PeerLine(request.CallingAeTitle)}");
        }
        var caller = configuration.FindPeerByAeTitle(request.CallingAeTitle);
        if (caller is not null && !caller.MayCallFrom(CallerAddress.Of(request.Remote)))
        {
            return AssociationAnswer.Reject(AssociationRejection.CallingAeNotRecognized,
                $"{Quote(request.CallingAeTitle)} may not call from {CallerAddress.Of(request.Remote)}, only from {string.Join(", ", caller.From)}: if that is its address, add it to From of the peer {caller.Name}");
        }
        if (caller is not null && Secrets.Credential(caller.User, caller.Passcode) is { } credential && request.UserIdentity?.Is(credential) != true)
        {
            return AssociationAnswer.Reject(AssociationRejection.NoReason,
                $"{Quote(request.CallingAeTitle)} must bring the user {credential} with its passcode and brought {request.UserIdentity?.ToString() ?? "none"}: see User and Passcode of the peer {caller.Name}");
        }
        // Who only asks whether we are there is answered.
        if (request.Contexts.Any(context => Spool.AcceptedServices.IsStorage(context.AbstractSyntax)) && disk.Free < configuration.Node.ShortBytes)
        {
            return AssociationAnswer.Reject(AssociationRejection.LocalLimitExceeded, FormattableString.Invariant(
                $"the disk is short: {disk.Free >> 20} MB are free, and nobody may begin to send below {configuration.Node.ShortBytes >> 20} (one and a half times Node:MinFreeMegabytes); see Retention, or give it room"));
        }
        return TakePlace(request, caller) is { } full ? AssociationAnswer.Reject(AssociationRejection.LocalLimitExceeded, full) : AssociationAnswer.Accept(Spool.AcceptedServices);
    }

    /// <returns>Why there is no place; null where one was taken, which the end of the connection gives back.</returns>
    string? TakePlace(AssociationRequest request, PeerSettings? caller)
    {
        var title = request.CallingAeTitle.Trim();
        lock (gate)
        {
            if (open.Count >= configuration.Node.MaxAssociations)
                return $"{open.Count} associations are open; raise Node:MaxAssociations if this node can bear more";
            if (caller is { MaxAssociations: > 0 and var most } && open.Values.Count(other => other == title) >= most)
                return $"{most} associations of {Quote(title)} are open; raise MaxAssociations of the peer {caller.Name} if it may have more";
            open.Add(request, title);
            return null;
        }
    }

    public void OnAssociationStart(DicomAssociation association) => metrics.AssociationStarted();

    public ValueTask<IInstanceSink> OnStoreBeginAsync(StoreContext context, CancellationToken cancellation) =>
        ValueTask.FromResult<IInstanceSink>(spool.Begin(context, (instance, _) => intake.Stored(instance)));

    public void OnAssociationEnd(AssociationSummary summary)
    {
        metrics.AssociationEnded(summary);
        audit.AssociationEnded(summary);
        if (summary.Request is { } request)
        {
            lock (gate)
                open.Remove(request);
        }
        if (summary.Association is { } association)
            arrivals.Closed(association);
    }

    public ValueTask<DicomStatus> OnCommitmentResultAsync(DicomAssociation association, CommitmentResult result, CancellationToken cancellation)
    {
        var peer = configuration.FindPeerByAeTitle(association.CallingAeTitle)?.Name ?? association.CallingAeTitle.Trim();
        return ValueTask.FromResult(commitments.Answered(peer, result) ? DicomStatus.Success : DicomStatus.InvalidArgument);
    }

    static string Quote(string title) => $"\"{title.Trim()}\"";
}
