namespace SoftSeg.Dicom.Network;

// Storage commitment, as the one who asks (SCU) and as the one who answers (SCP) on an association that it opens itself.
public sealed partial class DicomClient
{
    readonly Queue<CommitmentResult> _results = [];

    /// <summary>
    /// Asks whether the peer holds instances for good (N-ACTION, PS3.4 J.3.2). Success means that it will answer: on this association
    /// (<see cref="WaitForCommitmentAsync"/>) or on one that it opens to us (<see cref="IDicomServiceHandler.OnCommitmentResultAsync"/>), as the peer likes.
    /// </summary>
    /// <exception cref="DicomNotAcceptedException">The peer did not accept storage commitment.</exception>
    /// <exception cref="DicomNetworkException">The association ended.</exception>
    public Task<DicomStatus> RequestCommitmentAsync(CommitmentRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var command = new DimseCommand
        {
            Field = CommandField.ActionRq,
            MessageId = ++_messageId,
            RequestedSopClassUid = StorageCommitment.SopClass,
            RequestedSopInstanceUid = StorageCommitment.WellKnownInstance,
            ActionTypeId = StorageCommitment.RequestAction
        };
        return RequestAsync(ContextOf(StorageCommitment.SopClass), command, StorageCommitment.ToDataset(request), cancellation);
    }

    /// <summary>Waits for a result on this association (N-EVENT-REPORT, PS3.4 J.3.3).</summary>
    /// <returns>The result; null where none came in time, or the peer wants the release. The association has ended then: the result will come on one of the peer's.</returns>
    /// <exception cref="DicomNetworkException">The association ended otherwise.</exception>
    public async Task<CommitmentResult?> WaitForCommitmentAsync(TimeSpan wait, CancellationToken cancellation = default)
    {
        if (_results.Count == 0 && IsOpen)
        {
            var command = await OnAssociationAsync(() => NextRequestAsync(wait, cancellation));
            if (command is null)
            {
                if (_upperLayer.State == AssociationState.AwaitingLocalReleaseResponse)
                    await _upperLayer.RespondToReleaseAsync(cancellation);
                else
                    await ReleaseAsync(cancellation);
                return null;
            }
            await OnAssociationAsync(async () =>
            {
                await AnswerAsync(command, cancellation);
                return true;
            });
        }
        return _results.TryDequeue(out var result) ? result : null;
    }

    async Task<DimseCommand?> NextRequestAsync(TimeSpan wait, CancellationToken cancellation)
    {
        try
        {
            return await _dimse.ReceiveCommandAsync(wait, cancellation);
        }
        catch (DicomTimeoutException) when (_upperLayer.Received.IsBetweenPdus)
        {
            return null;
        }
    }

    /// <summary>Answers a request of the peer, as SCP (N-EVENT-REPORT): the association must propose <see cref="AssociationProposal.AddCommitmentReport"/>.</summary>
    /// <exception cref="DicomNotAcceptedException">The peer did not accept storage commitment, or not that we are SCP.</exception>
    /// <exception cref="DicomNetworkException">The association ended.</exception>
    public Task<DicomStatus> ReportCommitmentAsync(CommitmentResult result, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        var context = ContextOf(StorageCommitment.SopClass);
        // A peer that says nothing of roles may not know of them, and is asked all the same.
        if (Roles.Any(role => role.SopClassUid == StorageCommitment.SopClass && !role.Scp))
            throw new DicomNotAcceptedException($"{Peer} does not take results of storage commitment: it refuses us the SCP role");
        var command = new DimseCommand
        {
            Field = CommandField.EventReportRq,
            MessageId = ++_messageId,
            AffectedSopClassUid = StorageCommitment.SopClass,
            AffectedSopInstanceUid = StorageCommitment.WellKnownInstance,
            EventTypeId = result.IsComplete ? StorageCommitment.SuccessEvent : StorageCommitment.FailureEvent
        };
        return RequestAsync(context, command, StorageCommitment.ToDataset(result), cancellation);
    }

    /// <summary>A result that came on this association.</summary>
    async ValueTask<DicomStatus> HearAsync(DimseCommand request, NegotiatedContext context, CancellationToken cancellation)
    {
        if (request.EventTypeId is not (StorageCommitment.SuccessEvent or StorageCommitment.FailureEvent))
        {
            await _dimse.DrainDataAsync(cancellation);
            return DicomStatus.NoSuchEventType;
        }
        try
        {
            _results.Enqueue(StorageCommitment.ReadResult(await _dimse.ReadDataSetAsync(context.TransferSyntax, cancellation)));
            return DicomStatus.Success;
        }
        catch (DicomDataException e)
        {
            return DicomStatus.InvalidArgument.With(e.Message);
        }
    }
}
