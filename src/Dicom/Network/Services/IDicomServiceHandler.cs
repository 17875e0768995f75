using System.Buffers;

namespace SoftSeg.Dicom.Network;

/// <summary>
/// What an application does with the requests of a peer. One handler may serve many connections at once; the calls for one connection come one after the other.
/// </summary>
public interface IDicomServiceHandler
{
    /// <summary>A peer asks for an association.</summary>
    AssociationAnswer AcceptAssociation(AssociationRequest request);

    /// <summary>The association stands; no message has come yet.</summary>
    void OnAssociationStart(DicomAssociation association) { }

    /// <summary>C-ECHO-RQ.</summary>
    ValueTask<DicomStatus> OnEchoAsync(DicomAssociation association, CancellationToken cancellation) => ValueTask.FromResult(DicomStatus.Success);

    /// <summary>
    /// C-STORE-RQ, before its data set. The UIDs of <paramref name="context"/> are valid and the SOP class is that of the presentation context.
    /// Throw <see cref="DicomStatusException"/> to refuse: the data set is read and dropped, and the association goes on.
    /// </summary>
    ValueTask<IInstanceSink> OnStoreBeginAsync(StoreContext context, CancellationToken cancellation);

    /// <summary>
    /// Storage commitment as SCP: a peer asks whether we hold instances for good. Success promises that the answer follows: look the instances up
    /// (<see cref="InstanceSpool.Commit"/>) and report on a new association (<see cref="DicomClient.ReportCommitmentAsync"/>), after this has returned.
    /// Called only where <see cref="AcceptedServices.CommitmentRequests"/> is on.
    /// </summary>
    ValueTask<DicomStatus> OnCommitmentRequestAsync(DicomAssociation association, CommitmentRequest request, CancellationToken cancellation) =>
        ValueTask.FromResult(DicomStatus.UnrecognizedOperation);

    /// <summary>
    /// Storage commitment as SCU: the answer to a request of ours, on an association that the peer opened for it (one that comes on the association
    /// of the request is given by <see cref="DicomClient.WaitForCommitmentAsync"/>). Called only where <see cref="AcceptedServices.CommitmentResults"/> is on.
    /// </summary>
    ValueTask<DicomStatus> OnCommitmentResultAsync(DicomAssociation association, CommitmentResult result, CancellationToken cancellation) =>
        ValueTask.FromResult(DicomStatus.UnrecognizedOperation);

    /// <summary>The connection ended, with or without an association.</summary>
    void OnAssociationEnd(AssociationSummary summary) { }
}

/// <summary>A C-STORE-RQ.</summary>
/// <param name="Association">Who sends it to whom.</param>
/// <param name="SopClassUid">Affected SOP Class UID.</param>
/// <param name="SopInstanceUid">Affected SOP Instance UID; digits and dots, at most 64.</param>
/// <param name="TransferSyntaxUid">Transfer syntax of the bytes that follow.</param>
public sealed record StoreContext(DicomAssociation Association, string SopClassUid, string SopInstanceUid, string TransferSyntaxUid)
{
    /// <summary>We fetched the instance by C-GET on an association of our own: the peer is the one who was called.</summary>
    public bool IsRetrieved { get; init; }

    /// <summary>AE title of the one who sends the instance.</summary>
    public string SendingAeTitle => IsRetrieved ? Association.CalledAeTitle : Association.CallingAeTitle;

    /// <summary>Our AE title.</summary>
    public string ReceivingAeTitle => IsRetrieved ? Association.CallingAeTitle : Association.CalledAeTitle;
}

/// <summary>
/// Takes the data set of one instance while it arrives. <see cref="DicomStatusException"/> from either method refuses the instance with that status; the
/// rest of its data set is dropped and the association goes on. Disposed without a commit, nothing may remain.
/// </summary>
public interface IInstanceSink : IAsyncDisposable
{
    /// <summary>The next bytes; valid until the returned task ends. The peer waits while it runs.</summary>
    ValueTask WriteAsync(ReadOnlySequence<byte> fragment, CancellationToken cancellation);

    /// <summary>The data set is whole. Success and warnings mean that we have the instance and the peer may forget it.</summary>
    ValueTask<DicomStatus> CommitAsync(CancellationToken cancellation);
}
