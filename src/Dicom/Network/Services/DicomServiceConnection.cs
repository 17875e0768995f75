using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace SoftSeg.Dicom.Network;

/// <summary>
/// The acceptor on one connection: verification, storage and storage commitment over the transport that a server hands in.
/// A violation of the protocol aborts and closes; an instance that can't be taken is refused alone.
/// </summary>
sealed class DicomServiceConnection
{
    readonly EndPoint? _remote;
    readonly X509Certificate2? _certificate;
    readonly IDicomServiceHandler _handler;
    readonly DicomLimits _limits;
    readonly Places _places;
    readonly ILogger _logger;
    readonly UpperLayer _upperLayer;
    readonly DimseConnection _dimse;
    readonly StoreReceiver _stores;
    readonly long _start = Stopwatch.GetTimestamp();

    AssociationRequest? _request;
    DicomAssociation? _association;
    AcceptedServices? _services;
    bool _hasPlace;
    int _echoes;

    public DicomServiceConnection(
        UpperLayer upperLayer, EndPoint? remote, X509Certificate2? certificate, IDicomServiceHandler handler, DicomLimits limits, Places places, ILogger logger)
    {
        _remote = remote;
        _certificate = certificate;
        _handler = handler;
        _limits = limits;
        _places = places;
        _logger = logger;
        _upperLayer = upperLayer;
        _dimse = new DimseConnection(upperLayer, limits);
        _stores = new StoreReceiver(_dimse, limits, logger);
    }

    /// <summary>Serves to the end; faults of the peer are in the summary.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var (end, reason) = await ServeAsync(cancellation);
        Leave(end, reason);
        if (end == AssociationEnd.Released)
            await AnswerReleaseAsync(cancellation);
    }

    /// <summary>Gives the place back and reports. Before the answer to a release: a peer that has it may call again at once, and finds its place free.</summary>
    void Leave(AssociationEnd end, string reason)
    {
        if (_hasPlace)
            _places.Dissociate(_remote);
        var summary = new AssociationSummary
        {
            Association = _association,
            Request = _request,
            Remote = _remote,
            End = end,
            Reason = reason,
            Stored = _stores.Stored,
            Refused = _stores.Refused,
            Echoes = _echoes,
            Bytes = _upperLayer.Received.BytesRead,
            Duration = Stopwatch.GetElapsedTime(_start)
        };
        Log(summary);
        _handler.OnAssociationEnd(summary);
    }

    async Task AnswerReleaseAsync(CancellationToken cancellation)
    {
        try
        {
            await _upperLayer.RespondToReleaseAsync(cancellation);
        }
        catch (Exception e) when (e is DicomNetworkException or OperationCanceledException)
        {
            // The peer asked to part, and has gone without waiting for the answer.
        }
    }

    async Task<(AssociationEnd End, string Reason)> ServeAsync(CancellationToken cancellation)
    {
        try
        {
            if (!await EstablishAsync(cancellation))
                return (AssociationEnd.Rejected, "rejected");
            while (await _dimse.ReceiveCommandAsync(_limits.Idle, cancellation) is { } command)
                await DispatchAsync(command, cancellation);
            return (AssociationEnd.Released, "released");
        }
        catch (DicomProtocolException e)
        {
            await _upperLayer.AbortAsync(e.Source, e.Reason);
            return (AssociationEnd.ProtocolViolation, e.Message);
        }
        catch (DicomAssociationAbortedException e)
        {
            return (AssociationEnd.AbortedByPeer, e.Message);
        }
        catch (DicomTimeoutException e)
        {
            await _upperLayer.AbortAsync(AbortSource.ServiceUser, AbortReason.NotSpecified);
            return (AssociationEnd.TimedOut, e.Message);
        }
        catch (DicomNetworkException e)
        {
            return (AssociationEnd.ConnectionLost, e.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await _upperLayer.AbortAsync(AbortSource.ServiceUser, AbortReason.NotSpecified);
            return (AssociationEnd.Cancelled, "shutting down");
        }
        catch (Exception e)
        {
            NetworkLog.ConnectionFailed(_logger, e, _remote);
            await _upperLayer.AbortAsync(AbortSource.ServiceUser, AbortReason.NotSpecified);
            return (AssociationEnd.Failed, e.Message);
        }
    }

    async ValueTask<bool> EstablishAsync(CancellationToken cancellation)
    {
        await _upperLayer.ReceiveAsync(_limits.Artim, cancellation);
        AssociateRqPdu pdu;
        try
        {
            pdu = AssociateRqPdu.Parse(_upperLayer.Received.ContiguousBody());
        }
        catch (DicomProtocolException e)
        {
            await _upperLayer.RefuseAsync(e);
            throw;
        }

        _request = new AssociationRequest
        {
            CallingAeTitle = pdu.CallingAeTitle,
            CalledAeTitle = pdu.CalledAeTitle,
            Remote = _remote,
            ImplementationClassUid = pdu.User.ImplementationClassUid,
            ImplementationVersionName = pdu.User.ImplementationVersionName,
            Contexts = pdu.Contexts,
            UserIdentity = pdu.User.UserIdentity,
            PeerCertificate = _certificate
        };
        var answer = Decide(pdu, _request);
        if (answer.Services is null)
        {
            NetworkLog.AssociationRejected(_logger, pdu.CallingAeTitle, pdu.CalledAeTitle, _remote, answer.Rejection, answer.Why);
            await _upperLayer.RejectAsync(answer.Rejection, cancellation);
            return false;
        }

        _services = answer.Services;
        var contexts = pdu.Contexts.Select(answer.Services.Answer).ToArray();
        _upperLayer.PeerMaxPdu = PduSize.ToSend(pdu.User.MaxPdu, _limits);
        _association = new DicomAssociation
        {
            CallingAeTitle = pdu.CallingAeTitle,
            CalledAeTitle = pdu.CalledAeTitle,
            Remote = _remote,
            ImplementationClassUid = pdu.User.ImplementationClassUid,
            ImplementationVersionName = pdu.User.ImplementationVersionName,
            Contexts = contexts
        };
        _handler.OnAssociationStart(_association);
        await _upperLayer.AcceptAsync(new AssociateAcPdu(pdu.CalledAeTitle, pdu.CallingAeTitle, contexts, AnswerUser(pdu.User, answer.Services)), cancellation);
        return true;
    }

    AssociationAnswer Decide(AssociateRqPdu pdu, AssociationRequest request)
    {
        if ((pdu.ProtocolVersion & 1) == 0)
            return AssociationAnswer.Reject(AssociationRejection.ProtocolVersionNotSupported);
        if (pdu.ApplicationContext != PduItemType.DicomApplicationContext)
            return AssociationAnswer.Reject(AssociationRejection.ApplicationContextNotSupported);
        var answer = _handler.AcceptAssociation(request);
        if (answer.Services is null)
            return answer;
        if (_places.TryAssociate(_remote) is { } full)
            return AssociationAnswer.Reject(AssociationRejection.LocalLimitExceeded, full);
        _hasPlace = true;
        return answer;
    }

    UserInformation AnswerUser(UserInformation peer, AcceptedServices services) => new()
    {
        MaxPdu = (uint)_limits.MaxPdu,
        ImplementationClassUid = DicomFile.ImplementationClassUID,
        ImplementationVersionName = DicomFile.ImplementationVersionName,
        AsynchronousOperations = peer.AsynchronousOperations is null ? null : ((ushort)1, (ushort)1),
        Roles = [.. peer.Roles.Select(services.Answer)],
        AcceptsIdentity = peer is { WantsIdentityResponse: true, UserIdentity: not null }
    };

    async ValueTask DispatchAsync(DimseCommand command, CancellationToken cancellation)
    {
        byte contextId = _dimse.ContextId;
        var context = _association!.Contexts.FirstOrDefault(c => c.Id == contextId && c.IsAccepted)
            ?? throw DicomProtocolException.Dimse($"message on presentation context {contextId}, which was not accepted");
        if (command.Field == CommandField.CancelRq)
            return;   // What we serve as SCP can't be cancelled (PS3.7 9.3.2.3 lets it come late, too).
        if (command.IsResponse)
            throw DicomProtocolException.Dimse($"response {command.Field:X4} without a request");

        DicomStatus status;
        switch (command.Field)
        {
            case CommandField.StoreRq:
                var request = new StoreContext(_association, context.AbstractSyntax, command.AffectedSopInstanceUid ?? "", context.TransferSyntax);
                status = await _stores.ReceiveAsync(command, request, _handler.OnStoreBeginAsync, cancellation);
                break;
            case CommandField.ActionRq or CommandField.EventReportRq:
                status = await CommitmentAsync(command, context, cancellation);
                break;
            case CommandField.EchoRq:
                await _dimse.DrainDataAsync(cancellation);
                status = await EchoAsync(cancellation);
                break;
            default:
                await _dimse.DrainDataAsync(cancellation);
                status = DicomStatus.UnrecognizedOperation;
                break;
        }
        await _dimse.SendAsync(contextId, command.Respond(status), cancellation);
    }

    async ValueTask<DicomStatus> EchoAsync(CancellationToken cancellation)
    {
        _echoes++;
        try
        {
            return await _handler.OnEchoAsync(_association!, cancellation);
        }
        catch (DicomStatusException e)
        {
            return e.Status;
        }
    }

    /// <summary>N-ACTION (PS3.4 J.3.2) and N-EVENT-REPORT (J.3.3) of storage commitment.</summary>
    async ValueTask<DicomStatus> CommitmentAsync(DimseCommand command, NegotiatedContext context, CancellationToken cancellation)
    {
        bool isRequest = command.Field == CommandField.ActionRq;
        bool isServed = context.AbstractSyntax == StorageCommitment.SopClass && (isRequest ? _services!.CommitmentRequests : _services!.CommitmentResults);
        if (!isServed || !command.HasDataSet)
        {
            await _dimse.DrainDataAsync(cancellation);
            return isServed ? DicomStatus.InvalidArgument.With("no data set") : DicomStatus.UnrecognizedOperation;
        }
        try
        {
            var set = await _dimse.ReadDataSetAsync(context.TransferSyntax, cancellation);
            if (isRequest && (command.RequestedSopInstanceUid ?? command.AffectedSopInstanceUid) != StorageCommitment.WellKnownInstance)
                return DicomStatus.NoSuchSopInstance;
            if (isRequest && command.ActionTypeId != StorageCommitment.RequestAction)
                return DicomStatus.NoSuchAction;
            if (!isRequest && command.EventTypeId is not (StorageCommitment.SuccessEvent or StorageCommitment.FailureEvent))
                return DicomStatus.NoSuchEventType;
            return isRequest
                ? await _handler.OnCommitmentRequestAsync(_association!, StorageCommitment.ReadRequest(set), cancellation)
                : await _handler.OnCommitmentResultAsync(_association!, StorageCommitment.ReadResult(set), cancellation);
        }
        catch (DicomDataException e)
        {
            return DicomStatus.InvalidArgument.With(e.Message);
        }
        catch (DicomStatusException e)
        {
            return e.Status;
        }
        catch (Exception e) when (e is not (DicomNetworkException or OperationCanceledException))
        {
            NetworkLog.RequestFailed(_logger, e, _association!.CallingAeTitle, command.Field);
            return DicomStatus.ProcessingFailure;
        }
    }

    void Log(AssociationSummary summary)
    {
        if (_association is null)
        {
            if (summary is { End: AssociationEnd.ConnectionLost, Bytes: 0 })
                NetworkLog.ConnectionProbed(_logger, _remote);
            else if (summary.End != AssociationEnd.Rejected)
                NetworkLog.ConnectionEnded(_logger, _remote, summary.End, summary.Reason, summary.Bytes, summary.Duration.TotalSeconds);
            return;
        }
        NetworkLog.AssociationEnded(_logger, _association.CallingAeTitle, _association.CalledAeTitle, _remote,
            _association.ImplementationVersionName is { Length: > 0 } name ? name : _association.ImplementationClassUid,
            summary.End, summary.Reason, _association.Contexts.Count(c => c.IsAccepted), _association.Contexts.Count,
            summary.Stored, summary.Refused, summary.Echoes, summary.Bytes, summary.Duration.TotalSeconds);
    }
}
