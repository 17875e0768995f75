using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace SoftSeg.Dicom.Network;

/// <summary>What the upper layer tells its user (PS3.8 clause 7). Aborts, time-outs and lost connections are exceptions.</summary>
enum Indication
{
    AssociateRequested,
    AssociateAccepted,
    AssociateRejected,
    Data,
    ReleaseRequested,
    ReleaseConfirmed
}

/// <summary>
/// The DICOM upper layer (PS3.8) on one connection, for either role: reads PDUs, drives <see cref="AssociationStateMachine"/> and carries out its actions.
/// Used by one caller at a time.
/// </summary>
sealed class UpperLayer : IAsyncDisposable
{
    const int PDataHeaderLength = 12;   // PDU header 6, PDV length 4, context id, control header.

    readonly IDuplexPipe _transport;
    readonly DicomLimits _limits;
    readonly AssociationStateMachine _machine;
    readonly PduReader _reader;
    readonly Timer _sendTimer;
    bool _isDisposed;

    public UpperLayer(IDuplexPipe transport, DicomLimits limits, bool isRequestor)
    {
        _transport = transport;
        _limits = limits;
        _machine = new AssociationStateMachine(isRequestor);
        _reader = new PduReader(transport.Input, limits);
        _sendTimer = new Timer(static state => ((PipeWriter)state!).CancelPendingFlush(), transport.Output, Timeout.Infinite, Timeout.Infinite);
        if (isRequestor)
        {
            _machine.Fire(AssociationEvent.AssociateRequest);
            _machine.Fire(AssociationEvent.TransportConnected);
        }
        else
        {
            _machine.Fire(AssociationEvent.TransportIndication);
        }
    }

    public AssociationState State => _machine.State;

    /// <summary>The PDU that made the last indication.</summary>
    public PduReader Received => _reader;

    /// <summary>Largest P-DATA-TF body that the peer takes, from the negotiation.</summary>
    public int PeerMaxPdu { get; set; } = 16 * 1024;

    /// <summary>Waits for what the peer does next. Between states 2 and 13 <paramref name="wait"/> is the ARTIM timer, otherwise the longest silence.</summary>
    /// <exception cref="DicomProtocolException">The peer broke the protocol; the A-ABORT is sent already.</exception>
    /// <exception cref="DicomAssociationAbortedException">The peer aborted.</exception>
    /// <exception cref="DicomConnectionClosedException">The connection ended.</exception>
    /// <exception cref="DicomTimeoutException">Nothing came. The caller aborts.</exception>
    public async ValueTask<Indication> ReceiveAsync(TimeSpan wait, CancellationToken cancellation)
    {
        while (true)
        {
            DicomNetworkException? fault = null;
            AssociationEvent happened;
            try
            {
                await _reader.ReadAsync(wait, cancellation);
                happened = EventOf(_reader.Type);
            }
            catch (DicomProtocolException e)
            {
                (happened, fault) = (AssociationEvent.InvalidPduReceived, e);
            }
            catch (DicomConnectionClosedException e)
            {
                (happened, fault) = (AssociationEvent.TransportClosed, e);
            }
            catch (DicomTimeoutException e) when (State is AssociationState.TransportOpen or AssociationState.AwaitingTransportClose)
            {
                (happened, fault) = (AssociationEvent.ArtimExpired, e);
            }

            switch (_machine.Fire(happened))
            {
                case AssociationAction.Ae3:
                    return Indication.AssociateAccepted;
                case AssociationAction.Ae4:
                    return Indication.AssociateRejected;
                case AssociationAction.Ae6:
                    return Indication.AssociateRequested;
                case AssociationAction.Dt2 or AssociationAction.Ar6:
                    return Indication.Data;
                case AssociationAction.Ar2 or AssociationAction.Ar8:
                    return Indication.ReleaseRequested;
                case AssociationAction.Ar3 or AssociationAction.Ar10:
                    return Indication.ReleaseConfirmed;
                case AssociationAction.Aa1 or AssociationAction.Aa8:
                    var violation = fault as DicomProtocolException ?? DicomProtocolException.Unexpected($"{_reader.Type} may not come now");
                    await TrySendAsync(AbortPdu.ToBytes(violation.Source, violation.Reason));
                    throw violation;
                case AssociationAction.Aa2 or AssociationAction.Aa3 when happened == AssociationEvent.AbortReceived:
                    var (source, reason) = AbortPdu.Parse(_reader.Body.ToArray());
                    throw new DicomAssociationAbortedException(source, reason);
                case AssociationAction.Aa6:
                    continue;
                case AssociationAction.Aa7:
                    await TrySendAsync(AbortPdu.ToBytes(AbortSource.ServiceProvider, AbortReason.UnexpectedPdu));
                    throw fault ?? DicomProtocolException.Unexpected($"{_reader.Type} after the end of the association");
                default:
                    throw fault ?? new DicomConnectionClosedException("the peer closed the connection");
            }
        }
    }

    static AssociationEvent EventOf(PduType? type) => type switch
    {
        PduType.AssociateRq => AssociationEvent.AssociateRqReceived,
        PduType.AssociateAc => AssociationEvent.AssociateAcReceived,
        PduType.AssociateRj => AssociationEvent.AssociateRjReceived,
        PduType.Data => AssociationEvent.DataReceived,
        PduType.ReleaseRq => AssociationEvent.ReleaseRqReceived,
        PduType.ReleaseRp => AssociationEvent.ReleaseRpReceived,
        PduType.Abort => AssociationEvent.AbortReceived,
        _ => AssociationEvent.TransportClosed
    };

    /// <summary>Sends the A-ASSOCIATE-RQ (action AE-2).</summary>
    public ValueTask SendAssociateRequestAsync(AssociateRqPdu request, CancellationToken cancellation) => SendAsync(request.ToBytes(), cancellation);

    /// <summary>A body that parses wrongly is an invalid PDU (event 19) though its type fitted: aborts and passes the fault on.</summary>
    public async ValueTask RefuseAsync(DicomProtocolException fault)
    {
        if (AssociationStateMachine.Lookup(State, AssociationEvent.InvalidPduReceived).Action == AssociationAction.None)
            return;
        if (_machine.Fire(AssociationEvent.InvalidPduReceived) is AssociationAction.Aa1 or AssociationAction.Aa8)
            await TrySendAsync(AbortPdu.ToBytes(fault.Source, fault.Reason));
    }

    public ValueTask AcceptAsync(AssociateAcPdu answer, CancellationToken cancellation)
    {
        _machine.Fire(AssociationEvent.AssociateAccepted);
        return SendAsync(answer.ToBytes(), cancellation);
    }

    public ValueTask RejectAsync(AssociationRejection rejection, CancellationToken cancellation)
    {
        _machine.Fire(AssociationEvent.AssociateRejected);
        return SendAsync(AssociateRjPdu.ToBytes(rejection), cancellation);
    }

    /// <summary>Asks for the release and waits for the confirmation; answers the peer's own request where the two collide.</summary>
    public async ValueTask ReleaseAsync(CancellationToken cancellation)
    {
        _machine.Fire(AssociationEvent.ReleaseRequest);
        await SendAsync(ReleasePdu.Request, cancellation);
        while (State != AssociationState.Idle)
        {
            switch (await ReceiveAsync(_limits.Response, cancellation))
            {
                case Indication.ReleaseRequested when State == AssociationState.CollisionRequestorAwaitingLocal:
                    _machine.Fire(AssociationEvent.ReleaseResponse);   // AR-9, then the peer's response ends it.
                    await SendAsync(ReleasePdu.Response, cancellation);
                    break;
                case Indication.ReleaseConfirmed when State == AssociationState.CollisionAcceptorAwaitingLocal:
                    await RespondToReleaseAsync(cancellation);
                    return;
                default:
                    break;   // Data that was under way (AR-6) has no reader any more; state 10 waits for the response first.
            }
        }
    }

    /// <summary>Confirms the release that the peer asked for.</summary>
    public ValueTask RespondToReleaseAsync(CancellationToken cancellation)
    {
        _machine.Fire(AssociationEvent.ReleaseResponse);
        return SendAsync(ReleasePdu.Response, cancellation);
    }

    /// <summary>Sends an A-ABORT where the state allows one; never fails.</summary>
    public async ValueTask AbortAsync(AbortSource source, AbortReason reason)
    {
        var action = AssociationStateMachine.Lookup(State, AssociationEvent.AbortRequest).Action;
        if (action == AssociationAction.None)
            return;
        _machine.Fire(AssociationEvent.AbortRequest);
        if (action == AssociationAction.Aa1)
            await TrySendAsync(AbortPdu.ToBytes(source, reason));
    }

    /// <summary>Sends a whole command set in as many PDVs as the peer's maximum asks for.</summary>
    public async ValueTask SendCommandAsync(byte contextId, ReadOnlyMemory<byte> command, CancellationToken cancellation)
    {
        _machine.Fire(AssociationEvent.DataRequest);
        int most = PeerMaxPdu - 6;
        for (int start = 0; start < command.Length; start += most)
        {
            var piece = command.Slice(start, Math.Min(most, command.Length - start));
            var memory = _transport.Output.GetMemory(PDataHeaderLength + piece.Length);
            WritePDataHeader(memory.Span, contextId, piece.Length, isCommand: true, isLast: start + piece.Length == command.Length);
            piece.CopyTo(memory[PDataHeaderLength..]);
            _transport.Output.Advance(PDataHeaderLength + piece.Length);
        }
        await FlushAsync(cancellation);
    }

    /// <summary>
    /// Sends <paramref name="length"/> bytes of a stream as a data set, read straight into the connection's buffers. Fragments have an even length (PS3.8 D.3.1): an
    /// odd data set, as deflated ones of other writers are, ends with a zero (PS3.5 A.5).
    /// </summary>
    public async ValueTask SendDataSetAsync(byte contextId, Stream source, long length, CancellationToken cancellation)
    {
        int most = (PeerMaxPdu - 6) & ~1;
        while (length > 0)
        {
            _machine.Fire(AssociationEvent.DataRequest);
            int read = (int)Math.Min(most, length);
            int size = read + (read & 1);
            var memory = _transport.Output.GetMemory(PDataHeaderLength + size);
            await source.ReadExactlyAsync(memory.Slice(PDataHeaderLength, read), cancellation);
            memory.Span[(PDataHeaderLength + read)..(PDataHeaderLength + size)].Clear();
            length -= read;
            WritePDataHeader(memory.Span, contextId, size, isCommand: false, isLast: length == 0);
            _transport.Output.Advance(PDataHeaderLength + size);
            await FlushAsync(cancellation);
        }
    }

    static void WritePDataHeader(Span<byte> header, byte contextId, int length, bool isCommand, bool isLast)
    {
        header[0] = (byte)PduType.Data;
        header[1] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(header[2..], (uint)(length + 6));
        BinaryPrimitives.WriteUInt32BigEndian(header[6..], (uint)(length + 2));
        header[10] = contextId;
        header[11] = (byte)((isCommand ? 1 : 0) | (isLast ? 2 : 0));
    }

    async ValueTask SendAsync(byte[] pdu, CancellationToken cancellation)
    {
        _transport.Output.Write(pdu);
        await FlushAsync(cancellation);
    }

    async ValueTask TrySendAsync(byte[] pdu)
    {
        try
        {
            await SendAsync(pdu, CancellationToken.None);
        }
        catch (DicomNetworkException)
        {
            // The peer is gone, or does not listen: an abort is for those who do.
        }
    }

    async ValueTask FlushAsync(CancellationToken cancellation)
    {
        var pending = _transport.Output.FlushAsync(cancellation);
        bool waits = !pending.IsCompleted;
        if (waits)
            _sendTimer.Change(_limits.Send, Timeout.InfiniteTimeSpan);
        FlushResult result;
        try
        {
            result = await pending;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            throw new DicomConnectionClosedException("the connection was lost", e);
        }
        finally
        {
            if (waits)
                _sendTimer.Change(Timeout.Infinite, Timeout.Infinite);
        }
        if (result.IsCanceled)
            throw new DicomTimeoutException($"the peer took no bytes for {_limits.Send.TotalSeconds:0.#} s (limit Send)");
        if (result.IsCompleted)
            throw new DicomConnectionClosedException("the peer closed the connection");
    }

    /// <summary>Waits for the peer to close (state 13, ARTIM), so that our last PDU is not lost to a reset; then gives the pipes back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (State == AssociationState.AwaitingTransportClose)
            _machine.Fire(await _reader.DrainAsync(_limits.Close) ? AssociationEvent.TransportClosed : AssociationEvent.ArtimExpired);
        _reader.Release();
        _reader.Dispose();
        await _sendTimer.DisposeAsync();
        try
        {
            // What a failed flush left is tried once more here.
            await _transport.Output.CompleteAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The peer is gone, as those who wait know by now.
        }
        await _transport.Input.CompleteAsync();
    }
}
