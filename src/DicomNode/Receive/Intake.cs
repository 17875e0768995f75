using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Assemble;
using SoftSeg.DicomNode.Audit;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Return;
using SoftSeg.DicomNode.State;
using SoftSeg.DicomNode.Web;

namespace SoftSeg.DicomNode.Receive;

/// <summary>What becomes of an instance that is on stable storage, and of which its sender has not heard yet: whoever brought it, by C-STORE or because we fetched it.</summary>
public sealed class Intake(NodeConfiguration configuration, Spool spool, NodeState state, SeriesArrivals arrivals, SeriesJobs jobs, NodeMetrics metrics, AuditTrail audit, ILogger<Intake> logger)
{
    public ValueTask Stored(StoredInstance instance)
    {
        spool.Tell(instance, () => Note(instance));
        metrics.Stored(instance);
        audit.Stored(instance);
        return ValueTask.CompletedTask;
    }

    void Note(StoredInstance instance)
    {
        var sender = instance.Context.SendingAeTitle.Trim();
        if (instance.Outcome == StoredOutcome.Identical && state.Find(instance.SeriesInstanceUid) is { State: not SeriesState.Receiving } known)
        {
            SentAgain(known, sender);
            return;
        }

        arrivals.Touch(instance.SeriesInstanceUid, instance.Context.Association, opened: () =>
            state.Arrived(instance.StudyInstanceUid, instance.SeriesInstanceUid, sender, $"received from {sender}"));
        if (instance.Outcome == StoredOutcome.Different)
            state.Note(instance.SeriesInstanceUid, $"instance {instance.Context.SopInstanceUid} came again with other bytes: kept beside the first");
    }

    /// <summary>Nothing new of a series that was complete: no work, but a second sender gets the results that are kept.</summary>
    void SentAgain(SeriesRow series, string sender)
    {
        if (!state.ArrivedAgain(series.SeriesUid, sender) || series.State is not (SeriesState.Done or SeriesState.Failed or SeriesState.Segmented or SeriesState.Returning))
            return;
        var peers = Destinations.Of([sender], configuration, out var problems);
        foreach (var problem in problems)
            logger.NoDestination(series.SeriesUid, problem);
        foreach (var peer in peers)
            state.Redeliver(series, peer.Name);
        if (peers.Count > 0)
            jobs.Return(series.SeriesUid);
    }
}
