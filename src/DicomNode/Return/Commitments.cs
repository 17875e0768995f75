using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Return;

/// <summary>What peers answer to requests of storage commitment, on our association or on theirs.</summary>
public sealed class Commitments(NodeState state, SeriesJobs jobs, ILogger<Commitments> logger)
{
    /// <summary>Committed, or sent once more.</summary>
    /// <returns>False where nobody asked.</returns>
    public bool Answered(string peer, CommitmentResult result)
    {
        var what = result.IsComplete
            ? $"{peer} has committed to {result.Committed.Count} results"
            : $"{peer} has not committed to {result.Failed.Count} of {result.Committed.Count + result.Failed.Count} results "
              + $"({string.Join(", ", result.Failed.Select(failure => $"{failure.Instance.SopInstanceUid}: {failure.Reason:X4}"))}): they are sent once more";
        if (state.Committed(result.TransactionUid, result.IsComplete, what) is not { } delivery)
        {
            logger.CommitmentUnknown(peer, result.TransactionUid);
            return false;
        }
        logger.CommitmentAnswered(delivery.SeriesUid, what);
        if (!result.IsComplete)
            jobs.ReturnLater(delivery.SeriesUid, TimeSpan.FromMinutes(1));
        return true;
    }
}
