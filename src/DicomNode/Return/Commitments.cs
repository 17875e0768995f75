using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Return;

/// <summary>What peers answer to requests of storage commitment, on our association or on theirs.</summary>
public sealed class Commitments(NodeState state, SeriesJobs jobs, NodeConfiguration configuration, TimeProvider time, ILogger<Commitments> logger)
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

    /// <summary>Requests that peers left without an answer for <see cref="ReturnSettings.CommitmentHours"/>: the request or its answer got lost, so the results go once more, and the request with them.</summary>
    public void AskAgain()
    {
        var hours = configuration.Return.CommitmentHours;
        foreach (var delivery in state.Unanswered(time.GetUtcNow().AddHours(-hours)))
        {
            var what = FormattableString.Invariant($"{delivery.Peer} has not answered the request of storage commitment for {hours} hours: the results are sent once more; where it never answers, set its Commitment to false");
            if (state.Committed(delivery.Commitment!, isComplete: false, what) is null)
                continue;
            logger.CommitmentOverdue(delivery.SeriesUid, what);
            jobs.Return(delivery.SeriesUid);
        }
    }
}
